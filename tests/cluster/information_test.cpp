// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/information.hpp"

#include <doctest/doctest.h>

#include "rnnscope/core/random.hpp"

using namespace rnnscope;

namespace {

using Labels = std::vector<Id>;

}  // namespace

TEST_CASE("mutual information and V-measure against scikit-learn 1.2") {
  const Labels a{0, 0, 0, 1, 1, 1, 1, 2, 2, 2, -1, -1}, b{0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2, -1};
  CHECK(mutual_information(a, b) == doctest::Approx(0.7745867487672072).epsilon(1e-13));
  CHECK(adjusted_mutual_information(a, b) == doctest::Approx(0.3682976234844314).epsilon(1e-12));
  const VMeasure measure = v_measure(a, b);
  CHECK(measure.homogeneity == doctest::Approx(0.5703971872018763).epsilon(1e-13));
  CHECK(measure.completeness == doctest::Approx(0.6263412515959259).epsilon(1e-13));
  CHECK(measure.v == doctest::Approx(0.5970616077105569).epsilon(1e-13));
  CHECK(v_measure(a, b, 0.5).v == doctest::Approx(0.5879007209964494).epsilon(1e-13));
  CHECK(v_measure(b, a).homogeneity == measure.completeness);
}

TEST_CASE("mutual information and V-measure of trivial and of opposite labellings") {
  const Labels halves{0, 0, 1, 1}, crossed{0, 1, 0, 1}, one{7, 7, 7, 7}, alone{3, 2, 1, 0},
      renamed{9, 9, -1, -1};
  CHECK(adjusted_mutual_information(halves, renamed) == 1.0);
  CHECK(adjusted_mutual_information(halves, crossed) == doctest::Approx(-0.5).epsilon(1e-12));
  CHECK(adjusted_mutual_information(one, alone) == 0.0);
  CHECK(adjusted_mutual_information(one, one) == 1.0);
  CHECK(std::abs(adjusted_mutual_information(alone, halves)) < 1e-12);
  CHECK(adjusted_mutual_information(alone, Labels{0, 1, 2, 3}) == 1.0);
  CHECK(adjusted_mutual_information({}, {}) == 1.0);
  CHECK(v_measure(one, alone) == VMeasure{.homogeneity = 1.0, .completeness = 0.0, .v = 0.0});
  CHECK(v_measure(halves, crossed) == VMeasure{.homogeneity = 0.0, .completeness = 0.0, .v = 0.0});
  CHECK(v_measure(halves, renamed) == VMeasure{});
  CHECK(v_measure(halves, alone).homogeneity == 1.0);
  CHECK(v_measure(halves, alone).completeness == doctest::Approx(0.5));
  CHECK_THROWS_WITH_AS(static_cast<void>(v_measure(one, Labels{1})), "labellings: 4 labels against 1",
                       ShapeError);
  CHECK_THROWS_AS(static_cast<void>(v_measure(one, one, -1.0)), ValueError);
}

TEST_CASE("the expected information is the mean over all orders of the labels") {
  Random random(2);
  const Labels a{0, 0, 0, 1, 1, 2, 2, 2, 2};
  Labels b{0, 1, 1, 1, 0, 0, 2, 2, 3};
  double mean = 0.0;
  constexpr int repeats = 20000;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    for (Index i = 8; i > 0; --i)
      std::swap(b[static_cast<std::size_t>(i)], b[static_cast<std::size_t>(random.below(i + 1))]);
    mean += mutual_information(a, b) / repeats;
  }
  CHECK(detail::Contingency(a, b).expected_information() == doctest::Approx(mean).epsilon(5e-3));
}
