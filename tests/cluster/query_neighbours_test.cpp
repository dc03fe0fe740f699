// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/query_neighbours.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <tuple>

#include "brute_force.hpp"
#include "rnnscope/metric/angular.hpp"
#include "rnnscope/metric/chebyshev.hpp"
#include "rnnscope/metric/cosine.hpp"
#include "rnnscope/metric/euclidean.hpp"
#include "rnnscope/metric/manhattan.hpp"

using namespace rnnscope;

namespace {

/// From the definition, by sorting. Weights are quarters, so that sums are exact.
template <class Metric, class S>
std::vector<QueryNeighbour> by_definition(const Metric& metric, const Matrix<S>& all,
                                          const detail::QueryParameters& parameters,
                                          const std::vector<double>& weights) {
  const Matrix<double> distances = metric::distance_matrix(metric, all);
  std::vector<QueryNeighbour> result;
  for (Index j = parameters.points(); j < all.cols(); ++j) {
    std::vector<std::pair<double, double>> finite;  // with weights
    for (Index q = 0; q < parameters.points(); ++q) {
      const auto at = static_cast<std::size_t>(q);
      if (std::isfinite(parameters.core_distances[at])) finite.emplace_back(distances(q, j), weights[at]);
    }
    std::sort(finite.begin(), finite.end());
    QueryNeighbour best;
    best.core = 0.0;
    double sum = 0.0;
    for (const auto& [distance, weight] : finite) {
      if (sum >= static_cast<double>(parameters.rank)) break;
      best.core = distance;
      sum += weight;
    }
    for (Index q = 0; q < parameters.points(); ++q) {
      const double d = distances(q, j), own = parameters.core(static_cast<Id>(q));
      if (std::isinf(own)) continue;
      const double reach = d == 0.0 ? 0.0 : std::max({d / parameters.alpha, own, best.core});
      if (std::tuple(reach, d, own) < std::tuple(best.reach, best.distance, best.point_core)) {
        best = {static_cast<Id>(q), best.core, d, own, reach};
      }
    }
    result.push_back(best);
  }
  return result;
}

template <class Metric, class S>
void check(const Metric& metric, const Matrix<S>& all, Index points, Index rank) {
  const auto source = metric::distance_source(metric, all);
  using Source = decltype(source);
  std::vector<double> core = core_distances(metric, Matrix<S>(all.leftCols(points)), std::max<Index>(rank, 1));
  core[3] = core[17] = std::numeric_limits<double>::infinity();
  std::vector<double> weights(core.size(), 1.0);
  for (const double alpha : {1.0, 0.6, 1.7}) {
    detail::QueryParameters parameters{.rank = rank, .alpha = alpha, .core_distances = core};
    if (alpha == 0.6) {
      Random random(3);
      for (std::size_t q = 0; q < weights.size(); ++q)
        weights[q] = 0.25 * static_cast<double>(1 + random.below(q < 100 ? 2 : 12));
      parameters.weights = detail::ExactWeights(weights);
    }
    const std::vector<QueryNeighbour> expected = by_definition(metric, all, parameters, weights);
    CHECK(detail::query_neighbours(source, parameters) == expected);
    CHECK(detail::query_by_rows(source, parameters, {}) == expected);
    if constexpr (detail::BoxedSource<Source>)
      CHECK(detail::query_by_tree<detail::KdTreeOf<Source>>(source, parameters, {}) == expected);
    if constexpr (metric::TriangleSource<Source>)
      CHECK(detail::query_by_tree<detail::VpTree>(source, parameters, {}) == expected);
    if constexpr (metric::SquaredEuclideanMetric<Metric>) {
      const auto contraction =
          detail::contract(source, detail::principal_directions(source, std::min<Index>(6, all.rows())));
      REQUIRE(contraction.has_value());
      CHECK(detail::query_by_tiles(source, *contraction, parameters, {}) == expected);
    }
    std::fill(weights.begin(), weights.end(), 1.0);
  }
}

}  // namespace

TEST_CASE_TEMPLATE("new points find the old point nearest in mutual reachability", S, float, double) {
  for (const Index dimension : {2, 20}) {
    for (const Index rank : {0, 1, 7}) {
      const auto seed = static_cast<std::uint64_t>(dimension + rank);
      Matrix<S> all = test::blobs<S>(dimension, 900, 4, seed);
      for (Index j = 600; j < 660; ++j) all.col(j) = all.col(j - 590);  // copies of old points
      check(metric::Euclidean{}, all, 600, rank);
      check(metric::Cosine{}, all, 600, rank);
      check(metric::Angular{}, all, 600, rank);
      check(metric::Manhattan{}, all, 600, rank);
      check(metric::Chebyshev{}, all, 600, rank);
      check(metric::Euclidean{}, test::grid<S>(dimension, 700, 3, seed), 500, rank);
    }
  }
}

TEST_CASE("many points do not ask for all distances") {
  const Matrix<double> all = test::blobs<double>(2, 3000, 5, 8);
  std::atomic<Index> calls{0};
  const auto counting = [&](const auto& a, const auto& b) {
    calls.fetch_add(1, std::memory_order_relaxed);
    return (a - b).norm();
  };
  const std::vector<double> core(1500, 0.1);
  const detail::QueryParameters parameters{.rank = 5, .core_distances = core};
  const auto bare = metric::distance_source(counting, all);
  const std::vector<QueryNeighbour> expected = detail::query_neighbours(bare, parameters);
  CHECK(calls == 1500 * 1500);
  calls = 0;
  const auto bounded = metric::distance_source(metric::true_metric(counting), all);
  CHECK(detail::query_neighbours(bounded, parameters) == expected);
  CHECK(calls < 1500 * 1500 / 3);
}

TEST_CASE("new points in many dimensions and few, and none") {
  const Matrix<float> all = test::blobs<float>(30, 2700, 5, 8);
  check(metric::Euclidean{}, all, 1500, 10);
  check(metric::Manhattan{}, Matrix<float>(all.topRows(3)), 1500, 10);
  const auto source = metric::distance_source(metric::Euclidean{}, all);
  const std::vector<double> core(2700, 1.0);
  CHECK(detail::query_neighbours(source, {.rank = 5, .core_distances = core}).empty());
  // Old points that do not exist are none, whichever way.
  const std::vector<double> infinite(1500, std::numeric_limits<double>::infinity());
  const detail::QueryParameters nothing{.rank = 5, .core_distances = infinite};
  for (const auto& found :
       {detail::query_neighbours(source, nothing), detail::query_by_rows(source, nothing, {}),
        detail::query_by_tree<detail::VpTree>(source, nothing, {})})
    CHECK(found == std::vector<QueryNeighbour>(1200));
  const std::vector<double> none;
  const std::vector<QueryNeighbour> alone =
      detail::query_neighbours(source, {.rank = 5, .core_distances = none});
  CHECK(alone.size() == 2700);
  CHECK(alone[7] == QueryNeighbour{});
}
