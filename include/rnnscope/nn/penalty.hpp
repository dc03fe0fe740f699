// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The squared length of weights as a part of the loss.
#pragma once

#include <string_view>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/parameters.hpp"

namespace rnnscope {

/// Selects all tensors.
struct EveryTensor {
  bool operator()(const TensorInfo&) const { return true; }
};

/// Selects all tensors but biases: those whose name, behind its last dot, does not begin with "bias".
struct NoBias {
  bool operator()(const TensorInfo& tensor) const {
    const std::string_view name(tensor.name);
    const std::size_t dot = name.rfind('.');
    return !name.substr(dot == std::string_view::npos ? 0 : dot + 1).starts_with("bias");
  }
};

/// coefficient / 2 * sum of w^2 over the tensors that `selects(tensor)` names. With that half, its gradient is
/// coefficient * w: the `weight_decay` of an optimiser. \throws ValueError if the coefficient is negative.
template <class Scalar, class Selects = EveryTensor>
[[nodiscard]] double l2_penalty(const Parameters<Scalar>& parameters, double coefficient,
                                const Selects& selects = {}) {
  require<ValueError>(coefficient >= 0, "l2_penalty: the coefficient must not be negative, found ",
                      coefficient);
  double squares = 0;
  for (const TensorInfo& tensor : parameters.tensors()) {
    if (!selects(tensor)) continue;
    for (Index c = 0; c < tensor.cols; ++c) {
      squares += static_cast<double>(
          parameters.flat().segment(tensor.offset + c * tensor.rows, tensor.rows).squaredNorm());
    }
  }
  return 0.5 * coefficient * squares;
}

/// The same, and adds its gradient to `gradient`. Unlike an optimiser's weight decay, this comes before the
/// gradient is clipped. \throws ShapeError if the gradient has another layout.
template <class Scalar, class Selects = EveryTensor>
double add_l2_penalty(const Parameters<Scalar>& parameters, double coefficient, Parameters<Scalar>& gradient,
                      const Selects& selects = {}) {
  require<ShapeError>(gradient.same_layout(parameters),
                      "add_l2_penalty: gradient and parameters hold different tensors");
  const double penalty = l2_penalty(parameters, coefficient, selects);
  for (const TensorInfo& tensor : parameters.tensors()) {
    if (!selects(tensor)) continue;
    gradient.flat().segment(tensor.offset, tensor.size()) +=
        static_cast<Scalar>(coefficient) * parameters.flat().segment(tensor.offset, tensor.size());
  }
  return penalty;
}

}  // namespace rnnscope
