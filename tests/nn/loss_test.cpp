// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/nn/loss.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

TEST_CASE_TEMPLATE("softmax cross-entropy: value by definition, gradient in place", S, float, double) {
  const double tolerance = std::is_same_v<S, float> ? 1e-5 : 1e-13;
  Random random(41);
  const Index classes = 37, columns = 500;  // several pieces of columns
  const Matrix<S> scores = random_matrix<S>(classes, columns, random, 4);
  std::vector<Id> targets;
  for (Index n = 0; n < columns; ++n) targets.push_back(static_cast<Id>(random.below(classes)));
  double expected = 0;
  Matrix<double> probabilities = scores.template cast<double>().array().exp();
  for (Index n = 0; n < columns; ++n) {
    probabilities.col(n) /= probabilities.col(n).sum();
    expected -= std::log(probabilities(targets[static_cast<std::size_t>(n)], n));
    probabilities(targets[static_cast<std::size_t>(n)], n) -= 1;
  }
  Matrix<S> in_place = scores;
  CHECK(static_cast<double>(softmax_cross_entropy<S>(in_place, targets, S(0.5))) ==
        doctest::Approx(expected).epsilon(tolerance));
  CHECK((in_place.template cast<double>() - 0.5 * probabilities).cwiseAbs().maxCoeff() < tolerance);
  CHECK(static_cast<double>(softmax_cross_entropy_value<S>(scores, targets)) ==
        doctest::Approx(expected).epsilon(tolerance));
}

TEST_CASE("softmax cross-entropy survives huge and tiny scores") {
  Matrix<double> scores(3, 2);
  scores << 1000, -1000, 0, 0, -1000, 0;
  const std::vector<Id> targets{0, 0};
  CHECK(softmax_cross_entropy<double>(scores, targets, 1) ==
        doctest::Approx(1000 + std::log(2.0)).epsilon(1e-12));
  CHECK(scores.allFinite());
  CHECK(scores(0, 1) == doctest::Approx(-1.0));
}

TEST_CASE_TEMPLATE("logistic loss: value by definition, gradient in place, small losses keep their digits", S,
                   float, double) {
  Matrix<S> scores(1, 4);
  scores << S(2), S(-3), S(30), S(-60);
  const std::vector<Id> labels{1, 1, 1, 0};
  const double expected =
      std::log1p(std::exp(-2.0)) + std::log1p(std::exp(3.0)) + std::exp(-30.0) + std::exp(-60.0);
  CHECK(static_cast<double>(logistic_loss<S>(scores, labels, S(2))) == doctest::Approx(expected).epsilon(1e-6));
  CHECK(static_cast<double>(scores(0, 0)) == doctest::Approx(2 * (1 / (1 + std::exp(-2.0)) - 1)).epsilon(1e-5));
  CHECK(static_cast<double>(scores(0, 1)) == doctest::Approx(2 * (1 / (1 + std::exp(3.0)) - 1)).epsilon(1e-5));
  Matrix<S> sure(1, 1);
  sure << S(20);
  CHECK(static_cast<double>(logistic_loss<S>(sure, std::vector<Id>{1}, S(1))) ==
        doctest::Approx(std::exp(-20.0)).epsilon(1e-5));
}

TEST_CASE("logistic loss in complex arithmetic gives its own derivative") {
  using Z = std::complex<double>;
  const std::vector<Id> labels{1, 0, 0};
  const Vector<double> at = (Vector<double>(3) << 0.3, -1.2, 2.5).finished();
  const Vector<double> expected = complex_step_gradient(
      [&](const Vector<Z>& v) {
        Matrix<Z> scores = v.transpose();
        return logistic_loss<Z>(scores, labels, Z(1));
      },
      at);
  Matrix<double> scores = at.transpose();
  logistic_loss<double>(scores, labels, 1.0);
  CHECK(gradient_error(scores.transpose(), expected) < 1e-14);
}

TEST_CASE("bad targets are named") {
  Matrix<float> scores = Matrix<float>::Zero(3, 2);
  CHECK_THROWS_WITH_AS(softmax_cross_entropy<float>(scores, std::vector<Id>{0, 3}, 1.0f),
                       "softmax_cross_entropy: target 3 at position 1 is not one of 3 classes", ValueError);
  CHECK_THROWS_WITH_AS(softmax_cross_entropy<float>(scores, std::vector<Id>{0}, 1.0f),
                       "softmax_cross_entropy: 2 columns of scores but 1 targets", ShapeError);
  CHECK_THROWS_WITH_AS(logistic_loss<float>(scores, std::vector<Id>{0, 1}, 1.0f),
                       "logistic_loss: expected one row of scores, found 3", ShapeError);
}
