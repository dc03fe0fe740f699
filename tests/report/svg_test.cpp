// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/report/svg.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "xml_checker.hpp"

using namespace rnnscope;
using rnnscope::test::XmlReader;

TEST_CASE("every kind of shape, in order, in one well-formed document") {
  Svg svg(200, 100.5, "A & B");
  svg.rect(1, 2, 3, 4.5, {.fill = "#ff0000"}, "tip <1>");
  svg.line(0, 0, 10, 10, {.stroke = "#000", .stroke_width = 2, .dash = "2 3"});
  svg.group("dots", [&] { svg.circle(5, 6, 7, {.opacity = 0.5}); });
  svg.path("M0 0h1", {.stroke = "#000", .cap = LineCap::Round});
  svg.text(9, 8, "\"quoted\" & 'so' <on>",
           {.anchor = TextAnchor::Middle, .rotation = -90, .bold = true, .halo = true});
  svg.text(9, 8, "");
  const XmlReader xml(svg.str());

  REQUIRE(xml.elements().front().name == "svg");
  CHECK(xml.elements().front().attributes.at("viewBox") == "0 0 200 100.5");
  CHECK(xml.texts("title") == std::vector<std::string>{"A & B", "tip <1>"});
  REQUIRE(xml.named("rect").size() == 2);  // the first is the paper
  CHECK(xml.named("rect")[1].attributes.at("height") == "4.5");
  CHECK(xml.named("line")[0].attributes.at("stroke-dasharray") == "2 3");
  CHECK(xml.named("line")[0].attributes.at("stroke-width") == "2");
  CHECK(xml.named("g")[0].attributes.at("class") == "dots");
  CHECK(xml.named("circle")[0].attributes.at("opacity") == "0.5");
  CHECK(xml.named("path")[0].attributes.at("stroke-linecap") == "round");
  REQUIRE(xml.named("text").size() == 1);  // the empty one draws nothing
  const auto text = xml.named("text")[0];
  CHECK(text.text == "\"quoted\" & 'so' <on>");
  CHECK(text.attributes.at("text-anchor") == "middle");
  CHECK(text.attributes.at("transform") == "rotate(-90 9 8)");
  CHECK(text.attributes.at("paint-order") == "stroke");
}

TEST_CASE("numbers are short and stable") {
  CHECK(coordinate(1) == "1");
  CHECK(coordinate(1.005) == "1");
  CHECK(coordinate(-0.001) == "0");
  CHECK(coordinate(1234.5) == "1234.5");
  CHECK(coordinate(100) == "100");
  CHECK(coordinate(-2.126) == "-2.13");
  CHECK_THROWS_WITH_AS(static_cast<void>(coordinate(std::numeric_limits<double>::quiet_NaN())),
                       "Svg: a coordinate must be finite, found nan", ValueError);
}

TEST_CASE("control characters become U+FFFD, invalid UTF-8 and bad sizes are refused") {
  CHECK(escape_xml("a\x01"
                   "b\n") == "a\uFFFDb\n");
  CHECK_THROWS_AS(static_cast<void>(escape_xml("\xc3")), FormatError);
  CHECK_THROWS_AS(Svg(0, 10, ""), ValueError);
  CHECK_THROWS_AS(Svg(10, std::numeric_limits<double>::quiet_NaN(), ""), ValueError);
}

TEST_CASE("estimated widths grow with the text") {
  CHECK(text_width("", 10) == 0);
  CHECK(text_width("mmm", 10) > text_width("nnn", 10));
  CHECK(text_width("nnn", 10) > text_width("iii", 10));
  CHECK(text_width("n", 20) == doctest::Approx(2 * text_width("n", 10)));
  CHECK(text_width("日本", 10) == doctest::Approx(20));
  CHECK(text_width("é", 10) == doctest::Approx(6.6));
}

TEST_CASE("the checker itself refuses what is not well formed") {
  for (const char* bad : {"<a>", "<a></b>", "<a b=c/>", "<a b=\"1\" b=\"2\"/>", "<a>&nbsp;</a>", "<a>x > y</a>",
                          "<a/><b/>", "<a b=\"<\"/>", "<a b=\"1\"c=\"2\"/>"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(XmlReader{bad}, std::runtime_error);
  }
}
