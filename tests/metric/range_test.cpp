// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/metric/range.hpp"

#include <doctest/doctest.h>

#include "random_columns.hpp"
#include "rnnscope/metric/cosine.hpp"
#include "rnnscope/metric/distance_source.hpp"

using namespace rnnscope;

TEST_CASE("ordinary points are left alone; others come to about 2^480") {
  const Matrix<double> points = test::random_columns<double>(3, 20, 1);
  CHECK(metric::range_exponent<double>(points) == 0);
  CHECK(metric::range_exponent<float>(points.cast<float>()) == 0);
  CHECK(metric::range_exponent<double>(Matrix<double>::Zero(3, 4)) == 0);
  CHECK(metric::range_exponent<double>(Matrix<double>(3, 0)) == 0);
  for (const double scale : {1e-300, 1e-150, 1e155, 1e300}) {
    const Matrix<double> scaled = points * scale;
    const int exponent = metric::range_exponent<double>(scaled);
    REQUIRE(exponent != 0);
    const double largest = scaled.cwiseAbs().maxCoeff();
    CHECK(std::ilogb(largest) + exponent == 480);
  }
}

TEST_CASE("degrees of homogeneity are what they say") {
  const Matrix<double> points = test::random_columns<double>(3, 4, 2);
  const auto check = [&](const auto& metric) {
    constexpr int degree = metric::degree_of<std::remove_cvref_t<decltype(metric)>>;
    const Matrix<double> doubled = 2.0 * points;
    CHECK(metric::distance_matrix(metric, doubled) ==
          std::pow(2.0, degree) * metric::distance_matrix(metric, points));
  };
  check(metric::Euclidean{});
  check(metric::Manhattan{});
  check(metric::SquaredEuclidean{});
  check(metric::Mahalanobis(Matrix<double>::Identity(3, 3)));
  check(metric::Cosine{});
}
