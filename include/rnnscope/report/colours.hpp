// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Colours that people with colour-blindness can tell apart.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

/// A colour in sRGB, each part in [0, 255].
struct Colour {
  int red = 0;
  int green = 0;
  int blue = 0;

  /// `#rrggbb`.
  [[nodiscard]] std::string hex() const {
    constexpr char digits[] = "0123456789abcdef";
    std::string text = "#";
    for (const int part : {red, green, blue}) {
      text += digits[part / 16];
      text += digits[part % 16];
    }
    return text;
  }
  /// Relative luminance (WCAG 2): 0 black, 1 white.
  [[nodiscard]] double luminance() const {
    const auto linear = [](int part) {
      const double c = part / 255.0;
      return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  }
  friend bool operator==(const Colour&, const Colour&) = default;
};

/// Black or white, whichever is easier to read on `background`.
[[nodiscard]] inline Colour readable_on(Colour background) {
  return background.luminance() > 0.179 ? Colour{0, 0, 0} : Colour{255, 255, 255};
}

/// The k-th colour for things without order; repeats after eight.
/// Source: M. Okabe and K. Ito, "Color universal design", 2008 (black last, yellow darkened for white paper).
[[nodiscard]] inline Colour category_colour(Index k) {
  constexpr std::array<Colour, 8> palette{{{0, 114, 178},
                                           {213, 94, 0},
                                           {0, 158, 115},
                                           {204, 121, 167},
                                           {230, 159, 0},
                                           {86, 180, 233},
                                           {150, 135, 10},
                                           {40, 40, 40}}};
  return palette[static_cast<std::size_t>(k % 8)];
}

/// Red for -1, near white for 0, blue for +1, in even steps of lightness between; beyond that saturated.
/// Source: the scheme "RdBu" of C. Brewer, ColorBrewer 2.0.
/// \throws ValueError on NaN.
[[nodiscard]] inline Colour diverging_colour(double value) {
  require<ValueError>(!std::isnan(value), "diverging_colour: the value is NaN");
  constexpr std::array<Colour, 9> stops{{{178, 24, 43},
                                         {214, 96, 77},
                                         {244, 165, 130},
                                         {253, 219, 199},
                                         {247, 247, 247},
                                         {209, 229, 240},
                                         {146, 197, 222},
                                         {67, 147, 195},
                                         {33, 102, 172}}};
  const double place = (std::clamp(value, -1.0, 1.0) + 1) * 4;
  const auto below = static_cast<std::size_t>(std::min(place, 7.0));
  const double share = place - static_cast<double>(below);
  const auto mix = [share](int a, int b) { return static_cast<int>(std::lround(a + share * (b - a))); };
  const Colour &a = stops[below], &b = stops[below + 1];
  return {mix(a.red, b.red), mix(a.green, b.green), mix(a.blue, b.blue)};
}

}  // namespace rnnscope
