// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The Euclidean distance.
#pragma once

#include <cmath>

#include "rnnscope/metric/lanes.hpp"

namespace rnnscope::metric {

/// d(x, y) = sqrt(sum_k (x_k - y_k)^2), from differences (no cancellation between large norms), summed in
/// double for float columns as well.
struct Euclidean {
  static constexpr bool is_metric = true;
  static constexpr bool is_squared_euclidean = true;
  static constexpr bool grows_with_differences = true;

  RNNSCOPE_INLINE Lanes accumulate(const Lanes& sum, const Lanes& x, const Lanes& y) const {
    const Lanes difference = x - y;
    return multiply_add(difference, difference, sum);
  }
  [[nodiscard]] double lift(double proxy) const { return std::sqrt(proxy); }
  [[nodiscard]] double lower(double distance) const { return distance * distance; }
};

}  // namespace rnnscope::metric
