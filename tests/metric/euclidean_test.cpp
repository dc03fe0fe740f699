// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/metric/euclidean.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "random_columns.hpp"
#include "rnnscope/metric/distance_source.hpp"

using namespace rnnscope;

TEST_CASE_TEMPLATE("Euclidean distances against long double sums", S, float, double) {
  const Matrix<S> points = test::random_columns<S>(301, 7, 3);
  const Matrix<double> distances = metric::distance_matrix(metric::Euclidean{}, points);
  for (Index j = 0; j < 7; ++j) {
    for (Index i = 0; i < 7; ++i) {
      long double sum = 0;
      for (Index k = 0; k < 301; ++k) {
        const long double difference =
            static_cast<long double>(points(k, i)) - static_cast<long double>(points(k, j));
        sum += difference * difference;
      }
      // 301 terms are summed in double for float points too: float sums would be off by 1e-6.
      CHECK(distances(i, j) == doctest::Approx(static_cast<double>(std::sqrt(sum))).epsilon(1e-14));
    }
  }
}

TEST_CASE("Euclidean distances do not cancel far from the origin") {
  Matrix<double> points(2, 2);
  points << 1e8, 1e8 + 3, 1e8, 1e8 + 4;
  CHECK(metric::distance(metric::Euclidean{}, points.col(0), points.col(1)) == 5.0);
  CHECK(metric::Euclidean{}.lower(5.0) == 25.0);
  CHECK(metric::Euclidean::is_metric);
}
