// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Choosing the clusters of a flat clustering from the condensed tree.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "rnnscope/cluster/condensed_tree.hpp"

namespace rnnscope {

enum class SelectionMethod {
  ExcessOfMass,  ///< the clusters, none inside another, whose stabilities have the largest sum
  Leaf,          ///< the leaves of the condensed tree: many small, homogeneous clusters
};

struct SelectionParameters {
  SelectionMethod method = SelectionMethod::ExcessOfMass;
  /// Clusters born below this distance are merged into the nearest ancestor born at or above it
  /// (C. Malzer and M. Baum, "A hybrid approach to hierarchical density-based cluster selection", 2020).
  double epsilon = 0.0;
  /// Whether the root, all points as one cluster, may be chosen.
  bool allow_single_cluster = false;
  /// Larger clusters are not chosen, nor grown into by `epsilon`.
  std::optional<Index> max_cluster_size = std::nullopt;

  /// \throws ValueError at a value out of range.
  void check() const {
    require<ValueError>(epsilon >= 0.0 && std::isfinite(epsilon),
                        "cluster selection: epsilon must be finite and at least 0, found ", epsilon);
    require<ValueError>(!max_cluster_size || *max_cluster_size >= 1,
                        "cluster selection: max_cluster_size must be at least 1, found ",
                        max_cluster_size.value_or(0));
  }
};

namespace detail {

/// Per cluster, whether excess of mass chooses it. A parent is kept on equality.
[[nodiscard]] inline std::vector<bool> excess_of_mass(const CondensedTree& tree,
                                                      const std::vector<bool>& eligible) {
  const std::size_t count = tree.clusters.size();
  // Stabilities of the best choice below each child. They are added in order of size, so that their sum does
  // not depend on the order of the points.
  std::vector<std::vector<Stability>> below(count);
  std::vector<bool> chosen(count, false);
  for (std::size_t c = count; c-- > 0;) {
    Stability best;
    std::sort(below[c].begin(), below[c].end());
    for (const Stability& each : below[c]) best += each;
    below[c] = {};
    const Stability own = tree.clusters[c].stability;
    if (eligible[c] && own >= best) {
      chosen[c] = true;
      best = own;
    }
    if (c > 0) below[static_cast<std::size_t>(tree.clusters[c].parent)].push_back(best);
  }
  return chosen;
}

[[nodiscard]] inline std::vector<bool> leaves(const CondensedTree& tree, const std::vector<bool>& eligible) {
  std::vector<bool> chosen = eligible;
  for (std::size_t c = 1; c < tree.clusters.size(); ++c) {
    chosen[static_cast<std::size_t>(tree.clusters[c].parent)] = false;
  }
  return chosen;
}

}  // namespace detail

/// The chosen clusters, ascending; none lies inside another. A root of fewer than `min_cluster_size` points
/// is never chosen. \throws as SelectionParameters::check. Cost: O(C log C) for C clusters.
[[nodiscard]] inline std::vector<Id> select_clusters(const CondensedTree& tree, Index min_cluster_size,
                                                     const SelectionParameters& parameters) {
  parameters.check();
  const std::size_t count = tree.clusters.size();
  std::vector<bool> eligible(count);
  for (std::size_t c = 0; c < count; ++c) {
    const Index size = tree.clusters[c].size;
    eligible[c] = size >= min_cluster_size &&
                  (!parameters.max_cluster_size || size <= *parameters.max_cluster_size) &&
                  (c > 0 || parameters.allow_single_cluster);
  }
  std::vector<bool> chosen = parameters.method == SelectionMethod::Leaf
                                 ? detail::leaves(tree, eligible)
                                 : detail::excess_of_mass(tree, eligible);
  // A cluster born below epsilon gives way to its parent. Siblings share their birth, so none is left behind.
  for (std::size_t c = count; c-- > 1;) {
    const auto parent = static_cast<std::size_t>(tree.clusters[c].parent);
    if (chosen[c] && tree.clusters[c].birth < parameters.epsilon && eligible[parent]) chosen[parent] = true;
  }
  // Of nested choices the outermost stays.
  std::vector<bool> covered(count, false);
  std::vector<Id> result;
  for (std::size_t c = 0; c < count; ++c) {
    covered[c] = c > 0 && covered[static_cast<std::size_t>(tree.clusters[c].parent)];
    if (chosen[c] && !covered[c]) result.push_back(static_cast<Id>(c));
    covered[c] = covered[c] || chosen[c];
  }
  return result;
}

}  // namespace rnnscope
