// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/points/scaling.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace rnnscope;

TEST_CASE_TEMPLATE("unit_columns keeps the direction", Scalar, float, double) {
  Matrix<Scalar> vectors(2, 3);
  vectors << Scalar(3), Scalar(-1e-30), Scalar(1e30),  //
      Scalar(4), Scalar(0), Scalar(1e30);              // lengths whose squares a float cannot hold
  const Matrix<Scalar> units = unit_columns<Scalar>(vectors);
  CHECK(std::abs(units(0, 0) - Scalar(0.6)) < Scalar(1e-7));
  CHECK(std::abs(units(1, 0) - Scalar(0.8)) < Scalar(1e-7));
  CHECK(units(0, 1) == Scalar(-1));
  CHECK(std::abs(units(0, 2) - Scalar(std::sqrt(0.5))) < Scalar(1e-7));

  vectors.col(1).setZero();
  CHECK_THROWS_WITH_AS(static_cast<void>(unit_columns<Scalar>(vectors, "state")),
                       "state 1 is zero and has no direction", ValueError);
  vectors(0, 0) = std::numeric_limits<Scalar>::quiet_NaN();
  CHECK_THROWS_WITH_AS(static_cast<void>(unit_columns<Scalar>(vectors)),
                       "vector 0 has a value that is not finite", ValueError);
  CHECK(unit_columns<Scalar>(Matrix<Scalar>(2, 0)).cols() == 0);
}

TEST_CASE_TEMPLATE("standardisation gives mean 0 and deviation 1, as NumPy's mean and std", Scalar, float,
                   double) {
  Matrix<Scalar> vectors(2, 8);
  vectors << Scalar(2.5), Scalar(0.5), Scalar(2.2), Scalar(1.9), Scalar(3.1), Scalar(2.3), Scalar(2.0),
      Scalar(1.0), Scalar(7), Scalar(7), Scalar(7), Scalar(7), Scalar(7), Scalar(7), Scalar(7), Scalar(7);
  const auto standardisation = Standardisation<Scalar>::fit(vectors);
  CHECK(std::abs(standardisation.mean(0) - 1.9375) < 1e-7);
  CHECK(std::abs(standardisation.deviation(0) - 0.776108078813769) < 1e-7);
  CHECK(standardisation.deviation(1) == 0.0);
  const Matrix<Scalar> z = standardisation.apply(vectors);
  CHECK(std::abs(z(0, 4) - Scalar((3.1 - 1.9375) / 0.776108078813769)) < Scalar(1e-6));
  CHECK(z.row(1).norm() == Scalar(0));
  CHECK(std::abs(z.row(0).mean()) < Scalar(1e-6));
  CHECK(std::abs(z.row(0).squaredNorm() / Scalar(8) - Scalar(1)) < Scalar(1e-6));

  CHECK_THROWS_AS(static_cast<void>(Standardisation<Scalar>::fit(Matrix<Scalar>(2, 0))), ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(standardisation.apply(Matrix<Scalar>::Zero(3, 1))),
                       "Standardisation: vectors of dimension 3, fitted to dimension 2", ShapeError);
  vectors(1, 3) = std::numeric_limits<Scalar>::infinity();
  CHECK_THROWS_WITH_AS(static_cast<void>(Standardisation<Scalar>::fit(vectors)),
                       "Standardisation: vector 3 has a value that is not finite", ValueError);
}
