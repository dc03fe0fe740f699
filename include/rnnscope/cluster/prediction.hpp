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
#include "rnnscope/cluster/weighted_core_distance.hpp"
#include "rnnscope/core/parallel.hpp"
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

/// The core distance of a new point: the distance within which the weights of the points sum to `rank`.
[[nodiscard]] inline double new_core_distance(std::span<const double> distances, const Hierarchy& hierarchy,
                                              const ExactWeights& weights) {
  const Index rank = hierarchy.neighbour.rank;
  if (rank == 0) return 0.0;
  if (!weights.counting()) {
    std::vector<Neighbour> finite;
    for (std::size_t q = 0; q < distances.size(); ++q) {
      if (std::isfinite(hierarchy.core_distances[q])) finite.push_back({distances[q], static_cast<Id>(q)});
    }
    return weighted_quantile(finite, weights, weights.reaching(rank), rank);
  }
  std::vector<double> heap(static_cast<std::size_t>(rank), std::numeric_limits<double>::infinity());
  SmallestOf smallest(heap.data(), rank);
  for (std::size_t q = 0; q < distances.size(); ++q) {
    if (distances[q] < heap[0] && std::isfinite(hierarchy.core_distances[q])) smallest.offer(distances[q]);
  }
  if (std::isfinite(heap[0])) return heap[0];
  double farthest = 0.0;  // of too few
  for (const double each : heap) farthest = std::isfinite(each) ? std::max(farthest, each) : farthest;
  return farthest;
}

/// The point of smallest reach to a new one, by looking at all; for weights and alpha. See query_neighbours.
[[nodiscard]] inline QueryNeighbour nearest_of_all(const Hierarchy& hierarchy, const ExactWeights& weights,
                                                   std::span<const double> distances) {
  QueryNeighbour best{.core = new_core_distance(distances, hierarchy, weights)};
  for (std::size_t q = 0; q < distances.size(); ++q) {
    const double core = hierarchy.core_distances[q];
    if (distances[q] > best.reach * hierarchy.alpha || std::isinf(core)) continue;
    const double reach =
        distances[q] == 0.0 ? 0.0 : std::max({best.core, core, distances[q] / hierarchy.alpha});
    if (std::pair(reach, distances[q]) < std::pair(best.reach, best.distance)) {
      best = {.point = static_cast<Id>(q), .core = best.core, .distance = distances[q], .reach = reach};
    }
  }
  return best;
}

/// `nearest_of_all` for new points [first, first + count) of the source, whose old points are its first.
template <metric::DistanceSource Source>
[[nodiscard]] std::vector<QueryNeighbour> nearest_by_looking(const Source& source, int exponent,
                                                             const Hierarchy& hierarchy,
                                                             const ProgressCallback& progress) {
  constexpr Index block = 32, stripe = 16;
  const Index n = static_cast<Index>(hierarchy.core_distances.size()), more = source.size() - n;
  const ExactWeights weights(hierarchy.weights);
  std::vector<QueryNeighbour> result(static_cast<std::size_t>(more));
  const Index blocks = (more + block - 1) / block, stride = std::max<Index>(64, blocks / 64);
  for (Index first = 0; first < blocks; first += stride) {
    report_progress(progress, {.stage = "prediction", .done = first, .total = blocks, .detail = {}});
    parallel_for(std::min(stride, blocks - first), [&](Index piece) {
      const Index row = (first + piece) * block, rows = std::min(block, more - row);
      Matrix<double> distances(n, rows);  // a column is a new point
      std::vector<double> tile(static_cast<std::size_t>(stripe * block));
      for (Index col = 0; col < n; col += stripe) {
        const Index cols = std::min(stripe, n - col);
        proxy_tile(source, n + row, rows, col, cols, tile.data());
        for (Index r = 0; r < rows; ++r) {
          const double* const from = tile.data() + r * cols;
          double* const to = distances.col(r).data() + col;
          for (Index c = 0; c < cols; ++c) to[c] = source.lift(from[c]);
        }
      }
      if (exponent != 0)
        distances = distances.unaryExpr([&](double x) { return std::ldexp(x, exponent); }).eval();
      for (Index r = 0; r < rows; ++r) {
        const std::span<const double> to_all(distances.col(r).data(), static_cast<std::size_t>(n));
        result[static_cast<std::size_t>(row + r)] = nearest_of_all(hierarchy, weights, to_all);
      }
    });
  }
  return result;
}

/// The old neighbour of every new point, by the fastest way.
template <metric::DistanceSource Source>
[[nodiscard]] std::vector<QueryNeighbour> nearest_old_points(const Source& source, int exponent,
                                                             const Hierarchy& hierarchy,
                                                             const ProgressCallback& progress) {
  if (hierarchy.alpha != 1.0 || !hierarchy.weights.empty()) {
    return nearest_by_looking(source, exponent, hierarchy, progress);
  }
  std::vector<double> core = hierarchy.core_distances;
  for (double& each : core) each = std::ldexp(each, -exponent);
  std::vector<QueryNeighbour> result =
      query_neighbours(source, static_cast<Index>(core.size()), hierarchy.neighbour.rank, core, progress);
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
/// Cancelled. Cost: at most N M distances, far fewer where tiles rule out most pairs; all threads.
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
  // Of the root only the points down to this distance carry its label.
  double limit = 0.0;
  for (std::size_t p = 0; p < clustering.labels.size(); ++p) {
    if (clustering.labels[p] == Clustering::noise ||
        clustering.nodes[static_cast<std::size_t>(clustering.labels[p])] != 0)
      continue;
    limit = std::max(limit, tree.point_distance[p]);
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
      if (node > 0 || (node == 0 && distance <= limit)) {
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
