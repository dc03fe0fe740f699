// SPDX-License-Identifier: BSD-3-Clause
// Closed forms of single steps; twenty training steps against PyTorch are in
// tests/model/torch_training_test.cpp.
#include "rnnscope/nn/optimizer.hpp"

#include <doctest/doctest.h>

#include "rnnscope/nn/clip.hpp"

using namespace rnnscope;

namespace {
template <class S>
Parameters<S> one_number(double value) {
  Parameters<S> p;
  p.add("w", 1);
  p.flat()(0) = static_cast<S>(value);
  return p;
}
}  // namespace

TEST_CASE_TEMPLATE("SGD with momentum and weight decay", S, float, double) {
  auto w = one_number<S>(2);
  const auto g = one_number<S>(0.5);
  Sgd<S> sgd({.learning_rate = 0.1, .momentum = 0.9, .weight_decay = 0.25});
  sgd.step(w, g);  // v = 0.5 + 0.25 * 2 = 1
  CHECK(static_cast<double>(w.flat()(0)) == doctest::Approx(1.9));
  sgd.step(w, g);  // v = 0.9 + 0.5 + 0.25 * 1.9 = 1.875
  CHECK(static_cast<double>(w.flat()(0)) == doctest::Approx(1.7125));
  auto n = one_number<S>(2);
  Sgd<S> nesterov({.learning_rate = 0.1, .momentum = 0.9, .nesterov = true});
  nesterov.step(n, g);  // 0.5 + 0.9 * 0.5
  CHECK(static_cast<double>(n.flat()(0)) == doctest::Approx(2 - 0.1 * 0.95));
}

TEST_CASE_TEMPLATE("Adagrad and Adam", S, float, double) {
  auto w = one_number<S>(1);
  const auto g = one_number<S>(0.5);
  Adagrad<S> adagrad({.learning_rate = 0.1, .learning_rate_decay = 1});
  adagrad.step(w, g);
  CHECK(static_cast<double>(w.flat()(0)) == doctest::Approx(0.9));
  adagrad.step(w, g);
  CHECK(static_cast<double>(w.flat()(0)) == doctest::Approx(0.9 - 0.05 / std::sqrt(2.0)));
  auto a = one_number<S>(1);
  Adam<S> adam({.learning_rate = 0.1});
  for (int t = 1; t <= 3; ++t) {
    adam.step(a, g);  // a constant gradient moves by the learning rate
    CHECK(static_cast<double>(a.flat()(0)) == doctest::Approx(1 - 0.1 * t).epsilon(1e-5));
  }
  auto d = one_number<S>(1);
  Adam<S> decoupled({.learning_rate = 0.1, .weight_decay = 0.5, .decoupled_weight_decay = true});
  decoupled.step(d, g);
  CHECK(static_cast<double>(d.flat()(0)) == doctest::Approx(0.95 - 0.1).epsilon(1e-6));
}

TEST_CASE_TEMPLATE("an optimiser restored from its state goes on with the same bits", S, float, double) {
  const auto gradient_at = [](int k) {
    Parameters<S> g;
    g.add("w", 3, 2);
    for (Index n = 0; n < 6; ++n)
      g.flat()(n) = static_cast<S>(std::sin(1.0 + k + 0.7 * static_cast<double>(n)));
    return g;
  };
  const auto check = [&](auto optimizer, const auto& fresh) {
    Parameters<S> w = gradient_at(-1);
    auto restored = fresh;
    restored.restore(optimizer.state());  // before the first step, too
    CHECK(restored.state().steps == 0);
    for (int k = 0; k < 4; ++k) optimizer.step(w, gradient_at(k));
    optimizer.set_learning_rate(0.025);
    restored.restore(optimizer.state());
    CHECK(restored.config().learning_rate == 0.025);
    Parameters<S> other = w;
    for (int k = 4; k < 8; ++k) {
      optimizer.step(w, gradient_at(k));
      restored.step(other, gradient_at(k));
    }
    CHECK(w == other);
    Parameters<S> without = w;
    auto forgetful = fresh;
    forgetful.set_learning_rate(0.025);
    optimizer.step(w, gradient_at(8));
    forgetful.step(without, gradient_at(8));
    return w == without;  // true only of an optimiser without memory
  };
  const Sgd<S> plain({.learning_rate = 0.1}), heavy({.learning_rate = 0.1, .momentum = 0.9});
  const Adagrad<S> adagrad({.learning_rate = 0.1, .learning_rate_decay = 0.5});
  const Adam<S> adam({.learning_rate = 0.1});
  CHECK(check(plain, plain));
  CHECK_FALSE(check(heavy, heavy));
  CHECK_FALSE(check(adagrad, adagrad));
  CHECK_FALSE(check(adam, adam));
}

TEST_CASE("a state of another optimiser, or one that does not fit itself, is refused") {
  auto w = one_number<double>(1);
  Adam<double> adam;
  Adagrad<double> adagrad;
  adam.step(w, w);
  CHECK_THROWS_WITH_AS(adagrad.restore(adam.state()),
                       "Adagrad::restore: expected the memories sum, found exp_avg exp_avg_sq", ValueError);
  auto state = adam.state();
  state.memories[1].second.resize(0);
  CHECK_THROWS_WITH_AS(adam.restore(state),
                       "Adam::restore: after 1 steps, 'exp_avg_sq' holds 0 numbers, which does not fit",
                       ValueError);
  Sgd<double> plain, heavy({.momentum = 0.5});
  plain.step(w, w);
  CHECK_THROWS_WITH_AS(heavy.restore(plain.state()),
                       "Sgd::restore: after 1 steps, 'momentum_buffer' holds 0 numbers, which does not fit",
                       ValueError);
}

TEST_CASE("clipping by norm") {
  Parameters<float> g;
  g.add("a", 2);
  g.add("b", 1, 2);
  g.flat() << 2, 4, 4, 8;  // norm 10
  CHECK(clip_by_norm(g, 20) == doctest::Approx(10));
  CHECK(g.flat()(3) == 8);
  CHECK(clip_by_norm(g, 5) == doctest::Approx(10));
  CHECK(g.flat().norm() == doctest::Approx(5).epsilon(1e-6));
  g.flat() << 0, 0, 3e30f, 4e30f;  // finite, but its square is not a float
  CHECK(clip_by_norm(g, 5) == doctest::Approx(5e30));
  CHECK(g.flat()(3) == doctest::Approx(4));
  g.flat()(2) = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_WITH_AS(clip_by_norm(g, 5), "clip_by_norm: the gradient of 'b' is not finite", ValueError);
  CHECK_THROWS_WITH_AS(clip_by_norm(g, 0), "clip_by_norm: max_norm must be positive, found 0", ValueError);
}

TEST_CASE("bad settings and foreign gradients are named") {
  CHECK_THROWS_WITH_AS(Sgd<float>({.learning_rate = -1}), "Sgd: learning_rate must not be negative, found -1",
                       ValueError);
  CHECK_THROWS_WITH_AS(Sgd<float>({.nesterov = true}), "Sgd: nesterov needs a momentum above 0", ValueError);
  CHECK_THROWS_WITH_AS(Adam<float>({.beta1 = 1}), "Adam: beta1 and beta2 must lie in [0, 1), found 1 and 0.999",
                       ValueError);
  CHECK_THROWS_AS(Adagrad<float>({.epsilon = -1}), ValueError);
  auto w = one_number<float>(1);
  Parameters<float> other;
  Adam<float> adam;
  adam.step(w, one_number<float>(1));
  Parameters<float> larger;
  larger.add("w", 2);
  CHECK_THROWS_WITH_AS(
      adam.step(larger, larger.zeros_like()),
      "optimizer: it has trained 1 numbers before, now there are 2; use a new optimizer for another model",
      ShapeError);
  CHECK_THROWS_WITH_AS(adam.step(w, other), "optimizer: gradient and parameters hold different tensors",
                       ShapeError);
}
