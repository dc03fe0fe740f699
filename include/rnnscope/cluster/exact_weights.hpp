// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Sums of weights without rounding.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope::detail {

/// \throws ShapeError unless there is one weight for every point; ValueError unless they are positive and
/// finite, and so is their sum.
inline void check_weights(Index points, std::span<const double> weights) {
  require<ShapeError>(static_cast<Index>(weights.size()) == points, "sample weights: expected ", points,
                      ", one for every point, found ", weights.size());
  double sum = 0.0;
  for (std::size_t p = 0; p < weights.size(); ++p) {
    sum += weights[p];
    require<ValueError>(weights[p] > 0.0 && std::isfinite(weights[p]), "sample weights: weight ", p, " is ",
                        weights[p], "; expected a finite number above 0");
  }
  require<ValueError>(std::isfinite(sum), "sample weights: their sum is beyond the range of double");
}

/// Weights as whole multiples of one power of two, so that their sums are exact and do not depend on the order
/// in which they are added.
///
/// The unit leaves room for the sum of all: among fewer than 2^b weights one keeps all its digits if the
/// largest is less than 2^(73 - b) times as large (9e15 for a million weights). Smaller ones are rounded to the
/// unit, each for itself, so that sums still do not depend on an order.
class ExactWeights {
 public:
  /// A number of units; a sum of any of the weights is below 2^126.
  __extension__ typedef __int128 Sum;

  /// Every weight is 1.
  ExactWeights() = default;

  /// Every weight is 1 if there are none. \throws ValueError as check_weights. Cost: O(N); 16 N bytes.
  explicit ExactWeights(std::span<const double> weights) {
    if (weights.empty()) return;
    check_weights(static_cast<Index>(weights.size()), weights);
    const double largest = *std::max_element(weights.begin(), weights.end());
    exponent_ = std::ilogb(largest) + 1 + static_cast<int>(std::bit_width(weights.size())) - room;
    units_.reserve(weights.size());
    for (const double each : weights) {
      units_.push_back(static_cast<Sum>(std::nearbyint(std::ldexp(each, -exponent_))));
    }
  }

  [[nodiscard]] bool counting() const { return units_.empty(); }
  [[nodiscard]] Sum operator[](std::size_t p) const { return counting() ? Sum{1} : units_[p]; }

  /// The smallest number of units that is `value` or more; one that no sum reaches if there are too many.
  [[nodiscard]] Sum reaching(Index value) const {
    if (value <= 0) return 0;
    const auto whole = static_cast<std::uint64_t>(value);
    if (exponent_ >= 64) return 1;
    if (exponent_ >= 0) return ((static_cast<Sum>(whole) - 1) >> exponent_) + 1;
    if (static_cast<int>(std::bit_width(whole)) - exponent_ > room) return Sum{1} << room;
    return static_cast<Sum>(whole) << -exponent_;
  }

  /// The sum as the nearest double, but on the same side of every whole number below 2^53 as the sum itself:
  /// comparisons with such numbers are exact.
  [[nodiscard]] double value(Sum sum) const {
    if (counting()) return static_cast<double>(static_cast<Index>(sum));
    const auto units = static_cast<double>(sum);
    const double result = std::ldexp(units, exponent_);
    const auto rounded = static_cast<Sum>(units);
    if (rounded == sum || result != std::floor(result) || std::abs(result) >= 9007199254740992.0) return result;
    return std::nextafter(result, rounded < sum ? std::numeric_limits<double>::infinity()
                                                : -std::numeric_limits<double>::infinity());
  }

 private:
  static constexpr int room = 126;  ///< sums are below 2^room

  int exponent_ = 0;  ///< the unit is 2^exponent_
  std::vector<Sum> units_;
};

/// The sum of all the weights.
[[nodiscard]] inline ExactWeights::Sum total_weight(const ExactWeights& weights, Index points) {
  ExactWeights::Sum sum = 0;
  for (Index p = 0; p < points; ++p) sum += weights[static_cast<std::size_t>(p)];
  return sum;
}

}  // namespace rnnscope::detail
