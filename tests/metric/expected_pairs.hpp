// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <doctest/doctest.h>

#include <vector>

#include "rnnscope/metric/distance_source.hpp"

namespace rnnscope::test {

/// Four points in space, the ones the literal distances of SciPy 1.10 (scipy.spatial.distance.pdist) are of.
inline Matrix<double> four_points() {
  Matrix<double> points(3, 4);
  points << 1.0, 0.0, 2.5, 1.5, -2.0, 3.0, 0.0, 1.0, 0.5, 4.0, -1.0, 0.0;
  return points;
}

/// `expected` are the distances of the pairs 01, 02, ..., 12, 13, ...; checked in both orders.
template <class Metric, class Points>
void check_pairs(const Metric& metric, const Points& points, const std::vector<double>& expected,
                 double tolerance = 1e-14) {
  const Matrix<double> distances = metric::distance_matrix(metric, points);
  std::size_t pair = 0;
  for (Index i = 0; i < distances.cols(); ++i) {
    CHECK(distances(i, i) == 0.0);
    for (Index j = i + 1; j < distances.cols(); ++j) {
      REQUIRE(pair < expected.size());
      CHECK(distances(i, j) == doctest::Approx(expected[pair++]).epsilon(tolerance));
      CHECK(distances(j, i) == distances(i, j));
    }
  }
  CHECK(pair == expected.size());
}

/// The triangle inequality for all triples, up to rounding.
inline bool obeys_triangle_inequality(const Matrix<double>& d) {
  for (Index i = 0; i < d.cols(); ++i) {
    for (Index j = 0; j < d.cols(); ++j) {
      for (Index k = 0; k < d.cols(); ++k) {
        if (d(i, k) > (d(i, j) + d(j, k)) * (1.0 + 1e-12) + 1e-15) return false;
      }
    }
  }
  return true;
}

}  // namespace rnnscope::test
