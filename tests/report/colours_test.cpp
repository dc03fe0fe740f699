// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/report/colours.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <set>

using namespace rnnscope;

TEST_CASE("the diverging scale is red, white, blue, and darker on both sides") {
  CHECK(diverging_colour(-1).hex() == "#b2182b");
  CHECK(diverging_colour(0).hex() == "#f7f7f7");
  CHECK(diverging_colour(1).hex() == "#2166ac");
  CHECK(diverging_colour(7) == diverging_colour(1));
  CHECK(diverging_colour(-7) == diverging_colour(-1));
  for (int k = 1; k <= 100; ++k) {
    for (const double sign : {-1.0, 1.0}) {
      CHECK(diverging_colour(sign * k / 100).luminance() < diverging_colour(sign * (k - 1) / 100).luminance());
    }
    CHECK(diverging_colour(-k / 100.0).red > diverging_colour(-k / 100.0).blue);
    CHECK(diverging_colour(k / 100.0).blue > diverging_colour(k / 100.0).red);
  }
  CHECK_THROWS_AS(static_cast<void>(diverging_colour(std::numeric_limits<double>::quiet_NaN())), ValueError);
}

TEST_CASE("text is readable on every colour: contrast of at least 4.5 (WCAG 2)") {
  const auto contrast = [](Colour a, Colour b) {
    const double high = std::max(a.luminance(), b.luminance()), low = std::min(a.luminance(), b.luminance());
    return (high + 0.05) / (low + 0.05);
  };
  for (int k = -100; k <= 100; ++k) {
    const Colour colour = diverging_colour(k / 100.0);
    CHECK(contrast(colour, readable_on(colour)) >= 4.5);
  }
  CHECK((Colour{0, 0, 0}).luminance() == 0);
  CHECK((Colour{255, 255, 255}).luminance() == doctest::Approx(1));
}

TEST_CASE("eight categories differ") {
  std::set<std::string> colours;
  for (Index k = 0; k < 8; ++k) colours.insert(category_colour(k).hex());
  CHECK(colours.size() == 8);
  CHECK(category_colour(8) == category_colour(0));
}
