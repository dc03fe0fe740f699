// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// How well an expansion describes a layer: what to look at before believing a score.
#pragma once

#include <vector>

#include "rnnscope/core/types.hpp"
#include "rnnscope/expand/coefficients.hpp"
#include "rnnscope/expand/spectral_radius.hpp"
#include "rnnscope/expand/transition.hpp"

namespace rnnscope {

/// One number for every token of a text. Filled by NgramUnroller::quality.
template <class Scalar>
struct ExpansionQuality {
  Vector<Scalar> step_error;            ///< |h_t - g_t - A_t h_{t-1}| / |h_t|: of one step from the real state
  Vector<Scalar> unrolled_error;        ///< the same after unrolling: PolarityScores::residual_ratio
  Vector<Scalar> spectral_radius;       ///< of A_t, estimated; above 1, products of such A grow without bound
  std::vector<Index> quadrature_nodes;  ///< of every token; empty without quadrature

  /// True if the sum of the n-grams is somewhere further from the state than nothing at all is: the expansion
  /// does not describe this layer on this text, and its long n-grams are numbers without meaning.
  [[nodiscard]] bool diverges() const {
    return unrolled_error.size() > 0 && unrolled_error.maxCoeff() > Scalar(1);
  }
  /// Tokens whose A has a spectral radius above 1.
  [[nodiscard]] Index growing() const {
    return static_cast<Index>((spectral_radius.array() > Scalar(1)).count());
  }
};

namespace detail {

/// Norms of the columns of `part` over those of `whole`; zero where there is nothing missed.
template <class Scalar>
Vector<Scalar> relative_norms(const Matrix<Scalar>& part, const Matrix<Scalar>& whole) {
  Vector<Scalar> result(part.cols());
  for (Index n = 0; n < part.cols(); ++n) {
    const Scalar missed = part.col(n).norm();
    result(n) = missed == Scalar(0) ? Scalar(0) : missed / whole.col(n).norm();
  }
  return result;
}

}  // namespace detail

}  // namespace rnnscope
