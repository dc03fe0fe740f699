// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Gradient clipping by global norm.
#pragma once

#include <cmath>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/parameters.hpp"

namespace rnnscope {

namespace detail {

/// Sum of squares of a tensor: by columns in Scalar, and again in double if that is beyond Scalar's range.
template <class Scalar>
double sum_of_squares(const Parameters<Scalar>& gradient, const TensorInfo& tensor) {
  const auto values = gradient.flat();
  double sum = 0;
  for (Index c = 0; c < tensor.cols; ++c)
    sum += static_cast<double>(values.segment(tensor.offset + c * tensor.rows, tensor.rows).squaredNorm());
  if (std::isfinite(sum)) return sum;
  sum = 0;
  for (Index k = 0; k < tensor.size(); ++k) {
    const auto value = static_cast<double>(values(tensor.offset + k));
    sum += value * value;
  }
  return sum;
}

}  // namespace detail

/// Scales the whole gradient by max_norm / (norm + 1e-6) if that is below 1, as PyTorch does; returns the
/// Euclidean norm before.
/// \throws ValueError if `max_norm` is not positive, or naming the first tensor that holds a NaN or infinity:
/// scaling such a gradient would spread the damage. A loop that rather skips such a step asks `accept_step`
/// (nn/non_finite.hpp) before.
template <class Scalar>
double clip_by_norm(Parameters<Scalar>& gradient, double max_norm) {
  require<ValueError>(max_norm > 0, "clip_by_norm: max_norm must be positive, found ", max_norm);
  double squares = 0;
  for (const TensorInfo& tensor : gradient.tensors()) {
    const double own = detail::sum_of_squares(gradient, tensor);
    require<ValueError>(std::isfinite(own), "clip_by_norm: the gradient of '", tensor.name, "' is not finite");
    squares += own;
  }
  const double norm = std::sqrt(squares);
  const double factor = max_norm / (norm + 1e-6);
  if (factor < 1) gradient.flat() *= static_cast<Scalar>(factor);
  return norm;
}

}  // namespace rnnscope
