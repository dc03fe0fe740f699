// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The condensed tree: a dendrogram in which sets below a minimum size are not clusters but points that
/// fall out of one.
#pragma once

#include <cmath>
#include <compare>
#include <limits>
#include <vector>

#include "rnnscope/cluster/single_linkage.hpp"

namespace rnnscope {

/// The stability of a cluster, sum_p (1/w_p - 1/w_birth) over its points p, which leave it at distance w_p.
/// Points that never leave (w_p = 0: duplicates) count infinitely; they are numbered, not added, so
/// stabilities are never NaN and always in order: first by `at_infinity`, then by `finite`.
struct Stability {
  double at_infinity = 0.0;
  double finite = 0.0;

  /// `count` points that leave at distance `leave` a cluster that was born at distance `birth`.
  void add(double count, double leave, double birth) {
    const double start = 1.0 / birth;
    const double stop = 1.0 / leave;
    if (std::isinf(start)) return;  // born at distance zero: no time to live
    if (std::isinf(stop)) {
      at_infinity += count;
      finite -= count * start;
    } else {
      finite += count * (stop - start);
    }
  }
  Stability& operator+=(const Stability& other) {
    at_infinity += other.at_infinity;
    finite += other.finite;
    return *this;
  }
  friend auto operator<=>(const Stability&, const Stability&) = default;
};

/// Cluster 0 is the root and holds all points; a parent has a smaller number than its children. No points,
/// no clusters. All distances are those of the dendrogram, lambda = 1 / distance.
struct CondensedTree {
  struct Cluster {
    Id parent = -1;
    Id size = 0;         ///< points at its birth
    double birth = 0.0;  ///< distance at which it splits off its parent; infinity for the root
    double death = 0.0;  ///< distance at which it splits or its last points leave; birth >= death
    Stability stability = {};

    friend bool operator==(const Cluster&, const Cluster&) = default;
  };
  std::vector<Cluster> clusters;
  std::vector<Id> point_cluster;       ///< per point, the last cluster that holds it
  std::vector<double> point_distance;  ///< per point, the distance at which it leaves that cluster

  friend bool operator==(const CondensedTree&, const CondensedTree&) = default;
};

/// Walks the dendrogram from the root. Where two or more children of a node have `min_cluster_size`
/// points or more, each of them starts a cluster; where one has, it continues its parent's; all
/// other points fall out. \throws ValueError unless min_cluster_size >= 2. Cost: O(N); no recursion.
[[nodiscard]] inline CondensedTree condense(const Dendrogram& dendrogram, Index min_cluster_size) {
  require<ValueError>(min_cluster_size >= 2, "condense: min_cluster_size must be at least 2, found ",
                      min_cluster_size);
  CondensedTree tree;
  const Index n = dendrogram.points;
  if (n == 0) return tree;
  const double infinity = std::numeric_limits<double>::infinity();
  tree.clusters.push_back({.size = static_cast<Id>(n), .birth = infinity, .death = infinity});
  tree.point_cluster.assign(static_cast<std::size_t>(n), 0);
  tree.point_distance.assign(static_cast<std::size_t>(n), infinity);

  // Per node: the cluster that holds it, and the distance at which it fell out, or -1 while it is inside.
  struct Place {
    Id cluster = 0;
    double left_at = -1.0;
  };
  std::vector<Place> places(static_cast<std::size_t>(dendrogram.nodes()));
  for (Index merge = dendrogram.merges() - 1; merge >= 0; --merge) {
    const double distance = dendrogram.distance[static_cast<std::size_t>(merge)];
    const Place place = places[static_cast<std::size_t>(n + merge)];
    const bool inside = place.left_at < 0.0;
    Index heirs = 0;
    double leaving = 0.0;
    for (const Id child : dendrogram.children(merge)) {
      const Index size = dendrogram.node_size(child);
      if (inside && size >= min_cluster_size) {
        ++heirs;
      } else {
        leaving += static_cast<double>(size);
      }
    }
    if (inside) {
      // Adding to a vector of clusters below: no reference to one is kept.
      const auto own = static_cast<std::size_t>(place.cluster);
      const double birth = tree.clusters[own].birth;
      if (heirs != 1) {
        leaving = static_cast<double>(dendrogram.node_size(n + merge));
        tree.clusters[own].death = distance;
      }
      tree.clusters[own].stability.add(leaving, distance, birth);
    }
    for (const Id child : dendrogram.children(merge)) {
      Place& below = places[static_cast<std::size_t>(child)];
      below = place;
      if (!inside) continue;
      const Index size = dendrogram.node_size(child);
      if (size < min_cluster_size) {
        below.left_at = distance;
      } else if (heirs > 1) {
        below.cluster = static_cast<Id>(tree.clusters.size());
        tree.clusters.push_back(
            {.parent = place.cluster, .size = static_cast<Id>(size), .birth = distance, .death = distance});
      }
    }
  }
  if (n > 1) {
    for (std::size_t p = 0; p < static_cast<std::size_t>(n); ++p) {
      tree.point_cluster[p] = places[p].cluster;
      tree.point_distance[p] = places[p].left_at;
    }
  }
  return tree;
}

}  // namespace rnnscope
