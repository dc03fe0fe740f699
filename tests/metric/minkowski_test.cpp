// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/metric/minkowski.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "expected_pairs.hpp"
#include "random_columns.hpp"
#include "rnnscope/metric/chebyshev.hpp"
#include "rnnscope/metric/euclidean.hpp"
#include "rnnscope/metric/manhattan.hpp"

using namespace rnnscope;

TEST_CASE("Minkowski distances against SciPy") {
  test::check_pairs(metric::Minkowski(3.0), test::four_points(),
                    {5.527411367307018, 2.452434065762008, 3.0092308274032264, 5.5137397523206655,
                     4.224180250142124, 1.4422495703074083});
  test::check_pairs(metric::Minkowski(1.5), test::four_points(),
                    {7.052308720395341, 3.483860649499852, 3.266338841142509, 7.448729058737365,
                     5.433536329825729, 2.080083823051904});
}

TEST_CASE_TEMPLATE("Minkowski of order 1, 2 and large", S, float, double) {
  const Matrix<S> points = test::random_columns<S>(7, 10, 3);
  CHECK(metric::distance_matrix(metric::Minkowski(1.0), points)
            .isApprox(metric::distance_matrix(metric::Manhattan{}, points), 1e-14));
  CHECK(metric::distance_matrix(metric::Minkowski(2.0), points)
            .isApprox(metric::distance_matrix(metric::Euclidean{}, points), 1e-14));
  CHECK(metric::distance_matrix(metric::Minkowski(1000.0), points)
            .isApprox(metric::distance_matrix(metric::Chebyshev{}, points), 2e-3));
  CHECK(test::obeys_triangle_inequality(metric::distance_matrix(metric::Minkowski(2.5), points)));
}

TEST_CASE("Minkowski: huge and tiny differences, and orders that are none") {
  Matrix<double> points(2, 2);
  points << 0, 3e200, 0, 4e200;
  CHECK(metric::distance_matrix(metric::Minkowski(2.0), points)(0, 1) == doctest::Approx(5e200));
  points *= 1e-300;
  points *= 1e-200;
  CHECK(metric::distance_matrix(metric::Minkowski(2.0), points)(0, 1) ==
        doctest::Approx(5e-300).epsilon(1e-12));
  CHECK_THROWS_WITH_AS(metric::Minkowski(0.5),
                       "Minkowski distance: expected 1 <= p < infinity, found 0.5; for infinity use "
                       "metric::Chebyshev",
                       ValueError);
  CHECK_THROWS_AS(metric::Minkowski{std::numeric_limits<double>::infinity()}, ValueError);
  CHECK_THROWS_AS(metric::Minkowski{std::numeric_limits<double>::quiet_NaN()}, ValueError);
}
