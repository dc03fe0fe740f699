// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Points so large or so small that their squares leave the range of double, and the power of two that
/// brings them back.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>

#include "rnnscope/metric/mahalanobis.hpp"
#include "rnnscope/metric/manhattan.hpp"
#include "rnnscope/metric/squared_euclidean.hpp"

namespace rnnscope::metric {

/// h if d(a x, a y) = a^h d(x, y) for all a > 0 and powers of such distances are at stake; 0 otherwise. Metrics
/// that take care of the range themselves (Cosine, Minkowski, ...) have 0.
template <class Metric>
inline constexpr int degree_of = 0;
template <>
inline constexpr int degree_of<Euclidean> = 1;
template <>
inline constexpr int degree_of<Manhattan> = 1;
template <>
inline constexpr int degree_of<Mahalanobis> = 1;
template <>
inline constexpr int degree_of<SquaredEuclidean> = 2;

/// Coordinates in [2^-440, 2^500] differ by 2^-493 at least, if at all, and by 2^501 at most: their
/// squares and sums of those are ordinary numbers.
inline constexpr int lowest_safe_exponent = -440;
inline constexpr int highest_safe_exponent = 500;

/// e such that points * 2^e are in the safe range, as far as one e can do that: 0 if they are already,
/// otherwise the one that makes the largest coordinate about 2^480. Multiplying by a power of two changes no
/// digit. Cost: O(N D) for double; floats are always in range.
template <class Scalar>
[[nodiscard]] int range_exponent(const ConstMatrixRef<Scalar>& points) {
  if constexpr (std::same_as<Scalar, double>) {
    double largest = 0.0, smallest = std::ldexp(1.0, highest_safe_exponent);
    for (Index j = 0; j < points.cols(); ++j) {
      for (Index k = 0; k < points.rows(); ++k) {
        const double size = std::abs(points(k, j));
        if (size == 0.0 || !std::isfinite(size)) continue;
        largest = std::max(largest, size);
        smallest = std::min(smallest, size);
      }
    }
    if (largest == 0.0) return 0;
    const bool safe =
        smallest >= std::ldexp(1.0, lowest_safe_exponent) && largest <= std::ldexp(1.0, highest_safe_exponent);
    return safe ? 0 : 480 - std::ilogb(largest);
  } else {
    return 0;
  }
}

}  // namespace rnnscope::metric
