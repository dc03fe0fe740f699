// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/attribute/integrated_gradients.hpp"

#include <doctest/doctest.h>

#include "attribution_fixture.hpp"
#include "rnnscope/attribute/gradient_input.hpp"

using namespace attribution_test;

TEST_CASE_TEMPLATE("the completeness error falls with the nodes, to rounding", Cell, Lstm<double>,
                   Gru<double>) {
  for (const Index layers : {1, 2}) {
    const Example<Cell> example(layers);
    double before = 1e300;
    for (const Index nodes : {2, 4, 8, 32}) {
      const auto scores = integrated_gradients(example.model, example.batch, {.nodes = nodes});
      double worst = 0;
      for (const auto& of_sequence : scores)
        worst = std::max(worst, of_sequence.residual.cwiseAbs().maxCoeff());
      CHECK(worst < 0.5 * before);
      before = worst;
    }
    CHECK(before < 1e-12);
  }
}

TEST_CASE("the scores add up to the difference from the baseline, which is that of blank tokens") {
  const Example<Lstm<double>> example;
  const auto scores = integrated_gradients(example.model, example.batch);
  for (Index s = 0; s < example.sequences(); ++s) {
    const auto& found = scores[static_cast<std::size_t>(s)];
    const std::vector<Id> blanks(static_cast<std::size_t>(example.length(s)), example.blank);
    const Vector<double> bias = example.model.parameters.at("readout.bias").col(0);
    const Vector<double> at_blank = example.logits(blanks).col(0);
    const Vector<double> at_tokens = example.logits(example.phrases[static_cast<std::size_t>(s)]).col(0);
    CHECK((found.initial.col(0) - (at_blank - bias)).norm() < 1e-14);
    CHECK((found.ngram.rowwise().sum() - (at_tokens - at_blank)).norm() < 1e-11);
  }
}

TEST_CASE("one node is the gradient half way, and a baseline of one's own is used") {
  Example<Gru<double>> example;
  Vector<double> baseline(3);
  baseline << 0.3, -0.2, 0.9;
  const auto scores = integrated_gradients(example.model, example.batch, {.nodes = 1, .baseline = baseline});
  // A model whose embeddings are half way: gradient times (x - baseline) from gradient times x of the two
  // parts.
  Example<Gru<double>> half;
  auto table = half.model.parameters.at("embedding.weight");
  const Matrix<double> original = table;
  table = 0.5 * (original.colwise() + baseline);
  const Matrix<double> x = detail::embedded(half.model, half.batch.ids);
  const ClassifierRun<Gru<double>> run(half.model, half.batch.layout, x);
  auto unused = half.model.parameters.zeros_like();
  for (Index label = 0; label < 3; ++label) {
    const Matrix<double> gradient = run.input_gradient(label, unused);
    for (Index s = 0; s < example.sequences(); ++s) {
      for (Index t = 0; t < example.length(s); ++t) {
        const Id id = example.phrases[static_cast<std::size_t>(s)][static_cast<std::size_t>(t)];
        const double expected =
            (original.col(id) - baseline).dot(gradient.col(example.batch.layout.column(s, t)));
        CHECK(scores[static_cast<std::size_t>(s)].at(t, example.length(s) - 1, label) ==
              doctest::Approx(expected).epsilon(1e-12));
      }
    }
  }
}

TEST_CASE("bad options are named") {
  const Example<Gru<double>> example;
  CHECK_THROWS_WITH_AS(static_cast<void>(integrated_gradients(example.model, example.batch, {.nodes = 0})),
                       "IntegratedGradientsOptions: at least 1 node is needed, found 0", ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(integrated_gradients(example.model, example.batch,
                                                              {.baseline = Vector<double>::Ones(2)})),
                       "integrated_gradients: the baseline: expected shape 3 x 1, found 2 x 1", ShapeError);
}
