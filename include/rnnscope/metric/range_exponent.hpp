// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Points so large or so small that their squares leave the range of double, and the power of two that
/// brings them back.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>

#include "rnnscope/core/types.hpp"

namespace rnnscope::metric {

/// Coordinates in [2^-440, 2^500] differ by 2^-493 at least, if at all, and by 2^501 at most: their
/// squares and sums of those are ordinary numbers.
inline constexpr int lowest_safe_exponent = -440;
inline constexpr int highest_safe_exponent = 500;

namespace detail {

/// Of the sizes of finite coordinates other than 0.
struct SizeRange {
  double largest = 0.0;
  double smallest = std::ldexp(1.0, highest_safe_exponent);

  [[nodiscard]] bool safe() const {
    return smallest >= std::ldexp(1.0, lowest_safe_exponent) &&
           largest <= std::ldexp(1.0, highest_safe_exponent);
  }
};

template <class Scalar>
[[nodiscard]] SizeRange size_range(const ConstMatrixRef<Scalar>& points) {
  SizeRange result;
  for (Index j = 0; j < points.cols(); ++j) {
    for (Index k = 0; k < points.rows(); ++k) {
      const double size = std::abs(points(k, j));
      if (size == 0.0 || !std::isfinite(size)) continue;
      result.largest = std::max(result.largest, size);
      result.smallest = std::min(result.smallest, size);
    }
  }
  return result;
}

}  // namespace detail

/// e such that points * 2^e are in the safe range, as far as one e can do that: 0 if they are already,
/// otherwise the one that makes the largest coordinate about 2^480. Multiplying by a power of two changes no
/// digit. Cost: O(N D) for double; floats are always in range.
template <class Scalar>
[[nodiscard]] int range_exponent(const ConstMatrixRef<Scalar>& points) {
  if constexpr (std::same_as<Scalar, double>) {
    const detail::SizeRange sizes = detail::size_range<Scalar>(points);
    return sizes.safe() ? 0 : 480 - std::ilogb(sizes.largest);
  } else {
    return 0;
  }
}

}  // namespace rnnscope::metric
