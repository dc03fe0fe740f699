// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/expand/transition.hpp"

#define DOCTEST_CONFIG_VOID_CAST_EXPRESSIONS
#include <doctest/doctest.h>

#include <vector>

#include "expansion_fixture.hpp"
#include "rnnscope/expand/origin.hpp"

using namespace expansion_test;

namespace {

template <class Cell>
LayerState<Cell> random_state(Index hidden, Index cols, std::uint64_t seed) {
  Random random(seed);
  LayerState<Cell> state;
  for (auto& part : state) part = random_matrix<typename Cell::Scalar>(random, hidden, cols);
  return state;
}

}  // namespace

TEST_CASE_TEMPLATE("Transition: apply and apply_adjoint multiply every column by its own A", Cell,
                   Elman<double>, Gru<double>, Lstm<double>, Lstm<float>) {
  // 40 units: more than a vector register and a rest. Columns in any order and number, twice the same object.
  const Example<Cell> example(40, 5);
  const auto all = NgramUnroller(example.layer, example.parameters, Origin{}).token_coefficients(example.x);
  const auto weight = example.parameters[example.layer.weight_hh()];
  Transition<Cell> transition(all, weight);
  for (const std::vector<Index>& columns : {std::vector<Index>{2}, {4, 0, 0, 3}, {1, 1}}) {
    const Index count = static_cast<Index>(columns.size());
    const LayerState<Cell> before = random_state<Cell>(40, count, 3);
    LayerState<Cell> forward = before, adjoint = before;
    transition.apply(columns, StateBlock<Cell>(forward, 0, count));
    transition.apply_adjoint(columns, StateBlock<Cell>(adjoint, 0, count));
    for (Index j = 0; j < count; ++j) {
      const Matrix<double> a =
          explicit_transition<Cell>(all, columns[static_cast<std::size_t>(j)], weight).template cast<double>();
      const double bound = tolerance<typename Cell::Scalar>();
      CHECK(difference(stacked<Cell>(forward, j), a * stacked<Cell>(before, j)) < bound);
      CHECK(difference(stacked<Cell>(adjoint, j), a.transpose() * stacked<Cell>(before, j)) < bound);
    }
  }
}

TEST_CASE("Transition: a part of a block leaves the other columns alone") {
  const Example<Gru<double>> example;
  const auto all = NgramUnroller(example.layer, example.parameters).token_coefficients(example.x);
  Transition<Gru<double>> transition(all, example.parameters[example.layer.weight_hh()]);
  const LayerState<Gru<double>> before = random_state<Gru<double>>(6, 3, 4);
  LayerState<Gru<double>> after = before;
  transition.apply(std::vector<Index>{5}, StateBlock<Gru<double>>(after, 1, 1));
  CHECK(after[0].col(0) == before[0].col(0));
  CHECK(after[0].col(1) != before[0].col(1));
  CHECK(after[0].col(2) == before[0].col(2));
}

TEST_CASE("Transition: gates without coefficients are never multiplied") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  SUBCASE("W_hf of the LSTM") {
    Example<Lstm<double>> example;
    const auto all = NgramUnroller(example.layer, example.parameters).token_coefficients(example.x);
    example.parameters[example.layer.weight_hh()].middleRows(6, 6).setConstant(nan);
    Transition<Lstm<double>> transition(all, example.parameters[example.layer.weight_hh()]);
    LayerState<Lstm<double>> block = random_state<Lstm<double>>(6, 2, 1);
    transition.apply(std::vector<Index>{0, 1}, StateBlock<Lstm<double>>(block, 0, 2));
    transition.apply_adjoint(std::vector<Index>{0, 1}, StateBlock<Lstm<double>>(block, 0, 2));
    CHECK(block[0].allFinite());
    CHECK(block[1].allFinite());
  }
  SUBCASE("W_hr of the GRU, unless there is a b_hn") {
    Example<Gru<double>> example;
    example.parameters[example.layer.weight_hh()].topRows(6).setConstant(nan);
    const auto with = NgramUnroller(example.layer, example.parameters).token_coefficients(example.x);
    example.parameters[example.layer.bias_hh()].bottomRows(6).setZero();
    const auto without = NgramUnroller(example.layer, example.parameters).token_coefficients(example.x);
    LayerState<Gru<double>> block = random_state<Gru<double>>(6, 1, 1), other = block;
    Transition<Gru<double>>(without, example.parameters[example.layer.weight_hh()])
        .apply(std::vector<Index>{0}, StateBlock<Gru<double>>(block, 0, 1));
    Transition<Gru<double>>(with, example.parameters[example.layer.weight_hh()])
        .apply(std::vector<Index>{0}, StateBlock<Gru<double>>(other, 0, 1));
    CHECK(block[0].allFinite());
    CHECK_FALSE(other[0].allFinite());
  }
}

TEST_CASE("explicit_transition and Transition refuse what does not fit") {
  const Example<Gru<double>> example;
  const auto all = NgramUnroller(example.layer, example.parameters).token_coefficients(example.x);
  const Matrix<double> wrong = Matrix<double>::Zero(17, 6);
  CHECK_THROWS_WITH_AS(explicit_transition<Gru<double>>(all, 0, wrong),
                       "explicit_transition: weight_hh: expected shape 18 x 6, found 17 x 6", ShapeError);
  CHECK_THROWS_WITH_AS(Transition<Gru<double>>(all, wrong),
                       "Transition: weight_hh: expected shape 18 x 6, found 17 x 6", ShapeError);
  CHECK_THROWS_WITH_AS(explicit_transition<Gru<double>>(all, 7, example.parameters[example.layer.weight_hh()]),
                       "explicit_transition: column 7 of 7", ValueError);
}
