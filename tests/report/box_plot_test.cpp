// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/report/box_plot.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "plot_checks.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

static const std::vector<NamedValues> groups{{"good", {3.5, -1.25, 7, 2, 2, 40, -0.5, 4.75, 1, -30, 6.25}},
                                             {"1-not", {-8, -9, -10, -11, -12}}};

TEST_CASE("boxes, medians and outliers stand where the axis says") {
  const Figure figure =
      box_plot(groups, {.frame = {.title = "Title", .x_label = "phrase", .y_label = "score"}});
  const XmlReader xml(figure.svg);
  check_inside(xml);
  for (const char* text : {"Title", "phrase", "score", "good", "1-not"}) CHECK(has_text(xml, text));
  const double zero = tick_place(xml, "0"), twenty = tick_place(xml, "20");
  const auto y = [&](double value) { return zero + (twenty - zero) * value / 20; };

  const auto rects = xml.named("rect");
  REQUIRE(rects.size() == 3);  // paper and two boxes
  CHECK(number(rects[1], "y") == doctest::Approx(y(5.5)).epsilon(1e-3));
  CHECK(number(rects[1], "y") + number(rects[1], "height") == doctest::Approx(y(0.25)).epsilon(1e-3));
  CHECK(number(rects[2], "y") == doctest::Approx(y(-9)).epsilon(1e-3));
  const auto circles = xml.named("circle");
  REQUIRE(circles.size() == 2);
  CHECK(number(circles[0], "cy") == doctest::Approx(y(-30)).epsilon(1e-3));
  CHECK(number(circles[1], "cy") == doctest::Approx(y(40)).epsilon(1e-3));
  CHECK(number(circles[0], "cx") == doctest::Approx(tick_place(xml, "good", true)));

  const auto line_at = [&](double value) {  // a horizontal line, of a whisker or a median
    const auto lines = xml.named("line");
    return std::any_of(lines.begin(), lines.end(), [&](const XmlElement& line) {
      return number(line, "y1") == number(line, "y2") && std::abs(number(line, "y1") - y(value)) < 0.02;
    });
  };
  for (const double value : {-1.25, 7.0, 2.0, -8.0, -12.0, -10.0, 0.0}) CHECK(line_at(value));
}

TEST_CASE("the numbers come as a table") {
  const Figure figure = box_plot(groups);
  REQUIRE(figure.table.rows().size() == 2);
  CHECK(figure.table.rows()[1] ==
        std::vector<std::string>{"1-not", "5", "-10", "-12", "-12", "-11", "-10", "-9", "-8", "-8", "0"});
  CHECK(figure.table.rows()[0][6] == "2");
  CHECK(figure.table.rows()[0][10] == "2");
}

TEST_CASE("long names are turned and stay inside; one point is a box; a narrow frame is refused") {
  std::vector<NamedValues> many;
  for (int k = 0; k < 9; ++k) many.push_back({"a rather long name, number " + std::to_string(k), {1.0 * k}});
  const XmlReader xml(box_plot(many, {.frame = {.x_label = "x", .y_label = "y"}}).svg);
  check_inside(xml);
  CHECK(has_text(xml, "a rather long name, number 8"));
  CHECK_THROWS_WITH_AS(
      static_cast<void>(box_plot(many, {.frame = {.title = "T", .width = 120, .height = 100}})),
      doctest::Contains("the labels of the plot 'T' leave no room for its data"), ValueError);
  CHECK_THROWS_AS(static_cast<void>(box_plot(many, {.frame = {.width = 10}})), ValueError);
}

TEST_CASE("what cannot be drawn is refused by name") {
  CHECK_THROWS_WITH_AS(static_cast<void>(box_plot({})), "box_plot: there are no groups", ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(box_plot({{"a", {1}}, {"b", {}}})), "box_plot: group 'b' is empty",
                       ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(box_plot({{"a", {1, std::numeric_limits<double>::quiet_NaN()}}})),
                       "box_plot: value 1 of 'a' is nan", ValueError);
}
