// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Bars for categories, one or several side by side.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "rnnscope/report/colours.hpp"
#include "rnnscope/report/figure.hpp"
#include "rnnscope/report/plot_axes.hpp"
#include "rnnscope/report/series.hpp"

namespace rnnscope {

struct BarPlotParameters {
  PlotFrame frame{};
  int digits = 3;  ///< significant digits of the numbers on the bars, where they fit
};

/// For every category one bar of each group, side by side, from zero up or down, with its number where the bars
/// are wide enough. Several groups get a legend.
/// Table: name, one column a group.
/// \throws ValueError if there are no categories or groups or a value is not finite; ShapeError if a group does
/// not have one value for every category.
[[nodiscard]] inline Figure bar_plot(const std::vector<std::string>& categories,
                                     const std::vector<NamedValues>& groups,
                                     const BarPlotParameters& parameters = {}) {
  require<ValueError>(!categories.empty() && !groups.empty(), "bar_plot: there are ", categories.size(),
                      " categories and ", groups.size(), " groups; needs at least one of both");
  std::vector<Column> columns{{"name"}};
  std::vector<LegendEntry> legend;
  double low = 0, high = 0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const NamedValues& group = groups[g];
    require<ShapeError>(group.values.size() == categories.size(), "bar_plot: group '", group.name, "' has ",
                        group.values.size(), " values for ", categories.size(), " categories");
    require_finite(group.values, "bar_plot", group.name);
    low = std::min(low, *std::min_element(group.values.begin(), group.values.end()));
    high = std::max(high, *std::max_element(group.values.begin(), group.values.end()));
    columns.push_back({group.name, ColumnKind::Number});
    if (groups.size() > 1) {
      legend.push_back({group.name, LegendMark::Box, {.fill = category_colour(static_cast<Index>(g)).hex()}});
    }
  }
  Figure figure{{}, Table(std::move(columns))};
  for (std::size_t c = 0; c < categories.size(); ++c) {
    std::vector<std::string> row{categories[c]};
    for (const NamedValues& group : groups) row.push_back(shortest(group.values[c]));
    figure.table.add_row(std::move(row));
  }

  Axes axes(parameters.frame, Scale::categories(categories), Scale::covering(low, high), legend);
  Svg& svg = axes.svg();
  const double width = std::min(0.78 * axes.slot() / static_cast<double>(groups.size()), 48.0);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (std::size_t c = 0; c < categories.size(); ++c) {
      const double value = groups[g].values[c];
      const double left = axes.x(static_cast<double>(c)) +
                          width * (static_cast<double>(g) - static_cast<double>(groups.size()) / 2);
      const std::string number = with_minus_sign(significant(value, parameters.digits));
      svg.rect(left, axes.y(std::max(value, 0.0)), width * 0.96, std::abs(axes.y(value) - axes.y(0)),
               {.fill = category_colour(static_cast<Index>(g)).hex()}, categories[c] + ": " + number);
      if (text_width(number, 9) > width) continue;
      const double place = value < 0 ? axes.y(value) + 10 : std::max(axes.y(value) - 3, axes.top() - 2);
      svg.text(left + width * 0.48, place, number, {.size = 9, .anchor = TextAnchor::Middle, .halo = true});
    }
  }
  axes.zero_line();
  figure.svg = axes.finish();
  return figure;
}

}  // namespace rnnscope
