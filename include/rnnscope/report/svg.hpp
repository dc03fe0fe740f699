// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A writer of small SVG documents: shapes, texts, groups, tooltips. Plots are made of it.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "rnnscope/core/error.hpp"
#include "rnnscope/report/numbers.hpp"
#include "rnnscope/text/utf8.hpp"

namespace rnnscope {

/// Text for XML and HTML, inside elements and quoted attributes. Control characters that XML forbids become
/// U+FFFD.
/// \throws FormatError on invalid UTF-8.
[[nodiscard]] inline std::string escape_xml(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char32_t code = next_code_point(text, at);
    switch (code) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default: {
        const bool forbidden =
            (code < 0x20 && code != '\t' && code != '\n' && code != '\r') || code == 0xFFFE || code == 0xFFFF;
        append_utf8(escaped, forbidden ? U'\uFFFD' : code);
      }
    }
  }
  return escaped;
}

/// A length or place in a drawing: at most two digits after the point, no trailing zeros.
/// \throws ValueError if it is not finite.
[[nodiscard]] inline std::string coordinate(double value) {
  require<ValueError>(std::isfinite(value), "Svg: a coordinate must be finite, found ", value);
  std::string text = fixed(value, 2);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

/// Width of a text in the fonts that Svg asks for, in units of `font_size`: an estimate for layout, rather too
/// wide than too narrow.
/// \throws FormatError on invalid UTF-8.
[[nodiscard]] inline double text_width(std::string_view text, double font_size) {
  double width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t code = next_code_point(text, at);
    const std::string_view ascii = code < 0x80 ? text.substr(at - 1, 1) : std::string_view();
    if (ascii.empty()) {
      width += code < 0x2E80 ? 0.66 : 1.0;
    } else if (std::string_view("iljI.,:;'|! ").find(ascii) != std::string_view::npos) {
      width += 0.32;
    } else if (std::string_view("ftr()[]{}-/\\\"").find(ascii) != std::string_view::npos) {
      width += 0.42;
    } else if (std::string_view("mwMWOQ@%").find(ascii) != std::string_view::npos) {
      width += 0.95;
    } else {
      width += 0.64;
    }
  }
  return width * font_size;
}

enum class TextAnchor : std::uint8_t { Start, Middle, End };
enum class LineCap : std::uint8_t { Butt, Round };

/// How a shape looks: any CSS colour or `none`; widths in user units; `dash` as in `stroke-dasharray`.
struct Paint {
  std::string fill = "none";
  std::string stroke = "none";
  double stroke_width = 1;
  double opacity = 1;
  std::string dash{};
  LineCap cap = LineCap::Butt;
};

/// How a text looks; `rotation` in degrees, clockwise, around its anchor.
struct Font {
  double size = 11;
  std::string colour = "#222222";
  TextAnchor anchor = TextAnchor::Start;
  double rotation = 0;
  bool bold = false;
  bool halo = false;  ///< a white border, for texts over data
};

/// Writes one document of the given size in pixels, white background; y points down. Shapes are drawn in the
/// order of the calls; a non-empty `tooltip` is shown when the mouse rests on one. All members throw ValueError
/// on numbers that are not finite and FormatError on invalid UTF-8.
class Svg {
 public:
  Svg(double width, double height, std::string_view title) : width_(width), height_(height), title_(title) {
    require<ValueError>(width > 0 && height > 0, "Svg: the size must be positive, found ",
                        shape_text(width, height));
    rect(0, 0, width, height, {.fill = "#ffffff"});
  }

  [[nodiscard]] double width() const { return width_; }
  [[nodiscard]] double height() const { return height_; }

  void rect(double x, double y, double width, double height, const Paint& paint,
            std::string_view tooltip = {}) {
    shape("rect",
          attribute("x", x) + attribute("y", y) + attribute("width", width) + attribute("height", height),
          paint, tooltip);
  }
  void rounded_rect(double x, double y, double width, double height, double radius, const Paint& paint,
                    std::string_view tooltip = {}) {
    shape("rect",
          attribute("x", x) + attribute("y", y) + attribute("width", width) + attribute("height", height) +
              attribute("rx", radius),
          paint, tooltip);
  }
  void circle(double x, double y, double radius, const Paint& paint, std::string_view tooltip = {}) {
    shape("circle", attribute("cx", x) + attribute("cy", y) + attribute("r", radius), paint, tooltip);
  }
  void line(double x1, double y1, double x2, double y2, const Paint& paint) {
    shape("line", attribute("x1", x1) + attribute("y1", y1) + attribute("x2", x2) + attribute("y2", y2), paint,
          {});
  }
  /// `data` in the language of the attribute `d`; make it with `coordinate`.
  void path(std::string_view data, const Paint& paint, std::string_view tooltip = {}) {
    shape("path", " d=\"" + escape_xml(data) + "\"", paint, tooltip);
  }
  /// One line of text; `y` is its base line. Draws nothing if it is empty.
  void text(double x, double y, std::string_view content, const Font& font = {}) {
    if (content.empty()) return;
    body_ += "<text" + attribute("x", x) + attribute("y", y) + attribute("font-size", font.size) + " fill=\"" +
             escape_xml(font.colour) + "\"";
    if (font.anchor != TextAnchor::Start) {
      body_ += font.anchor == TextAnchor::Middle ? " text-anchor=\"middle\"" : " text-anchor=\"end\"";
    }
    if (font.bold) body_ += " font-weight=\"bold\"";
    if (font.halo)
      body_ += " stroke=\"#ffffff\" stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\"";
    if (font.rotation != 0) {
      body_ += " transform=\"rotate(" + coordinate(font.rotation) + " " + coordinate(x) + " " + coordinate(y) +
               ")\"";
    }
    body_ += ">" + escape_xml(content) + "</text>\n";
  }
  /// Everything that `draw()` adds becomes one group with the given class name.
  template <class Draw>
  void group(std::string_view name, Draw&& draw) {
    body_ += "<g class=\"" + escape_xml(name) + "\">\n";
    draw();
    body_ += "</g>\n";
  }

  /// The complete document; also valid inside an HTML page.
  [[nodiscard]] std::string str() const {
    const std::string size = coordinate(width_) + " " + coordinate(height_);
    return "<svg xmlns=\"http://www.w3.org/2000/svg\"" + attribute("width", width_) +
           attribute("height", height_) + " viewBox=\"0 0 " + size +
           "\" role=\"img\" stroke-linejoin=\"round\" font-family=\"Helvetica, Arial, 'DejaVu Sans', "
           "sans-serif\">\n<title>" +
           escape_xml(title_) + "</title>\n" + body_ + "</svg>\n";
  }

 private:
  [[nodiscard]] static std::string attribute(std::string_view name, double value) {
    return message(" ", name, "=\"", coordinate(value), "\"");
  }
  void shape(std::string_view element, std::string_view geometry, const Paint& paint,
             std::string_view tooltip) {
    body_ += message("<", element, geometry, " fill=\"", escape_xml(paint.fill), "\"");
    if (paint.stroke != "none") {
      body_ += " stroke=\"" + escape_xml(paint.stroke) + "\"" + attribute("stroke-width", paint.stroke_width);
      if (paint.cap == LineCap::Round) body_ += " stroke-linecap=\"round\"";
    }
    if (!paint.dash.empty()) body_ += " stroke-dasharray=\"" + escape_xml(paint.dash) + "\"";
    if (paint.opacity != 1) body_ += attribute("opacity", paint.opacity);
    body_ += tooltip.empty() ? "/>\n" : message("><title>", escape_xml(tooltip), "</title></", element, ">\n");
  }

  double width_, height_;
  std::string title_, body_;
};

}  // namespace rnnscope
