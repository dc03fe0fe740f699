// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/metric/cosine.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "random_columns.hpp"
#include "rnnscope/metric/distance_source.hpp"

using namespace rnnscope;

TEST_CASE_TEMPLATE("cosine distances are 1 - cos, whatever the lengths", S, float, double) {
  Matrix<S> points = test::random_columns<S>(20, 5, 8);
  points.col(1) *= S(1000);
  points.col(2) *= S(1e-20);
  const Matrix<double> distances = metric::distance_matrix(metric::Cosine{}, points);
  for (Index j = 0; j < 5; ++j) {
    for (Index i = 0; i < 5; ++i) {
      const Vector<double> x = points.col(i).template cast<double>(), y = points.col(j).template cast<double>();
      CHECK(distances(i, j) == doctest::Approx(1.0 - x.dot(y) / (x.norm() * y.norm())).epsilon(1e-13));
    }
  }
}

TEST_CASE("cosine distances of small angles keep their digits") {
  const double angle = 1e-7;
  Matrix<double> points(2, 2);
  points << 3.0, 5.0 * std::cos(angle), 0.0, 5.0 * std::sin(angle);
  // 1 - cos(a) = 2 sin^2(a/2); 1 - x.y would have no correct digit left but the first two.
  const double expected = 2.0 * std::pow(std::sin(angle / 2), 2);
  CHECK(metric::distance(metric::Cosine{}, points.col(0), points.col(1)) ==
        doctest::Approx(expected).epsilon(1e-8));
}

TEST_CASE("cosine: huge and tiny columns, equal columns wherever they lie, and a column of zeros") {
  Matrix<double> points(3, 3);
  points << 1e200, 1e-200, 0, 2e200, 2e-200, 0, 0, 0, 0;
  CHECK(metric::distance(metric::Cosine{}, points.col(0), points.col(1)) < 1e-31);
  CHECK(metric::distance(metric::Cosine{}, Matrix<double>(points.col(0)),
                         Matrix<double>(points.col(1) * 1e-110)) < 1e-6);  // subnormal numbers have few digits
  CHECK_THROWS_WITH_AS(static_cast<void>(metric::distance_source(metric::Cosine{}, points)),
                       "cosine distance: column 2 is zero and has no direction", ValueError);
  Matrix<float> copies = test::random_columns<float>(7, 5, 9);
  copies.col(3) = copies.col(0);
  CHECK(metric::distance_matrix(metric::Cosine{}, copies)(0, 3) == 0.0);
  CHECK_FALSE(metric::Cosine::is_metric);
}
