// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// What plots are given: numbers under a name.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rnnscope/core/error.hpp"

namespace rnnscope {

/// A box of a box plot, a class of a histogram, the bars of one colour.
struct NamedValues {
  std::string name{};
  std::vector<double> values{};
};

/// One line of a line plot: y[k] at x[k].
struct Series {
  std::string name{};
  std::vector<double> x{};
  std::vector<double> y{};
};

/// The k-th dash pattern, `stroke-dasharray`; the first is a full line.
[[nodiscard]] inline std::string line_dash(std::size_t k) {
  constexpr std::array<std::string_view, 5> dashes{"", "7 3", "2 3", "8 3 2 3", "12 4"};
  return std::string(dashes[k % dashes.size()]);
}

/// \throws ValueError unless all values are finite, naming the plot, the series and the place.
inline void require_finite(std::span<const double> values, std::string_view plot, std::string_view name) {
  for (std::size_t k = 0; k < values.size(); ++k) {
    require<ValueError>(std::isfinite(values[k]), plot, ": value ", k, " of '", name, "' is ", values[k]);
  }
}

}  // namespace rnnscope
