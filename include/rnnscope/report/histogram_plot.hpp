// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Histograms of a few classes laid over each other.
#pragma once

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "rnnscope/analysis/distribution.hpp"
#include "rnnscope/report/colours.hpp"
#include "rnnscope/report/figure.hpp"
#include "rnnscope/report/plot_axes.hpp"
#include "rnnscope/report/series.hpp"

namespace rnnscope {

struct HistogramPlotParameters {
  PlotFrame frame{};
  Index bins = 40;
};

/// Counts of every class in the same bins, half transparent over each other, outlined by lines of different
/// dashes so that classes can be told apart in grey; at least one class, drawn in order. As Figure 1 of
/// "Sequence-level features: how GRU and LSTM cells capture n-grams", 2021.
/// Table: low, high (edges of the bin), one column of counts a class.
/// \throws ValueError if no class has values, two have one name, or a value is not finite (naming the class).
[[nodiscard]] inline Figure histogram_plot(const std::vector<NamedValues>& classes,
                                           const HistogramPlotParameters& parameters = {}) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  std::vector<Column> columns{{"low", ColumnKind::Number}, {"high", ColumnKind::Number}};
  for (const NamedValues& each : classes) {
    require_finite(each.values, "histogram_plot", each.name);
    for (const double value : each.values) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
    columns.push_back({each.name, ColumnKind::Number});
  }
  require<ValueError>(low <= high, "histogram_plot: there are no values");
  if (low == high) {
    low -= 0.5;
    high += 0.5;
  }
  std::vector<Histogram> histograms;
  Index tallest = 1;
  for (const NamedValues& each : classes) {
    histograms.push_back(histogram(each.values, {.bins = parameters.bins, .low = low, .high = high}));
    tallest =
        std::max(tallest, *std::max_element(histograms.back().counts.begin(), histograms.back().counts.end()));
  }

  Figure figure{{}, Table(std::move(columns))};
  const std::vector<double>& edges = histograms.front().edges;
  for (std::size_t b = 0; b + 1 < edges.size(); ++b) {
    std::vector<std::string> row{shortest(edges[b]), shortest(edges[b + 1])};
    for (const Histogram& each : histograms) row.push_back(std::to_string(each.counts[b]));
    figure.table.add_row(std::move(row));
  }

  std::vector<LegendEntry> legend;
  for (std::size_t k = 0; k < classes.size(); ++k) {
    legend.push_back(
        {classes[k].name + " (" + with_thousands(static_cast<Index>(classes[k].values.size())) + ")",
         LegendMark::Line,
         {.stroke = category_colour(static_cast<Index>(k)).hex(), .stroke_width = 3, .dash = line_dash(k)}});
  }
  Axes axes(parameters.frame, Scale::covering(low, high), Scale::covering(0, static_cast<double>(tallest)),
            legend);
  Svg& svg = axes.svg();
  for (const bool outline : {false, true}) {  // all outlines over all areas
    for (std::size_t k = 0; k < classes.size(); ++k) {
      std::string steps = "M" + coordinate(axes.x(edges[0])) + " " + coordinate(axes.y(0));
      for (std::size_t b = 0; b + 1 < edges.size(); ++b) {
        steps += "V" + coordinate(axes.y(static_cast<double>(histograms[k].counts[b]))) + "H" +
                 coordinate(axes.x(edges[b + 1]));
      }
      steps += "V" + coordinate(axes.y(0));
      const std::string colour = category_colour(static_cast<Index>(k)).hex();
      svg.path(steps,
               outline ? Paint{.stroke = colour, .stroke_width = 1.5, .dash = line_dash(k)}
                       : Paint{.fill = colour, .opacity = 0.35},
               classes[k].name);
    }
  }
  figure.svg = axes.finish();
  return figure;
}

}  // namespace rnnscope
