// SPDX-License-Identifier: BSD-3-Clause
// Every stage of HDBSCAN a second time, straight from its definition and as slow as that may be.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <set>
#include <tuple>
#include <vector>

#include "rnnscope/cluster/condensed_tree.hpp"
#include "rnnscope/core/random.hpp"

namespace rnnscope::test {

/// `clusters` clouds of points with normal coordinates, and as many points of background.
template <class Scalar>
Matrix<Scalar> blobs(Index dimension, Index points, Index clusters, std::uint64_t seed) {
  Random random(seed);
  Matrix<double> centres(dimension, clusters);
  for (double& each : centres.reshaped()) each = random.uniform(-8.0, 8.0);
  Matrix<Scalar> result(dimension, points);
  for (Index j = 0; j < points; ++j) {
    const Index cluster = random.below(clusters + 1);
    for (Index k = 0; k < dimension; ++k) {
      const double value =
          cluster < clusters ? centres(k, cluster) + 0.5 * random.normal() : random.uniform(-10.0, 10.0);
      result(k, j) = static_cast<Scalar>(value);
    }
  }
  return result;
}

/// Points on a small integer grid: nearly all distances are tied, many are zero.
template <class Scalar>
Matrix<Scalar> grid(Index dimension, Index points, Index side, std::uint64_t seed) {
  Random random(seed);
  Matrix<Scalar> result(dimension, points);
  for (Scalar& each : result.reshaped()) each = static_cast<Scalar>(random.below(side));
  return result;
}

inline std::vector<Index> shuffled(Index size, std::uint64_t seed) {
  Random random(seed);
  std::vector<Index> order(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), Index{0});
  for (Index i = size - 1; i > 0; --i) {
    std::swap(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(random.below(i + 1))]);
  }
  return order;
}

/// Weights of points that are no short binary fractions; sums of them depend on the order, if rounded.
inline std::vector<double> fractional_weights(Index points, std::uint64_t seed) {
  constexpr double choice[] = {0.1, 0.3, 1.0 / 3.0, 2.7, 0.7, 1.1};
  Random random(seed);
  std::vector<double> result;
  for (Index p = 0; p < points; ++p) result.push_back(choice[random.below(6)]);
  return result;
}

/// A weight between 2^-6 and 2^6 in units of 2^-60, without rounding.
__extension__ typedef __int128 WholeNumber;
inline WholeNumber in_units(double weight) { return static_cast<WholeNumber>(std::ldexp(weight, 60)); }

/// The distance to the rank-th nearest other point, by sorting.
inline std::vector<double> core_distances_by_sorting(const Matrix<double>& distances, Index rank) {
  std::vector<double> result;
  for (Index i = 0; i < distances.cols(); ++i) {
    std::vector<double> others;
    for (Index j = 0; j < distances.cols(); ++j) {
      if (j != i) others.push_back(distances(j, i));
    }
    std::sort(others.begin(), others.end());
    result.push_back(rank == 0 ? 0.0 : others[static_cast<std::size_t>(rank - 1)]);
  }
  return result;
}

inline Matrix<double> mutual_reachability(const Matrix<double>& distances, const std::vector<double>& core) {
  Matrix<double> result = distances;
  for (Index j = 0; j < result.cols(); ++j) {
    for (Index i = 0; i < result.rows(); ++i) {
      result(i, j) =
          std::max({distances(i, j), core[static_cast<std::size_t>(i)], core[static_cast<std::size_t>(j)]});
    }
  }
  return result;
}

/// Kruskal's algorithm on the complete graph, with sets relabelled in full.
inline std::vector<Edge> mst_by_kruskal(const Matrix<double>& weights) {
  std::vector<Edge> all, tree;
  for (Id j = 0; j < weights.cols(); ++j) {
    for (Id i = 0; i < j; ++i) all.push_back({weights(i, j), i, j});
  }
  std::sort(all.begin(), all.end());
  std::vector<Id> set(static_cast<std::size_t>(weights.cols()));
  std::iota(set.begin(), set.end(), 0);
  for (const Edge& edge : all) {
    const Id a = set[static_cast<std::size_t>(edge.first)], b = set[static_cast<std::size_t>(edge.second)];
    if (a == b) continue;
    tree.push_back(edge);
    std::replace(set.begin(), set.end(), b, a);
  }
  return tree;
}

using Members = std::vector<Index>;

/// The connected parts of `members` when points closer than `limit` (or also at it) are joined.
inline std::vector<Members> parts(const Matrix<double>& weights, const Members& members, double limit,
                                  bool closed) {
  std::vector<Members> result;
  std::set<Index> left(members.begin(), members.end());
  while (!left.empty()) {
    Members part{*left.begin()};
    left.erase(left.begin());
    for (std::size_t k = 0; k < part.size(); ++k) {
      for (auto it = left.begin(); it != left.end();) {
        const double weight = weights(part[k], *it);
        if (weight < limit || (closed && weight == limit)) {
          part.push_back(*it);
          it = left.erase(it);
        } else {
          ++it;
        }
      }
    }
    std::sort(part.begin(), part.end());
    result.push_back(part);
  }
  std::sort(result.begin(), result.end());
  return result;
}

/// A cluster of the canonical condensed tree in full: who was in it and when, and who left it when.
struct NaiveCluster {
  Members members;
  double birth = 0.0, death = 0.0;
  std::vector<std::pair<double, Index>> leavers;  ///< points that leave into no smaller cluster
  std::vector<Members> children;

  friend auto operator<=>(const NaiveCluster&, const NaiveCluster&) = default;
};

/// The canonical condensed tree by taking away all edges of one weight at a time, heaviest first.
inline std::vector<NaiveCluster> condense_by_cutting(const Matrix<double>& weights,
                                                     const std::function<bool(const Members&)>& is_large) {
  std::vector<NaiveCluster> result;
  const std::function<void(Members, double)> grow = [&](Members members, double birth) {
    NaiveCluster cluster{.members = members, .birth = birth, .death = birth, .leavers = {}, .children = {}};
    for (;;) {
      double heaviest = 0.0;  // of the tree that holds the members together
      for (const Index j : members) {
        for (const Index i : members) {
          if (i != j) heaviest = std::max(heaviest, weights(i, j));
        }
      }
      std::vector<Members> pieces = parts(weights, members, heaviest, false);
      while (pieces.size() == 1) {  // the heaviest pairs lay inside a connected part: go on below them
        double next = 0.0;
        for (const Index j : members) {
          for (const Index i : members) {
            if (i != j && weights(i, j) < heaviest) next = std::max(next, weights(i, j));
          }
        }
        heaviest = next;
        pieces = parts(weights, members, heaviest, false);
      }
      std::vector<Members> large;
      for (const Members& piece : pieces) {
        if (is_large(piece)) {
          large.push_back(piece);
        } else {
          for (const Index p : piece) cluster.leavers.emplace_back(heaviest, p);
        }
      }
      if (large.size() == 1) {
        members = large.front();
        continue;
      }
      cluster.death = heaviest;
      cluster.children = large;
      break;
    }
    std::sort(cluster.leavers.begin(), cluster.leavers.end());
    result.push_back(cluster);
    const std::vector<Members> children = cluster.children;
    for (const Members& child : children) grow(child, cluster.death);
  };
  Members everyone(static_cast<std::size_t>(weights.cols()));
  std::iota(everyone.begin(), everyone.end(), Index{0});
  grow(everyone, std::numeric_limits<double>::infinity());
  std::sort(result.begin(), result.end());
  return result;
}

inline std::vector<NaiveCluster> condense_by_cutting(const Matrix<double>& weights, Index min_cluster_size) {
  return condense_by_cutting(
      weights, [&](const Members& piece) { return static_cast<Index>(piece.size()) >= min_cluster_size; });
}

/// The library's condensed tree in the same words.
inline std::vector<NaiveCluster> in_full(const CondensedTree& tree) {
  std::vector<NaiveCluster> result;
  for (const CondensedTree::Cluster& c : tree.clusters) {
    result.push_back({.members = {}, .birth = c.birth, .death = c.death, .leavers = {}, .children = {}});
  }
  for (std::size_t p = 0; p < tree.point_cluster.size(); ++p) {
    Id c = tree.point_cluster[p];
    result[static_cast<std::size_t>(c)].leavers.emplace_back(tree.point_distance[p], static_cast<Index>(p));
    for (; c >= 0; c = tree.clusters[static_cast<std::size_t>(c)].parent) {
      result[static_cast<std::size_t>(c)].members.push_back(static_cast<Index>(p));
    }
  }
  for (std::size_t c = 1; c < result.size(); ++c) {
    result[static_cast<std::size_t>(tree.clusters[c].parent)].children.push_back(result[c].members);
  }
  for (NaiveCluster& cluster : result) {
    std::sort(cluster.leavers.begin(), cluster.leavers.end());
    std::sort(cluster.children.begin(), cluster.children.end());
  }
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace rnnscope::test
