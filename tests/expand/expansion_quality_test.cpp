// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/expand/expansion_quality.hpp"

#define DOCTEST_CONFIG_VOID_CAST_EXPRESSIONS
#include <doctest/doctest.h>

#include "expansion_fixture.hpp"
#include "rnnscope/expand/origin.hpp"
#include "rnnscope/expand/path_integrated.hpp"

using namespace expansion_test;

TEST_CASE_TEMPLATE("quality: the errors of steps and sums, and the growth of A", Cell, Gru<double>,
                   Lstm<double>) {
  const Example<Cell> example;
  const NgramUnroller unroller(example.layer, example.parameters);
  const auto layout = PackedLayout::uniform(7, 1);
  const auto quality = unroller.quality(layout, example.x, example.initial);
  const auto linear = unroller.linearise(layout, example.x, example.initial);
  const auto scores = unroller.polarity(example.weight, example.bias, example.x, {.initial = example.initial});
  for (Index t = 0; t < 7; ++t) {
    CHECK(quality.step_error(t) ==
          doctest::Approx(linear.residual[0].col(t).norm() / linear.state[0].col(t).norm()));
    CHECK(quality.unrolled_error(t) == doctest::Approx(scores.residual_ratio(t)));
  }
  CHECK(difference(quality.spectral_radius, unroller.spectral_radius(example.x)) < 1e-12);
  CHECK(quality.quadrature_nodes.empty());
}

TEST_CASE("quality: a Maclaurin that diverges is told by all of its numbers; its overflow is an error") {
  // GRU of 64 units, weights uniform in +-gain / sqrt(64).
  const auto with_gain = [](double gain, Index length) {
    Example<Gru<double>> example(64, length, 1);
    example.parameters.flat() *= gain / (0.6 * 8);
    return example;
  };
  const auto layout = PackedLayout::uniform(20, 1);
  {
    const auto example = with_gain(0.5, 20);
    const auto quality = NgramUnroller(example.layer, example.parameters).quality(layout, example.x);
    CHECK_FALSE(quality.diverges());
    CHECK(quality.growing() == 0);
  }
  {
    const auto example = with_gain(4, 20);
    const auto maclaurin = NgramUnroller(example.layer, example.parameters).quality(layout, example.x);
    CHECK(maclaurin.diverges());
    CHECK(maclaurin.growing() >= 15);
    CHECK(maclaurin.unrolled_error.maxCoeff() > 10);
    const auto origin = NgramUnroller(example.layer, example.parameters, Origin{}).quality(layout, example.x);
    CHECK(origin.unrolled_error.maxCoeff() < 0.2 * maclaurin.unrolled_error.maxCoeff());
    const auto path =
        NgramUnroller(example.layer, example.parameters, PathIntegrated{}).quality(layout, example.x);
    CHECK(path.unrolled_error.maxCoeff() < 1e-7);
    CHECK(path.quadrature_nodes.size() == 20);
    // The scores of the one that diverges say so too, and are still a complete account.
    const auto scores =
        NgramUnroller(example.layer, example.parameters).polarity(example.weight, example.bias, example.x);
    CHECK(scores.residual_ratio(19) == doctest::Approx(maclaurin.unrolled_error(19)));
    CHECK(std::abs(scores.account(19).sum() - scores.account(19).logit) <
          1e-12 * scores.ngram.cwiseAbs().sum());
  }
  {
    const auto example = with_gain(40, 400);
    CHECK_THROWS_WITH_AS(
        NgramUnroller(example.layer, example.parameters).quality(PackedLayout::uniform(400, 1), example.x),
        doctest::Contains("the unrolled state is not finite at t = "), ValueError);
  }
}
