// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/expand/origin.hpp"

#include <doctest/doctest.h>

#include "expansion_fixture.hpp"

using namespace expansion_test;

TEST_CASE_TEMPLATE("Origin: g and A are value and Jacobian of the cell at zero", Cell, Elman<double>,
                   Gru<double>, Lstm<double>, Gru<float>) {
  const Example<Cell> example;
  const NgramUnroller unroller(example.layer, example.parameters, Origin{});
  const auto all = unroller.token_coefficients(example.x);
  const double bound = std::is_same_v<typename Cell::Scalar, float> ? 1e-6 : 1e-14;
  for (Index t = 0; t < example.x.cols(); ++t) {
    const Vector<double> x = example.x.col(t).template cast<double>();
    const Vector<double> zero = Vector<double>::Zero(Cell::states * example.layer.hidden_size());
    const Matrix<double> a = explicit_transition<Cell>(all, t, example.parameters[example.layer.weight_hh()])
                                 .template cast<double>();
    CHECK(difference(a, jacobian(example, x, zero, TrueActivations{})) < bound);
    CHECK(difference(stacked<Cell>(all.g, t), step(example, x, zero, TrueActivations{})) < bound);
  }
}

TEST_CASE_TEMPLATE("Origin: the terms of second and third order are those of the cell's Taylor series", Cell,
                   Elman<double>, Gru<double>, Lstm<double>) {
  // The coefficients of s -> cell(x, s * state) by Cauchy's integral on a circle: exact to rounding.
  const Example<Cell> example;
  const NgramUnroller unroller(example.layer, example.parameters, Origin{});
  const auto linear = unroller.linearise(PackedLayout::uniform(7, 1), example.x, example.initial);
  constexpr int points = 64;
  constexpr double radius = 0.25;
  for (Index t = 0; t < 7; ++t) {
    const Vector<double> state =
        t == 0 ? stacked<Cell>(example.initial, 0) : stacked<Cell>(linear.state, t - 1);
    const auto coefficient = [&](int order) {
      Vector<double> sum = Vector<double>::Zero(state.size());
      for (int k = 0; k < points; ++k) {
        const std::complex<double> turn = std::polar(1.0, 2 * 3.14159265358979323846 * k / points);
        const Vector<std::complex<double>> scaled =
            (radius * turn) * state.template cast<std::complex<double>>();
        sum += (step(example, Vector<double>(example.x.col(t)), scaled, TrueActivations{}) *
                std::pow(turn, -order))
                   .real();
      }
      return Vector<double>(sum / (points * std::pow(radius, order)));
    };
    CHECK(difference(stacked<Cell>(linear.coefficients.g, t), coefficient(0)) < 1e-14);
    CHECK(difference(stacked<Cell>(linear.second, t), coefficient(2)) < 1e-13);
    CHECK(difference(stacked<Cell>(linear.third, t), coefficient(3)) < 1e-12);
    CHECK(linear.second[0].col(t).norm() > 1e-3);
    CHECK(linear.third[0].col(t).norm() > 1e-4);
  }
}

TEST_CASE("Origin: closer to the cell than Maclaurin when the weights are large") {
  Example<Gru<double>> example(32, 12, 1);
  const auto worst = [&](const auto& unroller) {
    return unroller.polarity(example.weight, example.bias, example.x).residual_ratio.maxCoeff();
  };
  const double origin = worst(NgramUnroller(example.layer, example.parameters, Origin{}));
  const double maclaurin = worst(NgramUnroller(example.layer, example.parameters));
  CHECK(origin < 0.5 * maclaurin);
  CHECK(origin > 0.01);
}
