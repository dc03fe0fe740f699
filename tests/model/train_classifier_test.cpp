// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/model/train_classifier.hpp"

#include <doctest/doctest.h>

#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"

using namespace rnnscope;

namespace {

/// Sequences of 1 to 6 ids below 4; the label is the first id modulo `labels`.
LabelledSequences some_data(int count, Index labels, std::uint64_t seed) {
  LabelledSequences data;
  Random random(seed);
  for (int s = 0; s < count; ++s) {
    std::vector<Id> ids;
    for (Index left = 1 + random.below(6); left > 0; --left) ids.push_back(static_cast<Id>(random.below(4)));
    data.labels.push_back(static_cast<Id>(ids.front() % static_cast<Id>(labels == 1 ? 2 : labels)));
    data.sequences.push_back(std::move(ids));
  }
  return data;
}

}  // namespace

TEST_CASE_TEMPLATE("a classifier learns from ragged batches, and repeats to the bit", Cell, Lstm<float>,
                   Gru<double>) {
  for (const Index labels : {1, 3}) {
    const LabelledSequences training = some_data(150, labels, 1), validation = some_data(60, labels, 2);
    const auto run = [&](std::uint64_t seed) {
      SequenceClassifier<Cell> model(
          {.vocabulary_size = 4, .embedding_size = 6, .hidden_size = 12, .labels = labels});
      Random random(51);
      model.initialise(random, 1);
      Adam<typename Cell::Scalar> adam({.learning_rate = 0.02});
      auto report =
          train(model, adam, training, validation, {.batch = 16, .epochs = 25, .validations = 5, .seed = seed});
      return std::pair(std::move(report), std::move(model));
    };
    const auto [report, model] = run(1);
    CHECK(report.tokens == 150 * 25);
    REQUIRE(report.curve.size() == 5);
    CHECK(report.curve[report.best].accuracy > 0.97);
    CHECK(report.curve.front().accuracy < report.curve.back().accuracy + 1e-9);
    const ClassifierEvaluation result = evaluate(model, validation);
    CHECK(result.sequences == 60);
    CHECK(result.accuracy() == report.curve[report.best].accuracy);
    CHECK(result.nats() == doctest::Approx(report.curve[report.best].validation_nats).epsilon(1e-6));
    // The size of the batches changes rounding alone.
    CHECK(evaluate(model, validation, 7).total_nats == doctest::Approx(result.total_nats).epsilon(1e-5));
    CHECK(run(1).second.parameters == model.parameters);
    CHECK(run(2).second.parameters != model.parameters);  // another order of the sequences
  }
}

TEST_CASE("loss and accuracy from scores known by heart") {
  SequenceClassifier<Lstm<double>> model(
      {.vocabulary_size = 2, .embedding_size = 1, .hidden_size = 1, .labels = 3});
  model.parameters.at("readout.bias") << 1, 3, 2;  // all else is zero, so these are the scores
  const LabelledSequences data{{{0}, {1, 1}, {0, 1}}, {1, 1, 2}};
  const ClassifierEvaluation result = evaluate(model, data, 2);
  CHECK(result.correct == 2);
  CHECK(result.accuracy() == doctest::Approx(2.0 / 3));
  const double all = std::log(std::exp(1) + std::exp(3) + std::exp(2));
  CHECK(result.total_nats == doctest::Approx(3 * all - 3 - 3 - 2));
  SequenceClassifier<Lstm<double>> binary({.vocabulary_size = 2, .embedding_size = 1, .hidden_size = 1});
  binary.parameters.at("readout.bias")(0, 0) = -0.5;
  const ClassifierEvaluation both = evaluate(binary, LabelledSequences{{{0}, {1}}, {0, 1}});
  CHECK(both.correct == 1);
  CHECK(both.total_nats == doctest::Approx(std::log1p(std::exp(-0.5)) + std::log1p(std::exp(0.5))));
}

TEST_CASE("a schedule, and data that does not fit") {
  SequenceClassifier<Lstm<float>> model({.vocabulary_size = 4, .embedding_size = 2, .hidden_size = 3});
  Sgd<float> sgd({.learning_rate = 0.5});
  const LabelledSequences data = some_data(20, 1, 3);
  const auto report = train(model, sgd, StepDecay{.step_size = 1, .gamma = 0.5}, data, data,
                            {.batch = 5, .epochs = 4, .validations = 4});
  REQUIRE(report.curve.size() == 4);
  CHECK(report.curve[3].learning_rate == 0.0625);
  const auto refused = [&](const LabelledSequences& bad, const std::string& reason) {
    CHECK_THROWS_WITH(train(model, sgd, bad, data, {.batch = 5}), reason.c_str());
    CHECK_THROWS_WITH(train(model, sgd, data, bad, {.batch = 5}), reason.c_str());
    CHECK_THROWS_WITH(static_cast<void>(evaluate(model, bad)), reason.c_str());
  };
  refused({}, "LabelledSequences: there are no sequences");
  refused({{{0}, {1}}, {1}}, "LabelledSequences: 2 sequences but 1 labels");
  refused({{{0}, {}}, {1, 0}}, "LabelledSequences: sequence 1 is empty");
  CHECK_THROWS_WITH_AS(train(model, sgd, LabelledSequences{{{0}}, {2}}, data, {.batch = 5}),
                       "logistic_loss: target 2 at position 0 is not one of 2 classes", ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(evaluate(model, data, 0)),
                       "evaluate: batch must be at least 1, found 0", ValueError);
}
