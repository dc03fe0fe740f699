// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The distance along the surface of a sphere.
#pragma once

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope::metric {

/// d(x, y) = 2 r asin(sqrt(sin^2((u - v) / 2) + cos u cos v sin^2((s - t) / 2))) for x = (u, s) and y = (v, t),
/// *latitude and longitude in radians*. A callable on two columns of two rows, or on `std::array<double, 2>`.
struct Haversine {
  static constexpr bool is_metric = true;
  double radius = 1.0;  ///< 6371.0088 for kilometres on the earth

  /// \throws ShapeError unless both have two coordinates; ValueError at a latitude beyond +-pi / 2: degrees?
  template <class X, class Y>
  [[nodiscard]] double operator()(const X& x, const Y& y) const {
    require<ShapeError>(std::size(x) == 2 && std::size(y) == 2,
                        "haversine distance: expected latitude and longitude, found ", std::size(x), " and ",
                        std::size(y), " coordinates");
    const double u = latitude(x[0]), v = latitude(y[0]);
    const double across = std::sin(0.5 * (u - v));
    const double along = std::sin(0.5 * (static_cast<double>(x[1]) - static_cast<double>(y[1])));
    const double square = across * across + std::cos(u) * std::cos(v) * along * along;
    return 2.0 * radius * std::asin(std::min(1.0, std::sqrt(std::max(0.0, square))));
  }

 private:
  template <class Number>
  [[nodiscard]] static double latitude(Number given) {
    const auto value = static_cast<double>(given);
    require<ValueError>(std::abs(value) <= 0.5 * std::numbers::pi * (1.0 + 1e-6),
                        "haversine distance: latitude ", value,
                        " is beyond pi / 2; expected radians, are these degrees?");
    return std::clamp(value, -0.5 * std::numbers::pi, 0.5 * std::numbers::pi);
  }
};

}  // namespace rnnscope::metric
