// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/expand/ngram_unroller.hpp"

#define DOCTEST_CONFIG_VOID_CAST_EXPRESSIONS
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "expansion_fixture.hpp"
#include "rnnscope/expand/origin.hpp"
#include "rnnscope/nn/stack.hpp"

using namespace expansion_test;

namespace {

/// Phi(i..t) = A_t ... A_{i+1} g_i with dense matrices; [h] or [h; c].
template <class Cell>
Vector<double> explicit_ngram(const Example<Cell>& example, const Coefficients<Cell>& all, Index i, Index t) {
  Vector<double> result = stacked<Cell>(all.g, i);
  for (Index s = i + 1; s <= t; ++s) {
    result = explicit_transition<Cell>(all, s, example.parameters[example.layer.weight_hh()])
                 .template cast<double>() *
             result;
  }
  return result;
}

Index column_of(const std::vector<Span>& spans, const Span& span) {
  return static_cast<Index>(std::find(spans.begin(), spans.end(), span) - spans.begin());
}

}  // namespace

TEST_CASE_TEMPLATE("NgramUnroller: all representations are the chain products, h and c parts", Cell,
                   Elman<double>, Gru<double>, Lstm<double>, Gru<float>, Lstm<float>) {
  const Example<Cell> example;
  const NgramUnroller unroller(example.layer, example.parameters);
  const auto all = unroller.token_coefficients(example.x);
  const Index d = example.layer.hidden_size(), length = example.x.cols();
  Index seen = 0, size = 0;
  unroller.unroll(example.x, {}, [&](const NgramBlock<Cell>& block) {
    CHECK(block.size == ++size);
    REQUIRE(static_cast<Index>(block.spans.size()) == length - size + 1);
    for (Index j = 0; j < length - size + 1; ++j) {
      const Span span = block.spans[static_cast<std::size_t>(j)];
      CHECK(span == Span{0, j, j + size});
      CHECK(block.ends[static_cast<std::size_t>(j)] == span.last - 1);
      const Vector<double> expected = explicit_ngram(example, all, span.first, span.last - 1);
      for (std::size_t state = 0; state < std::size_t(Cell::states); ++state) {
        CHECK(difference(block.features(state).col(j).template cast<double>(),
                         expected.segment(static_cast<Index>(state) * d, d)) <
              tolerance<typename Cell::Scalar>());
      }
      ++seen;
    }
  });
  CHECK(size == length);
  CHECK(seen == length * (length + 1) / 2);
}

TEST_CASE("NgramUnroller: collect gives points with the tokens they came from") {
  const Example<Lstm<double>> example;
  const NgramUnroller unroller(example.layer, example.parameters);
  const PointSet<double> points = unroller.collect(example.x);
  points.check();
  CHECK(points.size() == 28);
  const auto all = unroller.token_coefficients(example.x);
  for (Index t = 0; t < 7; ++t) {
    for (Index i = 0; i <= t; ++i) {
      const Index column = column_of(points.spans, {0, i, t + 1});
      REQUIRE(column < points.size());
      CHECK(difference(points.vectors.col(column), explicit_ngram(example, all, i, t).head(6)) < 1e-12);
    }
  }
  CHECK(points.vectors.leftCols(7) == unroller.token_features(example.x)[0]);

  // A window keeps the short ones, unchanged.
  const PointSet<double> some = unroller.collect(example.x, {.window = 3, .shortest = 2});
  CHECK(some.size() == 6 + 5);
  CHECK(some.vectors == points.vectors.middleCols(7, 11));
  CHECK(std::equal(some.spans.begin(), some.spans.end(), points.spans.begin() + 7));
  CHECK(unroller.collect(example.x, {.window = 20, .shortest = 9}).size() == 0);
}

TEST_CASE_TEMPLATE("NgramUnroller: a packed batch gives what its sequences give alone", Cell, Gru<double>,
                   Lstm<double>) {
  const Example<Cell> example(6, 15);
  const NgramUnroller unroller(example.layer, example.parameters, Origin{});
  const std::vector<Index> lengths{3, 0, 7, 1, 4};
  const PackedLayout layout = PackedLayout::ragged(lengths);
  const PointSet<double> together = unroller.collect(layout, example.x, {.window = 4});
  together.check();
  Index total = 0;
  for (Index s = 0; s < layout.batch(); ++s) {
    Matrix<double> x(4, layout.length(s));
    for (Index t = 0; t < x.cols(); ++t) x.col(t) = example.x.col(layout.column(s, t));
    const PointSet<double> alone = unroller.collect(x, {.window = 4});
    total += alone.size();
    for (Index j = 0; j < alone.size(); ++j) {
      Span span = alone.spans[static_cast<std::size_t>(j)];
      span.sequence = s;
      const Index column = column_of(together.spans, span);
      REQUIRE(column < together.size());
      CHECK(difference(together.vectors.col(column), alone.vectors.col(j)) < 1e-14);
    }
  }
  CHECK(together.size() == total);
}

TEST_CASE("NgramUnroller: sequence-level features depend on the order of the tokens, token-level ones do not") {
  Example<Gru<double>> example(6, 4);
  const NgramUnroller unroller(example.layer, example.parameters);
  const Matrix<double> before = unroller.collect(example.x).vectors;
  example.x.col(1).swap(example.x.col(2));
  const Matrix<double> after = unroller.collect(example.x).vectors;
  CHECK(before.col(1) == after.col(2));  // g of the swapped tokens
  CHECK(before.col(0) == after.col(0));
  CHECK(difference(before.col(9), after.col(9)) > 1e-3);  // Phi of all four
}

TEST_CASE("NgramUnroller: g is the state of the linearised cell after one token from zero") {
  const Example<Lstm<double>> example;
  const auto g = NgramUnroller(example.layer, example.parameters).token_features(example.x);
  const Vector<double> zero = Vector<double>::Zero(12);
  CHECK(difference(stacked<Lstm<double>>(g, 0),
                   step(example, Vector<double>(example.x.col(0)), zero, LinearActivations{})) < 1e-15);
}

TEST_CASE_TEMPLATE("NgramUnroller: linearise splits every step of the cell", Cell, Elman<double>, Gru<double>,
                   Lstm<double>) {
  const Example<Cell> example;
  const NgramUnroller unroller(example.layer, example.parameters);
  const auto linear = unroller.linearise(PackedLayout::uniform(7, 1), example.x, example.initial);
  Vector<double> state = stacked<Cell>(example.initial, 0);
  for (Index t = 0; t < 7; ++t) {
    const Matrix<double> a =
        explicit_transition<Cell>(linear.coefficients, t, example.parameters[example.layer.weight_hh()]);
    const Vector<double> expected = step(example, Vector<double>(example.x.col(t)), state, TrueActivations{});
    CHECK(difference(stacked<Cell>(linear.state, t), expected) < 1e-14);
    CHECK(difference(stacked<Cell>(linear.residual, t),
                     expected - a * state - stacked<Cell>(linear.coefficients.g, t)) < 1e-14);
    state = expected;
  }
}

TEST_CASE("NgramUnroller: the layer above reads the hidden states of the layer below") {
  // Two layers: the n-grams of the second are those of its own weights over the first one's hidden states.
  Parameters<double> parameters;
  const Stack<Gru<double>> stack(parameters, {.input_size = 4, .hidden_size = 5, .layers = 2});
  Random random(3);
  stack.initialise(parameters, random);
  const Matrix<double> x = random_matrix<double>(random, 4, 6), weight = random_matrix<double>(random, 2, 5),
                       bias = random_matrix<double>(random, 2, 1);
  StackTape<Gru<double>> tape;
  stack.forward(parameters, PackedLayout::uniform(6, 1), DenseInput<double>(x), stack.zero_state(1), tape);
  const NgramUnroller above(stack.layers()[1], parameters);
  const auto scores = above.polarity(weight, bias, tape.output(0));
  for (Index t = 0; t < 6; ++t) {
    for (Index label = 0; label < 2; ++label) {
      const double logit = weight.row(label).dot(tape.output().col(t)) + bias(label);
      CHECK(scores.logit(label, t) == doctest::Approx(logit));
      CHECK(std::abs(scores.account(t, label).sum() - logit) < 1e-13);
    }
  }
  // Its token-level features depend on the context: another first word changes that of the last.
  Matrix<double> other = x;
  other.col(0) *= -1;
  StackTape<Gru<double>> other_tape;
  stack.forward(parameters, PackedLayout::uniform(6, 1), DenseInput<double>(other), stack.zero_state(1),
                other_tape);
  CHECK(difference(above.token_features(tape.output(0))[0].col(5),
                   above.token_features(other_tape.output(0))[0].col(5)) > 1e-6);
}

TEST_CASE("NgramUnroller: a batch wider than a pass gives what its sequences give alone") {
  Example<Lstm<double>> example(3, 2 * 1300);
  Random random(4);
  for (auto& part : example.initial) part = random_matrix<double>(random, 3, 1300);
  const NgramUnroller unroller(example.layer, example.parameters);
  const PackedLayout layout = PackedLayout::uniform(2, 1300);
  const auto together =
      unroller.polarity(example.weight, example.bias, layout, example.x, {.initial = example.initial});
  for (const Index s : {0, 999, 1000, 1299}) {
    Matrix<double> x(4, 2);
    for (Index t = 0; t < 2; ++t) x.col(t) = example.x.col(layout.column(s, t));
    PolarityOptions<Lstm<double>> options;
    for (std::size_t k = 0; k < 2; ++k) options.initial[k] = example.initial[k].col(s);
    const auto alone = unroller.polarity(example.weight, example.bias, x, options);
    const auto& batched = together[static_cast<std::size_t>(s)];
    CHECK(difference(batched.ngram, alone.ngram) < 1e-14);
    CHECK(difference(batched.initial, alone.initial) < 1e-14);
    CHECK(difference(batched.residual, alone.residual) < 1e-14);
    CHECK(difference(batched.third_order, alone.third_order) < 1e-14);
    CHECK(difference(batched.logit, alone.logit) < 1e-14);
  }
}

TEST_CASE("NgramUnroller: no tokens, one token") {
  const Example<Gru<double>> example(6, 1);
  const NgramUnroller unroller(example.layer, example.parameters);
  const Matrix<double> none(4, 0);
  CHECK(unroller.collect(none).size() == 0);
  CHECK(unroller.token_features(none)[0].cols() == 0);
  int visits = 0;
  unroller.unroll(none, {}, [&](const NgramBlock<Gru<double>>&) { ++visits; });
  CHECK(visits == 0);
  unroller.unroll(example.x, {}, [&](const NgramBlock<Gru<double>>& block) {
    ++visits;
    CHECK(block.features().col(0) == unroller.token_features(example.x)[0].col(0));
  });
  CHECK(visits == 1);
}

TEST_CASE("NgramUnroller: wrong shapes and values are named") {
  Example<Gru<double>> example;
  const NgramUnroller unroller(example.layer, example.parameters);
  CHECK_THROWS_WITH_AS(unroller.collect(Matrix<double>::Zero(5, 7)),
                       "NgramUnroller: the layer reads vectors of size 4, found x of shape 5 x 7", ShapeError);
  CHECK_THROWS_WITH_AS(unroller.collect(PackedLayout::uniform(3, 2), example.x),
                       "NgramUnroller: the layout has 6 columns, x has 7", ShapeError);
  CHECK_THROWS_WITH_AS(unroller.collect(example.x, {.window = 2, .shortest = 3}),
                       "UnrollOptions: expected 1 <= shortest <= window, found shortest 3 and window 2",
                       ValueError);
  CHECK_THROWS_WITH_AS(unroller.collect(example.x, {.initial = {Matrix<double>::Zero(6, 2)}}),
                       "NgramUnroller: initial state: expected shape 6 x 1, found 6 x 2", ShapeError);
  Matrix<double> start = example.initial[0];
  start(2, 0) = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH_AS(unroller.collect(example.x, {.initial = {start}}),
                       "NgramUnroller: the initial state is not finite", ValueError);
  Matrix<double> x = example.x;
  x(1, 4) = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH_AS(unroller.collect(x), "NgramUnroller: x is not finite in column 4 (sequence 0, t = 4)",
                       ValueError);
  CHECK_THROWS_WITH_AS(unroller.collect(PackedLayout::ragged({2, 5}), x),
                       "NgramUnroller: x is not finite in column 4 (sequence 1, t = 2)", ValueError);

  example.parameters[example.layer.weight_ih()](0, 0) = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH_AS(unroller.collect(example.x),
                       "NgramUnroller: the representation of tokens 0..0 of sequence 0 is not finite at t = 0: "
                       "check the parameters",
                       ValueError);
  CHECK_THROWS_WITH_AS(unroller.linearise(PackedLayout::uniform(7, 1), example.x),
                       "NgramUnroller: the state of the cell is not finite at t = 0: check the parameters",
                       ValueError);

  Parameters<double> other;
  CHECK_THROWS_WITH_AS(NgramUnroller(example.layer, other),
                       "NgramUnroller: there are only 0 tensors, so these are not the parameters of the layer",
                       ShapeError);
  const Recurrent<Gru<double>> narrow(other, {.input_size = 4, .hidden_size = 5});
  CHECK_THROWS_WITH_AS(NgramUnroller(example.layer, other),
                       "NgramUnroller: weight_ih of the layer: expected shape 18 x 4, found 15 x 4",
                       ShapeError);
  using Unroller = NgramUnroller<Gru<double>>;
  static_assert(!std::is_constructible_v<Unroller, Recurrent<Gru<double>>, const Parameters<double>&>);
  static_assert(!std::is_constructible_v<Unroller, const Recurrent<Gru<double>>&, Parameters<double>>);
  static_assert(std::is_constructible_v<Unroller, const Recurrent<Gru<double>>&, const Parameters<double>&>);
}

TEST_CASE("NgramUnroller: overflow is never silent") {
  Example<Gru<float>> example(6, 60);
  example.parameters.flat() *= 30.0f;
  const NgramUnroller unroller(example.layer, example.parameters);
  CHECK_THROWS_WITH_AS(unroller.collect(example.x), doctest::Contains("is not finite at t = "), ValueError);
  for (const UnrollMethod method : {UnrollMethod::forward, UnrollMethod::adjoint}) {
    CHECK_THROWS_WITH_AS(unroller.polarity(example.weight, example.bias, example.x, {.method = method}),
                         doctest::Contains("is not finite at t = "), ValueError);
  }
  CHECK(unroller.collect(example.x, {.window = 3}).vectors.allFinite());
}
