// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/analysis/distribution.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <numeric>
#include <vector>

using namespace rnnscope;

// The expected numbers of this file are those of NumPy 1.24.2.
static const std::vector<double> values{3.5, -1.25, 7.0, 2.0, 2.0, 40.0, -0.5, 4.75, 1.0, -30.0, 6.25};

TEST_CASE("quantiles are NumPy's") {
  CHECK(quantile(values, 0) == -30);
  CHECK(quantile(values, 0.1) == doctest::Approx(-1.25));
  CHECK(quantile(values, 0.25) == 0.25);
  CHECK(quantile(values, 0.5) == 2.0);
  CHECK(quantile(values, 0.75) == 5.5);
  CHECK(quantile(values, 0.9) == doctest::Approx(7.0));
  CHECK(quantile(values, 1) == 40);
  CHECK(quantile(std::vector<double>{4.5}, 0.3) == 4.5);
}

TEST_CASE("box statistics: whiskers end at the outermost values inside the fences") {
  const BoxStatistics box = box_statistics(values);  // fences at -7.625 and 13.375
  CHECK(box.count == 11);
  CHECK(box.mean == doctest::Approx(3.159090909090909).epsilon(1e-14));
  CHECK(box.minimum == -30);
  CHECK(box.maximum == 40);
  CHECK(box.lower_quartile == 0.25);
  CHECK(box.median == 2);
  CHECK(box.upper_quartile == 5.5);
  CHECK(box.lower_whisker == -1.25);
  CHECK(box.upper_whisker == 7);
  CHECK(box.outliers == std::vector<double>{-30, 40});

  CHECK(box_statistics(values, 100).outliers.empty());
  CHECK(box_statistics(values, 100).lower_whisker == -30);

  const BoxStatistics point = box_statistics(std::vector<double>{-2.5});
  CHECK(point.lower_whisker == -2.5);
  CHECK(point.upper_whisker == -2.5);
  CHECK(point.outliers.empty());

  // Nothing lies between the quartiles 0.25 and 0.75, which are their own fences.
  const BoxStatistics two = box_statistics(std::vector<double>{1, 0}, 0);
  CHECK(two.lower_whisker == 0.25);
  CHECK(two.upper_whisker == 0.75);
  CHECK(two.outliers == std::vector<double>{0, 1});
}

TEST_CASE("histograms are NumPy's") {
  const Histogram all = histogram(values, {.bins = 7});
  CHECK(all.counts == std::vector<Index>{1, 0, 2, 7, 0, 0, 1});
  REQUIRE(all.edges.size() == 8);
  for (std::size_t b = 0; b < 8; ++b)
    CHECK(all.edges[b] == doctest::Approx(-30 + 10.0 * static_cast<double>(b)));
  CHECK(all.below + all.above == 0);

  const Histogram some = histogram(values, {.bins = 4, .low = -2, .high = 6});
  CHECK(some.counts == std::vector<Index>{2, 1, 3, 1});
  CHECK(some.below == 1);
  CHECK(some.above == 3);

  // Edges belong to the bin on their right, the last one to the last bin.
  CHECK(histogram(std::vector<double>{0, 1, 2, 3}, {.bins = 3}).counts == std::vector<Index>{1, 1, 2});
}

TEST_CASE("histograms of equal values, of none, and of values beyond one given edge") {
  const Histogram equal = histogram(std::vector<double>{3, 3, 3}, {.bins = 2});
  CHECK(equal.edges == std::vector<double>{2.5, 3, 3.5});
  CHECK(equal.counts == std::vector<Index>{0, 3});
  CHECK(histogram(std::vector<double>{}, {.bins = 2, .low = 0, .high = 1}).counts == std::vector<Index>{0, 0});
  const Histogram beyond = histogram(std::vector<double>{3}, {.bins = 1, .low = 5});
  CHECK(beyond.edges == std::vector<double>{5, 6});
  CHECK(beyond.below == 1);
  CHECK(histogram(std::vector<double>{3}, {.bins = 1, .high = 1}).above == 1);
}

TEST_CASE("what is not a number or not there is refused by name") {
  const std::vector<double> bad{1, 2, std::numeric_limits<double>::quiet_NaN()};
  CHECK_THROWS_WITH_AS(static_cast<void>(quantile(bad, 0.5)), "quantile: value 2 of 3 is nan", ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(box_statistics(bad)), "box_statistics: value 2 of 3 is nan",
                       ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(histogram(bad)), "histogram: value 2 of 3 is nan", ValueError);
  CHECK_THROWS_AS(static_cast<void>(quantile({}, 0.5)), ValueError);
  CHECK_THROWS_AS(static_cast<void>(quantile(values, 1.01)), ValueError);
  CHECK_THROWS_AS(static_cast<void>(box_statistics({})), ValueError);
  CHECK_THROWS_AS(static_cast<void>(box_statistics(values, -1)), ValueError);
  CHECK_THROWS_AS(static_cast<void>(histogram({})), ValueError);
  CHECK_THROWS_AS(static_cast<void>(histogram(values, {.bins = 0})), ValueError);
  CHECK_THROWS_AS(static_cast<void>(histogram(values, {.low = 2, .high = 2})), ValueError);
}
