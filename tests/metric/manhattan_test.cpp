// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/metric/manhattan.hpp"

#include <doctest/doctest.h>

#include "random_columns.hpp"
#include "rnnscope/metric/distance_source.hpp"

using namespace rnnscope;

TEST_CASE_TEMPLATE("Manhattan distances are sums of absolute differences", S, float, double) {
  const Matrix<S> points = test::random_columns<S>(45, 6, 4);
  const Matrix<double> distances = metric::distance_matrix(metric::Manhattan{}, points);
  for (Index j = 0; j < 6; ++j) {
    for (Index i = 0; i < 6; ++i) {
      const double expected =
          (points.col(i).template cast<double>() - points.col(j).template cast<double>()).template lpNorm<1>();
      CHECK(distances(i, j) == doctest::Approx(expected).epsilon(1e-14));
    }
  }
  CHECK(metric::Manhattan{}.lower(metric::Manhattan{}.lift(2.5)) == 2.5);
}
