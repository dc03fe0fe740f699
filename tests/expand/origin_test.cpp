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
