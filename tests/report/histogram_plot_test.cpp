// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/report/histogram_plot.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <numeric>

#include "plot_checks.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

TEST_CASE("two classes share their bins; all values are counted") {
  const std::vector<NamedValues> classes{{"positive", {1, 2, 2, 3, 9}}, {"negative", {-1, 0, 0.5}}};
  const Figure figure = histogram_plot(classes, {.frame = {.title = "GRU"}, .bins = 10});
  REQUIRE(figure.table.rows().size() == 10);
  CHECK(figure.table.columns()[2].header == "positive");
  CHECK(figure.table.rows()[0] == std::vector<std::string>{"-1", "0", "0", "1"});
  CHECK(figure.table.rows()[1] == std::vector<std::string>{"0", "1", "0", "2"});
  CHECK(figure.table.rows()[9] == std::vector<std::string>{"8", "9", "1", "0"});
  int positive = 0;
  for (const auto& row : figure.table.rows()) positive += std::stoi(row[2]);
  CHECK(positive == 5);

  const XmlReader xml(figure.svg);
  check_inside(xml);
  CHECK(has_text(xml, "positive (5)"));
  CHECK(has_text(xml, "negative (3)"));
  const auto paths = xml.named("path");
  REQUIRE(paths.size() == 4);  // an area and an outline each
  CHECK(paths[0].attributes.at("fill") == category_colour(0).hex());
  CHECK(paths[0].attributes.at("d") == paths[2].attributes.at("d"));
  CHECK(paths[2].attributes.count("stroke-dasharray") == 0);
  CHECK(paths[3].attributes.count("stroke-dasharray") == 1);  // tells the classes apart in grey
  // The tallest bin, two values, reaches the tick 2.
  CHECK(paths[0].attributes.at("d").find("V" + coordinate(tick_place(xml, "2.0"))) != std::string::npos);
}

TEST_CASE("equal values, and an empty class beside another") {
  const Figure figure = histogram_plot({{"a", {3, 3}}, {"b", {}}}, {.bins = 2});
  CHECK(figure.table.rows()[1] == std::vector<std::string>{"3", "3.5", "2", "0"});
  check_inside(XmlReader(figure.svg));
}

TEST_CASE("what cannot be drawn is refused by name") {
  CHECK_THROWS_WITH_AS(static_cast<void>(histogram_plot({})), "histogram_plot: there are no values",
                       ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(histogram_plot({{"a", {}}})), "histogram_plot: there are no values",
                       ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(histogram_plot({{"a", {1, std::numeric_limits<double>::infinity()}}})),
                       "histogram_plot: value 1 of 'a' is inf", ValueError);
  CHECK_THROWS_AS(static_cast<void>(histogram_plot({{"a", {1}}, {"a", {2}}})), ValueError);
  CHECK_THROWS_AS(static_cast<void>(histogram_plot({{"a", {1}}}, {.bins = 0})), ValueError);
}
