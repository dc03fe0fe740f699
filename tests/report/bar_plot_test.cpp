// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/report/bar_plot.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "plot_checks.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

TEST_CASE("bars of two groups stand side by side on zero") {
  const Figure figure = bar_plot({"Elman", "GRU"}, {{"standard", {80, 40}}, {"n-gram", {60, -20}}});
  const XmlReader xml(figure.svg);
  check_inside(xml);
  const auto rects = xml.named("rect");
  REQUIRE(rects.size() == 7);  // paper, two of the legend, four bars
  const double zero = tick_place(xml, "0"), eighty = tick_place(xml, "80");
  const double unit = (zero - eighty) / 80;
  const double expected[] = {80, 40, 60, -20};
  for (std::size_t k = 0; k < 4; ++k) {
    const XmlElement& bar = rects[3 + k];
    CHECK(number(bar, "height") == doctest::Approx(std::abs(expected[k]) * unit).epsilon(1e-3));
    CHECK(number(bar, "y") == doctest::Approx(zero - std::max(expected[k], 0.0) * unit).epsilon(1e-3));
  }
  CHECK(number(rects[3], "x") + number(rects[3], "width") <= number(rects[5], "x"));
  for (const char* text : {"standard", "n-gram", "80", "40", "60", "\u221220", "Elman"})
    CHECK(has_text(xml, text));
  CHECK(figure.table.rows()[1] == std::vector<std::string>{"GRU", "40", "-20"});
}

TEST_CASE("seventy clusters: names are thinned out, all bars are there") {
  std::vector<std::string> names;
  NamedValues sizes{"size", {}};
  for (int k = 0; k < 70; ++k) {
    names.push_back(std::to_string(k));
    sizes.values.push_back(100 + 7 * k % 13);
  }
  const Figure figure = bar_plot(names, {sizes}, {.frame = {.title = "Sizes", .x_label = "cluster"}});
  const XmlReader xml(figure.svg);
  check_inside(xml);
  CHECK(xml.named("rect").size() == 71);
  CHECK(xml.texts("text").size() < 60);
  CHECK(figure.table.rows().size() == 70);
}

TEST_CASE("all zero, and what cannot be drawn") {
  check_inside(XmlReader(bar_plot({"a"}, {{"v", {0}}}).svg));
  CHECK_THROWS_WITH_AS(static_cast<void>(bar_plot({}, {})),
                       "bar_plot: there are 0 categories and 0 groups; needs at least one of both", ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(bar_plot({"a", "b"}, {{"v", {1}}})),
                       "bar_plot: group 'v' has 1 values for 2 categories", ShapeError);
  CHECK_THROWS_WITH_AS(static_cast<void>(bar_plot({"a"}, {{"v", {std::numeric_limits<double>::quiet_NaN()}}})),
                       "bar_plot: value 0 of 'v' is nan", ValueError);
}
