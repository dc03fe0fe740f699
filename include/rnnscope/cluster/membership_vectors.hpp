// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Soft clustering: how much a point belongs to each cluster.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <vector>

#include "rnnscope/cluster/prediction.hpp"

namespace rnnscope {

namespace detail {

/// The memberships of one point at a place (cluster, distance) of the tree, given its distance to the nearest
/// exemplar of each cluster.
inline void memberships(const Clustering& clustering, Id cluster, double distance,
                        const std::vector<double>& to_exemplars, Eigen::Ref<Vector<double>> out) {
  const CondensedTree& tree = clustering.condensed_tree;
  const std::size_t count = clustering.nodes.size();
  const double own_death = tree.clusters[static_cast<std::size_t>(cluster)].death;
  const double infinity = std::numeric_limits<double>::infinity();
  double total = 0.0;
  std::tuple<double, bool, double> nearest(infinity, true, infinity);  // merge, whether outside, death
  const bool touches = std::find(to_exemplars.begin(), to_exemplars.end(), 0.0) != to_exemplars.end();
  for (std::size_t k = 0; k < count; ++k) {
    // Where the paths of the point and of cluster k to the root meet.
    Id a = cluster, b = clustering.nodes[k];
    double merge = 0.0;
    bool a_rose = false, b_rose = false;
    while (a != b) {
      Id& lower = a > b ? a : b;
      (a > b ? a_rose : b_rose) = true;
      merge = std::max(merge, tree.clusters[static_cast<std::size_t>(lower)].birth);
      lower = tree.clusters[static_cast<std::size_t>(lower)].parent;
    }
    if (!(a_rose && b_rose)) merge = distance;
    const double from_tree = std::exp(std::exp(-1.0 / ratio(own_death, std::max(own_death, merge))));
    const double death = tree.clusters[static_cast<std::size_t>(clustering.nodes[k])].death;
    // Of several clusters the one that holds the point, or else the densest.
    const bool holds = !b_rose;
    if (std::tuple(merge, !holds, death) < nearest) nearest = {merge, !holds, death};
    const double closeness = touches ? (to_exemplars[k] == 0.0 ? 1.0 : 0.0) : 1.0 / to_exemplars[k];
    out(static_cast<Index>(k)) = closeness * from_tree;
    total += out(static_cast<Index>(k));
  }
  const double merge = std::get<0>(nearest), death = std::get<2>(nearest);
  const double in_any = std::isinf(merge) ? 0.0 : ratio(std::min({death, distance, merge}), merge);
  for (Index k = 0; k < out.size(); ++k) out(k) = total > 0.0 ? out(k) / total * in_any : 0.0;
}

/// The memberships of points [first, first + count) of the source at the places given.
template <metric::DistanceSource Source>
[[nodiscard]] Matrix<double> membership_matrix(const Source& source, int exponent, const Clustering& clustering,
                                               Index first, const std::vector<Id>& clusters,
                                               const std::vector<double>& distances,
                                               const ProgressCallback& progress) {
  const auto count = static_cast<Index>(clusters.size());
  std::vector<Id> all;           // exemplars of one cluster after the other
  std::vector<std::size_t> end;  // where those of each end
  for (const std::vector<Index>& of_one : exemplars(clustering)) {
    for (const Index p : of_one) all.push_back(static_cast<Id>(p));
    end.push_back(all.size());
  }
  Matrix<double> result = Matrix<double>::Zero(clustering.cluster_count(), count);
  if (all.empty()) return result;
  constexpr Index block = 64;
  const Index blocks = (count + block - 1) / block, stride = std::max<Index>(64, blocks / 64);
  for (Index start = 0; start < blocks; start += stride) {
    report_progress(progress, {.stage = "membership vectors", .done = start, .total = blocks, .detail = {}});
    parallel_for(std::min(stride, blocks - start), [&](Index piece) {
      std::vector<double> proxies(all.size()), nearest(end.size());
      std::vector<Id> others;
      const Index begin = (start + piece) * block;
      for (Index j = begin; j < std::min(count, begin + block); ++j) {
        if (std::isinf(distances[static_cast<std::size_t>(j)])) continue;
        const auto self = std::find(all.begin(), all.end(), static_cast<Id>(first + j));
        if (self == all.end()) {
          source.proxies(first + j, all.data(), static_cast<Index>(all.size()), proxies.data());
        } else {  // no source is asked for the distance of a thing to itself
          const auto place = self - all.begin();
          source.proxies(first + j, all.data(), place, proxies.data());
          source.proxies(first + j, all.data() + place + 1, static_cast<Index>(all.size()) - place - 1,
                         proxies.data() + place + 1);
          proxies[static_cast<std::size_t>(place)] = 0.0;
        }
        for (std::size_t k = 0, from = 0; k < end.size(); from = end[k++]) {
          const double proxy = *std::min_element(proxies.begin() + static_cast<std::ptrdiff_t>(from),
                                                 proxies.begin() + static_cast<std::ptrdiff_t>(end[k]));
          nearest[k] = std::ldexp(source.lift(proxy), exponent);
        }
        memberships(clustering, clusters[static_cast<std::size_t>(j)], distances[static_cast<std::size_t>(j)],
                    nearest, result.col(j));
      }
    });
  }
  return result;
}

}  // namespace detail

/// The membership of every point of a clustering in each of its clusters, `clusters x points`. For a point that
/// leaves cluster c of the condensed tree, with death d_c, at distance w, and cluster k:
///
///     D_k = 1 / (distance to the nearest exemplar of k)
///     m_k = the distance at which the paths of c and k in the tree meet; w if one lies inside the other
///     T_k = exp(exp(-m_k / d_c))
///     membership(k) = D_k T_k / sum_j D_j T_j * min(1, min(d_n, w) / m_n)    with n where m_n is smallest
///                                                                            (of several, the densest)
///
/// A column sums to the strength with which the point is in any cluster, at most 1. At an exemplar D is 1 for
/// its cluster and 0 for the others. Points that are not finite have zeros.
///
/// \throws as metric::distance_source, Cancelled. Cost: a distance from every point to every exemplar; all
/// threads. Source: the soft clustering of scikit-learn-contrib/hdbscan (all_points_membership_vectors).
template <class Metric, class Points>
[[nodiscard]] Matrix<double> membership_vectors(const Metric& metric, const Clustering& clustering,
                                                const Points& points, const ProgressCallback& progress = {}) {
  Matrix<double> result;
  detail::with_source(metric, points, [&](const auto& source, int exponent) {
    require<ShapeError>(source.size() == static_cast<Index>(clustering.labels.size()),
                        "membership_vectors: the clustering has ", clustering.labels.size(), " points, found ",
                        source.size());
    result = detail::membership_matrix(source, exponent, clustering, 0, clustering.condensed_tree.point_cluster,
                                       clustering.condensed_tree.point_distance, progress);
  });
  return result;
}

/// The same for new points, at the places that `predict` gives them: `membership_vectors(metric, clustering,
/// points, new_points, prediction.placement)`. One formula serves both, so a copy of a point of the clustering
/// has its memberships, to the last bit unless the metric prepares its columns together (Mahalanobis: to
/// rounding).
template <class Metric, class Points, class More>
[[nodiscard]] Matrix<double> membership_vectors(const Metric& metric, const Clustering& clustering,
                                                const Points& points, const More& new_points,
                                                const Placement& placement,
                                                const ProgressCallback& progress = {}) {
  Matrix<double> result;
  detail::with_joined_source(metric, points, new_points, [&](const auto& source, int exponent) {
    const auto n = static_cast<Index>(clustering.labels.size());
    require<ShapeError>(source.size() == n + static_cast<Index>(placement.clusters.size()),
                        "membership_vectors: ", source.size() - n, " new points, but ",
                        placement.clusters.size(), " places");
    result = detail::membership_matrix(source, exponent, clustering, n, placement.clusters, placement.distances,
                                       progress);
  });
  return result;
}

}  // namespace rnnscope
