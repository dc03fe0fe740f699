// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/report/scatter_plot.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "plot_checks.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

TEST_CASE("clusters have colours, noise is grey, numbers stand at medians") {
  Matrix<double> points(2, 6);
  points << 100, 101, 102, 109, 110, 105,  //
      0, 5, 10, 0, 10, 5;
  const std::vector<Id> labels{0, 0, 0, 9, 9, -1};
  const Figure figure = scatter_plot(points, labels, {.frame = {.title = "PCA"}});
  const XmlReader xml(figure.svg);
  check_inside(xml);
  const auto paths = xml.named("path");
  REQUIRE(paths.size() == 3);
  CHECK(paths[0].attributes.at("stroke") == "#bebebe");
  CHECK(paths[1].attributes.at("stroke") == category_colour(0).hex());
  CHECK(paths[1].attributes.at("stroke-linecap") == "round");
  CHECK(paths[2].attributes.at("stroke") == category_colour(1).hex());
  CHECK(paths[2].attributes.count("stroke-linecap") == 0);  // squares
  const std::string& data = paths[1].attributes.at("d");
  CHECK(std::count(data.begin(), data.end(), 'M') == 3);
  CHECK(data.starts_with("M" + coordinate(tick_place(xml, "100", true)) + " " +
                         coordinate(tick_place(xml, "0"))));
  for (const char* text : {"noise", "cluster 0", "cluster 9", "9"}) CHECK(has_text(xml, text));
  CHECK(figure.table.rows()[3] == std::vector<std::string>{"109", "0", "9"});
  CHECK(figure.table.rows()[5] == std::vector<std::string>{"105", "5", "-1"});
}

TEST_CASE("many clusters: the legend is cut, one point is a plot") {
  Matrix<double> points(2, 60);
  std::vector<Id> labels;
  for (Index j = 0; j < 60; ++j) {
    points.col(j) << static_cast<double>(j % 7), static_cast<double>(j);
    labels.push_back(static_cast<Id>(j));
  }
  const XmlReader xml(scatter_plot(points, labels).svg);
  check_inside(xml);
  CHECK(has_text(xml, "and 48 more"));
  CHECK_FALSE(has_text(xml, "cluster 12"));
  CHECK(xml.named("path").size() == 60);
  check_inside(XmlReader(scatter_plot(points.leftCols(1), std::vector<Id>{-1}).svg));
}

TEST_CASE("what cannot be drawn is refused by name") {
  const std::vector<Id> two{0, 0};
  CHECK_THROWS_WITH_AS(static_cast<void>(scatter_plot(Matrix<double>::Zero(3, 2), two)),
                       "scatter_plot: needs points of shape 2 x N and N labels, found 3 x 2 and 2", ShapeError);
  CHECK_THROWS_AS(static_cast<void>(scatter_plot(Matrix<double>::Zero(2, 3), two)), ShapeError);
  CHECK_THROWS_WITH_AS(static_cast<void>(scatter_plot(Matrix<double>(2, 0), {})),
                       "scatter_plot: there are no points", ValueError);
  Matrix<double> bad = Matrix<double>::Zero(2, 2);
  bad(1, 1) = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH_AS(static_cast<void>(scatter_plot(bad, two)), "scatter_plot: point 1 is (0, nan)",
                       ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(scatter_plot(Matrix<double>::Zero(2, 1), std::vector<Id>{-2})),
                       "scatter_plot: the label of point 0 is -2", ValueError);
}
