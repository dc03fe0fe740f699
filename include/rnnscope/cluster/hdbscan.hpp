// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// HDBSCAN: hierarchical density-based clustering of any points, under any metric.
#pragma once

#include <limits>
#include <utility>

#include "rnnscope/cluster/hdbscan_parameters.hpp"
#include "rnnscope/cluster/membership.hpp"
#include "rnnscope/cluster/mutual_reachability.hpp"
#include "rnnscope/metric/cosine.hpp"
#include "rnnscope/metric/euclidean.hpp"
#include "rnnscope/metric/manhattan.hpp"

namespace rnnscope {

/// The composition of the stages: `fit(points) == cut(hierarchy(points))`.
///
///     rnnscope::Hdbscan<rnnscope::metric::Euclidean> hdbscan({.min_cluster_size = 100, .min_samples = 10});
///     const rnnscope::Clustering clustering = hdbscan.fit(points.vectors);
///
/// Points are the columns of a matrix; under a callable also the elements of a container, or just their number
/// (the callable then gets two indices); under metric::Precomputed a matrix of distances. A callable is given
/// like this, and is not taken to obey the triangle inequality unless wrapped by metric::true_metric:
///
///     rnnscope::Hdbscan hdbscan(parameters, [](auto a, auto b) { return (a - b).template lpNorm<1>(); });
///
/// Results are exact and have the same bits for any number of threads. With TieMode::Canonical labels (up to
/// their numbering), probabilities, scores and core distances do not depend on the order of the points.
/// Distances are double, whatever the points hold.
///
/// Source: R. Campello, D. Moulavi and J. Sander, "Density-based clustering based on hierarchical density
/// estimates", PAKDD 2013. Threading: const members may run together.
template <class Metric = metric::Euclidean>
class Hdbscan {
 public:
  /// \throws ValueError at a parameter out of range.
  explicit Hdbscan(HdbscanParameters parameters = {}, Metric metric = Metric{})
      : parameters_(std::move(parameters)), metric_(std::move(metric)) {
    parameters_.check();
  }

  [[nodiscard]] const HdbscanParameters& parameters() const { return parameters_; }

  /// Core distances, spanning tree and dendrogram; uses `min_samples`, `core_distance` and `ties`.
  /// \throws ShapeError or ValueError at points that are no points (see metric::distance_source), Cancelled.
  /// Cost: O(N^2) distances, O(N min_samples) memory, all threads.
  template <class Points>
  [[nodiscard]] Hierarchy hierarchy(const Points& points, const ProgressCallback& progress = {}) const {
    const auto source = metric::distance_source(metric_, points);
    const Index n = source.size();
    require<ValueError>(n <= std::numeric_limits<Id>::max() / 2, "HDBSCAN: at most ",
                        std::numeric_limits<Id>::max() / 2, " points, found ", n);
    Hierarchy result;
    result.neighbour = core_neighbour(n, parameters_.effective_min_samples(), parameters_.core_distance);
    detail::MutualReachability found =
        detail::mutual_reachability(source, result.neighbour.rank, parameters_.algorithm, progress);
    result.core_distances = std::move(found.core);
    result.mst = std::move(found.mst);
    result.statistics = found.statistics;
    for (double& each : result.core_distances) each = source.lift(each);
    result.dendrogram = single_linkage(n, result.mst, parameters_.ties);
    return result;
  }

  /// Condensed tree, chosen clusters and labels; uses `min_cluster_size` and `selection`. Cheap, O(N): cut
  /// one hierarchy as often as you like.
  [[nodiscard]] Clustering cut(Hierarchy hierarchy) const {
    CondensedTree tree = condense(hierarchy.dendrogram, parameters_.min_cluster_size);
    const std::vector<Id> chosen = select_clusters(tree, parameters_.min_cluster_size, parameters_.selection);
    return label_points(std::move(hierarchy), std::move(tree), chosen, parameters_.selection.epsilon);
  }

  /// cut(hierarchy(points)).
  template <class Points>
  [[nodiscard]] Clustering fit(const Points& points, const ProgressCallback& progress = {}) const {
    return cut(hierarchy(points, progress));
  }

 private:
  HdbscanParameters parameters_;
  Metric metric_;
};

}  // namespace rnnscope
