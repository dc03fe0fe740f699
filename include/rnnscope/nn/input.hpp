// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// What a recurrent layer reads: dense columns, or ids that select columns of a table.
#pragma once

#include <algorithm>
#include <span>
#include <type_traits>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/scratch.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/nn/step_product.hpp"
#include "rnnscope/product/multiply.hpp"
#include "rnnscope/product/packed_matrix.hpp"

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
  using Map = Eigen::Map<const Matrix<Scalar>, 0, Eigen::OuterStride<>>;
  [[nodiscard]] const Map& operator*() const { return map_; }
  [[nodiscard]] const Map* operator->() const { return &map_; }

 private:
  Map map_;
};

/// A weight or its transpose as a left factor, packed into scratch memory if that pays.
template <class Scalar, class Weight>
class ManyProducts {
 public:
  ManyProducts(const Weight& weight, bool pack, const Scratch& scratch) : weight_(weight) {
    if constexpr (has_micro_kernel<Scalar>) {
      if (pack)
        packed_ = pack_factor(factor_of(weight), weight.rows(), weight.cols(),
                              scratch.take<Scalar>(PackedView<Scalar>::size(weight.rows(), weight.cols())));
    }
  }

  template <bool Add, class B, class C>
  void apply(const B& b, C&& c) const {
    if constexpr (has_micro_kernel<Scalar>) {
      if (packed_.panels != nullptr) return packed_times<Add>(packed_, b, c);
    }
    product<Add>(weight_, b, c);
  }

 private:
  Weight weight_;
  PackedView<Scalar> packed_;
};

/// W_ih x for the columns of a step, computed for some hundred columns at a time just before use.
template <class Scalar, class Weight>
class DenseProjection {
 public:
  /// `most_live`: columns of the widest step.
  DenseProjection(const ColumnsView<Scalar>& x, const Weight& weight, Index most_live, const Scratch& scratch)
      : x_(x),
        weight_(weight, x->cols() >= packing_pays, scratch),
        buffer_(scratch.matrix<Scalar>(weight.rows(), std::min(x->cols(), std::max(most_live, ahead)))) {}

  /// Makes columns [first, last) ready.
  void reach(Index first, Index last) {
    if (last <= to_) return;
    const Index left = to_ - first;  // columns that were projected but not read yet
    std::copy_n(column(first), left * buffer_.rows(), buffer_.data());
    const Index end = std::min(x_->cols(), first + buffer_.cols());
    weight_.template apply<false>(x_->middleCols(to_, end - to_), buffer_.middleCols(left, end - to_));
    from_ = first;
    to_ = end;
  }
  [[nodiscard]] const Scalar* column(Index n) const { return buffer_.data() + (n - from_) * buffer_.rows(); }

 private:
  static constexpr Index ahead = 256;  // so that the buffer stays in the caches

  ColumnsView<Scalar> x_;
  ManyProducts<Scalar, Weight> weight_;
  MatrixMap<Scalar> buffer_;
  Index from_ = 0, to_ = 0;
};

/// W_ih E once, then a gather that copies nothing.
template <class Scalar>
class TableProjection {
 public:
  template <class Weight>
  TableProjection(const ColumnsView<Scalar>& table, std::span<const Id> ids, const Weight& weight,
                  const Scratch& scratch)
      : ids_(ids), projected_(scratch.matrix<Scalar>(weight.rows(), table->cols())) {
    multiply(weight, *table, projected_);
  }

  void reach(Index, Index) {}
  [[nodiscard]] const Scalar* column(Index n) const {
    return projected_.data() + ids_[static_cast<std::size_t>(n)] * projected_.rows();
  }

 private:
  std::span<const Id> ids_;
  MatrixMap<Scalar> projected_;
};

/// Receives d_a in chunks of columns: d_weight += d_a x^T and, unless null, d_input += W_ih^T d_a.
template <class Scalar, class Weight, class Gradient>
class DenseInputGradient {
 public:
  DenseInputGradient(const ColumnsView<Scalar>& x, const Weight& weight, const Gradient& d_weight,
                     MatrixRef<Scalar>* d_input, const Scratch& scratch)
      : x_(x),
        weight_(weight.transpose(), d_input != nullptr && x->cols() >= packing_pays, scratch),
        d_weight_(d_weight),
        d_input_(d_input) {}

  /// `d_a` belongs to the columns from `first` on.
  void add(Index first, const MatrixMap<Scalar>& d_a) {
    multiply_add(d_a, x_->middleCols(first, d_a.cols()).transpose(), d_weight_);
    if (d_input_ != nullptr) weight_.template apply<true>(d_a, d_input_->middleCols(first, d_a.cols()));
  }
  void finish() {}

 private:
  ColumnsView<Scalar> x_;
  ManyProducts<Scalar, Eigen::Transpose<const Weight>> weight_;
  Gradient d_weight_;
  MatrixRef<Scalar>* d_input_;
};

/// The same for a table: sums d_a per symbol, then d_weight += sums E^T and d_input += W_ih^T sums.
template <class Scalar, class Weight, class Gradient>
class TableInputGradient {
 public:
  TableInputGradient(const ColumnsView<Scalar>& table, std::span<const Id> ids, const Weight& weight,
                     const Gradient& d_weight, MatrixRef<Scalar>* d_input, const Scratch& scratch)
      : table_(table),
        ids_(ids),
        weight_(weight),
        d_weight_(d_weight),
        d_input_(d_input),
        per_symbol_(scratch.matrix<Scalar>(weight.rows(), table->cols())) {
    per_symbol_.setZero();
  }

  void add(Index first, const MatrixMap<Scalar>& d_a) {
    const Partition rows{d_a.rows(), std::min<Index>(8, (d_a.rows() + 63) / 64), 64};
    parallel_for(rows.pieces, [&](Index piece) {
      const Index begin = rows.begin(piece), count = rows.end(piece) - begin;
      for (Index n = 0; n < d_a.cols(); ++n) {
        per_symbol_.col(ids_[static_cast<std::size_t>(first + n)]).segment(begin, count) +=
            d_a.col(n).segment(begin, count);
      }
    });
  }
  void finish() {
    multiply_add(per_symbol_, table_->transpose(), d_weight_);
    if (d_input_ != nullptr) multiply_add(weight_.transpose(), per_symbol_, *d_input_);
  }

 private:
  ColumnsView<Scalar> table_;
  std::span<const Id> ids_;
  Weight weight_;
  Gradient d_weight_;
  MatrixRef<Scalar>* d_input_;
  MatrixMap<Scalar> per_symbol_;
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

  /// What forward reads: `reach(first, last)` and then `column(n)`, the `GH` numbers W_ih x_n.
  template <class Weight>
  [[nodiscard]] auto projection(const Weight& weight, Index most_live, const Scratch& scratch) const {
    return detail::DenseProjection<Scalar, Weight>(x_, weight, most_live, scratch);
  }
  /// What backward feeds: `add(first, d_a)` for chunks of columns, then `finish()`.
  template <class Weight, class Gradient>
  [[nodiscard]] auto gradient(const Weight& weight, const Gradient& d_weight, MatrixRef<Scalar>* d_input,
                              const Scratch& scratch) const {
    return detail::DenseInputGradient<Scalar, Weight, Gradient>(x_, weight, d_weight, d_input, scratch);
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

  template <class Weight>
  [[nodiscard]] auto projection(const Weight& weight, Index, const Scratch& scratch) const {
    return detail::TableProjection<Scalar>(table_, ids_, weight, scratch);
  }
  template <class Weight, class Gradient>
  [[nodiscard]] auto gradient(const Weight& weight, const Gradient& d_weight, MatrixRef<Scalar>* d_input,
                              const Scratch& scratch) const {
    return detail::TableInputGradient<Scalar, Weight, Gradient>(table_, ids_, weight, d_weight, d_input,
                                                                scratch);
  }

 private:
  detail::ColumnsView<Scalar> table_;
  std::span<const Id> ids_;
};

}  // namespace rnnscope
