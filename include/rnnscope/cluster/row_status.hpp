// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Points with coordinates that are no numbers.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "rnnscope/core/types.hpp"

namespace rnnscope {

/// What to do about points that hold NaN or infinities.
enum class NonFiniteRows : std::uint8_t {
  Refuse,  ///< throw, naming the first; the default
  Noise,   ///< leave them out; they are noise, and the others are clustered as if these were not there
};

/// The state of one point. An infinity beside a NaN is Missing.
enum class RowStatus : std::uint8_t { Finite, Infinite, Missing };

/// Per column, its status. Cost: O(N D).
template <class Scalar>
[[nodiscard]] std::vector<RowStatus> row_statuses(const ConstMatrixRef<Scalar>& points) {
  std::vector<RowStatus> result(static_cast<std::size_t>(points.cols()), RowStatus::Finite);
  for (Index j = 0; j < points.cols(); ++j) {
    if (points.col(j).allFinite()) continue;
    result[static_cast<std::size_t>(j)] = points.col(j).hasNaN() ? RowStatus::Missing : RowStatus::Infinite;
  }
  return result;
}

}  // namespace rnnscope
