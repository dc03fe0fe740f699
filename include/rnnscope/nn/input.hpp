// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// What a recurrent layer reads: dense columns, or ids that select columns of a table.
#pragma once

#include <span>
#include <type_traits>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/product/multiply.hpp"

namespace rnnscope {

namespace detail {
/// A view of a column-major matrix, block, map or ref; anything that would have to be copied does not compile.
template <class Scalar>
class ColumnsView {
 public:
  template <class X>
  explicit ColumnsView(const X& x) : map_(x.data(), x.rows(), x.cols(), Eigen::OuterStride<>(x.outerStride())) {
    static_assert(
        std::is_same_v<typename X::Scalar, Scalar> && !X::IsRowMajor && X::InnerStrideAtCompileTime == 1,
        "rnnscope: the input must be a column-major matrix of the layer's scalar (or a block of one)");
  }
  [[nodiscard]] const Eigen::Map<const Matrix<Scalar>, 0, Eigen::OuterStride<>>& operator*() const {
    return map_;
  }
  [[nodiscard]] const auto* operator->() const { return &map_; }

 private:
  Eigen::Map<const Matrix<Scalar>, 0, Eigen::OuterStride<>> map_;
};
}  // namespace detail

/// N columns of dimension D, as they are.
template <class Scalar>
class DenseInput {
 public:
  /// Borrows `x`, `D x N`, a column-major matrix, block, map or ref, which must outlive the input.
  template <class X>
  explicit DenseInput(const X& x) : x_(x) {}

  [[nodiscard]] Index size() const { return x_->rows(); }
  [[nodiscard]] Index columns() const { return x_->cols(); }
  /// Columns of the gradient with respect to what was given: N.
  [[nodiscard]] Index gradient_columns() const { return x_->cols(); }

  /// Called once before a run: nothing to prepare.
  template <class Weight>
  void prepare(const Weight&) {}

  /// out = W_ih x for the columns [first, first + out.cols()).
  template <class Weight, class Out>
  void project(const Weight& weight, Index first, Out&& out) const {
    multiply(weight, x_->middleCols(first, out.cols()), out);
  }

  /// d_weight += d_a x^T; d_input += W_ih^T d_a, `D x N`, unless null.
  template <class Weight, class Gradient>
  void backward(const Weight& weight, const Matrix<Scalar>& d_a, Gradient&& d_weight,
                MatrixRef<Scalar>* d_input) const {
    multiply_add(d_a, x_->transpose(), d_weight);
    if (d_input != nullptr) multiply_add(weight.transpose(), d_a, *d_input);
  }

 private:
  detail::ColumnsView<Scalar> x_;
};

/// Column n is column `ids[n]` of a table `D x V` (an embedding). The projection of the whole table is one
/// small product, after which every step only gathers; the weight gradient sums gate gradients per symbol.
/// Worth it when there are fewer symbols than tokens.
template <class Scalar>
class TableInput {
 public:
  /// Borrows both, as DenseInput does. \throws ValueError if an id is outside the table.
  template <class X>
  TableInput(const X& table, std::span<const Id> ids) : table_(table), ids_(ids) {
    for (std::size_t n = 0; n < ids.size(); ++n) {
      require<ValueError>(ids[n] >= 0 && ids[n] < table.cols(), "TableInput: id ", ids[n], " at position ", n,
                          " is outside the table of ", table.cols(), " columns");
    }
  }

  [[nodiscard]] Index size() const { return table_->rows(); }
  /// Columns of the gradient with respect to the table: V.
  [[nodiscard]] Index gradient_columns() const { return table_->cols(); }
  [[nodiscard]] Index columns() const { return static_cast<Index>(ids_.size()); }

  /// Projects the table: W_ih E, `GH x V`.
  template <class Weight>
  void prepare(const Weight& weight) {
    projected_.resize(weight.rows(), table_->cols());
    multiply(weight, *table_, projected_);
  }

  template <class Weight, class Out>
  void project(const Weight&, Index first, Out&& out) const {
    for (Index n = 0; n < out.cols(); ++n)
      out.col(n) = projected_.col(ids_[static_cast<std::size_t>(first + n)]);
  }

  /// d_weight += (sum of d_a per symbol) E^T; d_input += W_ih^T (the same sums), `D x V`, unless null.
  template <class Weight, class Gradient>
  void backward(const Weight& weight, const Matrix<Scalar>& d_a, Gradient&& d_weight,
                MatrixRef<Scalar>* d_input) const {
    Matrix<Scalar> per_symbol = Matrix<Scalar>::Zero(d_a.rows(), table_->cols());
    const Partition rows{d_a.rows(), std::min<Index>(8, (d_a.rows() + 63) / 64), 64};
    parallel_for(rows.pieces, [&](Index piece) {
      const Index first = rows.begin(piece), count = rows.end(piece) - first;
      for (Index n = 0; n < d_a.cols(); ++n) {
        per_symbol.col(ids_[static_cast<std::size_t>(n)]).segment(first, count) +=
            d_a.col(n).segment(first, count);
      }
    });
    multiply_add(per_symbol, table_->transpose(), d_weight);
    if (d_input != nullptr) multiply_add(weight.transpose(), per_symbol, *d_input);
  }

 private:
  detail::ColumnsView<Scalar> table_;
  std::span<const Id> ids_;
  Matrix<Scalar> projected_;
};

}  // namespace rnnscope
