// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/metric/jaccard.hpp"

#include <doctest/doctest.h>

#include <set>

#include "expected_pairs.hpp"
#include "random_columns.hpp"

using namespace rnnscope;

TEST_CASE("Jaccard distances of columns against SciPy, and of sets") {
  Matrix<double> points(5, 4);
  points << 1, 0, 0, 2, 0, 0, 0, 0, 1, 1, 0, -3, 1, 7, 0, 1, 0, 1, 0, 0;
  const std::vector<double> expected{0.5, 1.0, 0.0, 1.0, 0.5, 1.0};
  test::check_pairs(metric::Jaccard{}, points, expected);
  const std::vector<std::vector<Id>> lists{{0, 2, 3}, {2, 3, 4}, {}, {0, 2, 3}};
  test::check_pairs(metric::Jaccard{}, lists, expected);
  const std::vector<std::set<char>> sets{{'a', 'c', 'd'}, {'c', 'd', 'e'}, {}, {'a', 'c', 'd'}};
  test::check_pairs(metric::Jaccard{}, sets, expected);
  CHECK(metric::Jaccard{}(lists[2], lists[2]) == 0.0);
}

TEST_CASE("Jaccard is a metric; what is no set is refused") {
  const Matrix<double> random = test::random_columns<double>(6, 15, 1).cwiseMax(0.0);
  CHECK(test::obeys_triangle_inequality(metric::distance_matrix(metric::Jaccard{}, random)));
  const std::vector<Id> set{1, 5}, falling{3, 2}, repeated{4, 4};
  CHECK_THROWS_AS(static_cast<void>(metric::Jaccard{}(set, falling)), ValueError);
  CHECK_THROWS_AS(static_cast<void>(metric::Jaccard{}(repeated, set)), ValueError);
  CHECK_THROWS_AS(
      static_cast<void>(metric::Jaccard{}(Vector<double>::Ones(2).eval(), Vector<double>::Ones(3).eval())),
      ShapeError);
}
