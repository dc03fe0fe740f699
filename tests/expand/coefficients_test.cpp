// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/expand/coefficients.hpp"

#define DOCTEST_CONFIG_VOID_CAST_EXPRESSIONS
#include <doctest/doctest.h>

#include "expansion_fixture.hpp"
#include "rnnscope/expand/path_integrated.hpp"

using namespace expansion_test;

namespace {

/// A token expansion of one's own: the tanh of an Elman cell as a line of this slope.
struct Slope {
  static constexpr std::string_view name = "slope";
  double slope = 0.5;

  template <class S>
  UnitCoefficients<Elman<S>> coefficients(const TokenInput<Elman<S>>& in) const {
    UnitCoefficients<Elman<S>> out;
    out.g[0] = S(slope) * (in.a[0] + in.b_ih[0] + in.b_hh[0]);
    out.recurrent[0] = {S(slope)};
    return out;
  }
};

/// A state expansion of one's own: all that a GRU keeps of its state, and nothing of what it makes of it.
struct Memory {
  static constexpr std::string_view name = "memory";
  template <class S>
  UnitCoefficients<Gru<S>> coefficients(const CellInput<Gru<S>>& in) const {
    CellTape<Gru<S>> tape;
    Gru<S>{}.forward(in, tape);
    UnitCoefficients<Gru<S>> out;
    out.diagonal[0] = {tape[2]};
    out.g[0] = (S(1) - tape[2]) * tape[3];
    return out;
  }
};

/// The same averaged along the path: any state expansion with a quadrature is.
struct AveragedMemory : Memory {
  static constexpr std::string_view name = "averaged_memory";
  Quadrature quadrature{.first = 8, .most = 8};
};

struct Nameless {
  template <class S>
  UnitCoefficients<Elman<S>> coefficients(const TokenInput<Elman<S>>& in) const;
};
struct WrongResult {
  static constexpr std::string_view name = "wrong";
  double coefficients(const TokenInput<Elman<double>>& in) const;
};
struct NotConst {
  static constexpr std::string_view name = "not const";
  UnitCoefficients<Elman<double>> coefficients(const TokenInput<Elman<double>>& in);
};
struct Both {
  static constexpr std::string_view name = "both";
  UnitCoefficients<Elman<double>> coefficients(const TokenInput<Elman<double>>& in) const;
  UnitCoefficients<Elman<double>> coefficients(const CellInput<Elman<double>>& in) const;
};

static_assert(TokenExpansion<Slope, Elman<float>> && !StateExpansion<Slope, Elman<float>>);
static_assert(ExpansionOf<Slope, Elman<double>> && !ExpansionOf<Slope, Gru<double>>);
static_assert(StateExpansion<Memory, Gru<float>> && !TokenExpansion<Memory, Gru<float>>);
static_assert(!AveragedExpansion<Memory, Gru<double>> && AveragedExpansion<AveragedMemory, Gru<double>>);
static_assert(TokenExpansion<Maclaurin, Lstm<double>> && OrderedExpansion<Maclaurin, Lstm<double>>);
static_assert(!OrderedExpansion<Slope, Elman<double>>);
static_assert(!ExpansionOf<Nameless, Elman<double>> && !ExpansionOf<WrongResult, Elman<double>>);
static_assert(!ExpansionOf<NotConst, Elman<double>> && !ExpansionOf<Both, Elman<double>>);

}  // namespace

TEST_CASE("a token expansion of one's own: unrolled, with a complete account") {
  const Example<Elman<double>> example;
  const NgramUnroller unroller(example.layer, example.parameters, Slope{0.3});
  const auto all = unroller.token_coefficients(example.x);
  const auto weight = example.parameters[example.layer.weight_hh()];
  CHECK(difference(explicit_transition<Elman<double>>(all, 2, weight), 0.3 * weight) < 1e-15);
  const auto scores = unroller.polarity(example.weight, example.bias, example.x, {.initial = example.initial});
  for (Index t = 0; t < 7; ++t) {
    const auto account = scores.account(t, 1);
    CHECK(std::abs(account.sum() - account.logit) < 1e-13);
    CHECK(account.second_order == 0.0);  // not named, so all of the residual is the rest
    CHECK(account.rest() == account.residual);
    CHECK(account.residual != 0.0);
  }
}

TEST_CASE("a state expansion of one's own, at the state and averaged along the path") {
  const Example<Gru<double>> example;
  const auto layout = PackedLayout::uniform(7, 1);
  const NgramUnroller unroller(example.layer, example.parameters, Memory{});
  const auto linear = unroller.linearise(layout, example.x, example.initial);
  Tape<Gru<double>> tape;
  example.layer.forward(example.parameters, layout, DenseInput<double>(example.x), example.initial, tape);
  CHECK(difference(linear.coefficients.diagonal[0][0], tape.channel("z")) < 1e-15);
  CHECK(linear.residual[0].cwiseAbs().maxCoeff() < 1e-15);  // h = (1 - z) n + z h: the account has no residual
  CHECK(linear.coefficients.nodes.empty());

  const NgramUnroller averaged(example.layer, example.parameters, AveragedMemory{});
  const auto mean = averaged.linearise(layout, example.x, example.initial);
  // Simpson's rule for z along the path of the last step.
  const auto z_at = [&](double s) {
    const Vector<double> q = example.parameters[example.layer.weight_hh()] * (s * linear.state[0].col(5)) +
                             example.parameters[example.layer.bias_hh()];
    const Vector<double> a = example.parameters[example.layer.weight_ih()] * example.x.col(6) +
                             example.parameters[example.layer.bias_ih()];
    return Vector<double>(1 / (1 + (-(a + q).segment(6, 6).array()).exp()));
  };
  Vector<double> sum = z_at(0) + z_at(1);
  for (int k = 1; k < 100; ++k) sum += (k % 2 == 1 ? 4 : 2) * z_at(k / 100.0);
  CHECK(difference(mean.coefficients.diagonal[0][0].col(6), sum / 300) < 1e-10);
  CHECK(mean.coefficients.nodes == std::vector<Index>(7, 8));
  CHECK(mean.residual[0].col(6).norm() > 1e-4);  // z is no Jacobian, so the average is not complete
}
