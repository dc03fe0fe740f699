// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Lines over a common axis: loss curves and the like.
#pragma once

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "rnnscope/report/colours.hpp"
#include "rnnscope/report/figure.hpp"
#include "rnnscope/report/plot_axes.hpp"
#include "rnnscope/report/series.hpp"

namespace rnnscope {

struct LinePlotParameters {
  PlotFrame frame{};
  AxisKind x_axis = AxisKind::Linear;
  AxisKind y_axis = AxisKind::Linear;
  Index dots_up_to = 40;  ///< series of at most that many points show a dot at each
};

/// Every series is a line in its own colour and dashes, named in a legend if there are several.
/// Table: series, x, y.
/// \throws ValueError if there is no point at all, a value is not finite, or not positive on a logarithmic
/// axis; ShapeError if a series has not as many y as x.
[[nodiscard]] inline Figure line_plot(const std::vector<Series>& series,
                                      const LinePlotParameters& parameters = {}) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  double left = infinity, right = -infinity, low = infinity, high = -infinity;
  Figure figure{{}, Table({{"series"}, {"x", ColumnKind::Number}, {"y", ColumnKind::Number}})};
  std::vector<LegendEntry> legend;
  std::vector<Paint> paints;
  for (const Series& each : series) {
    require<ShapeError>(each.x.size() == each.y.size(), "line_plot: series '", each.name, "' has ",
                        each.x.size(), " x but ", each.y.size(), " y");
    require_finite(each.x, "line_plot: x", each.name);
    require_finite(each.y, "line_plot: y", each.name);
    for (std::size_t k = 0; k < each.x.size(); ++k) {
      left = std::min(left, each.x[k]);
      right = std::max(right, each.x[k]);
      low = std::min(low, each.y[k]);
      high = std::max(high, each.y[k]);
      figure.table.add(each.name, each.x[k], each.y[k]);
    }
    paints.push_back({.stroke = category_colour(static_cast<Index>(paints.size())).hex(),
                      .stroke_width = 1.8,
                      .dash = line_dash(paints.size())});
    if (series.size() > 1) legend.push_back({each.name, LegendMark::Line, paints.back()});
  }
  require<ValueError>(left <= right, "line_plot: there are no points");
  Axes axes(parameters.frame, Scale::covering(left, right, parameters.x_axis),
            Scale::covering(low, high, parameters.y_axis), legend);
  axes.zero_line();
  for (std::size_t s = 0; s < series.size(); ++s) {
    const Series& each = series[s];
    std::string data;
    for (std::size_t k = 0; k < each.x.size(); ++k) {
      data += (k == 0 ? "M" : "L") + coordinate(axes.x(each.x[k])) + " " + coordinate(axes.y(each.y[k]));
    }
    if (!data.empty()) axes.svg().path(data, paints[s], each.name);
    if (static_cast<Index>(each.x.size()) > parameters.dots_up_to) continue;
    for (std::size_t k = 0; k < each.x.size(); ++k) {
      axes.svg().circle(axes.x(each.x[k]), axes.y(each.y[k]), 2.6, {.fill = paints[s].stroke},
                        each.name + ": " + significant(each.y[k], 6) + " at " + significant(each.x[k], 6));
    }
  }
  figure.svg = axes.finish();
  return figure;
}

}  // namespace rnnscope
