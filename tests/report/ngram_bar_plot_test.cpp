// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/report/ngram_bar_plot.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "plot_checks.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

TEST_CASE(
    "bars grow from zero by their score, red to the left, blue to the right, on one scale for all panels") {
  const std::vector<NgramBars> panels{
      {"forward cell", {{"things", 1.0}, {"contradictory things", -4.0}, {"feel contradictory things", 2.0}}},
      {"backward cell", {{"freedom", 8.0}, {"to freedom", 0.5}}}};
  const Figure figure = ngram_bar_plot(panels, {.title = "GRU", .decimals = 1});
  const XmlReader xml(figure.svg);
  check_inside(xml);
  const auto bars = xml.named("rect");
  REQUIRE(bars.size() >= 5);
  const auto zeros = xml.named("line");
  REQUIRE(zeros.size() == 2);
  const std::vector<double> scores{1, -4, 2, 8, 0.5};
  const std::size_t first = bars.size() - 5;  // before them, perhaps, a background
  const double unit = number(bars[first], "width");
  for (std::size_t k = 0; k < 5; ++k) {
    const XmlElement& bar = bars[first + k];
    const double zero = number(zeros[k < 3 ? 0 : 1], "x1");
    CHECK(number(bar, "width") == doctest::Approx(unit * std::abs(scores[k])).epsilon(0.02));
    CHECK(number(bar, "x") + (scores[k] < 0 ? number(bar, "width") : 0) == doctest::Approx(zero).epsilon(1e-3));
    CHECK(bar.attributes.at("fill") == diverging_colour(scores[k] < 0 ? -0.8 : 0.8).hex());
  }
  CHECK(number(zeros[0], "x1") < number(zeros[1], "x1"));
  for (const char* text : {"contradictory things", "\u22124.0", "8.0", "backward cell", "GRU"}) {
    CAPTURE(text);
    CHECK(has_text(xml, text));
  }
  REQUIRE(figure.table.rows().size() == 5);
  CHECK(figure.table.rows()[1] == std::vector<std::string>{"forward cell", "contradictory things", "-4"});
  CHECK(figure.table.rows()[4] == std::vector<std::string>{"backward cell", "to freedom", "0.5"});
}

TEST_CASE("a long title, zero scores, and what cannot be drawn") {
  check_inside(XmlReader(
      ngram_bar_plot({{"a title that is longer than all of its bars and words together", {{"a", 0}}}},
                     {.title = "another very long title over the whole of the drawing, panels and all"})
          .svg));
  CHECK_THROWS_WITH_AS(static_cast<void>(ngram_bar_plot({})), "ngram_bar_plot: there are no panels",
                       ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(ngram_bar_plot({{"left", {}}})),
                       "ngram_bar_plot: panel 'left' has no bars", ValueError);
  CHECK_THROWS_AS(
      static_cast<void>(ngram_bar_plot({{"left", {{"a", std::numeric_limits<double>::quiet_NaN()}}}})),
      ValueError);
  CHECK_THROWS_AS(static_cast<void>(ngram_bar_plot({{"left", {{"a", 1}}}}, {.decimals = -1})), ValueError);
}
