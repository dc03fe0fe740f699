// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// What all plots share: title, legend, axes with ticks and grid, and the mapping from data to pixels.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <string_view>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/report/scale.hpp"
#include "rnnscope/report/svg.hpp"

namespace rnnscope {

/// The texts around a plot and its size in pixels.
struct PlotFrame {
  std::string title{};
  std::string x_label{};
  std::string y_label{};
  double width = 520;
  double height = 340;

  /// Returns itself.
  /// \throws ValueError on a size below 120 x 100 or above 1e5 x 1e5.
  [[nodiscard]] const PlotFrame& checked() const {
    require<ValueError>(width >= 120 && height >= 100 && width <= 1e5 && height <= 1e5,
                        "PlotFrame: the size must be from 120 x 100 to 1e5 x 1e5 pixels, found ",
                        shape_text(width, height));
    return *this;
  }
};

/// What stands before a name in the legend: nothing, a small box, a piece of line, a round or a square dot.
enum class LegendMark : std::uint8_t { None, Box, Line, Dot, Square };

struct LegendEntry {
  std::string label{};
  LegendMark mark = LegendMark::Box;
  Paint paint{};
};

/// An Svg with a frame drawn in it: construct it with the scales, draw into `svg()` at `x(value)`, `y(value)`,
/// and `finish()`.
///
/// The margins follow from the widths of the labels. Names of categories are turned when they do not fit side
/// by side; short ones (numbers) are thinned out instead.
/// \throws ValueError if the labels leave no room for the data.
class Axes {
 public:
  Axes(const PlotFrame& frame, Scale x_scale, Scale y_scale, const std::vector<LegendEntry>& legend = {})
      : frame_(frame.checked()),
        x_scale_(std::move(x_scale)),
        y_scale_(std::move(y_scale)),
        svg_(frame.width, frame.height, frame.title) {
    place(legend);
    draw_texts();
    draw_legend(legend);
    draw_grid();
  }

  [[nodiscard]] double x(double value) const { return left_ + x_scale_.share(value) * (right_ - left_); }
  [[nodiscard]] double y(double value) const { return bottom_ - y_scale_.share(value) * (bottom_ - top_); }
  [[nodiscard]] double top() const { return top_; }  ///< of the area for data, in pixels
  /// Pixels between two neighbouring categories of the x axis.
  [[nodiscard]] double slot() const { return (right_ - left_) / (x_scale_.high() - x_scale_.low()); }

  /// What is drawn here comes over the grid and under the axis lines.
  [[nodiscard]] Svg& svg() { return svg_; }

  /// The document, after drawing the axis lines over the data.
  [[nodiscard]] std::string finish() {
    svg_.line(left_, bottom_, right_, bottom_, {.stroke = ink_});
    svg_.line(left_, top_, left_, bottom_, {.stroke = ink_});
    return svg_.str();
  }

  /// A dark line at y = 0, if the axis passes through it.
  void zero_line() {
    if (y_scale_.low() >= 0 || y_scale_.high() <= 0) return;
    svg_.line(left_, y(0), right_, y(0), {.stroke = ink_, .stroke_width = 0.8});
  }

 private:
  static constexpr double font_ = 11, title_font_ = 13, line_ = 15, turn_ = 40;
  static constexpr const char* ink_ = "#333333";

  [[nodiscard]] static double widest(const Scale& scale) {
    double width = 0;
    for (const Tick& tick : scale.ticks()) width = std::max(width, text_width(tick.label, font_));
    return width;
  }
  [[nodiscard]] static double mark_width(const LegendEntry& entry) {
    if (entry.mark == LegendMark::None) return 0;
    return entry.mark == LegendMark::Dot || entry.mark == LegendMark::Square ? 12 : 23;
  }
  [[nodiscard]] static double entry_width(const LegendEntry& entry) {
    return mark_width(entry) + text_width(entry.label, font_) + 12;
  }

  void place(const std::vector<LegendEntry>& legend) {
    const double widest_x = widest(x_scale_);
    left_ = 10 + widest(y_scale_) + 6 + (frame_.y_label.empty() ? 0 : line_ + 4);
    right_ = frame_.width - 14;
    if (!x_scale_.is_categorical()) {
      right_ -= std::max(0.0, text_width(x_scale_.ticks().back().label, font_) / 2 - 10);
    }
    turned_ = x_scale_.is_categorical() && widest_x + 8 > slot() && widest_x > 40;
    double below = line_ + 5;
    if (turned_) {
      const double angle = turn_ * std::numbers::pi / 180;
      below = widest_x * std::sin(angle) + font_ + 6;
      const double first = text_width(x_scale_.ticks().front().label, font_) * std::cos(angle);
      left_ = std::max(left_, std::min(first + 4 - slot() / 2, frame_.width / 3));
    }
    bottom_ = frame_.height - below - (frame_.x_label.empty() ? 4 : line_ + 6);
    top_ = frame_.title.empty() ? 12 : 32;
    legend_top_ = top_;
    double used = 0;
    for (const LegendEntry& entry : legend) {
      if (used == 0 || used + entry_width(entry) > right_ - left_) {
        top_ += line_;
        used = 0;
      }
      used += entry_width(entry);
    }
    if (!legend.empty()) top_ += 6;
    require<ValueError>(right_ - left_ >= 20 && bottom_ - top_ >= 20, "the labels of the plot '", frame_.title,
                        "' leave no room for its data; give it more than ",
                        shape_text(frame_.width, frame_.height), " pixels or shorter labels");
  }

  void draw_texts() {
    svg_.text(frame_.width / 2, 20, frame_.title,
              {.size = title_font_, .anchor = TextAnchor::Middle, .bold = true});
    svg_.text((left_ + right_) / 2, frame_.height - 8, frame_.x_label,
              {.size = font_ + 1, .anchor = TextAnchor::Middle});
    svg_.text(left_ - widest(y_scale_) - 16, (top_ + bottom_) / 2, frame_.y_label,
              {.size = font_ + 1, .anchor = TextAnchor::Middle, .rotation = -90});
  }

  void draw_legend(const std::vector<LegendEntry>& legend) {
    double at = left_, base = legend_top_ + font_ - 3;
    for (const LegendEntry& entry : legend) {
      if (at > left_ && at + entry_width(entry) > right_) {
        at = left_;
        base += line_;
      }
      if (entry.mark == LegendMark::Box) svg_.rect(at, base - 9, 16, 10, entry.paint);
      if (entry.mark == LegendMark::Line) svg_.line(at, base - 4, at + 18, base - 4, entry.paint);
      if (entry.mark == LegendMark::Dot) svg_.circle(at + 4, base - 4, 4, entry.paint);
      if (entry.mark == LegendMark::Square) svg_.rect(at, base - 8, 8, 8, entry.paint);
      svg_.text(at + mark_width(entry), base, entry.label, {.size = font_});
      at += entry_width(entry);
    }
  }

  void draw_grid() {
    for (const Tick& tick : y_scale_.ticks()) {
      svg_.line(left_, y(tick.value), right_, y(tick.value), {.stroke = "#e4e4e4"});
      svg_.text(left_ - 6, y(tick.value) + 4, tick.label, {.size = font_, .anchor = TextAnchor::End});
    }
    const auto& ticks = x_scale_.ticks();
    const double needed = turned_ ? font_ + 1 : widest(x_scale_) + 6;
    const double apart = ticks.size() > 1 ? std::abs(x(ticks[1].value) - x(ticks[0].value)) : needed;
    const auto stride = static_cast<std::size_t>(std::ceil(needed / std::max(apart, 0.1)));
    for (std::size_t k = 0; k < ticks.size(); ++k) {
      const double at = x(ticks[k].value);
      svg_.line(at, bottom_, at, bottom_ + 4, {.stroke = ink_});
      if (k % stride != 0) continue;
      if (turned_) {
        svg_.text(at + 4, bottom_ + 13, ticks[k].label,
                  {.size = font_, .anchor = TextAnchor::End, .rotation = -turn_});
      } else {
        svg_.text(at, bottom_ + line_ + 2, ticks[k].label, {.size = font_, .anchor = TextAnchor::Middle});
      }
    }
  }

  PlotFrame frame_;
  Scale x_scale_, y_scale_;
  Svg svg_;
  bool turned_ = false;
  double left_ = 0, right_ = 0, top_ = 0, bottom_ = 0, legend_top_ = 0;
};

}  // namespace rnnscope
