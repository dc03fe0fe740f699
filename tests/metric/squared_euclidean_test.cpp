// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/metric/squared_euclidean.hpp"

#include <doctest/doctest.h>

#include "expected_pairs.hpp"
#include "random_columns.hpp"

using namespace rnnscope;

TEST_CASE("squared Euclidean distances against SciPy; not a metric") {
  test::check_pairs(metric::SquaredEuclidean{}, test::four_points(), {38.25, 8.5, 9.5, 40.25, 22.25, 3.0});
  Matrix<double> line(1, 3);
  line << 0, 1, 2;
  CHECK_FALSE(test::obeys_triangle_inequality(metric::distance_matrix(metric::SquaredEuclidean{}, line)));
  CHECK_FALSE(metric::SquaredEuclidean::is_metric);
}

TEST_CASE_TEMPLATE("squared Euclidean distances are the squares of the Euclidean ones", S, float, double) {
  const Matrix<S> points = test::random_columns<S>(11, 9, 5);
  const Matrix<double> squares = metric::distance_matrix(metric::SquaredEuclidean{}, points);
  const Matrix<double> lengths = metric::distance_matrix(metric::Euclidean{}, points);
  CHECK(squares.cwiseSqrt() == lengths);
}
