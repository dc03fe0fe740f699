// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/expand/polarity.hpp"

#define DOCTEST_CONFIG_VOID_CAST_EXPRESSIONS
#include <doctest/doctest.h>

#include <vector>

#include "expansion_fixture.hpp"
#include "rnnscope/expand/origin.hpp"
#include "rnnscope/expand/path_integrated.hpp"
#include "rnnscope/expand/simplified.hpp"
#include "rnnscope/expand/trajectory.hpp"

using namespace expansion_test;

namespace {

/// The size of the terms of an account: rounding is relative to it.
template <class S>
double magnitude(const PolarityScores<S>& scores, Index t, Index label) {
  double sum = std::abs(double(scores.account(t, label).longer)) +
               std::abs(double(scores.account(t, label).initial)) +
               std::abs(double(scores.account(t, label).residual)) + std::abs(double(scores.bias(label)));
  for (Index i = scores.index.first(t); i <= t; ++i) sum += std::abs(double(scores.at(i, t, label)));
  return sum;
}

template <class S>
void check_equal(const PolarityScores<S>& a, const PolarityScores<S>& b, double bound) {
  CHECK(a.index == b.index);
  CHECK(difference(a.ngram, b.ngram) < bound);
  CHECK(difference(a.longer, b.longer) < bound);
  CHECK(difference(a.initial, b.initial) < bound);
  CHECK(difference(a.residual, b.residual) < bound);
  CHECK(difference(a.second_order, b.second_order) < bound);
  CHECK(difference(a.third_order, b.third_order) < bound);
  CHECK(difference(a.logit, b.logit) < bound);
  CHECK(difference(a.residual_ratio, b.residual_ratio) < bound);
  CHECK(a.bias == b.bias);
}

}  // namespace

TEST_CASE_TEMPLATE("polarity: the account of every logit is complete", Cell, Elman<double>, Gru<double>,
                   Lstm<double>, Elman<float>, Gru<float>, Lstm<float>) {
  using S = typename Cell::Scalar;
  // Relative to the size of the terms; about 80 units in the last place for float.
  const double bound = std::is_same_v<S, float> ? 1e-5 : 1e-12;
  for (const Index labels : {1, 3}) {
    const Example<Cell> example(6, 9, labels);
    const NgramUnroller unroller(example.layer, example.parameters);
    for (const UnrollMethod method : {UnrollMethod::forward, UnrollMethod::adjoint}) {
      for (const Index window : {any_length, Index{4}, Index{1}}) {
        const PolarityScores<S> scores =
            unroller.polarity(example.weight, example.bias, example.x,
                              {.initial = example.initial, .window = window, .method = method});
        CHECK(scores.labels() == labels);
        CHECK(scores.length() == 9);
        const auto linear = unroller.linearise(PackedLayout::uniform(9, 1), example.x, example.initial);
        for (Index t = 0; t < 9; ++t) {
          for (Index label = 0; label < labels; ++label) {
            const PolarityAccount<S> account = scores.account(t, label);
            CHECK(std::abs(double(account.sum() - account.logit)) < bound * magnitude(scores, t, label));
            CHECK(account.logit ==
                  doctest::Approx(example.weight.row(label).dot(linear.state[0].col(t)) + example.bias(label)));
            CHECK(account.initial != S(0));
            CHECK(account.residual != S(0));
            if (gate_count < Cell >> 1 && t > 0) {
              CHECK(account.second_order != S(0));
              CHECK(account.third_order != S(0));
              CHECK(account.rest() != S(0));
            }
            CHECK((account.longer != S(0)) == (t >= window));
          }
        }
      }
    }
  }
}

namespace {

/// All terms of every logit from chains of dense matrices, A_t ... A_{i+1}, against both methods.
template <class Cell, class Expansion>
void check_against_chains(const Expansion& expansion) {
  const Example<Cell> example;
  const NgramUnroller<Cell, Expansion> unroller(example.layer, example.parameters, expansion);
  const PolarityOptions<Cell> options{.initial = example.initial, .method = UnrollMethod::forward};
  const auto forward = unroller.polarity(example.weight, example.bias, example.x, options);
  const auto adjoint = unroller.polarity(example.weight, example.bias, example.x,
                                         {.initial = example.initial, .method = UnrollMethod::adjoint});
  check_equal(forward, adjoint, 1e-12);

  const auto linear = unroller.linearise(PackedLayout::uniform(7, 1), example.x, example.initial);
  const Index d = 6, size = Cell::states * d;
  const auto a = [&](Index t) {
    return explicit_transition<Cell>(linear.coefficients, t, example.parameters[example.layer.weight_hh()]);
  };
  for (Index t = 0; t < 7; ++t) {
    Matrix<double> m = Matrix<double>::Identity(size, size);
    Vector<double> residual = Vector<double>::Zero(size), second = residual, third = residual,
                   unrolled = residual;
    for (Index i = t; i >= 0; --i) {
      const Vector<double> phi = m * stacked<Cell>(linear.coefficients.g, i);
      CHECK(difference(forward.ngram.col(forward.index.column(i, t)), example.weight * phi.head(d)) < 1e-12);
      unrolled += phi;
      residual += m * stacked<Cell>(linear.residual, i);
      if (linear.second[0].cols() > 0) {
        second += m * stacked<Cell>(linear.second, i);
        third += m * stacked<Cell>(linear.third, i);
      }
      m = m * a(i);
    }
    const Vector<double> initial = m * stacked<Cell>(example.initial, 0);
    unrolled += initial;
    const Vector<double> h = linear.state[0].col(t);
    CHECK(difference(forward.initial.col(t), example.weight * initial.head(d)) < 1e-12);
    CHECK(difference(forward.residual.col(t), example.weight * residual.head(d)) < 1e-12);
    CHECK(difference(forward.second_order.col(t), example.weight * second.head(d)) < 1e-12);
    CHECK(difference(forward.third_order.col(t), example.weight * third.head(d)) < 1e-12);
    const double ratio = (h - unrolled.head(d)).norm() / h.norm();
    CHECK(std::abs(forward.residual_ratio(t) - ratio) < 1e-12);
    CHECK((ratio > 0.005) == (TokenExpansion<Expansion, Cell>));
    for (Index label = 0; label < 3; ++label) {
      const auto account = forward.account(t, label);
      CHECK(std::abs(account.sum() - account.logit) < 1e-12);
      CHECK(std::abs(account.logit - (example.weight.row(label).dot(h) + example.bias(label))) < 1e-13);
    }
  }
}

}  // namespace

TEST_CASE_TEMPLATE("polarity: forward, adjoint and chains of dense matrices agree", Cell, Elman<double>,
                   Gru<double>, Lstm<double>) {
  check_against_chains<Cell>(Maclaurin{});
  check_against_chains<Cell>(Origin{});
  check_against_chains<Cell>(Simplified<Maclaurin>{});
  check_against_chains<Cell>(Trajectory{});
  check_against_chains<Cell>(PathIntegrated{});
}

TEST_CASE_TEMPLATE("polarity: a window of N tokens is the truncation of all n-grams", Cell, Gru<double>,
                   Lstm<double>) {
  const Example<Cell> example(6, 9);
  const NgramUnroller unroller(example.layer, example.parameters);
  const auto all = unroller.polarity(example.weight, example.bias, example.x, {.initial = example.initial});
  for (const UnrollMethod method : {UnrollMethod::forward, UnrollMethod::adjoint}) {
    const auto some = unroller.polarity(example.weight, example.bias, example.x,
                                        {.initial = example.initial, .window = 3, .method = method});
    CHECK(difference(some.initial, all.initial) < 1e-12);
    CHECK(difference(some.residual, all.residual) < 1e-12);
    for (Index t = 0; t < 9; ++t) {
      CHECK(some.index.first(t) == std::max<Index>(0, t - 2));
      Vector<double> longer = Vector<double>::Zero(3);
      for (Index i = 0; i <= t; ++i) {
        const Vector<double> score = all.ngram.col(all.index.column(i, t));
        if (t - i < 3) {
          CHECK(difference(some.ngram.col(some.index.column(i, t)), score) < 1e-12);
        } else {
          longer += score;
        }
      }
      CHECK(difference(some.longer.col(t), longer) < 1e-12);
    }
  }
}

TEST_CASE("polarity: token and phrase scores are what their names say") {
  const Example<Lstm<double>> example;
  const NgramUnroller unroller(example.layer, example.parameters);
  const auto scores = unroller.polarity(example.weight, example.bias, example.x);
  CHECK(difference(scores.token(), example.weight * unroller.token_features(example.x)[0]) < 1e-14);
  CHECK(scores.initial == Matrix<double>::Zero(3, 7));
  for (Index t = 0; t < 7; ++t) {
    const Vector<double> phrase = scores.phrase(t);
    for (Index label = 0; label < 3; ++label) {
      double sum = 0;
      for (Index i = 0; i <= t; ++i) sum += scores.at(i, t, label);
      CHECK(phrase(label) == doctest::Approx(sum));
      CHECK(scores.account(t, label).token + scores.account(t, label).sequence == doctest::Approx(sum));
    }
  }
  CHECK(scores.phrase() == scores.phrase(6));
  CHECK_THROWS_AS(scores.at(5, 4), ValueError);
  CHECK_THROWS_AS(scores.phrase(7), ValueError);
  CHECK_THROWS_WITH_AS(scores.account(4, 3), "PolarityScores: label 3 of 3", ValueError);
}

TEST_CASE_TEMPLATE("polarity: a packed batch gives what its sequences give alone, at all ends or the last",
                   Cell, Gru<double>, Lstm<double>) {
  Example<Cell> example(6, 15, 2);
  const NgramUnroller unroller(example.layer, example.parameters, Origin{});
  const PackedLayout layout = PackedLayout::ragged({3, 0, 7, 1, 4});
  Random random(2);
  for (auto& part : example.initial) part = random_matrix<double>(random, 6, 5);
  for (const UnrollMethod method : {UnrollMethod::automatic, UnrollMethod::forward, UnrollMethod::adjoint}) {
    for (const Index window : {any_length, Index{2}}) {
      for (const Ends ends : {Ends::all, Ends::last}) {
        const auto together =
            unroller.polarity(example.weight, example.bias, layout, example.x,
                              {.initial = example.initial, .window = window, .ends = ends, .method = method});
        REQUIRE(together.size() == 5);
        for (Index s = 0; s < 5; ++s) {
          Matrix<double> x(4, layout.length(s));
          for (Index t = 0; t < x.cols(); ++t) x.col(t) = example.x.col(layout.column(s, t));
          PolarityOptions<Cell> options{.window = window, .ends = ends, .method = UnrollMethod::forward};
          for (std::size_t k = 0; k < options.initial.size(); ++k)
            options.initial[k] = example.initial[k].col(layout.slot(s));
          check_equal(together[static_cast<std::size_t>(s)],
                      unroller.polarity(example.weight, example.bias, x, options), 1e-12);
        }
      }
    }
  }
}

TEST_CASE("polarity: the last end alone is the last of all ends") {
  const Example<Gru<double>> example;
  const NgramUnroller unroller(example.layer, example.parameters);
  const auto all = unroller.polarity(example.weight, example.bias, example.x, {.initial = example.initial});
  const auto last = unroller.polarity(example.weight, example.bias, example.x,
                                      {.initial = example.initial, .ends = Ends::last});
  CHECK(last.index.ends() == 1);
  CHECK(last.ngram.cols() == 7);
  CHECK(difference(last.phrase(), all.phrase()) < 1e-12);
  CHECK(difference(last.residual.col(0), all.residual.col(6)) < 1e-12);
  CHECK(difference(last.residual_ratio.tail(1), all.residual_ratio.tail(1)) < 1e-12);
  CHECK_THROWS_WITH_AS(
      last.at(0, 3), "NgramIndex: no n-gram ends at token 3; there are scores for the ends 6 to 6", ValueError);
}

TEST_CASE("polarity: the cost model counts the columns of each method") {
  const Example<Gru<double>> example;
  const PackedLayout layout = PackedLayout::uniform(7, 1);
  const PackedLinks links(layout);
  const LayerState<Gru<double>> zero = zero_state<Gru<double>>(6, 1);
  const auto cost = [&](std::vector<Index> ends, Index window, Index labels, bool initial = false,
                        bool ordered = false) {
    const Matrix<double> weight = Matrix<double>::Zero(labels, 6);
    return detail::polarity_cost(
        detail::PolarityProblem<Gru<double>>{layout, links, initial ? example.initial : zero, weight, window,
                                             std::move(ends)},
        ordered);
  };
  CHECK(cost({0, 1, 2, 3, 4, 5, 6}, any_length, 1).forward == 21);
  CHECK(cost({0, 1, 2, 3, 4, 5, 6}, any_length, 1).adjoint == 21);
  CHECK(cost({6}, any_length, 2).adjoint == 12);
  CHECK(cost({0, 1, 2, 3, 4, 5, 6}, 2, 3).forward == 6);
  CHECK(cost({0, 1, 2, 3, 4, 5, 6}, 2, 3).adjoint == 3 * 11);
  // The orders and the initial state are three more sums forward; for the adjoint one more step back, and the
  // sums only if a window cuts.
  CHECK(cost({0, 1, 2, 3, 4, 5, 6}, any_length, 1, true, true).forward == 21 + 21);
  CHECK(cost({0, 1, 2, 3, 4, 5, 6}, any_length, 1, true, true).adjoint == 28);
  CHECK(cost({0, 1, 2, 3, 4, 5, 6}, 2, 1, true, true).adjoint == 13 + 21);
}

TEST_CASE("polarity: no tokens, one token, wrong read-outs") {
  const Example<Gru<double>> example(6, 1);
  const NgramUnroller unroller(example.layer, example.parameters);
  const auto none = unroller.polarity(example.weight, example.bias, Matrix<double>(4, 0));
  CHECK(none.length() == 0);
  CHECK(none.ngram.cols() == 0);
  CHECK(none.labels() == 3);
  CHECK_THROWS_AS(none.phrase(), ValueError);

  const auto one = unroller.polarity(example.weight, example.bias, example.x, {.initial = example.initial});
  CHECK(one.account(0, 1).sequence == 0.0);
  CHECK(one.account(0, 1).sum() == doctest::Approx(one.logit(1, 0)));

  CHECK_THROWS_WITH_AS(unroller.polarity(Matrix<double>::Zero(2, 5), example.bias, example.x),
                       "NgramUnroller::polarity: weight: expected labels x 6, found 2 x 5", ShapeError);
  CHECK_THROWS_WITH_AS(unroller.polarity(example.weight, Matrix<double>::Zero(2, 1), example.x),
                       "NgramUnroller::polarity: bias: expected shape 3 x 1, found 2 x 1", ShapeError);
  CHECK_THROWS_WITH_AS(unroller.polarity(example.weight, example.bias, example.x, {.window = 0}),
                       "PolarityOptions: the window must be at least 1, found 0", ValueError);
  Matrix<double> weight = example.weight;
  weight(0, 0) = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH_AS(unroller.polarity(weight, example.bias, example.x),
                       "NgramUnroller::polarity: the read-out is not finite", ValueError);
  // A finite read-out whose scores overflow: 1.7e308 * sum of |g|.
  weight = unroller.token_features(example.x)[0].transpose().cwiseSign() * 1.7e308;
  CHECK_THROWS_WITH_AS(unroller.polarity(weight, example.bias.topRows(1), example.x),
                       doctest::Contains("are not finite at t = 0"), ValueError);
}
