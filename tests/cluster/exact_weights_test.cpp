// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/exact_weights.hpp"

#include <doctest/doctest.h>

#include "brute_force.hpp"

using namespace rnnscope;
using detail::ExactWeights;

namespace {

ExactWeights::Sum sum_of(const ExactWeights& weights, const std::vector<Index>& order) {
  ExactWeights::Sum sum = 0;
  for (const Index p : order) sum += weights[static_cast<std::size_t>(p)];
  return sum;
}

}  // namespace

TEST_CASE("sums of weights are those of whole numbers, in any order") {
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u}) {
    const std::vector<double> given = test::fractional_weights(300, seed);
    const ExactWeights weights(given);
    test::WholeNumber expected = 0;
    for (const double each : given) expected += test::in_units(each);
    const ExactWeights::Sum sum = sum_of(weights, test::shuffled(300, seed));
    CHECK((sum == total_weight(weights, 300)));
    CHECK(weights.value(sum) == std::ldexp(static_cast<double>(expected), -60));
    for (Index whole = 0; whole < 600; ++whole) {
      const bool reached = expected >= test::in_units(1.0) * whole;
      CHECK((sum >= weights.reaching(whole)) == reached);
      CHECK((weights.value(sum) >= static_cast<double>(whole)) == reached);
    }
  }
}

TEST_CASE("a sum that is almost a whole number is on the side where it is") {
  const ExactWeights low(std::vector<double>(10, 0.3)), high(std::vector<double>(10, 0.1));
  const ExactWeights::Sum almost = total_weight(low, 10), above = total_weight(high, 10);
  CHECK((almost < low.reaching(3)));  // 0.3 is 5404319552844595 / 2^54
  CHECK(low.value(almost) == std::nextafter(3.0, 0.0));
  CHECK((above >= high.reaching(1)));
  CHECK(high.value(above) == std::nextafter(1.0, 2.0));
  CHECK(low.value(low.reaching(3)) == 3.0);
}

TEST_CASE("weights of any size: exact within a factor of 1e15, else each rounded for itself") {
  const ExactWeights huge(std::vector<double>{1e300, 3e300}), tiny(std::vector<double>{1e-300, 3e-300});
  CHECK((huge[0] >= huge.reaching(std::numeric_limits<Index>::max())));
  CHECK((huge.reaching(0) == 0));
  CHECK(huge.value(total_weight(huge, 2)) == 4e300);
  CHECK((total_weight(tiny, 2) < tiny.reaching(1)));
  CHECK((tiny.reaching(0) == 0));
  CHECK(tiny.value(total_weight(tiny, 2)) == doctest::Approx(4e-300).epsilon(1e-15));
  const ExactWeights wide(std::vector<double>{1e15, 0.1, 1e-300});
  CHECK(wide.value(wide[0]) == 1e15);
  CHECK(wide.value(wide[1]) == 0.1);
  CHECK((wide[2] == 0));
  const ExactWeights largest(std::vector<double>(1000, 1.7e305));
  CHECK((total_weight(largest, 1000) == 1000 * largest[0]));
  CHECK(largest.value(total_weight(largest, 1000)) == doctest::Approx(1.7e308));
  CHECK_THROWS_WITH_AS(ExactWeights(std::vector<double>(1000, 1.7e308)),
                       "sample weights: their sum is beyond the range of double", ValueError);
}

TEST_CASE("without weights points are counted; what is no weight is refused") {
  const ExactWeights counting;
  CHECK(counting.counting());
  CHECK((counting[7] == 1));
  CHECK((counting.reaching(12) == 12));
  CHECK(counting.value(5) == 5.0);
  CHECK(ExactWeights(std::vector<double>{}).counting());
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double bad : {0.0, -1.0, infinity, std::nan("")})
    CHECK_THROWS_AS(ExactWeights(std::vector<double>{1.0, bad}), ValueError);
}
