// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/model/sequence_classifier.hpp"

#include <doctest/doctest.h>

#include "rnnscope/nn/gradcheck.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"
#include "rnnscope/nn/optimizer.hpp"

using namespace rnnscope;

namespace {
const std::vector<std::vector<Id>> phrases{{0, 1}, {2, 1, 0, 1, 2}, {1}, {0, 0, 2, 1}};
}

TEST_CASE_TEMPLATE("the gradient of the whole model, one score and several", Cell, Lstm<double>, Gru<double>) {
  using Z = std::complex<double>;
  for (const Index labels : {1, 3}) {
    const SequenceClassifierConfig config{
        .vocabulary_size = 3, .embedding_size = 2, .hidden_size = 4, .layers = 2, .labels = labels};
    SequenceClassifier<Cell> model(config);
    Random random(71);
    for (Index k = 0; k < model.parameters.size(); ++k) model.parameters.flat()(k) = random.uniform(-1, 1);
    const PackedBatch batch = pack(phrases);
    const std::vector<Id> classes = labels == 1 ? std::vector<Id>{0, 1, 1, 0} : std::vector<Id>{2, 0, 1, 2};
    const Vector<double> expected = complex_step_gradient(
        [&](const Vector<Z>& values) {
          SequenceClassifier<typename Cell::template rebind<Z>> moved(config);
          moved.parameters.flat() = values;
          typename SequenceClassifier<typename Cell::template rebind<Z>>::Workspace workspace;
          auto ignored = moved.parameters.zeros_like();
          return moved.loss_and_gradient(batch, classes, ignored, workspace) / Z(4);
        },
        model.parameters.flat());
    typename SequenceClassifier<Cell>::Workspace workspace;
    auto gradient = model.parameters.zeros_like();
    const double loss = model.loss_and_gradient(batch, classes, gradient, workspace);
    CHECK(gradient_error(gradient.flat(), expected) < 1e-14);

    // The loss from the public scores, which come in the order of the phrases.
    const Matrix<double> scores = model.scores(batch);
    double from_scores = 0;
    for (Index s = 0; s < 4; ++s) {
      const Id label = classes[static_cast<std::size_t>(s)];
      from_scores += labels == 1 ? std::log1p(std::exp(label == 1 ? -scores(0, s) : scores(0, s)))
                                 : std::log(scores.col(s).array().exp().sum()) - scores(label, s);
    }
    CHECK(loss == doctest::Approx(from_scores).epsilon(1e-12));
    // A phrase alone scores as in the batch.
    const PackedBatch alone = pack(std::span(&phrases[1], 1));
    CHECK((model.scores(alone).col(0) - scores.col(1)).norm() < 1e-14);
  }
}

TEST_CASE("dropout after each layer reaches the read-out: differences of the same masked loss agree") {
  using Cell = Gru<double>;
  const SequenceClassifierConfig config{.vocabulary_size = 3,
                                        .embedding_size = 2,
                                        .hidden_size = 6,
                                        .dropout = 0.5,
                                        .placement = DropoutPlacement::AfterEach};
  SequenceClassifier<Cell> model(config);
  Random random(72);
  for (Index k = 0; k < model.parameters.size(); ++k) model.parameters.flat()(k) = random.uniform(-1, 1);
  const PackedBatch batch = pack(phrases);
  const std::vector<Id> labels{0, 1, 1, 0};
  const DropoutKey key{3, 4};
  SequenceClassifierWorkspace<Cell> workspace;
  auto gradient = model.parameters.zeros_like();
  model.loss_and_gradient(batch, labels, gradient, workspace, key);
  CHECK((workspace.last.array() == 0).any());
  const Vector<double> expected = central_difference_gradient(
      [&](const Vector<double>& values) {
        SequenceClassifier<Cell> moved(config);
        moved.parameters.flat() = values;
        auto ignored = moved.parameters.zeros_like();
        return moved.loss_and_gradient(batch, labels, ignored, workspace, key) / 4;
      },
      model.parameters.flat());
  CHECK(gradient_error(gradient.flat(), expected) < 1e-8);
}

TEST_CASE("bad input is named") {
  SequenceClassifier<Lstm<float>> model({.vocabulary_size = 2, .embedding_size = 2, .hidden_size = 2});
  SequenceClassifierWorkspace<Lstm<float>> workspace;
  auto gradient = model.parameters.zeros_like();
  const std::vector<std::vector<Id>> with_empty{{0}, {}}, fine{{0}, {1}}, strange{{5}};
  CHECK_THROWS_WITH_AS(static_cast<void>(model.scores(pack(with_empty))),
                       "SequenceClassifier: sequence 1 is empty", ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(model.scores(pack(strange))),
                       "Embedding: id 5 at position 0 is outside the vocabulary of 2", ValueError);
  Parameters<float> other;
  CHECK_THROWS_WITH_AS(model.loss_and_gradient(pack(fine), std::vector<Id>{1, 0}, other, workspace),
                       "SequenceClassifier: gradient and parameters hold different tensors", ShapeError);
  CHECK_THROWS_WITH_AS(model.loss_and_gradient(pack(fine), std::vector<Id>{1}, gradient, workspace),
                       "SequenceClassifier: 2 sequences but 1 labels", ShapeError);
  CHECK_THROWS_WITH_AS(model.loss_and_gradient(pack(fine), std::vector<Id>{1, 2}, gradient, workspace),
                       "logistic_loss: target 2 at position 1 is not one of 2 classes", ValueError);
}
