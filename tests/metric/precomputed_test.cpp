// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/metric/precomputed.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace rnnscope;

TEST_CASE("a matrix of distances is checked, and every fault is named") {
  using Source = metric::PrecomputedDistances<float>;
  Matrix<float> good(3, 3);
  good << 0, 1, 2, 1, 0, 3, 2, 3, 0;
  const Source source(good);
  const Id others[] = {2, 0};
  double proxies[2];
  source.proxies(1, others, 2, proxies);
  CHECK(proxies[0] == 3.0);
  CHECK(proxies[1] == 1.0);
  CHECK(source.size() == 3);

  CHECK_THROWS_WITH_AS(Source(good.topRows(2)), "precomputed distances: expected a square matrix, found 2 x 3",
                       ShapeError);
  Matrix<float> similarities = good;
  similarities(1, 1) = 1;
  CHECK_THROWS_WITH_AS(Source{similarities},
                       "precomputed distances: entry (1, 1) is 1, expected 0; are these similarities?",
                       ValueError);
  Matrix<float> lopsided = good;
  lopsided(2, 1) = 4;
  CHECK_THROWS_WITH_AS(
      Source{lopsided},
      "precomputed distances: not symmetric: (1, 2) is 3 but (2, 1) is 4; symmetrise with (D + D^T) / 2",
      ValueError);
  for (const float bad :
       {-1.0f, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    Matrix<float> broken = good;
    broken(0, 2) = broken(2, 0) = bad;
    CHECK_THROWS_AS(Source{broken}, ValueError);
  }
  CHECK(Source(Matrix<float>(0, 0)).size() == 0);
}
