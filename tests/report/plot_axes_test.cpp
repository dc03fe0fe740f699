// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/report/plot_axes.hpp"

#include <doctest/doctest.h>

#include "plot_checks.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

TEST_CASE("data fall between the axes, up is up, and what is drawn lies under the axis lines") {
  Axes axes({.title = "T", .x_label = "x", .y_label = "y", .width = 400, .height = 300}, Scale::covering(0, 10),
            Scale::covering(-1, 1));
  CHECK(axes.x(0) > 0);
  CHECK(axes.x(10) < 400);
  CHECK(axes.x(5) == doctest::Approx((axes.x(0) + axes.x(10)) / 2));
  CHECK(axes.y(1) == doctest::Approx(axes.top()));
  CHECK(axes.y(-1) > axes.y(1));
  CHECK(axes.y(-1) < 300);
  axes.svg().circle(axes.x(5), axes.y(0), 2, {});
  const std::string document = axes.finish();
  CHECK(document.find("<circle") < document.rfind("<line"));
  check_inside(XmlReader(document));
}

TEST_CASE("a zero line is drawn only inside the axis") {
  const auto lines = [](double low, double high) {
    Axes axes({}, Scale::covering(0, 10), Scale::covering(low, high));
    const auto before = XmlReader(axes.svg().str()).named("line").size();
    axes.zero_line();
    return XmlReader(axes.svg().str()).named("line").size() - before;
  };
  CHECK(lines(-1, 1) == 1);
  CHECK(lines(0, 1) == 0);
  CHECK(lines(-2, -1) == 0);
}

TEST_CASE("a legend is broken into lines, and makes room for itself") {
  std::vector<LegendEntry> legend;
  for (const LegendMark mark :
       {LegendMark::None, LegendMark::Box, LegendMark::Line, LegendMark::Dot, LegendMark::Square}) {
    legend.push_back({"a fairly long name of a series", mark, {.fill = "#ff0000", .stroke = "#00ff00"}});
  }
  Axes bare({}, Scale::covering(0, 1), Scale::covering(0, 1));
  Axes axes({}, Scale::covering(0, 1), Scale::covering(0, 1), legend);
  CHECK(axes.top() > bare.top() + 30);
  const XmlReader xml(axes.finish());
  check_inside(xml);
  std::vector<XmlElement> entries;
  for (const XmlElement& text : xml.named("text")) {
    if (text.text == "a fairly long name of a series") entries.push_back(text);
  }
  REQUIRE(entries.size() == 5);
  for (std::size_t k = 0; k < 5; ++k) CHECK(number(entries[k], "y") < axes.top());
  for (std::size_t k = 1; k < 5; ++k) {  // to the right of the one before, or below it
    const bool beside =
        number(entries[k], "x") >= number(entries[k - 1], "x") + text_width(entries[k].text, 11);
    const bool below = number(entries[k], "y") >= number(entries[k - 1], "y") + 11;
    CHECK((beside || below));
  }
  CHECK(xml.named("circle").size() == 1);
}

TEST_CASE("neighbouring names of categories do not touch, turned or thinned out") {
  for (const bool long_names : {false, true}) {
    std::vector<std::string> names;
    for (int k = 0; k < 60; ++k) names.push_back((long_names ? "category " : "") + std::to_string(1000 + k));
    Axes axes({.width = 500, .height = 300}, Scale::categories(names), Scale::covering(0, 1));
    const XmlReader xml(axes.finish());
    check_inside(xml);
    double last = -1000;
    int shown = 0;
    for (const XmlElement& text : xml.named("text")) {
      if (text.text.find("10") == std::string::npos) continue;
      const bool turned = text.attributes.count("transform") != 0;
      CHECK(turned == long_names);
      CHECK(number(text, "x") - last >= (turned ? 11 : text_width(text.text, 11)));
      last = number(text, "x");
      ++shown;
    }
    CHECK(shown > 5);
    CHECK(shown < 60);
  }
}

TEST_CASE("sizes out of range are refused") {
  CHECK_THROWS_WITH_AS(Axes({.width = 100}, Scale::covering(0, 1), Scale::covering(0, 1)),
                       "PlotFrame: the size must be from 120 x 100 to 1e5 x 1e5 pixels, found 100 x 340",
                       ValueError);
}
