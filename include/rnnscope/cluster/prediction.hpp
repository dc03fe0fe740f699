// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Where new points would lie in a clustering that has been made without them.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "rnnscope/cluster/joined_source.hpp"
#include "rnnscope/cluster/membership.hpp"
#include "rnnscope/cluster/query_neighbours.hpp"
#include "rnnscope/core/progress.hpp"

namespace rnnscope {

/// The places of points in a condensed tree.
struct Placement {
  std::vector<Id> clusters;       ///< per point, the last cluster of the condensed tree that holds it
  std::vector<double> distances;  ///< per point, the distance at which it leaves that cluster
  std::vector<Id> neighbours;     ///< per new point, the point of the clustering that it follows; -1 if none

  friend bool operator==(const Placement&, const Placement&) = default;
};

/// What `predict` says of new points.
struct Prediction {
  std::vector<Id> labels;              ///< as Clustering::labels
  std::vector<double> probabilities;   ///< as Clustering::probabilities
  std::vector<double> outlier_scores;  ///< as Clustering::outlier_scores
  Placement placement;

  friend bool operator==(const Prediction&, const Prediction&) = default;
};

namespace detail {

/// The old neighbour of every new point, by the fastest way.
template <metric::DistanceSource Source>
[[nodiscard]] std::vector<QueryNeighbour> nearest_old_points(const Source& source, int exponent,
                                                             const Hierarchy& hierarchy,
                                                             const ProgressCallback& progress) {
  std::vector<double> core = hierarchy.core_distances;
  for (double& each : core) each = std::ldexp(each, -exponent);
  std::vector<QueryNeighbour> result = query_neighbours(source,
                                                        {.rank = hierarchy.neighbour.rank,
                                                         .alpha = hierarchy.alpha,
                                                         .core_distances = core,
                                                         .weights = ExactWeights(hierarchy.weights)},
                                                        progress);
  for (QueryNeighbour& each : result) each.reach = std::ldexp(each.reach, exponent);
  return result;
}

}  // namespace detail

/// The places of new points in the tree of `clustering`, which was made of `points`. A new point x has a core
/// distance of its own (its `min_samples`-th point) and follows the point q for which the mutual reachability
/// w = max(core(x), core(q), d(x, q) / alpha) is smallest: into the cluster that holds q at w, which x leaves
/// at w, or with q if q leaves earlier. At distance zero of q it is q.
///
/// \throws ShapeError or ValueError at points that are not those of the clustering, or that do not fit;
/// Cancelled. Cost: at most N M distances, far fewer where tiles or a tree rule out most pairs; all threads.
template <class Metric, class Points, class More>
[[nodiscard]] Placement place(const Metric& metric, const Clustering& clustering, const Points& points,
                              const More& new_points, const ProgressCallback& progress = {}) {
  const auto n = static_cast<Index>(clustering.labels.size());
  const CondensedTree& tree = clustering.condensed_tree;
  Placement result;
  detail::with_joined_source(metric, points, new_points, [&](const auto& source, int exponent) {
    const Index total = source.size(), more = total - n;
    if constexpr (metric::EigenPoints<Points>) {
      require<ShapeError>(points.cols() == n, "predict: the clustering has ", n, " points, found ",
                          points.cols());
    } else {
      require<ShapeError>(more >= 0, "predict: the clustering has ", n, " points, found ", total,
                          " old and new");
    }
    const auto count = static_cast<std::size_t>(more);
    result.clusters.assign(count, 0);
    result.distances.assign(count, std::numeric_limits<double>::infinity());
    result.neighbours.assign(count, -1);
    const std::vector<QueryNeighbour> nearest =
        detail::nearest_old_points(source, exponent, clustering.hierarchy, progress);
    for (std::size_t j = 0; j < count; ++j) {
      if constexpr (metric::EigenPoints<More>) {
        if (!new_points.col(static_cast<Index>(j)).allFinite()) continue;
      }
      if (nearest[j].point < 0) continue;
      const auto q = static_cast<std::size_t>(nearest[j].point);
      auto cluster = static_cast<std::size_t>(tree.point_cluster[q]);
      if (nearest[j].reach > tree.point_distance[q]) {
        while (cluster > 0 && tree.clusters[cluster].birth <= nearest[j].reach) {
          cluster = static_cast<std::size_t>(tree.clusters[cluster].parent);
        }
      }
      result.clusters[j] = static_cast<Id>(cluster);
      result.distances[j] = std::max(nearest[j].reach, tree.point_distance[q]);
      result.neighbours[j] = nearest[j].point;
    }
  });
  return result;
}

/// Label, probability and outlier score that belong to a place in the tree of `clustering`, by the rules of
/// `label_points` for its own points. New points that are not finite are noise with outlier score 1.
[[nodiscard]] inline Prediction labels_at(const Clustering& clustering, Placement placement) {
  const CondensedTree& tree = clustering.condensed_tree;
  const std::vector<Id> owner = detail::owners(tree, clustering.nodes);
  const std::vector<double> densest = densest_distances(tree);
  std::vector<Id> label_of(tree.clusters.size(), Clustering::noise);
  for (std::size_t k = 0; k < clustering.nodes.size(); ++k) {
    label_of[static_cast<std::size_t>(clustering.nodes[k])] = static_cast<Id>(k);
  }
  Prediction result;
  for (std::size_t j = 0; j < placement.clusters.size(); ++j) {
    const double distance = placement.distances[j];
    Id label = Clustering::noise;
    double probability = 0.0, score = 1.0;
    if (!tree.clusters.empty() && std::isfinite(distance)) {
      const auto c = static_cast<std::size_t>(placement.clusters[j]);
      score = 1.0 - detail::ratio(std::min(densest[c], distance), distance);
      const Id node = owner[c];
      if (node > 0 || (node == 0 && distance <= clustering.root_limit)) {
        label = label_of[static_cast<std::size_t>(node)];
        const double death = tree.clusters[static_cast<std::size_t>(node)].death;
        probability = detail::ratio(death, std::max(death, distance));
      }
    }
    result.labels.push_back(label);
    result.probabilities.push_back(probability);
    result.outlier_scores.push_back(score);
  }
  result.placement = std::move(placement);
  return result;
}

/// labels_at(place(...)): what the clustering of `points` says of `new_points`, without being changed. Copies
/// of points of the clustering get the results of these points. Arguments, errors and cost as `place`.
template <class Metric, class Points, class More>
[[nodiscard]] Prediction predict(const Metric& metric, const Clustering& clustering, const Points& points,
                                 const More& new_points, const ProgressCallback& progress = {}) {
  return labels_at(clustering, place(metric, clustering, points, new_points, progress));
}

}  // namespace rnnscope
