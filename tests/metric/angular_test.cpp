// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/metric/angular.hpp"

#include <doctest/doctest.h>

#include <numbers>

#include "expected_pairs.hpp"
#include "random_columns.hpp"

using namespace rnnscope;

TEST_CASE("angles against the arc cosine of SciPy's cosine distances") {
  test::check_pairs(metric::Angular{}, test::four_points(),
                    {1.9274587232011702, 1.2406553878463504, 1.6921393928879696, 1.8724635360869908,
                     1.2315037123408519, 0.6879657344966309});
}

TEST_CASE("angles: a metric where the cosine distance is none; small, right and straight ones") {
  const Matrix<double> points = test::random_columns<double>(2, 14, 2);
  CHECK(test::obeys_triangle_inequality(metric::distance_matrix(metric::Angular{}, points)));
  CHECK_FALSE(test::obeys_triangle_inequality(metric::distance_matrix(metric::Cosine{}, points)));
  CHECK(metric::Angular::is_metric);
  Matrix<float> directions(2, 4);
  directions << 1, 0, -2, 1, 0, 3, 0, 1e-6f;
  const Matrix<double> d = metric::distance_matrix(metric::Angular{}, directions);
  CHECK(d(0, 1) == doctest::Approx(std::numbers::pi / 2));
  CHECK(d(0, 2) == doctest::Approx(std::numbers::pi));
  CHECK(d(0, 3) == doctest::Approx(static_cast<double>(1e-6f)).epsilon(1e-9));
  for (const double angle : {0.0, 1e-9, 0.3, 2.0, 3.1}) {
    CHECK(metric::Angular{}.lift(metric::Angular{}.lower(angle)) == doctest::Approx(angle).epsilon(1e-12));
  }
  CHECK_THROWS_AS(
      static_cast<void>(metric::distance_source(metric::Angular{}, Matrix<double>::Zero(2, 2).eval())),
      ValueError);
}
