// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "rnnscope/core/random.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope::test {

/// Standard normal numbers.
template <class Scalar>
Matrix<Scalar> random_columns(Index rows, Index cols, std::uint64_t seed) {
  Random random(seed);
  Matrix<Scalar> result(rows, cols);
  for (Scalar& each : result.reshaped()) each = static_cast<Scalar>(random.normal());
  return result;
}

}  // namespace rnnscope::test
