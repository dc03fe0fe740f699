// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/validity.hpp"

#include <doctest/doctest.h>

#include "rnnscope/core/random.hpp"

using namespace rnnscope;

namespace {

/// Counting pairs of points one by one.
double rand_index_by_pairs(const std::vector<Id>& a, const std::vector<Id>& b) {
  double both = 0, in_a = 0, in_b = 0, pairs = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      both += a[i] == a[j] && b[i] == b[j] ? 1 : 0;
      in_a += a[i] == a[j] ? 1 : 0;
      in_b += b[i] == b[j] ? 1 : 0;
      pairs += 1;
    }
  }
  const double expected = in_a * in_b / pairs;
  return (both - expected) / ((in_a + in_b) / 2 - expected);
}

}  // namespace

TEST_CASE("adjusted Rand index against counting pairs") {
  Random random(1);
  for (int repeat = 0; repeat < 20; ++repeat) {
    std::vector<Id> a, b;
    for (int p = 0; p < 60; ++p) {
      a.push_back(static_cast<Id>(random.below(5)) - 1);
      b.push_back(random.below(3) == 0 ? static_cast<Id>(random.below(4)) : a.back());
    }
    CHECK(adjusted_rand_index(a, b) == doctest::Approx(rand_index_by_pairs(a, b)).epsilon(1e-12));
    CHECK(adjusted_rand_index(a, b) == adjusted_rand_index(b, a));
  }
}

TEST_CASE("adjusted Rand index: renaming, trivial labellings, known values, wrong sizes") {
  const std::vector<Id> a{0, 0, 1, 1}, renamed{5, 5, -1, -1}, finer{0, 0, 1, 2}, crossed{0, 1, 0, 1};
  CHECK(adjusted_rand_index(a, renamed) == 1.0);
  CHECK(adjusted_rand_index(a, finer) == doctest::Approx(4.0 / 7.0));
  CHECK(adjusted_rand_index(a, crossed) == doctest::Approx(-0.5));
  CHECK(adjusted_rand_index({}, {}) == 1.0);
  CHECK(adjusted_rand_index(std::vector<Id>{3}, std::vector<Id>{4}) == 1.0);
  CHECK(adjusted_rand_index(std::vector<Id>{1, 1, 1}, std::vector<Id>{2, 2, 2}) == 1.0);
  CHECK(adjusted_rand_index(std::vector<Id>{1, 2, 3}, std::vector<Id>{4, 5, 6}) == 1.0);
  CHECK(adjusted_rand_index(std::vector<Id>{1, 1, 1}, std::vector<Id>{4, 5, 6}) == 0.0);
  CHECK_THROWS_WITH_AS(static_cast<void>(adjusted_rand_index(a, std::vector<Id>{1})),
                       "adjusted Rand index: 4 labels against 1", ShapeError);
}
