// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Gradient clipping by global norm.
#pragma once

#include <cmath>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/parameters.hpp"

namespace rnnscope {

/// Scales the whole gradient by max_norm / (norm + 1e-6) if that is below 1, as PyTorch does; returns the
/// Euclidean norm before.
/// \throws ValueError if `max_norm` is not positive, or naming the first tensor that holds a NaN or infinity:
/// scaling such a gradient would spread the damage.
template <class Scalar>
double clip_by_norm(Parameters<Scalar>& gradient, double max_norm) {
  require<ValueError>(max_norm > 0, "clip_by_norm: max_norm must be positive, found ", max_norm);
  double squares = 0;
  for (const TensorInfo& tensor : gradient.tensors()) {
    double own = 0;
    // Partial sums per column: float is exact enough inside one, double between them.
    for (Index c = 0; c < tensor.cols; ++c) {
      own += static_cast<double>(
          gradient.flat().segment(tensor.offset + c * tensor.rows, tensor.rows).squaredNorm());
    }
    require<ValueError>(std::isfinite(own), "clip_by_norm: the gradient of '", tensor.name, "' is not finite");
    squares += own;
  }
  const double norm = std::sqrt(squares);
  const double factor = max_norm / (norm + 1e-6);
  if (factor < 1) gradient.flat() *= static_cast<Scalar>(factor);
  return norm;
}

}  // namespace rnnscope
