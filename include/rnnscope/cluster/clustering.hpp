// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A flat clustering together with all it was cut from.
#pragma once

#include <algorithm>
#include <vector>

#include "rnnscope/cluster/condensed_tree.hpp"
#include "rnnscope/cluster/hierarchy.hpp"

namespace rnnscope {

/// Clusters are numbered 0, 1, ... in the order of their smallest members. A plain value.
struct Clustering {
  static constexpr Id noise = -1;

  // Per point.
  std::vector<Id> labels;              ///< the cluster, or `noise`
  std::vector<double> probabilities;   ///< strength of membership, in [0, 1]; 0 for noise
  std::vector<double> outlier_scores;  ///< GLOSH, in [0, 1]; 0 is the densest
  // Per cluster.
  std::vector<Id> nodes;            ///< its number in `condensed_tree`
  std::vector<Index> sizes;         ///< how many points carry its label
  std::vector<double> persistence;  ///< stability against the most stable cluster possible, in [0, 1]

  /// If the root is a cluster, its points are those that leave it at this distance or below.
  double root_limit = 0.0;
  CondensedTree condensed_tree;
  Hierarchy hierarchy;

  [[nodiscard]] Index cluster_count() const { return static_cast<Index>(sizes.size()); }
  [[nodiscard]] Index noise_count() const { return std::count(labels.begin(), labels.end(), noise); }
  friend bool operator==(const Clustering&, const Clustering&) = default;
};

/// The labels with the codes of scikit-learn for points that are not finite: -2 infinite, -3 missing.
[[nodiscard]] inline std::vector<Id> labels_with_codes(const Clustering& clustering) {
  std::vector<Id> result = clustering.labels;
  const std::vector<RowStatus>& status = clustering.hierarchy.row_status;
  for (std::size_t p = 0; p < status.size(); ++p) {
    if (status[p] != RowStatus::Finite) result[p] = status[p] == RowStatus::Infinite ? -2 : -3;
  }
  return result;
}

/// Per cluster, its exemplars: the points that stay to the end in the leaves of the condensed tree below it,
/// ascending. Cost: O(N + C).
[[nodiscard]] inline std::vector<std::vector<Index>> exemplars(const Clustering& clustering) {
  const CondensedTree& tree = clustering.condensed_tree;
  std::vector<Id> owner(tree.clusters.size(), Clustering::noise);
  std::vector<bool> is_leaf(tree.clusters.size(), true);
  for (std::size_t k = 0; k < clustering.nodes.size(); ++k) {
    owner[static_cast<std::size_t>(clustering.nodes[k])] = static_cast<Id>(k);
  }
  for (std::size_t c = 1; c < tree.clusters.size(); ++c) {
    const auto parent = static_cast<std::size_t>(tree.clusters[c].parent);
    is_leaf[parent] = false;
    if (owner[c] == Clustering::noise) owner[c] = owner[parent];
  }
  std::vector<std::vector<Index>> result(clustering.nodes.size());
  for (std::size_t p = 0; p < clustering.labels.size(); ++p) {
    const auto c = static_cast<std::size_t>(tree.point_cluster[p]);
    if (clustering.labels[p] != Clustering::noise && is_leaf[c] && owner[c] != Clustering::noise &&
        tree.point_distance[p] == tree.clusters[c].death) {
      result[static_cast<std::size_t>(owner[c])].push_back(static_cast<Index>(p));
    }
  }
  return result;
}

}  // namespace rnnscope
