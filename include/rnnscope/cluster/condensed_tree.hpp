// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The condensed tree: a dendrogram in which sets below a minimum size are not clusters but points that
/// fall out of one.
#pragma once

#include <cmath>
#include <compare>
#include <limits>
#include <span>
#include <vector>

#include "rnnscope/cluster/exact_weights.hpp"
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
    double size = 0.0;   ///< points at its birth, by weight; those that no finite distance joins do not count
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

/// Weights of points for `condense`; empty means 1 for every point.
struct PointWeights {
  std::span<const double> weight = {};
  /// Per point; a point that alone weighs `min_cluster_size` stays a cluster down to this distance.
  std::span<const double> core_distance = {};
};

/// Walks the dendrogram from the root. Where two or more children of a node have `min_cluster_size`
/// points or more, by weight, each of them starts a cluster; where one has, it continues its parent's; all
/// other points fall out. Merges at infinity hold together what is not connected: there the root splits into
/// components, and single points fall out.
///
/// Weights are added and compared exactly, so nothing depends on the order of the points; sizes and stabilities
/// are the doubles next to such sums. In a canonical dendrogram the merges of one cluster have different
/// distances, so the terms of its stability are added in the order of these.
///
/// \throws ValueError unless min_cluster_size >= 2 and weights are positive and finite; ShapeError unless there
/// are as many weights and core distances as points, or none. Cost: O(N); no recursion.
[[nodiscard]] inline CondensedTree condense(const Dendrogram& dendrogram, Index min_cluster_size,
                                            const PointWeights& weights = {}) {
  require<ValueError>(min_cluster_size >= 2, "condense: min_cluster_size must be at least 2, found ",
                      min_cluster_size);
  const Index n = dendrogram.points;
  const auto points = static_cast<std::size_t>(n);
  require<ShapeError>(
      weights.weight.empty() || (weights.weight.size() == points && weights.core_distance.size() == points),
      "condense: ", n, " points, but ", weights.weight.size(), " weights and ", weights.core_distance.size(),
      " core distances");
  CondensedTree tree;
  if (n == 0) return tree;
  using Sum = detail::ExactWeights::Sum;
  const detail::ExactWeights exact(weights.weight);
  std::vector<Sum> weight_of;  // per node, if not counted
  if (!exact.counting()) {
    for (std::size_t p = 0; p < points; ++p) weight_of.push_back(exact[p]);
    for (Index merge = 0; merge < dendrogram.merges(); ++merge) {
      Sum sum = 0;
      for (const Id child : dendrogram.children(merge)) sum += weight_of[static_cast<std::size_t>(child)];
      weight_of.push_back(sum);
    }
  }
  const auto size_of = [&](Index node) {
    return exact.counting() ? Sum{dendrogram.node_size(node)} : weight_of[static_cast<std::size_t>(node)];
  };
  const Sum least = exact.reaching(min_cluster_size);
  // The copies that a heavy point stands for hold together only above its core distance.
  const auto is_large = [&](Id node, double distance) {
    return size_of(node) >= least &&
           (node >= n || weights.core_distance[static_cast<std::size_t>(node)] < distance);
  };
  const double infinity = std::numeric_limits<double>::infinity();
  std::vector<Sum> sizes;  // of clusters
  const auto add_cluster = [&](Id parent, Index node, double distance) {
    sizes.push_back(size_of(node));
    tree.clusters.push_back(
        {.parent = parent, .size = exact.value(sizes.back()), .birth = distance, .death = distance});
  };
  add_cluster(-1, dendrogram.nodes() - 1, infinity);
  tree.point_cluster.assign(points, 0);
  tree.point_distance.assign(points, infinity);

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
    Sum leaving = 0;
    for (const Id child : dendrogram.children(merge)) {
      if (inside && is_large(child, distance)) {
        ++heirs;
      } else {
        leaving += size_of(child);
      }
    }
    if (inside) {
      // Adding to a vector of clusters below: no reference to one is kept.
      const auto own = static_cast<std::size_t>(place.cluster);
      const double birth = tree.clusters[own].birth;
      if (std::isinf(distance)) tree.clusters[own].size = exact.value(sizes[own] -= leaving);
      if (heirs != 1) {
        leaving = size_of(n + merge);
        tree.clusters[own].death = distance;
      }
      tree.clusters[own].stability.add(exact.value(leaving), distance, birth);
    }
    for (const Id child : dendrogram.children(merge)) {
      Place& below = places[static_cast<std::size_t>(child)];
      below = place;
      if (!inside) continue;
      if (!is_large(child, distance)) {
        below.left_at = distance;
      } else if (heirs > 1) {
        below.cluster = static_cast<Id>(tree.clusters.size());
        add_cluster(place.cluster, child, distance);
      }
    }
  }
  for (std::size_t p = 0; p < points; ++p) {
    tree.point_cluster[p] = places[p].cluster;
    if (places[p].left_at >= 0.0) {
      tree.point_distance[p] = places[p].left_at;
    } else if (size_of(static_cast<Index>(p)) >= least) {  // the last of its cluster, for its weight
      CondensedTree::Cluster& cluster = tree.clusters[static_cast<std::size_t>(places[p].cluster)];
      tree.point_distance[p] = cluster.death = weights.core_distance[p];
      cluster.stability.add(exact.value(size_of(static_cast<Index>(p))), cluster.death, cluster.birth);
    }
  }
  return tree;
}

/// Per cluster, the smallest distance at which a point leaves it or a cluster inside it.
[[nodiscard]] inline std::vector<double> densest_distances(const CondensedTree& tree) {
  std::vector<double> result(tree.clusters.size());
  for (std::size_t c = 0; c < result.size(); ++c) result[c] = tree.clusters[c].death;
  for (std::size_t c = result.size(); c-- > 1;) {
    double& parent = result[static_cast<std::size_t>(tree.clusters[c].parent)];
    if (result[c] < parent) parent = result[c];
  }
  return result;
}

}  // namespace rnnscope
