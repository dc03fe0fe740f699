// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Points of the plane, coloured by cluster.
#pragma once

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "rnnscope/analysis/distribution.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/report/colours.hpp"
#include "rnnscope/report/figure.hpp"
#include "rnnscope/report/plot_axes.hpp"

namespace rnnscope {

struct ScatterPlotParameters {
  PlotFrame frame{.width = 560, .height = 480};
  double dot_size = 3;      ///< diameter in pixels
  Index legend_up_to = 12;  ///< clusters named in the legend
  Index labels_up_to = 80;  ///< with at most that many clusters, each has its number at its median
};

/// Point j lies at `points.col(j)` (`2 x N`) and belongs to cluster `labels[j]`. Noise (-1) is drawn first, in
/// light grey; clusters have eight colours and, to tell more of them apart, round and square dots; the number
/// of a cluster stands at the median of its points.
/// Table: x, y, label.
/// \throws ShapeError unless points has two rows and a label for every column; ValueError if there are no
/// points, a coordinate is not finite (naming the column), or a label is below -1.
[[nodiscard]] inline Figure scatter_plot(const ConstMatrixRef<double>& points, std::span<const Id> labels,
                                         const ScatterPlotParameters& parameters = {}) {
  require<ShapeError>(points.rows() == 2 && static_cast<Index>(labels.size()) == points.cols(),
                      "scatter_plot: needs points of shape 2 x N and N labels, found ",
                      shape_text(points.rows(), points.cols()), " and ", labels.size());
  require<ValueError>(points.cols() > 0, "scatter_plot: there are no points");
  Figure figure{{},
                Table({{"x", ColumnKind::Number}, {"y", ColumnKind::Number}, {"label", ColumnKind::Number}})};
  std::map<Id, std::vector<Index>> clusters;  // in order, noise first
  for (Index j = 0; j < points.cols(); ++j) {
    const Id label = labels[static_cast<std::size_t>(j)];
    require<ValueError>(std::isfinite(points(0, j)) && std::isfinite(points(1, j)), "scatter_plot: point ", j,
                        " is (", points(0, j), ", ", points(1, j), ")");
    require<ValueError>(label >= -1, "scatter_plot: the label of point ", j, " is ", label);
    figure.table.add(points(0, j), points(1, j), label);
    clusters[label].push_back(j);
  }
  const auto colour = [](Id label) { return label < 0 ? Colour{190, 190, 190} : category_colour(label); };
  const auto name = [](Id label) {
    return label < 0 ? std::string("noise") : "cluster " + std::to_string(label);
  };
  const auto square = [](Id label) { return label >= 0 && label / 8 % 2 == 1; };

  std::vector<LegendEntry> legend;
  for (const auto& [label, members] : clusters) {
    if (static_cast<Index>(legend.size()) == parameters.legend_up_to) {
      legend.push_back(
          {"and " + std::to_string(clusters.size() - legend.size()) + " more", LegendMark::None, {}});
      break;
    }
    legend.push_back(
        {name(label), square(label) ? LegendMark::Square : LegendMark::Dot, {.fill = colour(label).hex()}});
  }
  Axes axes(parameters.frame, Scale::covering(points.row(0).minCoeff(), points.row(0).maxCoeff()),
            Scale::covering(points.row(1).minCoeff(), points.row(1).maxCoeff()), legend);
  Svg& svg = axes.svg();
  for (const auto& [label, members] : clusters) {
    // A dot is a line of no length with a round cap; a square is one with the length of its side and a butt
    // cap.
    std::string dots;
    for (const Index j : members) {
      const double x = axes.x(points(0, j)) - (square(label) ? parameters.dot_size / 2 : 0);
      dots += "M" + coordinate(x) + " " + coordinate(axes.y(points(1, j))) + "h" +
              coordinate(square(label) ? parameters.dot_size : 0);
    }
    svg.path(dots,
             {.stroke = colour(label).hex(),
              .stroke_width = parameters.dot_size,
              .opacity = label < 0 ? 0.5 : 0.8,
              .cap = square(label) ? LineCap::Butt : LineCap::Round},
             name(label) + ": " + std::to_string(members.size()) + " points");
  }
  if (static_cast<Index>(clusters.size()) <= parameters.labels_up_to) {
    for (const auto& [label, members] : clusters) {
      if (label < 0) continue;
      std::vector<double> x, y;
      for (const Index j : members) {
        x.push_back(points(0, j));
        y.push_back(points(1, j));
      }
      svg.text(axes.x(quantile(x, 0.5)), axes.y(quantile(y, 0.5)) + 4, std::to_string(label),
               {.size = 11, .anchor = TextAnchor::Middle, .bold = true, .halo = true});
    }
  }
  figure.svg = axes.finish();
  return figure;
}

}  // namespace rnnscope
