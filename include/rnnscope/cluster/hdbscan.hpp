// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// HDBSCAN: hierarchical density-based clustering of any points, under any metric.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "rnnscope/cluster/cut.hpp"
#include "rnnscope/cluster/hdbscan_parameters.hpp"
#include "rnnscope/cluster/joined_source.hpp"
#include "rnnscope/cluster/membership.hpp"
#include "rnnscope/cluster/mutual_reachability.hpp"
#include "rnnscope/metric/cosine.hpp"
#include "rnnscope/metric/range.hpp"

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

  /// Core distances, spanning tree and dendrogram; uses `min_samples`, `core_distance`, `alpha`, `ties` and
  /// `non_finite`. Euclidean and its kin take coordinates of any size: points whose squares would leave the
  /// range of double are scaled by a power of two and the distances scaled back.
  /// \throws ShapeError or ValueError at points that are no points (see metric::distance_source) or distances
  /// beyond 1e+-290, under any metric; Cancelled.
  /// Cost: N^2 distances at most, mostly far fewer (see TreeAlgorithm); 16 (min_samples + 6) N bytes and more
  /// for the trees or tiles; all threads.
  template <class Points>
  [[nodiscard]] Hierarchy hierarchy(const Points& points, const ProgressCallback& progress = {}) const {
    return hierarchy(points, std::span<const double>(), progress);
  }

  /// The same for points that count more or less than one: a point of weight m is as good as m copies of it,
  /// for core distances, cluster sizes and stabilities. No weights at all mean 1 each. \throws also as
  /// detail::check_weights.
  template <class Points>
  [[nodiscard]] Hierarchy hierarchy(const Points& points, std::span<const double> weights,
                                    const ProgressCallback& progress = {}) const {
    if constexpr (metric::EigenPoints<Points> && !std::same_as<Metric, metric::Precomputed>) {
      using Scalar = typename Points::Scalar;
      metric::detail::check_scalar<Points>();
      const ConstMatrixRef<Scalar> columns(points.derived());
      if (parameters_.non_finite == NonFiniteRows::Noise && !columns.allFinite()) {
        return without_non_finite<Scalar>(columns, weights, progress);
      }
      if constexpr (metric::degree_of < Metric >> 0 && std::same_as<Scalar, double>) {
        if (const int exponent = metric::range_exponent<Scalar>(columns);
            exponent != 0 && columns.allFinite()) {
          return in_range(columns, exponent, weights, progress);
        }
      }
    }
    Hierarchy result = spanning_tree(metric::distance_source(metric_, points), weights, progress);
    for (const double each : result.core_distances) detail::check_distance(each, "HDBSCAN");
    for (const Edge& each : result.mst) detail::check_distance(each.distance, "HDBSCAN");
    result.dendrogram =
        single_linkage(static_cast<Index>(result.core_distances.size()), result.mst, parameters_.ties);
    return result;
  }

  /// Condensed tree, chosen clusters and labels; uses `min_cluster_size` and `selection`. Cheap, O(N): cut
  /// one hierarchy as often as you like.
  [[nodiscard]] Clustering cut(Hierarchy hierarchy) const {
    return rnnscope::cut(std::move(hierarchy), parameters_.min_cluster_size, parameters_.selection);
  }

  /// cut(hierarchy(points)).
  template <class Points>
  [[nodiscard]] Clustering fit(const Points& points, const ProgressCallback& progress = {}) const {
    return cut(hierarchy(points, progress));
  }
  /// cut(hierarchy(points, weights)).
  template <class Points>
  [[nodiscard]] Clustering fit(const Points& points, std::span<const double> weights,
                               const ProgressCallback& progress = {}) const {
    return cut(hierarchy(points, weights, progress));
  }

 private:
  /// Everything but the dendrogram.
  template <metric::DistanceSource Source>
  [[nodiscard]] Hierarchy spanning_tree(const Source& source, std::span<const double> weights,
                                        const ProgressCallback& progress) const {
    const Index n = source.size(), samples = parameters_.effective_min_samples();
    require<ValueError>(n <= std::numeric_limits<Id>::max() / 2, "HDBSCAN: at most ",
                        std::numeric_limits<Id>::max() / 2, " points, found ", n);
    Hierarchy result;
    result.alpha = parameters_.alpha;
    if (weights.empty()) {
      result.neighbour = core_neighbour(n, samples, parameters_.core_distance);
    } else {
      detail::check_weights(n, weights);
      result.weights.assign(weights.begin(), weights.end());
      constexpr Index most = Index{1} << 53;  // no sum of weights that counts copies is larger
      result.neighbour.rank =
          std::min(parameters_.core_distance == CoreDistance::IncludesSelf ? samples - 1 : samples, most);
      const detail::ExactWeights exact(weights);
      result.neighbour.clamped = detail::total_weight(exact, n) < exact.reaching(result.neighbour.rank + 1);
    }
    detail::MutualReachability found = detail::mutual_reachability(source,
                                                                   {.rank = result.neighbour.rank,
                                                                    .alpha = parameters_.alpha,
                                                                    .weights = weights,
                                                                    .algorithm = parameters_.algorithm},
                                                                   progress);
    result.core_distances = std::move(found.core);
    result.mst = std::move(found.mst);
    result.statistics = found.statistics;
    return result;
  }

  /// The hierarchy of all columns from that of the finite ones.
  template <class Scalar>
  [[nodiscard]] Hierarchy without_non_finite(const ConstMatrixRef<Scalar>& columns,
                                             std::span<const double> weights,
                                             const ProgressCallback& progress) const {
    if (!weights.empty()) detail::check_weights(columns.cols(), weights);
    std::vector<RowStatus> status = row_statuses<Scalar>(columns);
    Matrix<Scalar> finite(columns.rows(), std::count(status.begin(), status.end(), RowStatus::Finite));
    std::vector<double> finite_weights;
    for (Index j = 0, kept = 0; j < columns.cols(); ++j) {
      if (status[static_cast<std::size_t>(j)] != RowStatus::Finite) continue;
      finite.col(kept++) = columns.col(j);
      if (!weights.empty()) finite_weights.push_back(weights[static_cast<std::size_t>(j)]);
    }
    Hierarchy result = hierarchy(finite, finite_weights, progress);
    result.weights.assign(weights.begin(), weights.end());
    detail::restore_points(result, std::move(status));
    result.dendrogram = single_linkage(columns.cols(), result.mst, parameters_.ties);
    return result;
  }

  /// The hierarchy of columns out of range, by way of columns * 2^exponent.
  [[nodiscard]] Hierarchy in_range(const ConstMatrixRef<double>& columns, int exponent,
                                   std::span<const double> weights, const ProgressCallback& progress) const {
    constexpr int degree = metric::degree_of<Metric>;
    const Matrix<double> scaled = columns.unaryExpr([exponent](double x) { return std::ldexp(x, exponent); });
    Hierarchy result = spanning_tree(metric::distance_source(metric_, scaled), weights, progress);
    const double exact = std::ldexp(1.0, -480 * degree);
    for (const Edge& each : result.mst) {
      require<ValueError>(each.distance >= exact || columns.col(each.first) == columns.col(each.second),
                          "HDBSCAN: points ", each.first, " and ", each.second,
                          " differ by less than can be squared beside the largest coordinates");
    }
    const auto scale_back = [&](double& distance) {
      distance = detail::scaled_back(distance, -degree * exponent, "HDBSCAN");
    };
    for (double& each : result.core_distances) scale_back(each);
    for (Edge& each : result.mst) scale_back(each.distance);
    result.dendrogram = single_linkage(columns.cols(), result.mst, parameters_.ties);
    return result;
  }

  HdbscanParameters parameters_;
  Metric metric_;
};

}  // namespace rnnscope
