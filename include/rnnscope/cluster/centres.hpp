// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The middle of each cluster: a mean, or one of its points.
#pragma once

#include <algorithm>
#include <limits>
#include <vector>

#include "rnnscope/cluster/clustering.hpp"
#include "rnnscope/cluster/joined_source.hpp"
#include "rnnscope/core/parallel.hpp"

namespace rnnscope {

namespace detail {

/// Per cluster its points, ascending.
[[nodiscard]] inline std::vector<std::vector<Id>> members(const Clustering& clustering) {
  std::vector<std::vector<Id>> result(clustering.sizes.size());
  for (std::size_t p = 0; p < clustering.labels.size(); ++p) {
    if (clustering.labels[p] == Clustering::noise) continue;
    result[static_cast<std::size_t>(clustering.labels[p])].push_back(static_cast<Id>(p));
  }
  return result;
}

/// How much a point counts in the middle of its cluster: its probability, times its sample weight.
[[nodiscard]] inline double share_in_centre(const Clustering& clustering, Id point) {
  const auto p = static_cast<std::size_t>(point);
  const std::vector<double>& weights = clustering.hierarchy.weights;
  return clustering.probabilities[p] * (weights.empty() ? 1.0 : weights[p]);
}

}  // namespace detail

/// Per cluster (column), the mean of its points weighted by their probabilities (and sample weights), in
/// double. `points` are those of the clustering. \throws ShapeError at another number of columns. Cost: O(N D).
template <class Derived>
[[nodiscard]] Matrix<double> centroids(const Clustering& clustering, const Eigen::MatrixBase<Derived>& points) {
  require<ShapeError>(points.cols() == static_cast<Index>(clustering.labels.size()),
                      "centroids: the clustering has ", clustering.labels.size(), " points, found ",
                      points.cols());
  const ConstMatrixRef<typename Derived::Scalar> columns(points.derived());
  Matrix<double> result = Matrix<double>::Zero(points.rows(), clustering.cluster_count());
  Index k = 0;
  for (const std::vector<Id>& cluster : detail::members(clustering)) {
    double total = 0.0;
    for (const Id p : cluster) total += detail::share_in_centre(clustering, p);
    // Where all probabilities are 0 (next to duplicates) all points count alike.
    for (const Id p : cluster) {
      const double share = total > 0.0 ? detail::share_in_centre(clustering, p) / total
                                       : 1.0 / static_cast<double>(cluster.size());
      result.col(k) += share * columns.col(p).template cast<double>();
    }
    ++k;
  }
  return result;
}

/// Per cluster, the point with the smallest sum of distances to all its points, weighted by their
/// probabilities (and sample weights); the first of several.
///
/// \throws as metric::distance_source, ShapeError at another number of points.
/// Cost: sum over clusters of size^2 distances; all threads.
template <class Metric, class Points>
[[nodiscard]] std::vector<Index> medoids(const Metric& metric, const Clustering& clustering,
                                         const Points& points) {
  std::vector<Index> result;
  detail::with_source(metric, points, [&](const auto& source, int) {
    require<ShapeError>(source.size() == static_cast<Index>(clustering.labels.size()),
                        "medoids: the clustering has ", clustering.labels.size(), " points, found ",
                        source.size());
    for (const std::vector<Id>& cluster : detail::members(clustering)) {
      const auto size = static_cast<Index>(cluster.size());
      std::vector<double> sums(cluster.size());
      constexpr Index block = 16;
      parallel_for((size + block - 1) / block, [&](Index piece) {
        std::vector<double> proxies(cluster.size());
        for (Index i = piece * block; i < std::min(size, (piece + 1) * block); ++i) {
          source.proxies(cluster[static_cast<std::size_t>(i)], cluster.data(), i, proxies.data());
          source.proxies(cluster[static_cast<std::size_t>(i)], cluster.data() + i + 1, size - i - 1,
                         proxies.data() + i + 1);
          double sum = 0.0;
          for (std::size_t q = 0; q < cluster.size(); ++q) {
            if (static_cast<Index>(q) == i) continue;
            sum += source.lift(proxies[q]) * detail::share_in_centre(clustering, cluster[q]);
          }
          sums[static_cast<std::size_t>(i)] = sum;
        }
      });
      const auto best = std::min_element(sums.begin(), sums.end()) - sums.begin();
      result.push_back(cluster[static_cast<std::size_t>(best)]);
    }
  });
  return result;
}

}  // namespace rnnscope
