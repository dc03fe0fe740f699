// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/metric/function.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "rnnscope/metric/distance_source.hpp"

using namespace rnnscope;

TEST_CASE("a bare callable is not taken to be a metric, a declared one is") {
  const auto gap = [](Index a, Index b) { return std::abs(a - b); };
  const auto bare = metric::distance_source(gap, 3);
  const auto declared = metric::distance_source(metric::true_metric(gap), 3);
  CHECK_FALSE(decltype(bare)::is_metric);
  CHECK(decltype(declared)::is_metric);
  const Id other = 0;
  double proxy = 0;
  declared.proxies(2, &other, 1, &proxy);
  CHECK(declared.lift(proxy) == 2.0);
}

TEST_CASE("a callable always gets the smaller number first") {
  const auto source = metric::distance_source([](Index a, Index b) { return 10 * a + b; }, 5);
  const Id others[] = {0, 1, 4};
  double proxies[3];
  source.proxies(2, others, 3, proxies);
  CHECK(proxies[0] == 2.0);
  CHECK(proxies[1] == 12.0);
  CHECK(proxies[2] == 24.0);
}

TEST_CASE("a callable that gives no distance is reported with the pair") {
  const Id other = 1;
  double proxy = 0;
  for (const double bad :
       {-1.0, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    const auto source = metric::distance_source([bad](Index, Index) { return bad; }, 5);
    CHECK_THROWS_AS(source.proxies(3, &other, 1, &proxy), ValueError);
  }
  const auto negative = metric::distance_source([](Index, Index) { return -1; }, 5);
  CHECK_THROWS_WITH_AS(negative.proxies(3, &other, 1, &proxy),
                       "metric: the distance of points 1 and 3 is -1; expected a finite number >= 0",
                       ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(metric::distance_source([](Index, Index) { return 1; }, -1)),
                       "points: their number must not be negative, found -1", ValueError);
}

namespace {

/// A type of the user's own, and a metric for it that says so itself.
struct Interval {
  double low = 0.0, high = 0.0;
};
struct EndsApart {
  static constexpr bool is_metric = true;
  double operator()(const Interval& a, const Interval& b) const {
    return std::max(std::abs(a.low - b.low), std::abs(a.high - b.high));
  }
};

}  // namespace

TEST_CASE("things of the user's own type under a lambda and under a type of metric") {
  const std::vector<Interval> intervals{{0, 1}, {0, 3}, {-2, 2}};
  const auto by_length = [](const Interval& a, const Interval& b) {
    return std::abs((a.high - a.low) - (b.high - b.low));
  };
  Matrix<double> lengths(3, 3), ends(3, 3);
  lengths << 0, 2, 3, 2, 0, 1, 3, 1, 0;
  ends << 0, 2, 2, 2, 0, 2, 2, 2, 0;
  CHECK(metric::distance_matrix(by_length, intervals) == lengths);
  CHECK(metric::distance_matrix(EndsApart{}, intervals) == ends);
  const auto bare = metric::distance_source(by_length, intervals);
  const auto declared = metric::distance_source(EndsApart{}, intervals);
  CHECK_FALSE(decltype(bare)::is_metric);
  CHECK(decltype(declared)::is_metric);
}
