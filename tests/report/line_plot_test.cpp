// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/report/line_plot.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "plot_checks.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

TEST_CASE("points of a series lie where the axes say") {
  const Figure figure = line_plot({{"training", {0, 10, 20}, {3, 2, 1}}, {"validation", {0, 20}, {3, 2}}},
                                  {.frame = {.title = "Loss", .x_label = "epoch", .y_label = "nats"}});
  const XmlReader xml(figure.svg);
  check_inside(xml);
  const auto dots = xml.named("circle");
  REQUIRE(dots.size() == 5);
  CHECK(number(dots[1], "cx") == doctest::Approx(tick_place(xml, "10", true)));
  CHECK(number(dots[0], "cy") == doctest::Approx(tick_place(xml, "3.0")));
  CHECK(number(dots[4], "cy") == doctest::Approx(tick_place(xml, "2.0")));
  const auto paths = xml.named("path");
  REQUIRE(paths.size() == 2);
  CHECK(paths[0].attributes.at("stroke") != paths[1].attributes.at("stroke"));
  CHECK(paths[1].attributes.count("stroke-dasharray") == 1);
  CHECK(std::count(paths[0].attributes.at("d").begin(), paths[0].attributes.at("d").end(), 'L') == 2);
  CHECK(has_text(xml, "validation"));
  CHECK(figure.table.rows()[4] == std::vector<std::string>{"validation", "20", "2"});
}

TEST_CASE("on a logarithmic axis equal factors are equal distances") {
  const XmlReader xml(line_plot({{"a", {0, 1, 2}, {1, 100, 10000}}}, {.y_axis = AxisKind::Logarithmic}).svg);
  const auto dots = xml.named("circle");
  REQUIRE(dots.size() == 3);
  CHECK(number(dots[0], "cy") - number(dots[1], "cy") ==
        doctest::Approx(number(dots[1], "cy") - number(dots[2], "cy")).epsilon(1e-3));
  CHECK_FALSE(has_text(xml, "a"));  // a single series needs no legend
}

TEST_CASE("long series have no dots; one point is a plot; an empty series beside another") {
  Series series{"s", {}, {}};
  for (int k = 0; k < 100; ++k) {
    series.x.push_back(k);
    series.y.push_back(k * k);
  }
  CHECK(XmlReader(line_plot({series}).svg).named("circle").empty());
  const XmlReader one(line_plot({{"a", {5}, {7}}, {"b", {}, {}}}).svg);
  check_inside(one);
  CHECK(one.named("circle").size() == 1);
}

TEST_CASE("what cannot be drawn is refused by name") {
  CHECK_THROWS_WITH_AS(static_cast<void>(line_plot({})), "line_plot: there are no points", ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(line_plot({{"a", {1, 2}, {1}}})),
                       "line_plot: series 'a' has 2 x but 1 y", ShapeError);
  CHECK_THROWS_WITH_AS(static_cast<void>(line_plot({{"a", {1}, {std::numeric_limits<double>::quiet_NaN()}}})),
                       "line_plot: y: value 0 of 'a' is nan", ValueError);
  CHECK_THROWS_AS(static_cast<void>(line_plot({{"a", {1}, {0}}}, {.y_axis = AxisKind::Logarithmic})),
                  ValueError);
}
