// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/expand/trajectory.hpp"

#include <doctest/doctest.h>

#include "expansion_fixture.hpp"

using namespace expansion_test;

TEST_CASE_TEMPLATE("Trajectory: A is the whole Jacobian at the real state, nothing is missed", Cell,
                   Elman<double>, Gru<double>, Lstm<double>, Gru<float>, Lstm<float>) {
  using S = typename Cell::Scalar;
  static_assert(StateExpansion<Trajectory, Cell> && !TokenExpansion<Trajectory, Cell>);
  static_assert(!OrderedExpansion<Trajectory, Cell> && !AveragedExpansion<Trajectory, Cell>);
  const double bound = std::is_same_v<S, float> ? 2e-6 : 1e-14;
  const Example<Cell> example;
  const NgramUnroller unroller(example.layer, example.parameters, Trajectory{});
  const auto linear = unroller.linearise(PackedLayout::uniform(7, 1), example.x, example.initial);
  Vector<double> state = stacked<Cell>(example.initial, 0);
  for (Index t = 0; t < 7; ++t) {
    const Vector<double> x = example.x.col(t).template cast<double>();
    const Matrix<double> a =
        explicit_transition<Cell>(linear.coefficients, t, example.parameters[example.layer.weight_hh()])
            .template cast<double>();
    const Matrix<double> j = jacobian(example, x, state, TrueActivations{});
    CHECK(difference(a, j) < bound);
    CHECK(difference(stacked<Cell>(linear.coefficients.g, t),
                     step(example, x, state, TrueActivations{}) - j * state) < bound);
    CHECK(stacked<Cell>(linear.residual, t).cwiseAbs().maxCoeff() < bound);
    state = stacked<Cell>(linear.state, t);
  }
  CHECK(linear.second[0].size() == 0);
}

TEST_CASE("Trajectory: the n-grams and the initial state alone sum to the logit, even at large weights") {
  Example<Lstm<double>> example(16, 20);
  example.parameters.flat() *= 6.0;
  const NgramUnroller unroller(example.layer, example.parameters, Trajectory{});
  const auto scores = unroller.polarity(example.weight, example.bias, example.x, {.initial = example.initial});
  for (Index t = 0; t < 20; ++t) {
    for (Index label = 0; label < 3; ++label) {
      const auto account = scores.account(t, label);
      const double terms = scores.ngram.row(label).segment(scores.index.column(0, t), t + 1).cwiseAbs().sum();
      CHECK(std::abs(account.token + account.sequence + account.initial + account.bias - account.logit) <
            1e-12 * std::max(1.0, terms));
    }
  }
  CHECK(scores.residual_ratio.maxCoeff() < 1e-11);
}

TEST_CASE("Trajectory: representations are unrolled too, and depend on the context") {
  Example<Gru<double>> example;
  const NgramUnroller unroller(example.layer, example.parameters, Trajectory{});
  const auto linear = unroller.linearise(PackedLayout::uniform(7, 1), example.x, example.initial);
  const PointSet<double> points = unroller.collect(example.x, {.initial = example.initial});
  CHECK(points.size() == 28);
  CHECK(points.vectors.leftCols(7) == linear.coefficients.g[0]);
  example.x.col(0) *= -1;
  CHECK(difference(unroller.collect(example.x, {.initial = example.initial}).vectors.col(6),
                   points.vectors.col(6)) > 1e-6);
}
