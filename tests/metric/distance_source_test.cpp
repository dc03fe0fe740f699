// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/metric/distance_source.hpp"

#include <doctest/doctest.h>

#include <string>

#include "random_columns.hpp"
#include "rnnscope/metric/cosine.hpp"
#include "rnnscope/metric/euclidean.hpp"
#include "rnnscope/metric/manhattan.hpp"

using namespace rnnscope;

static_assert(metric::CoordinateMetric<metric::Euclidean> && metric::CoordinateMetric<metric::Manhattan> &&
              metric::CoordinateMetric<metric::Cosine> && !metric::CoordinateMetric<metric::Precomputed>);
static_assert(metric::TileDistanceSource<metric::ColumnDistances<metric::Euclidean, float>>);
static_assert(metric::DistanceSource<metric::PrecomputedDistances<double>> &&
              !metric::TileDistanceSource<metric::PrecomputedDistances<double>>);

TEST_CASE_TEMPLATE("a callable on two columns agrees with the built-in metric", S, float, double) {
  const Matrix<S> points = test::random_columns<S>(9, 12, 1);
  const auto taxicab = [](const auto& a, const auto& b) {
    return (a.template cast<double>() - b.template cast<double>()).template lpNorm<1>();
  };
  const Matrix<double> built_in = metric::distance_matrix(metric::Manhattan{}, points);
  CHECK(metric::distance_matrix(taxicab, points).isApprox(built_in, 1e-14));
  CHECK(metric::distance_matrix(metric::Precomputed{}, built_in) == built_in);
}

TEST_CASE("points of the user's own type") {
  const std::vector<std::string> words{"a", "bcd", "ef", ""};
  const auto by_length = [](const std::string& a, const std::string& b) {
    return std::abs(static_cast<double>(a.size()) - static_cast<double>(b.size()));
  };
  const Matrix<double> distances = metric::distance_matrix(by_length, words);
  Matrix<double> expected(4, 4);
  expected << 0, 2, 1, 1, 2, 0, 1, 3, 1, 1, 0, 2, 1, 3, 2, 0;
  CHECK(distances == expected);
}

TEST_CASE("distance: two columns of one size") {
  const Vector<float> x{{1.0f, 2.0f}};
  const Vector<float> y{{4.0f, 6.0f}};
  CHECK(metric::distance(metric::Euclidean{}, x, y) == 5.0);
  CHECK(metric::distance(metric::Manhattan{}, x, y) == 7.0);
  CHECK_THROWS_WITH_AS(static_cast<void>(metric::distance(metric::Euclidean{}, x, x.head(1))),
                       "distance: expected two columns of one size, found 2 x 1 and 1 x 1", ShapeError);
}
