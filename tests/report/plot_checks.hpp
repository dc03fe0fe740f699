// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// What the tests of plots share: reading numbers and places back from a drawing.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "rnnscope/report/svg.hpp"
#include "xml_checker.hpp"

namespace rnnscope::test {

[[nodiscard]] inline double number(const XmlElement& element, const std::string& attribute) {
  return std::stod(element.attributes.at(attribute));
}

[[nodiscard]] inline bool has_text(const XmlReader& xml, const std::string& text) {
  const auto texts = xml.texts("text");
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

/// The place of a tick label of the y axis (`x` false) or x axis, found by its text.
[[nodiscard]] inline double tick_place(const XmlReader& xml, const std::string& label, bool x = false) {
  for (const XmlElement& text : xml.named("text")) {
    if (text.text == label) return x ? number(text, "x") : number(text, "y") - 4;
  }
  FAIL("there is no tick " << label);
  return 0;
}

/// Every text lies within the document (by the estimated width, turned texts by their anchor).
inline void check_inside(const XmlReader& xml) {
  const double width = number(xml.elements().front(), "width"),
               height = number(xml.elements().front(), "height");
  for (const XmlElement& text : xml.named("text")) {
    CAPTURE(text.text);
    const double x = number(text, "x"), y = number(text, "y");
    CHECK(x >= 0);
    CHECK(x <= width);
    CHECK(y >= 8);
    CHECK(y <= height);
    if (text.attributes.count("transform") != 0) continue;
    const std::string anchor =
        text.attributes.count("text-anchor") != 0 ? text.attributes.at("text-anchor") : "start";
    const double extent = text_width(text.text, number(text, "font-size"));
    const double left = anchor == "middle" ? x - extent / 2 : anchor == "end" ? x - extent : x;
    CHECK(left >= -1);
    CHECK(left + extent <= width + 1);
  }
}

}  // namespace rnnscope::test
