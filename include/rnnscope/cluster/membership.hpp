// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Labels, probabilities, outlier scores and persistence of chosen clusters.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "rnnscope/cluster/clustering.hpp"

namespace rnnscope {

namespace detail {

/// low / high for 0 <= low <= high, also where both are 0 or both infinite: then 1.
[[nodiscard]] inline double ratio(double low, double high) { return low == high ? 1.0 : low / high; }

/// Per cluster of the tree, the chosen cluster that it lies in, or noise.
[[nodiscard]] inline std::vector<Id> owners(const CondensedTree& tree, std::span<const Id> chosen) {
  std::vector<Id> owner(tree.clusters.size(), Clustering::noise);
  for (const Id c : chosen) owner[static_cast<std::size_t>(c)] = c;
  for (std::size_t c = 1; c < owner.size(); ++c) {
    if (owner[c] == Clustering::noise) owner[c] = owner[static_cast<std::size_t>(tree.clusters[c].parent)];
  }
  return owner;
}

/// See label_points; `densest`: the smallest distance in the root.
[[nodiscard]] inline double persistence(const CondensedTree::Cluster& cluster, double densest) {
  const bool duplicates = std::isinf(1.0 / densest);
  return (duplicates ? cluster.stability.at_infinity : cluster.stability.finite * densest) / cluster.size;
}

}  // namespace detail

/// The chosen cluster (a number in the condensed tree) of every point, or noise: the one that the point lies
/// in. Were the root to keep all points there would be no noise, so of the root's points only those belong to
/// it that leave at `root_limit` or below. A point that no finite distance joins to others is noise.
[[nodiscard]] inline std::vector<Id> assign_points(const CondensedTree& tree, std::span<const Id> chosen,
                                                   double root_limit) {
  const std::vector<Id> owner = detail::owners(tree, chosen);
  std::vector<Id> result(tree.point_cluster.size());
  for (std::size_t p = 0; p < result.size(); ++p) {
    result[p] = owner[static_cast<std::size_t>(tree.point_cluster[p])];
    const bool leaves_root = result[p] == 0 && tree.point_distance[p] > root_limit;
    if (leaves_root || std::isinf(tree.point_distance[p])) result[p] = Clustering::noise;
  }
  return result;
}

/// GLOSH, the global-local outlier score from hierarchies: 1 - w_min / w_p. The point leaves its last cluster
/// at w_p, and w_min is the smallest distance in that cluster and those inside it. Points whose `status` says
/// that they are not finite have score 1.
///
/// \throws ShapeError unless there is a status for every point, or none.
/// Source: R. Campello et al., "Hierarchical density estimates for data clustering, visualization, and
/// outlier detection", 2015.
[[nodiscard]] inline std::vector<double> glosh(const CondensedTree& tree,
                                               std::span<const RowStatus> status = {}) {
  require<ShapeError>(status.empty() || status.size() == tree.point_cluster.size(),
                      "glosh: ", tree.point_cluster.size(), " points, but ", status.size(), " states of rows");
  const std::vector<double> densest = densest_distances(tree);
  std::vector<double> result(tree.point_cluster.size(), 1.0);
  for (std::size_t p = 0; p < result.size(); ++p) {
    if (!status.empty() && status[p] != RowStatus::Finite) continue;
    result[p] -=
        detail::ratio(densest[static_cast<std::size_t>(tree.point_cluster[p])], tree.point_distance[p]);
  }
  return result;
}

/// The clustering that `chosen` clusters of the condensed tree make. With w_p as above and death the distance
/// at which the chosen cluster C itself ends,
///
///     probability(p) = min(1, death(C) / w_p)        persistence(C) = stability(C) w_min(root) / size(C)
///
/// Where duplicates make 1 / w_min infinite, persistence is the limit: the fraction of such points in C. A
/// chosen root keeps points down to `epsilon` or, if that is 0, to its death. Cost: O(N + C).
[[nodiscard]] inline Clustering label_points(Hierarchy hierarchy, CondensedTree tree,
                                             std::span<const Id> chosen, double epsilon) {
  Clustering result;
  if (!tree.clusters.empty()) result.root_limit = epsilon > 0.0 ? epsilon : tree.clusters[0].death;
  const std::vector<Id> node = assign_points(tree, chosen, result.root_limit);
  std::vector<Id> label_of(tree.clusters.size(), Clustering::noise);
  for (std::size_t p = 0; p < node.size(); ++p) {
    Id label = Clustering::noise;
    double probability = 0.0;
    if (node[p] != Clustering::noise) {
      const auto c = static_cast<std::size_t>(node[p]);
      if (label_of[c] == Clustering::noise) {
        label_of[c] = static_cast<Id>(result.nodes.size());
        result.nodes.push_back(node[p]);
        result.sizes.push_back(0);
      }
      label = label_of[c];
      ++result.sizes[static_cast<std::size_t>(label)];
      const double death = tree.clusters[c].death;
      probability = detail::ratio(death, std::max(death, tree.point_distance[p]));
    }
    result.labels.push_back(label);
    result.probabilities.push_back(probability);
  }
  result.outlier_scores = glosh(tree, hierarchy.row_status);

  const std::vector<double> densest = densest_distances(tree);
  for (const Id c : result.nodes) {
    result.persistence.push_back(detail::persistence(tree.clusters[static_cast<std::size_t>(c)], densest[0]));
  }
  result.condensed_tree = std::move(tree);
  result.hierarchy = std::move(hierarchy);
  return result;
}

}  // namespace rnnscope
