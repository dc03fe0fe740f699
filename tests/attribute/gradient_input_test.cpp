// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/attribute/gradient_input.hpp"

#include <doctest/doctest.h>

#include <complex>

#include "attribution_fixture.hpp"

using namespace attribution_test;

TEST_CASE_TEMPLATE("gradient times input against complex steps, in evaluation mode", Cell, Lstm<double>,
                   Gru<double>) {
  using Z = std::complex<double>;
  using ZCell = typename Cell::template rebind<Z>;
  for (const Index layers : {1, 2}) {
    const Example<Cell> example(layers), with_dropout(layers, 3, 0.5);
    const auto scores = gradient_times_input(example.model, example.batch);
    const auto same = gradient_times_input(with_dropout.model, example.batch);
    SequenceClassifier<ZCell> moved(example.config);
    moved.parameters = example.model.parameters.template cast<Z>();
    const Matrix<double> logits = example.model.scores(example.batch);
    for (Index s = 0; s < example.sequences(); ++s) {
      const auto& found = scores[static_cast<std::size_t>(s)];
      const Index end = example.length(s) - 1;
      CHECK(found.ngram == same[static_cast<std::size_t>(s)].ngram);
      CHECK(found.index.size() == end + 1);
      const auto layout = PackedLayout::uniform(end + 1, 1);
      Matrix<Z> x;
      moved.embedding().forward(moved.parameters, example.phrases[static_cast<std::size_t>(s)], x);
      for (Index t = 0; t <= end; ++t) {
        // Along x_t itself: d y(x_t + i h x_t) / dh = x_t . grad.
        Matrix<Z> shifted = x;
        shifted.col(t) *= Z(1, 1e-30);
        const Matrix<Z> y = ClassifierRun<ZCell>(moved, layout, shifted).logits();
        for (Index label = 0; label < 3; ++label)
          CHECK(found.at(t, end, label) == doctest::Approx(y(label, 0).imag() / 1e-30).epsilon(1e-12));
      }
      for (Index label = 0; label < 3; ++label) {
        const auto account = found.account(end, label);
        CHECK(account.logit == doctest::Approx(logits(label, s)).epsilon(1e-14));
        CHECK(account.sum() == doctest::Approx(account.logit).epsilon(1e-13));
        CHECK(account.bias == example.model.parameters.at("readout.bias")(label, 0));
      }
      CHECK(found.residual_ratio(0) > 1e-3);
    }
  }
}

TEST_CASE("an empty sequence and an unknown id are named") {
  const Example<Gru<double>> example;
  const std::vector<std::vector<Id>> with_empty{{0}, {}}, strange{{9}};
  CHECK_THROWS_WITH_AS(static_cast<void>(gradient_times_input(example.model, pack(with_empty))),
                       "attribution: sequence 1 is empty", ValueError);
  CHECK_THROWS_AS(static_cast<void>(gradient_times_input(example.model, pack(strange))), ValueError);
}
