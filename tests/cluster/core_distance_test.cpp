// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/core_distance.hpp"

#include <doctest/doctest.h>

#include "brute_force.hpp"
#include "rnnscope/metric/euclidean.hpp"
#include "rnnscope/metric/manhattan.hpp"
#include "rnnscope/metric/squared_euclidean.hpp"

using namespace rnnscope;

TEST_CASE_TEMPLATE("core distances are those found by sorting, for sizes around the block size", S, float,
                   double) {
  for (const Index n : {1, 2, 3, 63, 64, 65, 128, 129, 200}) {
    const Matrix<S> points = test::blobs<S>(5, n, 3, static_cast<std::uint64_t>(n));
    const Matrix<double> distances = metric::distance_matrix(metric::Euclidean{}, points);
    for (const Index k : {1, 2, 5, 10, 199}) {
      const Index rank = std::min(k, n - 1);
      CHECK(core_distances(metric::Euclidean{}, points, k) == test::core_distances_by_sorting(distances, rank));
      CHECK(core_distances(metric::Euclidean{}, points, k + 1, CoreDistance::IncludesSelf) ==
            test::core_distances_by_sorting(distances, rank));
    }
  }
}

TEST_CASE("core distances under a callable, over tied points, and of no points") {
  const Matrix<double> points = test::grid<double>(2, 150, 6, 1);
  const auto taxicab = [](const auto& a, const auto& b) { return (a - b).template lpNorm<1>(); };
  CHECK(core_distances(taxicab, points, 4) == core_distances(metric::Manhattan{}, points, 4));
  CHECK(core_distances(metric::Euclidean{}, Matrix<double>(2, 0), 4).empty());
  CHECK(core_distances(metric::Euclidean{}, points, 1, CoreDistance::IncludesSelf) ==
        std::vector<double>(150, 0.0));
}

TEST_CASE("core distances of coordinates of any size: the same digits, or an error") {
  const Matrix<double> points = test::blobs<double>(3, 90, 3, 5);
  const auto check = [&](const auto& metric, int degree, std::initializer_list<int> exponents) {
    const std::vector<double> expected = core_distances(metric, points, 4);
    for (const int exponent : exponents) {
      const Matrix<double> scaled = points.unaryExpr([&](double x) { return std::ldexp(x, exponent); });
      const std::vector<double> found = core_distances(metric, scaled, 4);
      for (std::size_t p = 0; p < 90; ++p) CHECK(found[p] == std::ldexp(expected[p], degree * exponent));
    }
  };
  check(metric::Euclidean{}, 1, {-548, 498, 664});  // 1e-165, 1e150, 1e200
  check(metric::Manhattan{}, 1, {-548, 498, 664});
  check(metric::SquaredEuclidean{}, 2, {-470, 470});
  for (const double size : {1e-165, 1e150, 1e200}) {
    const std::vector<double> found = core_distances(metric::Euclidean{}, (size * points).eval(), 4);
    const std::vector<double> expected = core_distances(metric::Euclidean{}, points, 4);
    for (std::size_t p = 0; p < 90; ++p) CHECK(found[p] / size == doctest::Approx(expected[p]).epsilon(1e-12));
    CHECK_THROWS_WITH_AS(
        static_cast<void>(core_distances(metric::SquaredEuclidean{}, (size * points).eval(), 4)),
        doctest::Contains("is beyond the range of double; scale the points"), ValueError);
  }
}

TEST_CASE("neighbours that cannot be told apart beside large coordinates are refused, copies are not") {
  Matrix<double> points = Matrix<double>::Zero(1, 12);
  points.leftCols(6).setConstant(1e200);
  const std::vector<double> zeros(12, 0.0);
  CHECK(core_distances(metric::Euclidean{}, points, 5) == zeros);
  CHECK(core_distances(metric::Euclidean{}, points, 6)[0] == 1e200);
  points(0, 8) = 1e-200;
  CHECK(core_distances(metric::Euclidean{}, points, 6)[8] == 1e200);
  CHECK_THROWS_WITH_AS(static_cast<void>(core_distances(metric::Euclidean{}, points, 5)),
                       "core distances: point 6 and a neighbour differ by less than can be squared beside the "
                       "largest coordinates",
                       ValueError);
  points(0, 2) = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH_AS(static_cast<void>(core_distances(metric::Euclidean{}, points, 5)),
                       doctest::Contains("points: column 2 is not finite"), ValueError);
}

TEST_CASE("the neighbour that is asked for, and that exists") {
  CHECK(core_neighbour(100, 10, CoreDistance::ExcludesSelf) == CoreNeighbour{.rank = 10, .clamped = false});
  CHECK(core_neighbour(100, 10, CoreDistance::IncludesSelf) == CoreNeighbour{.rank = 9, .clamped = false});
  CHECK(core_neighbour(10, 10, CoreDistance::ExcludesSelf) == CoreNeighbour{.rank = 9, .clamped = true});
  CHECK(core_neighbour(10, 10, CoreDistance::IncludesSelf) == CoreNeighbour{.rank = 9, .clamped = false});
  CHECK(core_neighbour(1, 1, CoreDistance::IncludesSelf) == CoreNeighbour{.rank = 0, .clamped = false});
  CHECK(core_neighbour(0, 1, CoreDistance::ExcludesSelf) == CoreNeighbour{.rank = 0, .clamped = true});
  CHECK_THROWS_WITH_AS(static_cast<void>(core_neighbour(9, 0, CoreDistance::ExcludesSelf)),
                       "core distances: min_samples must be at least 1, found 0", ValueError);
}
