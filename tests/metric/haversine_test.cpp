// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/metric/haversine.hpp"

#include <doctest/doctest.h>

#include <array>

#include "expected_pairs.hpp"

using namespace rnnscope;

TEST_CASE("haversine distances against scikit-learn 1.2") {
  Matrix<double> points(2, 4);
  points << 0.9, -0.4, 0.5, 1.5, 0.1, 2.0, -3.0, 0.1;
  test::check_pairs(
      metric::Haversine{}, points,
      {2.0830447382389585, 1.7411139196476892, 0.6, 1.5281943908286155, 1.992709078975971, 1.141533609501808});
}

TEST_CASE("haversine: kilometres between two cities, across the date line, and degrees are refused") {
  const double degree = std::numbers::pi / 180;
  const metric::Haversine earth{.radius = 6371.0088};
  using Place = std::array<double, 2>;
  const Place ezeiza{-34.83333 * degree, -58.5166646 * degree},
      roissy{49.0083899664 * degree, 2.53844117956 * degree};
  CHECK(earth(ezeiza, roissy) == doctest::Approx(11099.54035582966).epsilon(1e-5));
  CHECK(metric::Haversine{}(Place{0.0, 179 * degree}, Place{0.0, -179 * degree}) ==
        doctest::Approx(2 * degree));
  CHECK(metric::Haversine{}(Place{90 * degree, 0.0}, Place{-90 * degree, 1.0}) ==
        doctest::Approx(std::numbers::pi));
  // A little beyond the pole, by rounding, is the pole.
  for (const double a : {1e-12, 1e-9, 1e-7, 1e-6}) {
    const double pole = 0.5 * std::numbers::pi;
    CHECK(metric::Haversine{}(Place{pole + a, 0.3}, Place{pole - a, 0.3 + std::numbers::pi}) <= 1.1 * a);
  }
  CHECK_THROWS_WITH_AS(static_cast<void>(earth(Place{49.0, 2.5}, roissy)),
                       "haversine distance: latitude 49 is beyond pi / 2; expected radians, are these degrees?",
                       ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(metric::distance(metric::Haversine{}, Vector<double>::Zero(3),
                                                          Vector<double>::Zero(3))),
                       "haversine distance: expected latitude and longitude, found 3 and 3 coordinates",
                       ShapeError);
}
