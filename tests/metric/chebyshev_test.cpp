// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/metric/chebyshev.hpp"

#include <doctest/doctest.h>

#include "expected_pairs.hpp"
#include "random_columns.hpp"

using namespace rnnscope;

TEST_CASE("Chebyshev distances against SciPy") {
  test::check_pairs(metric::Chebyshev{}, test::four_points(), {5.0, 2.0, 3.0, 5.0, 4.0, 1.0});
  const Matrix<float> floats = test::four_points().cast<float>();
  test::check_pairs(metric::Chebyshev{}, floats, {5.0, 2.0, 3.0, 5.0, 4.0, 1.0});
}

TEST_CASE("Chebyshev is a metric, and known to be one") {
  const Matrix<double> points = test::random_columns<double>(4, 12, 6);
  CHECK(test::obeys_triangle_inequality(metric::distance_matrix(metric::Chebyshev{}, points)));
  const auto source = metric::distance_source(metric::Chebyshev{}, points);
  CHECK(decltype(source)::is_metric);
}
