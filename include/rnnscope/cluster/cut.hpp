// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// From a hierarchy to a flat clustering.
#pragma once

#include <utility>
#include <vector>

#include "rnnscope/cluster/membership.hpp"
#include "rnnscope/cluster/selection.hpp"
#include "rnnscope/cluster/simplify.hpp"

namespace rnnscope {

/// Condensed tree, chosen clusters and labels of a hierarchy, however it came about.
/// \throws ValueError as condense and select_clusters. Cost: O(N).
[[nodiscard]] inline Clustering cut(Hierarchy hierarchy, Index min_cluster_size,
                                    const SelectionParameters& selection = {}) {
  selection.check();
  PointWeights weights;
  if (!hierarchy.weights.empty()) weights = {hierarchy.weights, hierarchy.core_distances};
  CondensedTree tree = condense(hierarchy.dendrogram, min_cluster_size, weights);
  if (selection.min_persistence > 0.0) tree = simplify(tree, selection.min_persistence);
  const std::vector<Id> chosen = select_clusters(tree, min_cluster_size, selection);
  return label_points(std::move(hierarchy), std::move(tree), chosen, selection.epsilon);
}

}  // namespace rnnscope
