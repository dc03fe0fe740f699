// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// What training does with a loss or a gradient that is not finite.
#pragma once

#include <cmath>
#include <string>
#include <string_view>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/parameters.hpp"

namespace rnnscope {

/// What to do with a step whose loss or gradient holds a NaN or an infinity.
enum class NonFinite {
  Throw,  ///< stop, and say where it is
  Skip,   ///< leave the parameters as they are and go on with the next step
};

/// The name of the first tensor with a NaN or an infinity in it; empty if there is none.
template <class Scalar>
[[nodiscard]] std::string first_non_finite(const Parameters<Scalar>& parameters) {
  for (const TensorInfo& tensor : parameters.tensors()) {
    if (!parameters.flat().segment(tensor.offset, tensor.size()).allFinite()) return tensor.name;
  }
  return {};
}

/// True if the step may be made: loss and gradient are finite. If not, false under Skip.
/// \throws ValueError under Throw, with `where` in front and the name of the tensor if it is the gradient.
template <class Scalar>
[[nodiscard]] bool accept_step(NonFinite policy, double loss, const Parameters<Scalar>& gradient,
                               std::string_view where) {
  const std::string tensor = std::isfinite(loss) ? first_non_finite(gradient) : std::string();
  if (std::isfinite(loss) && tensor.empty()) return true;
  if (policy == NonFinite::Skip) return false;
  require<ValueError>(std::isfinite(loss), where, ": the loss is not finite (", loss,
                      "); lower the learning rate or clip the gradient");
  throw ValueError(message(where, ": the gradient of '", tensor, "' is not finite"));
}

}  // namespace rnnscope
