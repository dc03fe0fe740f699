// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Distributions side by side: boxes, whiskers, outliers.
#pragma once

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "rnnscope/analysis/distribution.hpp"
#include "rnnscope/report/figure.hpp"
#include "rnnscope/report/plot_axes.hpp"
#include "rnnscope/report/series.hpp"

namespace rnnscope {

struct BoxPlotParameters {
  PlotFrame frame{};
  double reach = 1.5;  ///< as in box_statistics
};

/// One box for every group, in order: quartiles, median, whiskers to the outermost values that are not
/// outliers, circles for outliers, a line at zero. As Figures 3 and 9 of "Sequence-level features: how GRU and
/// LSTM cells capture n-grams", 2021.
/// Table: name, count, mean, minimum, lower whisker, quartiles, median, upper whisker, maximum, outliers (their
/// number).
/// \throws ValueError if there are no groups, one is empty, or a value is not finite (naming the group).
[[nodiscard]] inline Figure box_plot(const std::vector<NamedValues>& groups,
                                     const BoxPlotParameters& parameters = {}) {
  require<ValueError>(!groups.empty(), "box_plot: there are no groups");
  Figure figure{{},
                Table({{"name"},
                       {"count", ColumnKind::Number},
                       {"mean", ColumnKind::Number},
                       {"minimum", ColumnKind::Number},
                       {"lower_whisker", ColumnKind::Number},
                       {"lower_quartile", ColumnKind::Number},
                       {"median", ColumnKind::Number},
                       {"upper_quartile", ColumnKind::Number},
                       {"upper_whisker", ColumnKind::Number},
                       {"maximum", ColumnKind::Number},
                       {"outliers", ColumnKind::Number}})};
  std::vector<BoxStatistics> boxes;
  std::vector<std::string> names;
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const NamedValues& group : groups) {
    require<ValueError>(!group.values.empty(), "box_plot: group '", group.name, "' is empty");
    require_finite(group.values, "box_plot", group.name);
    const BoxStatistics box = box_statistics(group.values, parameters.reach);
    figure.table.add(group.name, box.count, box.mean, box.minimum, box.lower_whisker, box.lower_quartile,
                     box.median, box.upper_quartile, box.upper_whisker, box.maximum, box.outliers.size());
    low = std::min(low, box.minimum);
    high = std::max(high, box.maximum);
    boxes.push_back(box);
    names.push_back(group.name);
  }
  Axes axes(parameters.frame, Scale::categories(names), Scale::covering(low, high));
  Svg& svg = axes.svg();
  axes.zero_line();
  const double half = std::min(0.32 * axes.slot(), 28.0);
  const Paint ink{.stroke = "#333333"};
  for (std::size_t k = 0; k < boxes.size(); ++k) {
    const BoxStatistics& box = boxes[k];
    const double x = axes.x(static_cast<double>(k));
    const auto y = [&](double value) { return axes.y(value); };
    svg.line(x, y(box.lower_whisker), x, y(box.lower_quartile), ink);
    svg.line(x, y(box.upper_quartile), x, y(box.upper_whisker), ink);
    for (const double whisker : {box.lower_whisker, box.upper_whisker}) {
      svg.line(x - half / 2, y(whisker), x + half / 2, y(whisker), ink);
    }
    svg.rect(x - half, y(box.upper_quartile), 2 * half, y(box.lower_quartile) - y(box.upper_quartile),
             {.fill = "#a6cbe3", .stroke = "#333333"},
             names[k] + ": median " + significant(box.median, 4) + ", quartiles " +
                 significant(box.lower_quartile, 4) + " and " + significant(box.upper_quartile, 4) + ", " +
                 std::to_string(box.count) + " values");
    svg.line(x - half, y(box.median), x + half, y(box.median), {.stroke = "#b03a00", .stroke_width = 2});
    for (const double outlier : box.outliers) {
      svg.circle(x, y(outlier), 2.6, ink, names[k] + ": " + significant(outlier, 4));
    }
  }
  figure.svg = axes.finish();
  return figure;
}

}  // namespace rnnscope
