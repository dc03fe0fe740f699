// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/expand/bidirectional_unroller.hpp"

#define DOCTEST_CONFIG_VOID_CAST_EXPRESSIONS
#include <doctest/doctest.h>

#include <algorithm>
#include <tuple>

#include "expansion_fixture.hpp"
#include "rnnscope/expand/origin.hpp"

using namespace expansion_test;

namespace {

/// A forward layer of 6 and a backward layer of 5 units over the same tokens.
template <class Cell>
struct Pair {
  Parameters<double> parameters;
  Recurrent<Cell> forward{parameters, {.input_size = 4, .hidden_size = 6}};
  Recurrent<Cell> backward{parameters, {.input_size = 4, .hidden_size = 5, .suffix = "_l0_reverse"}};
  Matrix<double> weight, bias;

  Pair() {
    Random random(7);
    const Matrix<double> values = random_matrix<double>(random, parameters.size(), 1, 0.6);
    parameters.flat() = values;
    weight = random_matrix<double>(random, 2, 11);
    bias = random_matrix<double>(random, 2, 1);
  }

  /// Its hidden states over one sequence, forward and backward, the latter by token.
  [[nodiscard]] std::array<Matrix<double>, 2> hidden(const Matrix<double>& x, const LayerState<Cell>& initial,
                                                     const LayerState<Cell>& initial_backward) const {
    const auto layout = PackedLayout::uniform(x.cols(), 1);
    Tape<Cell> ahead, back;
    forward.forward(parameters, layout, DenseInput<double>(x), initial, ahead);
    const Matrix<double> turned = x.rowwise().reverse();
    backward.forward(parameters, layout, DenseInput<double>(turned), initial_backward, back);
    return {ahead.hidden(), back.hidden().rowwise().reverse()};
  }
};

template <class Cell>
LayerState<Cell> random_state(Random& random, Index hidden, Index batch) {
  LayerState<Cell> state;
  for (auto& part : state) part = random_matrix<double>(random, hidden, batch);
  return state;
}

}  // namespace

TEST_CASE_TEMPLATE("BidirectionalUnroller: the account of every token's logit, and of the final states", Cell,
                   Elman<double>, Gru<double>, Lstm<double>) {
  const Pair<Cell> pair;
  Random random(8);
  const Matrix<double> x = random_matrix<double>(random, 4, 6);
  const LayerState<Cell> initial = random_state<Cell>(random, 6, 1),
                         initial_backward = random_state<Cell>(random, 5, 1);
  const BidirectionalUnroller unroller(pair.forward, pair.backward, pair.parameters);
  const auto scores =
      unroller.polarity(pair.weight, pair.bias, x, {.initial = initial, .initial_backward = initial_backward});
  const auto hidden = pair.hidden(x, initial, initial_backward);
  const auto& ahead = std::get<0>(hidden);
  const auto& back = std::get<1>(hidden);
  for (Index label = 0; label < 2; ++label) {
    const auto logit = [&](Index t_forward, Index t_backward) {
      return pair.weight.row(label).head(6).dot(ahead.col(t_forward)) +
             pair.weight.row(label).tail(5).dot(back.col(t_backward)) + pair.bias(label);
    };
    for (Index t = 0; t < 6; ++t) {
      const auto account = scores.account(t, label);
      CHECK(account.logit == doctest::Approx(logit(t, t)).epsilon(1e-12));
      CHECK(std::abs(account.sum() - account.logit) < 1e-12);
      CHECK(account.bias == pair.bias(label));
      CHECK(account.initial != 0.0);
    }
    const auto whole = scores.account_of_final_states(label);
    CHECK(whole.logit == doctest::Approx(logit(5, 0)).epsilon(1e-12));
    CHECK(std::abs(whole.sum() - whole.logit) < 1e-12);
  }
}

TEST_CASE("BidirectionalUnroller: backward n-grams begin with their last token") {
  const Pair<Gru<double>> pair;
  Random random(9);
  const Matrix<double> x = random_matrix<double>(random, 4, 5);
  const BidirectionalUnroller unroller(pair.forward, pair.backward, pair.parameters, Origin{});
  const auto scores = unroller.polarity(pair.weight, pair.bias, x);
  const auto all = unroller.backward().token_coefficients(x);
  const auto recurrent = pair.parameters[pair.backward.weight_hh()];
  for (Index i = 0; i < 5; ++i) {
    for (Index t = i; t < 5; ++t) {
      // A(x_i) A(x_{i+1}) ... A(x_{t-1}) g(x_t)
      Vector<double> phi = all.g[0].col(t);
      for (Index s = t - 1; s >= i; --s) phi = explicit_transition<Gru<double>>(all, s, recurrent) * phi;
      CHECK(std::abs(scores.backward_at(i, t, 1) - pair.weight.row(1).tail(5).dot(phi)) < 1e-13);
      CHECK(scores.forward_at(i, t) ==
            unroller.forward().polarity(pair.weight.leftCols(6), pair.bias, x).at(i, t));
    }
  }
}

TEST_CASE("BidirectionalUnroller: batches, windows, the last end, and points with spans of the text") {
  const Pair<Lstm<double>> pair;
  Random random(10);
  const PackedLayout layout = PackedLayout::ragged({3, 0, 6, 1});
  const Matrix<double> x = random_matrix<double>(random, 4, 10);
  const BidirectionalUnroller unroller(pair.forward, pair.backward, pair.parameters);
  const auto together = unroller.polarity(pair.weight, pair.bias, layout, x, {.window = 3});
  const auto last = unroller.polarity(pair.weight, pair.bias, layout, x, {.window = 3, .ends = Ends::last});
  const auto points = unroller.collect(layout, x, 3);
  points.backward.check();
  REQUIRE(together.size() == 4);
  for (const Index s : {0, 2, 3}) {
    Matrix<double> one(4, layout.length(s));
    for (Index t = 0; t < one.cols(); ++t) one.col(t) = x.col(layout.column(s, t));
    const auto& scores = together[static_cast<std::size_t>(s)];
    const auto alone = unroller.polarity(pair.weight, pair.bias, one, {.window = 3});
    CHECK(difference(scores.backward.ngram, alone.backward.ngram) < 1e-14);
    CHECK(std::abs(last[static_cast<std::size_t>(s)].account_of_final_states(1).sum() -
                   alone.account_of_final_states(1).logit) < 1e-13);
    for (std::size_t k = 0; k < points.backward.spans.size(); ++k) {
      const Span& span = points.backward.spans[k];
      if (span.sequence != s) continue;
      CHECK(std::abs(pair.weight.row(0).tail(5).dot(points.backward.vectors.col(static_cast<Index>(k))) -
                     scores.backward_at(span.first, span.last - 1)) < 1e-13);
    }
  }
  CHECK(points.forward.size() == points.backward.size());
  CHECK(reversed_sequences<double>(layout, reversed_sequences<double>(layout, x)) == x);
}

TEST_CASE("BidirectionalUnroller: what does not fit is refused") {
  Pair<Gru<double>> pair;
  const BidirectionalUnroller unroller(pair.forward, pair.backward, pair.parameters);
  const Matrix<double> x = Matrix<double>::Zero(4, 3);
  CHECK_THROWS_WITH_AS(unroller.polarity(pair.weight.leftCols(10), pair.bias, x),
                       "BidirectionalUnroller::polarity: weight: expected labels x 11, found 2 x 10",
                       ShapeError);
  CHECK_THROWS_WITH_AS(reversed_sequences<double>(PackedLayout::uniform(2, 2), x),
                       "reversed_sequences: the layout has 4 columns, x has 3", ShapeError);
  const Recurrent<Gru<double>> wide(pair.parameters, {.input_size = 5, .hidden_size = 6, .suffix = "_l1"});
  CHECK_THROWS_WITH_AS(
      BidirectionalUnroller(pair.forward, wide, pair.parameters),
      "BidirectionalUnroller: the forward layer reads vectors of size 4, the backward layer of size 5",
      ShapeError);
}
