// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Branches inside clusters: the arms of a cluster that is not round.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "rnnscope/cluster/centres.hpp"
#include "rnnscope/cluster/cut.hpp"
#include "rnnscope/cluster/union_find.hpp"
#include "rnnscope/core/progress.hpp"

namespace rnnscope {

/// Which points of a cluster count as neighbours.
enum class BranchGraph {
  Full,  ///< those within the length of the longest edge of the cluster's spanning tree
  Core,  ///< those of which one lies within the other's core distance, and those joined by the spanning tree
};

struct BranchParameters {
  BranchGraph graph = BranchGraph::Full;
  Index min_branch_size = 5;  ///< smaller groups are not branches; at least 2
  /// Whether two branches split a cluster. They are the two ends of any long cluster, so three are asked for.
  bool label_sides = false;
  SelectionParameters selection = {};
};

/// The result of `detect_branches`.
struct Branches {
  /// Per point: clusters that do not branch keep one label, branches have one each, and so has the middle of a
  /// cluster that branches; noise is -1.
  std::vector<Id> labels;
  std::vector<double> probabilities;  ///< the cluster's, or the mean of the cluster's and the branch's
  std::vector<Id> branch_labels;      ///< branch within the cluster: 0 if it does not branch, -1 in its middle
  std::vector<double> branch_probabilities;  ///< 1 in clusters that do not branch, 0 for noise
  std::vector<double> eccentricities;        ///< distance from the middle of the cluster; 0 for noise
  struct Cluster {
    std::vector<Id> points;  ///< of the cluster, ascending
    Clustering
        branches;  ///< their hierarchy and cut over distances 1 / eccentricity, also if they do not count
  };
  std::vector<Cluster> clusters;
};

namespace detail {

/// The tree of one cluster under growing centrality: a point comes in at 1 / eccentricity, and is then joined
/// to the neighbours that are there. `near(i, j, distance)` says who is a neighbour, by positions among the
/// members.
template <metric::DistanceSource Source, class Near>
[[nodiscard]] Hierarchy centrality_hierarchy(const Source& source, int exponent, const std::vector<Id>& members,
                                             const std::vector<double>& eccentricity, const Near& near) {
  const std::size_t size = members.size();
  std::vector<std::size_t> order(size);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return eccentricity[a] > eccentricity[b]; });
  std::vector<Id> sorted;
  for (const std::size_t i : order) sorted.push_back(members[i]);

  UnionFind sets(size);  // of positions
  Hierarchy result;
  constexpr std::size_t block = 64;
  for (std::size_t begin = 0; begin < size; begin += block) {
    const std::size_t end = std::min(size, begin + block);
    std::vector<std::vector<Id>> neighbours(end - begin);  // earlier points, by position
    parallel_for(static_cast<Index>(end - begin), [&](Index row) {
      const std::size_t t = begin + static_cast<std::size_t>(row);
      std::vector<double> proxies(t);
      source.proxies(sorted[t], sorted.data(), static_cast<Index>(t), proxies.data());
      for (std::size_t e = 0; e < t; ++e) {
        const double distance = std::ldexp(source.lift(proxies[e]), exponent);
        if (near(order[t], order[e], distance))
          neighbours[static_cast<std::size_t>(row)].push_back(static_cast<Id>(order[e]));
      }
    });
    for (std::size_t t = begin; t < end; ++t) {
      for (const Id other : neighbours[t - begin]) {
        const Id a = sets.find(static_cast<Id>(order[t])), b = sets.find(other);
        if (a == b) continue;
        sets.join(a, b);
        result.mst.push_back(make_edge(1.0 / eccentricity[order[t]], static_cast<Id>(order[t]), other));
      }
    }
  }
  complete_tree(static_cast<Index>(size), result.mst);
  result.core_distances.assign(size, 0.0);
  result.dendrogram = single_linkage(static_cast<Index>(size), result.mst);
  return result;
}

/// Calls use(source, exponent, centre), with centre(k) the number of the middle of cluster k in the source: the
/// centroid for columns under a coordinate metric, the medoid for anything else. A mean of longitudes, or of
/// columns of which only equal entries count, is no middle.
template <class Metric, class Points, class Use>
void with_centres(const Metric& metric, const Clustering& clustering, const Points& points, Use&& use) {
  if constexpr (metric::EigenPoints<Points> && metric::CoordinateMetric<Metric>) {
    const Matrix<typename Points::Scalar> middles =
        centroids(clustering, points).template cast<typename Points::Scalar>();
    with_joined_source(
        metric, points, middles,
        [&](const auto& source, int exponent) {
          use(source, exponent,
              [&](std::size_t k) { return source.size() - middles.cols() + static_cast<Index>(k); });
        },
        "centroid");
  } else {
    const std::vector<Index> middles = medoids(metric, clustering, points);
    with_source(metric, points, [&](const auto& source, int exponent) {
      use(source, exponent, [&](std::size_t k) { return middles[k]; });
    });
  }
}

}  // namespace detail

/// Looks for arms in every cluster: its points come in from the outside to the middle, and parts that are large
/// before they meet are branches. That is a condensed tree over a graph of neighbours in which an edge is as
/// long as 1 / eccentricity of the end nearer to the middle, cut like any other.
///
/// The middle is the centroid of columns under a metric::CoordinateMetric, and the medoid under any other
/// metric.
///
/// \throws as cut, metric::distance_source, Cancelled. Cost: sum over clusters of size^2 / 2 distances, with
/// medoids three times that; all threads. Source: D. Bot et al., "FLASC: a flare-sensitive clustering
/// algorithm", PeerJ Computer Science 11:e2792, 2025.
template <class Metric, class Points>
[[nodiscard]] Branches detect_branches(const Metric& metric, const Clustering& clustering, const Points& points,
                                       const BranchParameters& parameters = {},
                                       const ProgressCallback& progress = {}) {
  const std::size_t n = clustering.labels.size();
  const std::vector<std::vector<Id>> members = detail::members(clustering);
  Branches result;
  result.labels.assign(n, Clustering::noise);
  result.probabilities = clustering.probabilities;
  result.branch_labels.assign(n, Clustering::noise);
  result.branch_probabilities.assign(n, 0.0);
  result.eccentricities.assign(n, 0.0);
  std::vector<std::vector<Edge>> edges(members.size());  // of the spanning tree, inside each cluster
  for (const Edge& each : clustering.hierarchy.mst) {
    const Id label = clustering.labels[static_cast<std::size_t>(each.first)];
    if (label == clustering.labels[static_cast<std::size_t>(each.second)] && label != Clustering::noise) {
      edges[static_cast<std::size_t>(label)].push_back(each);
    }
  }
  Id next_label = 0;
  detail::with_centres(metric, clustering, points, [&](const auto& source, int exponent, const auto& centre) {
    for (std::size_t k = 0; k < members.size(); ++k) {
      report_progress(progress, {.stage = "branches",
                                 .done = static_cast<Index>(k),
                                 .total = static_cast<Index>(members.size()),
                                 .detail = {}});
      const std::vector<Id>& own = members[k];
      std::vector<double> eccentricity(own.size(), 0.0);
      for (std::size_t i = 0; i < own.size(); ++i) {
        if (own[i] == centre(k)) continue;  // a medoid
        double proxy = 0.0;
        source.proxies(centre(k), &own[i], 1, &proxy);
        eccentricity[i] = std::ldexp(source.lift(proxy), exponent);
        result.eccentricities[static_cast<std::size_t>(own[i])] = eccentricity[i];
      }
      std::vector<std::vector<Id>> joined(own.size());  // by the spanning tree, positions
      double longest = 0.0;
      const auto position = [&](Id point) {
        return static_cast<Id>(std::lower_bound(own.begin(), own.end(), point) - own.begin());
      };
      for (const Edge& edge : edges[k]) {
        const Id a = position(edge.first), b = position(edge.second);
        if (std::isfinite(edge.distance)) longest = std::max(longest, edge.distance);
        joined[static_cast<std::size_t>(a)].push_back(b);
        joined[static_cast<std::size_t>(b)].push_back(a);
      }
      const auto core = [&](std::size_t i) {
        return clustering.hierarchy.core_distances[static_cast<std::size_t>(own[i])];
      };
      const auto near = [&](std::size_t i, std::size_t j, double distance) {
        if (parameters.graph == BranchGraph::Full) return distance <= longest;
        return distance <= std::max(core(i), core(j)) ||
               std::find(joined[i].begin(), joined[i].end(), static_cast<Id>(j)) != joined[i].end();
      };
      Clustering branches = cut(detail::centrality_hierarchy(source, exponent, own, eccentricity, near),
                                parameters.min_branch_size, parameters.selection);
      const bool splits = branches.cluster_count() > (parameters.label_sides ? 1 : 2);
      const Id middle = splits && branches.noise_count() > 0 ? 1 : 0;  // has the first label of its own
      for (std::size_t i = 0; i < own.size(); ++i) {
        const auto p = static_cast<std::size_t>(own[i]);
        result.labels[p] = splits ? next_label + middle + branches.labels[i] : next_label;
        result.branch_labels[p] = splits ? branches.labels[i] : 0;
        result.branch_probabilities[p] = splits ? branches.probabilities[i] : 1.0;
        if (splits) result.probabilities[p] = 0.5 * (result.probabilities[p] + branches.probabilities[i]);
      }
      next_label += splits ? static_cast<Id>(branches.cluster_count()) + middle : 1;
      result.clusters.push_back({own, std::move(branches)});
    }
  });
  return result;
}

}  // namespace rnnscope
