// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The squared Euclidean distance.
#pragma once

#include "rnnscope/metric/euclidean.hpp"

namespace rnnscope::metric {

/// d(x, y) = sum_k (x_k - y_k)^2. Not a metric: the triangle inequality fails (0, 1, 2 on a line). Clusters
/// and their order are those of Euclidean; lambda = 1 / d, and so stabilities and probabilities, are not.
struct SquaredEuclidean {
  static constexpr bool is_metric = false;
  static constexpr bool is_squared_euclidean = true;
  static constexpr bool grows_with_differences = true;

  RNNSCOPE_INLINE Lanes accumulate(const Lanes& sum, const Lanes& x, const Lanes& y) const {
    return Euclidean{}.accumulate(sum, x, y);
  }
  [[nodiscard]] double lift(double proxy) const { return proxy; }
  [[nodiscard]] double lower(double distance) const { return distance; }
};

}  // namespace rnnscope::metric
