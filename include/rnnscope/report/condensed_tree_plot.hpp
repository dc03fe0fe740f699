// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The condensed tree as icicles that hang down: how wide a cluster is at every distance.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "rnnscope/cluster/clustering.hpp"
#include "rnnscope/report/colours.hpp"
#include "rnnscope/report/figure.hpp"
#include "rnnscope/report/plot_axes.hpp"

namespace rnnscope {

struct CondensedTreePlotParameters {
  PlotFrame frame{.title = "", .x_label = "points", .y_label = "distance"};
  /// Of the distances. Logarithmic shows dense clusters better; distances of zero end at the smallest other.
  AxisKind scale = AxisKind::Logarithmic;
  Index steps = 60;  ///< at most so many widths a cluster
};

namespace detail {

/// The distances at which points leave each cluster, descending.
[[nodiscard]] inline std::vector<std::vector<double>> leaving_distances(const CondensedTree& tree) {
  std::vector<std::vector<double>> result(tree.clusters.size());
  for (std::size_t p = 0; p < tree.point_cluster.size(); ++p) {
    result[static_cast<std::size_t>(tree.point_cluster[p])].push_back(tree.point_distance[p]);
  }
  for (std::vector<double>& each : result) std::sort(each.begin(), each.end(), std::greater<>());
  return result;
}

/// How many points lie in each cluster, with all clusters below it.
[[nodiscard]] inline std::vector<double> points_within(const CondensedTree& tree) {
  std::vector<double> result(tree.clusters.size(), 0.0);
  for (const Id c : tree.point_cluster) result[static_cast<std::size_t>(c)] += 1.0;
  for (std::size_t c = result.size(); c-- > 1;)
    result[static_cast<std::size_t>(tree.clusters[c].parent)] += result[c];
  return result;
}

}  // namespace detail

/// Each cluster of the condensed tree is a shape from its birth (top) to its death, as wide as it has points at
/// that distance; its children hang below it. Chosen clusters have the colour of their label and an outline,
/// the others are grey. Table: cluster, parent, label (empty if not chosen), points, birth, death, stability.
/// \throws ValueError if no two points are at a finite distance above 0, or for steps below 1.
[[nodiscard]] inline Figure condensed_tree_plot(const Clustering& clustering,
                                                const CondensedTreePlotParameters& parameters = {}) {
  const CondensedTree& tree = clustering.condensed_tree;
  require<ValueError>(parameters.steps >= 1, "condensed_tree_plot: steps must be at least 1, found ",
                      parameters.steps);
  double highest = 0.0, lowest = std::numeric_limits<double>::infinity();
  const auto show = [&](double distance) {
    if (!std::isfinite(distance)) return;
    highest = std::max(highest, distance);
    if (distance > 0.0) lowest = std::min(lowest, distance);
  };
  for (const double each : tree.point_distance) show(each);
  for (const CondensedTree::Cluster& each : tree.clusters) show(each.death);
  const bool logarithmic = parameters.scale == AxisKind::Logarithmic;
  require<ValueError>(highest > 0.0, "condensed_tree_plot: there are no two different points to show");
  if (lowest == highest) lowest = logarithmic ? 0.5 * highest : 0.0;

  std::vector<Id> label_of(tree.clusters.size(), Clustering::noise);
  for (std::size_t k = 0; k < clustering.nodes.size(); ++k)
    label_of[static_cast<std::size_t>(clustering.nodes[k])] = static_cast<Id>(k);
  Figure figure{{},
                Table({{"cluster", ColumnKind::Number},
                       {"parent", ColumnKind::Number},
                       {"label", ColumnKind::Number},
                       {"points", ColumnKind::Number},
                       {"birth", ColumnKind::Number},
                       {"death", ColumnKind::Number},
                       {"stability", ColumnKind::Number}})};
  const std::vector<double> within = detail::points_within(tree);
  const std::vector<std::vector<double>> leaving = detail::leaving_distances(tree);
  // Children share the range of their parent in proportion to their points, the parent's own points between
  // them.
  std::vector<double> left(tree.clusters.size(), 0.0), used(tree.clusters.size(), 0.0), at_death(within);
  for (std::size_t c = 1; c < tree.clusters.size(); ++c) {
    const auto parent = static_cast<std::size_t>(tree.clusters[c].parent);
    const double own = static_cast<double>(leaving[parent].size());
    left[c] = left[parent] + used[parent] + within[c] / (within[parent] - own) * own / 2.0;
    used[parent] += within[c] / (within[parent] - own) * own + within[c];
  }
  Axes axes(parameters.frame, Scale::covering(0.0, within[0]),
            Scale::covering(logarithmic ? lowest : 0.0, highest, parameters.scale));
  Svg& svg = axes.svg();
  const auto height = [&](double distance) {
    return axes.y(std::clamp(distance, logarithmic ? lowest : 0.0, highest));
  };
  for (std::size_t c = 0; c < tree.clusters.size(); ++c) {
    const CondensedTree::Cluster& cluster = tree.clusters[c];
    const std::string label = label_of[c] == Clustering::noise ? "" : std::to_string(label_of[c]);
    const double stability = cluster.stability.at_infinity > 0.0 ? std::numeric_limits<double>::infinity()
                                                                 : cluster.stability.finite;
    figure.table.add_row({std::to_string(c), std::to_string(cluster.parent), label, shortest(within[c]),
                          shortest(cluster.birth), shortest(cluster.death), shortest(stability)});
    const double middle = left[c] + within[c] / 2.0;
    const std::vector<double>& gone = leaving[c];
    const auto stride = (static_cast<Index>(gone.size()) + parameters.steps - 1) / parameters.steps;
    std::string down, up;  // the right side from top to bottom, the left one back
    const auto corner = [&](double width, double distance) {
      const std::string y = coordinate(height(distance));
      down += (down.empty() ? "M" : "L") + coordinate(axes.x(middle + width / 2.0)) + " " + y;
      up = "L" + coordinate(axes.x(middle - width / 2.0)) + " " + y + up;
    };
    double width = within[c];
    corner(width, cluster.birth);
    for (std::size_t k = 0; k < gone.size();) {
      const std::size_t next = std::min(gone.size(), k + static_cast<std::size_t>(std::max<Index>(stride, 1)));
      const double distance = gone[k];
      corner(width, distance);
      width -= static_cast<double>(next - k);
      corner(width, distance);
      k = next;
    }
    corner(width, cluster.death);
    const bool chosen = label_of[c] != Clustering::noise;
    const Paint paint{.fill = chosen ? category_colour(label_of[c]).hex() : "#b8b8b8",
                      .stroke = chosen ? "#222222" : "none",
                      .stroke_width = 1};
    svg.path(down + up + "Z", paint,
             message(chosen ? "label " + label : "cluster " + std::to_string(c), ": ", within[c],
                     " points, born at ", significant(cluster.birth, 4), ", dies at ",
                     significant(cluster.death, 4)));
  }
  figure.svg = axes.finish();
  return figure;
}

}  // namespace rnnscope
