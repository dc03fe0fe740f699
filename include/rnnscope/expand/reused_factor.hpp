// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A weight that is the left factor of many products of few or many columns.
#pragma once

#include "rnnscope/core/types.hpp"
#include "rnnscope/product/multiply.hpp"
#include "rnnscope/product/packed_matrix.hpp"

namespace rnnscope::detail {

/// Borrows a column-major matrix `A`, and packs it (or its transpose) at the first product that is too wide for
/// the kernels that read it as it is. One object per thread.
template <class S, bool Transposed>
class ReusedFactor {
 public:
  using View = Eigen::Map<const Matrix<S>, 0, Eigen::OuterStride<>>;

  /// `a` must be a matrix, map, ref or block whose memory outlives the factor.
  explicit ReusedFactor(View a) : a_(a) {}

  /// c = A b, or A^T b.
  template <class B, class C>
  void multiply(const B& b, C&& c) {
    if (packs(b.cols())) {
      packed_.multiply(b, c);
    } else if constexpr (Transposed) {
      rnnscope::multiply(a_.transpose(), b, c);
    } else {
      rnnscope::multiply(a_, b, c);
    }
  }

  /// c += A b, or A^T b.
  template <class B, class C>
  void multiply_add(const B& b, C&& c) {
    if (packs(b.cols())) {
      packed_.multiply_add(b, c);
    } else if constexpr (Transposed) {
      rnnscope::multiply_add(a_.transpose(), b, c);
    } else {
      rnnscope::multiply_add(a_, b, c);
    }
  }

 private:
  [[nodiscard]] bool packs(Index cols) {
    if (cols <= static_cast<Index>(skinny_columns<Transposed>) || uses_blas) return false;
    if (packed_.rows() == 0) {
      if constexpr (Transposed) {
        packed_.pack(a_.transpose());
      } else {
        packed_.pack(a_);
      }
    }
    return true;
  }

  View a_;
  PackedMatrix<S> packed_;
};

}  // namespace rnnscope::detail
