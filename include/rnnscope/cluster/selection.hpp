// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Choosing the clusters of a flat clustering from the condensed tree.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "rnnscope/cluster/condensed_tree.hpp"
#include "rnnscope/cluster/exact_selection.hpp"

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
  /// Clusters born above this distance are not chosen. The root counts as born where its last point joins it.
  double epsilon_max = std::numeric_limits<double>::infinity();
  /// Clusters that last less are taken out of the condensed tree before anything is chosen; in units of
  /// 1 / distance (see `simplify`).
  double min_persistence = 0.0;
  /// Exactly so many clusters, wherever the hierarchy has them. ExcessOfMass: those with the largest total
  /// stability. Leaf: the leaves that are left when `epsilon` has grown enough.
  std::optional<Index> n_clusters = std::nullopt;
  /// Whether the root, all points as one cluster, may be chosen.
  bool allow_single_cluster = false;
  /// Larger clusters are not chosen, nor grown into by `epsilon`.
  std::optional<Index> max_cluster_size = std::nullopt;

  /// \throws ValueError at a value out of range.
  void check() const {
    require<ValueError>(epsilon >= 0.0 && std::isfinite(epsilon),
                        "cluster selection: epsilon must be finite and at least 0, found ", epsilon);
    require<ValueError>(epsilon_max > 0.0, "cluster selection: epsilon_max must be above 0, found ",
                        epsilon_max);
    require<ValueError>(min_persistence >= 0.0, "cluster selection: min_persistence must be at least 0, found ",
                        min_persistence);
    require<ValueError>(!n_clusters || *n_clusters >= 1,
                        "cluster selection: n_clusters must be at least 1, found ", n_clusters.value_or(0));
    require<ValueError>(!n_clusters || epsilon == 0.0,
                        "cluster selection: n_clusters and epsilon cannot be given together");
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

/// Merges chosen clusters that were born below `epsilon`; of nested choices the outermost stays. Ascending.
[[nodiscard]] inline std::vector<Id> merge_below(const CondensedTree& tree, std::vector<bool> chosen,
                                                 const std::vector<bool>& eligible, double epsilon) {
  const std::size_t count = tree.clusters.size();
  // A cluster born below epsilon gives way to its parent. Siblings share their birth, so none is left behind.
  for (std::size_t c = count; c-- > 1;) {
    const auto parent = static_cast<std::size_t>(tree.clusters[c].parent);
    if (chosen[c] && tree.clusters[c].birth < epsilon && eligible[parent]) chosen[parent] = true;
  }
  std::vector<bool> covered(count, false);
  std::vector<Id> result;
  for (std::size_t c = 0; c < count; ++c) {
    covered[c] = c > 0 && covered[static_cast<std::size_t>(tree.clusters[c].parent)];
    if (chosen[c] && !covered[c]) result.push_back(static_cast<Id>(c));
    covered[c] = covered[c] || chosen[c];
  }
  return result;
}

/// The leaves merged by the smallest epsilon that leaves at most `wanted`.
[[nodiscard]] inline std::vector<Id> merged_leaves(const CondensedTree& tree, const std::vector<bool>& eligible,
                                                   Index wanted) {
  const std::vector<bool> all = leaves(tree, eligible);
  const double infinity = std::numeric_limits<double>::infinity();
  std::vector<double> levels{0.0};  // values of epsilon just above each birth
  for (const CondensedTree::Cluster& each : tree.clusters) {
    if (each.birth < infinity) levels.push_back(std::nextafter(each.birth, infinity));
  }
  std::sort(levels.begin(), levels.end());
  const auto merged = [&](double epsilon) { return merge_below(tree, all, eligible, epsilon); };
  const auto enough = std::partition_point(levels.begin(), levels.end(), [&](double epsilon) {
    return static_cast<Index>(merged(epsilon).size()) > wanted;
  });
  return merged(enough == levels.end() ? levels.back() : *enough);
}

/// The distance at which the last point, of those that any finite distance joins, joins the root.
[[nodiscard]] inline double birth_of_root(const CondensedTree& tree) {
  double result = tree.clusters[0].death;
  for (std::size_t p = 0; p < tree.point_cluster.size(); ++p) {
    const double distance = tree.point_distance[p];
    if (tree.point_cluster[p] == 0 && std::isfinite(distance)) result = std::max(result, distance);
  }
  return result;
}

}  // namespace detail

/// The chosen clusters, ascending; none lies inside another. A root of fewer than `min_cluster_size` points
/// is never chosen. `min_persistence` is not applied here (see `simplify`).
///
/// \throws as SelectionParameters::check, and ValueError if the hierarchy does not have `n_clusters` clusters.
/// Cost: O(N + C log C) for C clusters, O(N + C n_clusters) with n_clusters and ExcessOfMass.
[[nodiscard]] inline std::vector<Id> select_clusters(const CondensedTree& tree, Index min_cluster_size,
                                                     const SelectionParameters& parameters) {
  parameters.check();
  const std::size_t count = tree.clusters.size();
  std::vector<bool> eligible(count);
  for (std::size_t c = 0; c < count; ++c) {
    const double size = tree.clusters[c].size;
    const double birth = c > 0 ? tree.clusters[c].birth : detail::birth_of_root(tree);
    eligible[c] = size >= static_cast<double>(min_cluster_size) &&
                  (!parameters.max_cluster_size || size <= static_cast<double>(*parameters.max_cluster_size)) &&
                  birth <= parameters.epsilon_max && (c > 0 || parameters.allow_single_cluster);
  }
  const bool leaf = parameters.method == SelectionMethod::Leaf;
  if (!parameters.n_clusters) {
    return detail::merge_below(tree,
                               leaf ? detail::leaves(tree, eligible) : detail::excess_of_mass(tree, eligible),
                               eligible, parameters.epsilon);
  }
  const Index wanted = *parameters.n_clusters;
  std::vector<Id> result;
  if (leaf) {
    result = detail::merged_leaves(tree, eligible, wanted);
  } else {
    const detail::ExactSelection selection(tree, eligible, wanted);
    result = detail::merge_below(tree, selection.chosen(), eligible, 0.0);
  }
  require<ValueError>(static_cast<Index>(result.size()) == wanted, "cluster selection: n_clusters = ", wanted,
                      ", but the hierarchy gives ", result.size(),
                      leaf ? " leaves at the epsilon that comes next; try ExcessOfMass or another number"
                           : " clusters at most; try a smaller min_cluster_size");
  return result;
}

}  // namespace rnnscope
