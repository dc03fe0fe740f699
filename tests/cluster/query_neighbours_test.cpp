// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/query_neighbours.hpp"

#include <doctest/doctest.h>

#include "brute_force.hpp"
#include "rnnscope/metric/cosine.hpp"
#include "rnnscope/metric/euclidean.hpp"
#include "rnnscope/metric/manhattan.hpp"

using namespace rnnscope;

namespace {

/// From the definition, by sorting.
template <class Metric, class S>
std::vector<QueryNeighbour> by_definition(const Metric& metric, const Matrix<S>& all, Index points, Index rank,
                                          const std::vector<double>& core) {
  const Matrix<double> distances = metric::distance_matrix(metric, all);
  std::vector<QueryNeighbour> result;
  for (Index j = points; j < all.cols(); ++j) {
    std::vector<double> finite;
    for (Index q = 0; q < points; ++q) {
      if (std::isfinite(core[static_cast<std::size_t>(q)])) finite.push_back(distances(q, j));
    }
    std::sort(finite.begin(), finite.end());
    QueryNeighbour best;
    best.core =
        rank == 0
            ? 0.0
            : finite[static_cast<std::size_t>(std::min<Index>(rank, static_cast<Index>(finite.size())) - 1)];
    for (Index q = 0; q < points; ++q) {
      const double d = distances(q, j), own = core[static_cast<std::size_t>(q)];
      if (std::isinf(own)) continue;
      const double reach = d == 0.0 ? 0.0 : std::max({d, own, best.core});
      if (reach < best.reach || (reach == best.reach && d < best.distance)) {
        best = {static_cast<Id>(q), best.core, d, reach};
      }
    }
    result.push_back(best);
  }
  return result;
}

template <class Metric, class S>
void check(const Metric& metric, const Matrix<S>& all, Index points, Index rank) {
  const auto source = metric::distance_source(metric, all);
  std::vector<double> core = core_distances(metric, Matrix<S>(all.leftCols(points)), std::max<Index>(rank, 1));
  core[3] = core[17] = std::numeric_limits<double>::infinity();
  const std::vector<QueryNeighbour> expected = by_definition(metric, all, points, rank, core);
  CHECK(detail::query_neighbours(source, points, rank, core) == expected);
  CHECK(detail::query_by_rows(source, points, rank, core, {}) == expected);
  if constexpr (metric::SquaredEuclideanMetric<Metric>) {
    const auto contraction =
        detail::contract(source, detail::principal_directions(source, std::min<Index>(6, all.rows())));
    REQUIRE(contraction.has_value());
    CHECK(detail::query_by_tiles(source, *contraction, points, rank, core, {}) == expected);
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
      check(metric::Manhattan{}, all, 600, rank);
      check(metric::Euclidean{}, test::grid<S>(dimension, 700, 3, seed), 500, rank);
    }
  }
}

TEST_CASE("many points go by tiles; none are none") {
  const Matrix<float> all = test::blobs<float>(30, 2700, 5, 8);
  check(metric::Euclidean{}, all, 1500, 10);
  const auto source = metric::distance_source(metric::Euclidean{}, all);
  CHECK(detail::query_neighbours(source, 2700, 5, std::vector<double>(2700, 1.0)).empty());
  const std::vector<QueryNeighbour> alone = detail::query_neighbours(source, 0, 5, {});
  CHECK(alone.size() == 2700);
  CHECK(alone[7] == QueryNeighbour{});
}
