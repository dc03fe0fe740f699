// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The Manhattan distance.
#pragma once

#include "rnnscope/metric/lanes.hpp"

namespace rnnscope::metric {

/// d(x, y) = sum_k |x_k - y_k|, summed in double.
struct Manhattan {
  static constexpr bool is_metric = true;
  static constexpr bool grows_with_differences = true;

  RNNSCOPE_INLINE Lanes accumulate(const Lanes& sum, const Lanes& x, const Lanes& y) const {
    return sum + abs(x - y);
  }
  [[nodiscard]] double lift(double proxy) const { return proxy; }
  [[nodiscard]] double lower(double distance) const { return distance; }
};

}  // namespace rnnscope::metric
