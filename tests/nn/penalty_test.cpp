// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/nn/penalty.hpp"

#include <doctest/doctest.h>

#include "rnnscope/nn/optimizer.hpp"
#include "support.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

namespace {
template <class S>
Parameters<S> weights() {
  Parameters<S> p;
  p.add("rnn.weight_ih_l0", 3, 2);
  p.add("rnn.bias_ih_l0", 3);
  p.add("bias", 2);
  p.add("biased.weight", 1, 2);
  Random random(95);
  randomise(p, random);
  return p;
}
}  // namespace

TEST_CASE_TEMPLATE("half the sum of squares, and its gradient", S, float, double) {
  const Parameters<S> p = weights<S>();
  Parameters<S> gradient = p;
  gradient.flat().setConstant(S(0.5));
  const double penalty = add_l2_penalty(p, 0.3, gradient);
  CHECK(penalty == doctest::Approx(0.15 * static_cast<double>(p.flat().squaredNorm())).epsilon(1e-6));
  CHECK(penalty == l2_penalty(p, 0.3));
  CHECK((gradient.flat() - p.flat() * S(0.3)).isConstant(S(0.5), S(1e-6)));
  const Vector<double> by_differences = central_difference_gradient(
      [&](const Vector<double>& v) {
        Parameters<double> moved = p.template cast<double>();
        moved.flat() = v;
        return l2_penalty(moved, 0.3);
      },
      p.flat().template cast<double>());
  const Vector<double> found = gradient.flat().template cast<double>().array() - 0.5;
  CHECK(gradient_error(found, by_differences) < 1e-6);
}

TEST_CASE("without biases") {
  const Parameters<double> p = weights<double>();
  Parameters<double> gradient = p.zeros_like();
  const double expected = p.at("rnn.weight_ih_l0").squaredNorm() + p.at("biased.weight").squaredNorm();
  CHECK(add_l2_penalty(p, 2, gradient, NoBias()) == doctest::Approx(expected).epsilon(1e-14));
  CHECK(gradient.at("rnn.bias_ih_l0").isZero());
  CHECK(gradient.at("bias").isZero());
  CHECK(gradient.at("biased.weight") == 2 * p.at("biased.weight"));
}

TEST_CASE("plain descent with the penalty is plain descent with weight decay") {
  Parameters<double> by_penalty = weights<double>(), by_decay = by_penalty;
  Sgd<double> sgd({.learning_rate = 0.1}), decaying({.learning_rate = 0.1, .weight_decay = 0.2});
  for (int k = 0; k < 5; ++k) {
    Parameters<double> gradient = by_penalty.zeros_like();
    gradient.flat().setConstant(0.3 * k);
    decaying.step(by_decay, gradient);
    add_l2_penalty(by_penalty, 0.2, gradient);
    sgd.step(by_penalty, gradient);
  }
  CHECK((by_penalty.flat() - by_decay.flat()).cwiseAbs().maxCoeff() < 1e-15);
}

TEST_CASE("bad arguments are named") {
  const Parameters<double> p = weights<double>();
  Parameters<double> other;
  CHECK_THROWS_WITH_AS(static_cast<void>(l2_penalty(p, -1)),
                       "l2_penalty: the coefficient must not be negative, found -1", ValueError);
  CHECK_THROWS_WITH_AS(add_l2_penalty(p, 1, other),
                       "add_l2_penalty: gradient and parameters hold different tensors", ShapeError);
}
