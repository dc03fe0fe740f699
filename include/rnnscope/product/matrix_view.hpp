// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// What the product kernels see of a matrix: where it begins, how far apart its columns are.
#pragma once

#include <type_traits>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope::detail {

/// A column-major matrix in memory.
template <class S>
struct MatrixView {
  S* data;
  Index stride;

  template <class J>
  [[nodiscard]] S* col(J j) const {
    return data + static_cast<Index>(j) * stride;
  }
};

/// One factor of a product: a column-major matrix in memory, read as it is or transposed.
template <class S, bool Transposed>
struct Factor {
  using Scalar = S;
  using Stored = Eigen::Map<const Matrix<S>, 0, Eigen::OuterStride<>>;
  MatrixView<const S> view;

  [[nodiscard]] Factor rows_from(Index first) const {
    return {{view.data + first * (Transposed ? view.stride : 1), view.stride}};
  }
  [[nodiscard]] Factor cols_from(Index first) const {
    return {{view.data + first * (Transposed ? 1 : view.stride), view.stride}};
  }
  /// The first `rows x cols` of the factor, as the matrix is stored.
  [[nodiscard]] Stored stored(Index rows, Index cols) const {
    return Stored(view.data, Transposed ? cols : rows, Transposed ? rows : cols,
                  Eigen::OuterStride<>(view.stride));
  }
};

template <class T>
struct IsTranspose : std::false_type {};
template <class T>
struct IsTranspose<Eigen::Transpose<T>> : std::true_type {};

/// Memory of an expression that is a column-major matrix, or the transpose of one.
template <class T>
[[nodiscard]] auto factor_of(const T& expression) {
  using S = typename T::Scalar;
  if constexpr (IsTranspose<T>::value) {
    const auto& original = expression.nestedExpression();
    using Original = std::remove_cvref_t<decltype(original)>;
    static_assert(!Original::IsRowMajor && Original::InnerStrideAtCompileTime == 1,
                  "rnnscope: factors of a product are column-major matrices or transposes of them");
    return Factor<S, true>{{original.data(), original.outerStride()}};
  } else {
    static_assert(!T::IsRowMajor && T::InnerStrideAtCompileTime == 1,
                  "rnnscope: factors of a product are column-major matrices or transposes of them");
    return Factor<S, false>{{expression.data(), expression.outerStride()}};
  }
}

/// c (rows x N) = a (rows x depth) b (depth x N). \throws ShapeError unless the sizes agree.
template <class B, class C>
void require_product_shapes(Index rows, Index depth, const B& b, const C& c) {
  if (b.rows() == depth && c.rows() == rows && c.cols() == b.cols()) return;  // the message costs memory
  throw ShapeError(message("product of ", shape_text(rows, depth), " and ", shape_text(b.rows(), b.cols()),
                           " into ", shape_text(c.rows(), c.cols()), ": the sizes do not agree"));
}

}  // namespace rnnscope::detail
