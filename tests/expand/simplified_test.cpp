// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/expand/simplified.hpp"

#include <doctest/doctest.h>

#include "expansion_fixture.hpp"
#include "rnnscope/expand/origin.hpp"

using namespace expansion_test;

namespace {

/// A is that of E at x = 0, g that of E.
template <class Cell, class E>
void check_simplified() {
  const Example<Cell> example;
  const auto all = NgramUnroller(example.layer, example.parameters, E{}).token_coefficients(example.x);
  const auto zero = NgramUnroller(example.layer, example.parameters, E{})
                        .token_coefficients(Matrix<typename Cell::Scalar>::Zero(4, 1));
  const auto simplified =
      NgramUnroller(example.layer, example.parameters, Simplified<E>{}).token_coefficients(example.x);
  const auto weight = example.parameters[example.layer.weight_hh()];
  const double bound = std::is_same_v<typename Cell::Scalar, float> ? 1e-6 : 1e-15;
  for (Index t = 0; t < example.x.cols(); ++t) {
    CHECK(difference(explicit_transition<Cell>(simplified, t, weight),
                     explicit_transition<Cell>(zero, 0, weight)) < bound);
    CHECK(difference(stacked<Cell>(simplified.g, t), stacked<Cell>(all.g, t)) < bound);
  }
  if constexpr (!(std::is_same_v<Cell, Elman<double>> &&
                  std::is_same_v<E, Maclaurin>)) {  // where A = W_hh anyway
    CHECK(difference(explicit_transition<Cell>(simplified, 1, weight),
                     explicit_transition<Cell>(all, 1, weight)) > 1e-2);
  }
}

}  // namespace

TEST_CASE_TEMPLATE("Simplified: A of the expansion at x = 0, g of the token", Cell, Elman<double>, Gru<double>,
                   Lstm<double>, Gru<float>, Lstm<float>) {
  check_simplified<Cell, Maclaurin>();
  check_simplified<Cell, Origin>();
}

TEST_CASE("Simplified: the Jacobian of the true cell at zero token and state, for Origin") {
  const Example<Lstm<double>> example;
  const auto all =
      NgramUnroller(example.layer, example.parameters, Simplified<Origin>{}).token_coefficients(example.x);
  const Matrix<double> j = jacobian(example, Vector<double>(Vector<double>::Zero(4)),
                                    Vector<double>(Vector<double>::Zero(12)), TrueActivations{});
  CHECK(difference(explicit_transition<Lstm<double>>(all, 3, example.parameters[example.layer.weight_hh()]),
                   j) < 1e-15);
}

TEST_CASE("Simplified: without biases the matrices of the paper") {
  const auto without_biases = [](auto& example) {
    example.parameters[example.layer.bias_ih()].setZero();
    example.parameters[example.layer.bias_hh()].setZero();
  };
  const Matrix<double> unit = Matrix<double>::Identity(6, 6);
  SUBCASE("GRU: I/2 + W_hn/4") {
    Example<Gru<double>> example;
    without_biases(example);
    const auto weight = example.parameters[example.layer.weight_hh()];
    const auto all =
        NgramUnroller(example.layer, example.parameters, Simplified<Maclaurin>{}).token_coefficients(example.x);
    const Matrix<double> expected = unit / 2 + weight.bottomRows(6) / 4;
    for (Index t = 0; t < 7; ++t)
      CHECK(difference(explicit_transition<Gru<double>>(all, t, weight), expected) < 1e-15);
  }
  SUBCASE("LSTM: [[W_hg/4, I/4], [W_hg/2, I/2]] on [h; c]") {
    Example<Lstm<double>> example;
    without_biases(example);
    const auto weight = example.parameters[example.layer.weight_hh()];
    const auto all =
        NgramUnroller(example.layer, example.parameters, Simplified<Maclaurin>{}).token_coefficients(example.x);
    Matrix<double> expected(12, 12);
    expected << weight.middleRows(12, 6) / 4, unit / 4, weight.middleRows(12, 6) / 2, unit / 2;
    for (Index t = 0; t < 7; ++t)
      CHECK(difference(explicit_transition<Lstm<double>>(all, t, weight), expected) < 1e-15);
  }
}

TEST_CASE("Simplified: names, nesting and what it leaves to the residual") {
  static_assert(Simplified<Maclaurin>::name == "simplified_maclaurin");
  static_assert(Simplified<Origin>::name == "simplified_origin");
  static_assert(TokenExpansion<Simplified<Origin>, Lstm<float>>);
  static_assert(OrderedExpansion<Simplified<Origin>, Lstm<float>>);
  // One step: what A(0) misses of A(x) is in the residual, beside the orders that both name.
  const Example<Gru<double>> example;
  const auto layout = PackedLayout::uniform(7, 1);
  const auto full =
      NgramUnroller(example.layer, example.parameters).linearise(layout, example.x, example.initial);
  const auto simple = NgramUnroller(example.layer, example.parameters, Simplified<Maclaurin>{})
                          .linearise(layout, example.x, example.initial);
  const auto weight = example.parameters[example.layer.weight_hh()];
  for (Index t = 1; t < 7; ++t) {
    const Matrix<double> missed = explicit_transition<Gru<double>>(full.coefficients, t, weight) -
                                  explicit_transition<Gru<double>>(simple.coefficients, t, weight);
    CHECK(difference(simple.residual[0].col(t) - full.residual[0].col(t), missed * full.state[0].col(t - 1)) <
          1e-14);
  }
  CHECK(simple.second[0] == full.second[0]);
  CHECK(simple.third[0] == full.third[0]);
}
