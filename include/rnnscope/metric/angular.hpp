// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The angle between two columns.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include "rnnscope/metric/cosine.hpp"

namespace rnnscope::metric {

/// d(x, y) = the angle between x and y in radians, in [0, pi]; 2 asin(|x/|x| - y/|y|| / 2), so small angles
/// keep their digits (angles close to pi lose half of theirs). Unlike the cosine distance it is a metric, and
/// in the same order. Columns are normalised once, in double; a column of zeros is refused.
struct Angular {
  static constexpr bool is_metric = true;
  static constexpr bool is_squared_euclidean = true;  // of the prepared columns
  static constexpr bool grows_with_differences = true;

  RNNSCOPE_INLINE Lanes accumulate(const Lanes& sum, const Lanes& x, const Lanes& y) const {
    return Euclidean{}.accumulate(sum, x, y);
  }
  [[nodiscard]] double lift(double proxy) const {
    return 2.0 * std::asin(std::min(1.0, 0.5 * std::sqrt(proxy)));
  }
  [[nodiscard]] double lower(double distance) const {
    const double half_chord = std::sin(0.5 * std::min(distance, std::numbers::pi));
    return 4.0 * half_chord * half_chord;
  }

  /// As those of Cosine.
  template <class Scalar>
  void check(const ConstMatrixRef<Scalar>& points, std::string_view what) const {
    Cosine{}.check<Scalar>(points, what);
  }
  template <class Scalar>
  [[nodiscard]] Matrix<double> prepare(const ConstMatrixRef<Scalar>& points) const {
    return Cosine{}.prepare<Scalar>(points);
  }
};

}  // namespace rnnscope::metric
