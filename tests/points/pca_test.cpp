// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/points/pca.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "rnnscope/core/random.hpp"

using namespace rnnscope;

TEST_CASE_TEMPLATE("axes, variances and coordinates agree with NumPy", Scalar, float, double) {
  Matrix<Scalar> points(3, 8);
  points << Scalar(2.5), Scalar(0.5), Scalar(2.2), Scalar(1.9), Scalar(3.1), Scalar(2.3), Scalar(2.0),
      Scalar(1.0), Scalar(2.4), Scalar(0.7), Scalar(2.9), Scalar(2.2), Scalar(3.0), Scalar(2.7), Scalar(1.6),
      Scalar(1.1), Scalar(0.5), Scalar(-1.0), Scalar(0.1), Scalar(0.3), Scalar(2.0), Scalar(-0.7), Scalar(0.9),
      Scalar(0.4);
  const double tolerance = std::is_same_v<Scalar, float> ? 2e-6 : 1e-12;
  const auto pca = Pca<Scalar>::fit(points, 2);
  // numpy.linalg.eigh(numpy.cov(X.T, bias=True)), NumPy 1.24.2, largest entry of each axis positive
  const double axes[2][3] = {{0.61077558802297, 0.567864028364915, 0.551800350094458},
                             {-0.207577686214805, -0.557682243963335, 0.803680296482207}};
  for (Index k = 0; k < 2; ++k) {
    for (Index d = 0; d < 3; ++d) CHECK(std::abs(pca.axes(d, k) - axes[k][d]) < tolerance);
  }
  CHECK(std::abs(pca.variances(0) - 1.52570954) < 1e-7);
  CHECK(std::abs(pca.variances(1) - 0.44565927) < 1e-7);
  CHECK(std::abs(pca.total_variance - (1.52570954 + 0.44565927 + 0.02394368)) < 1e-7);
  const Matrix<double> coordinates = pca.project(points);
  REQUIRE(coordinates.rows() == 2);
  CHECK(std::abs(coordinates(0, 1) - -2.383040906283753) < 4 * tolerance);
  CHECK(std::abs(coordinates(1, 5) - -1.237524613918186) < 4 * tolerance);
  CHECK(std::abs(coordinates(1, 7) - 0.808666294632823) < 4 * tolerance);
}

TEST_CASE("many vectors: chunks add up, axes are orthonormal, coordinates have the variances") {
  Random random(5);
  Matrix<double> points(6, 2500);
  for (Index j = 0; j < points.cols(); ++j) {
    for (Index d = 0; d < 6; ++d) points(d, j) = 100.0 + static_cast<double>(d + 1) * random.normal();
  }
  const auto pca = Pca<double>::fit(points, 6);
  CHECK((pca.axes.transpose() * pca.axes - Matrix<double>::Identity(6, 6)).norm() < 1e-12);
  const Matrix<double> coordinates = pca.project(points);
  CHECK(coordinates.rowwise().mean().norm() < 1e-10);
  for (Index k = 0; k < 6; ++k) {
    CHECK(coordinates.row(k).squaredNorm() / 2500 == doctest::Approx(pca.variances(k)).epsilon(1e-10));
    if (k > 0) CHECK(pca.variances(k) < pca.variances(k - 1));
  }
  CHECK(pca.variances.sum() == doctest::Approx(pca.total_variance).epsilon(1e-12));
  // All axes together keep every vector.
  CHECK(((pca.axes * coordinates).colwise() + pca.mean - points).norm() < 1e-9);
}

TEST_CASE("one vector has no variance; bad input is refused") {
  const Matrix<double> one = Matrix<double>::Constant(3, 1, 2.0);
  const auto pca = Pca<double>::fit(one, 1);
  CHECK(pca.variances(0) == 0.0);
  CHECK(pca.project(one).norm() == 0.0);
  CHECK_THROWS_WITH_AS(static_cast<void>(Pca<double>::fit(one, 4)),
                       "Pca: components must be in [1, 3], found 4", ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(Pca<double>::fit(Matrix<double>(3, 0), 1)),
                       "Pca: there are no vectors", ValueError);
  Matrix<double> bad = Matrix<double>::Zero(3, 4);
  bad(1, 2) = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH_AS(static_cast<void>(Pca<double>::fit(bad, 1)),
                       "Pca: vector 2 has a value that is not finite", ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(pca.project(Matrix<double>::Zero(4, 1))),
                       "Pca: vectors of dimension 4, fitted to dimension 3", ShapeError);
}
