// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/expand/path_integrated.hpp"

#include <doctest/doctest.h>

#include "expansion_fixture.hpp"

using namespace expansion_test;

namespace {

/// A layer whose weights are uniform in +-gain / sqrt(H).
template <class Cell>
Example<Cell> with_gain(Index hidden, Index length, double gain) {
  Example<Cell> example(hidden, length, 2);
  example.parameters.flat() *=
      static_cast<typename Cell::Scalar>(gain / (0.6 * std::sqrt(static_cast<double>(hidden))));
  return example;
}

/// The mean of the cell's Jacobian on the way from zero to `state`, by Simpson's rule over complex steps.
template <class Cell>
Matrix<double> mean_jacobian(const Example<Cell>& example, const Vector<double>& x,
                             const Vector<double>& state) {
  constexpr int pieces = 200;
  Matrix<double> sum = Matrix<double>::Zero(state.size(), state.size());
  for (int k = 0; k <= pieces; ++k) {
    const double weight = k == 0 || k == pieces ? 1 : (k % 2 == 1 ? 4 : 2);
    sum += weight *
           jacobian(example, x, Vector<double>(state * (static_cast<double>(k) / pieces)), TrueActivations{});
  }
  return sum / (3 * pieces);
}

}  // namespace

TEST_CASE_TEMPLATE("PathIntegrated: g is the cell at zero state, A its mean Jacobian, both rows", Cell,
                   Elman<double>, Gru<double>, Lstm<double>, Lstm<float>) {
  static_assert(AveragedExpansion<PathIntegrated, Cell> && !TokenExpansion<PathIntegrated, Cell>);
  const double bound = std::is_same_v<typename Cell::Scalar, float> ? 2e-6 : 1e-9;
  const Example<Cell> example;
  const NgramUnroller unroller(example.layer, example.parameters, PathIntegrated{});
  const auto linear = unroller.linearise(PackedLayout::uniform(7, 1), example.x, example.initial);
  Vector<double> state = stacked<Cell>(example.initial, 0);
  for (Index t = 0; t < 7; ++t) {
    const Vector<double> x = example.x.col(t).template cast<double>();
    const Vector<double> zero = Vector<double>::Zero(state.size());
    const Matrix<double> a =
        explicit_transition<Cell>(linear.coefficients, t, example.parameters[example.layer.weight_hh()])
            .template cast<double>();
    CHECK(difference(stacked<Cell>(linear.coefficients.g, t), step(example, x, zero, TrueActivations{})) <
          (bound > 1e-8 ? 1e-6 : 1e-15));
    CHECK(difference(a, mean_jacobian(example, x, state)) < bound);
    CHECK(stacked<Cell>(linear.residual, t).cwiseAbs().maxCoeff() < bound);
    CHECK(linear.coefficients.nodes[static_cast<std::size_t>(t)] >= 4);
    state = stacked<Cell>(linear.state, t);
  }
}

TEST_CASE_TEMPLATE("PathIntegrated: token- and sequence-level scores alone sum to w^T h_t", Cell, Elman<double>,
                   Gru<double>, Lstm<double>) {
  const auto example = with_gain<Cell>(32, 12, 2);
  const NgramUnroller unroller(example.layer, example.parameters, PathIntegrated{});
  const auto scores = unroller.polarity(example.weight, example.bias, example.x);
  for (Index t = 0; t < 12; ++t) {
    for (Index label = 0; label < 2; ++label) {
      const auto account = scores.account(t, label);
      CHECK(account.initial == 0.0);
      CHECK(account.longer == 0.0);
      CHECK(std::abs(account.token + account.sequence + account.bias - account.logit) < 1e-8);
      CHECK(std::abs(account.sum() - account.logit) < 1e-12);
    }
  }
  CHECK(scores.residual_ratio.maxCoeff() < 1e-8);
  // Its token-level features are those of the token alone.
  CHECK(unroller.collect(example.x).vectors.col(3) ==
        unroller.linearise(PackedLayout::uniform(1, 1), example.x.col(3)).coefficients.g[0].col(0));
}

TEST_CASE("PathIntegrated: an LSTM's h row does not factor into averages, as its other expansions do") {
  const auto example = with_gain<Lstm<double>>(16, 9, 4);
  const auto all = NgramUnroller(example.layer, example.parameters, PathIntegrated{})
                       .linearise(PackedLayout::uniform(9, 1), example.x)
                       .coefficients;
  // Factored, e = diagonal[h][c] / diagonal[c][c] would also be recurrent[h][i] / recurrent[c][i].
  const Eigen::ArrayXXd e = all.diagonal[0][1].array() / all.diagonal[1][1].array();
  CHECK((all.recurrent[0][0].array() - e * all.recurrent[1][0].array()).abs().rightCols(8).maxCoeff() > 1e-4);
}

TEST_CASE("PathIntegrated: the nodes are doubled until the step is complete, and reported") {
  SUBCASE("small weights need few, large weights many") {
    const auto nodes = [](double gain) {
      const auto example = with_gain<Gru<double>>(64, 20, gain);
      const auto scores = NgramUnroller(example.layer, example.parameters, PathIntegrated{})
                              .polarity(example.weight, example.bias, example.x);
      CHECK(scores.residual_ratio.maxCoeff() < 1e-7);
      return scores.quadrature_nodes;
    };
    CHECK(nodes(0.5) <= 8);
    CHECK(nodes(4) >= 16);
    CHECK(nodes(4) <= 64);
  }
  SUBCASE("a limit on the nodes shows in the residual, never silently") {
    const auto example = with_gain<Gru<double>>(64, 20, 4);
    PathIntegrated coarse;
    coarse.quadrature.most = 4;
    const auto linear = NgramUnroller(example.layer, example.parameters, coarse)
                            .linearise(PackedLayout::uniform(20, 1), example.x);
    CHECK(std::all_of(linear.coefficients.nodes.begin(), linear.coefficients.nodes.end(),
                      [](Index n) { return n == 4; }));
    CHECK(linear.residual[0].cwiseAbs().maxCoeff() > 1e-6);
    const auto scores = NgramUnroller(example.layer, example.parameters, coarse)
                            .polarity(example.weight, example.bias, example.x);
    CHECK(scores.quadrature_nodes == 4);
    CHECK(scores.residual_ratio.maxCoeff() > 1e-6);
    CHECK(std::abs(scores.account(19).sum() - scores.account(19).logit) < 1e-11);
  }
  SUBCASE("single precision stops where rounding does") {
    const auto example = with_gain<Lstm<float>>(64, 20, 4);
    const auto scores = NgramUnroller(example.layer, example.parameters, PathIntegrated{})
                            .polarity(example.weight, example.bias, example.x);
    CHECK(scores.quadrature_nodes <= 64);
    CHECK(scores.residual_ratio.maxCoeff() < 1e-3);
  }
  SUBCASE("a bad quadrature is refused") {
    const auto example = with_gain<Gru<double>>(4, 2, 1);
    PathIntegrated bad;
    bad.quadrature.first = 3;
    CHECK_THROWS_WITH_AS(
        static_cast<void>(NgramUnroller(example.layer, example.parameters, bad).collect(example.x)),
        doctest::Contains("powers of two"), ValueError);
  }
}
