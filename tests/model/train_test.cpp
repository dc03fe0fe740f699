// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/model/train.hpp"

#include <doctest/doctest.h>

#include <cstring>

#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"

using namespace rnnscope;

namespace {

std::vector<Id> text(int count, Index symbols) {
  std::vector<Id> ids;
  Random random(41);
  for (int k = 0; k < count; ++k)
    ids.push_back(static_cast<Id>(k % 2 == 0 ? k / 2 % symbols : random.below(symbols)));
  return ids;
}

template <class Cell>
LanguageModel<Cell> some_model(Index symbols) {
  LanguageModel<Cell> model({.vocabulary_size = symbols, .embedding_size = 4, .hidden_size = 8, .layers = 1});
  Random random(42);
  model.initialise(random);
  return model;
}

/// A run by hand: no schedule, windows with the id `poison` among their inputs left out.
template <class Cell>
Parameters<typename Cell::Scalar> by_hand(LanguageModel<Cell> model, std::span<const Id> ids,
                                          const TrainingOptions& options, Id poison = -1) {
  const TokenStream stream(ids, {.batch = options.batch, .steps = options.steps});
  Adam<typename Cell::Scalar> adam({.learning_rate = 0.01});
  auto gradient = model.parameters.zeros_like();
  LanguageModelWorkspace<Cell> workspace;
  for (Index epoch = 0; epoch < options.epochs; ++epoch) {
    auto state = model.zero_state(options.batch);
    for (Index k = 0; k < stream.windows(); ++k) {
      const StreamWindow window = stream.window(k);
      if (std::find(window.inputs.begin(), window.inputs.end(), poison) != window.inputs.end()) {
        state = model.zero_state(options.batch);
        continue;
      }
      gradient.set_zero();
      model.loss_and_gradient(PackedLayout::uniform(window.steps, options.batch), window.inputs, window.targets,
                              state, gradient, workspace);
      if (options.l2 > 0) add_l2_penalty(model.parameters, options.l2, gradient);
      clip_by_norm(gradient, options.max_norm);
      adam.step(model.parameters, gradient);
    }
  }
  return model.parameters;
}

}  // namespace

TEST_CASE("a schedule advances after every validation") {
  const std::vector<Id> ids = text(600, 5);
  const auto rates = [&](const auto& schedule) {
    auto model = some_model<Lstm<float>>(5);
    Sgd<float> sgd({.learning_rate = 0.8});
    const auto report =
        train(model, sgd, schedule, ids, ids, {.batch = 5, .steps = 10, .epochs = 4, .validations = 8});
    CHECK(sgd.config().learning_rate == 0.8);
    ScheduleState state = start_schedule(schedule, 0.8);
    REQUIRE(report.curve.size() == 8);
    std::vector<double> found;
    for (const TrainingPoint& point : report.curve) {
      CHECK(point.learning_rate == state.rate);
      found.push_back(point.learning_rate);
      advance_schedule(schedule, state, point.validation_nats);
    }
    return found;
  };
  CHECK(rates(StepDecay{.step_size = 2, .gamma = 0.5}) ==
        std::vector<double>{0.8, 0.8, 0.4, 0.4, 0.2, 0.2, 0.1, 0.1});
  const Schedule any = ReduceOnPlateau{.factor = 0.5, .patience = 0, .threshold = 0.3};
  CHECK(rates(any).back() < 0.1);
  CHECK(rates(ConstantRate{}).back() == 0.8);
}

TEST_CASE("decay by the share of the run that is over") {
  const std::vector<Id> ids = text(400, 5);
  auto model = some_model<Lstm<float>>(5);
  Adam<float> adam({.learning_rate = 0.01});
  // 10 windows: the last step is made at nine tenths of the run.
  const TrainingOptions options{.batch = 1, .steps = 40, .validations = 2};
  const auto report = train(model, adam, ids, ids, options);
  REQUIRE(report.curve.size() == 2);
  CHECK(report.curve[0].learning_rate == doctest::Approx(0.005 * (1 + std::cos(std::numbers::pi * 0.4))));
  CHECK(report.curve[1].learning_rate == doctest::Approx(0.005 * (1 + std::cos(std::numbers::pi * 0.9))));
}

TEST_CASE("the penalty on the weights comes before clipping") {
  const std::vector<Id> ids = text(240, 5);
  auto model = some_model<Lstm<double>>(5);
  TrainingOptions options{
      .batch = 2, .steps = 6, .epochs = 2, .decay = Decay::None, .max_norm = 0.1, .l2 = 0.3};
  options.keep_best = false;
  const auto expected = by_hand(model, std::span<const Id>(ids), options);
  auto without = options;
  without.l2 = 0;
  CHECK(by_hand(model, std::span<const Id>(ids), without) != expected);
  Adam<double> adam({.learning_rate = 0.01});
  train(model, adam, ids, ids, options);
  CHECK(model.parameters == expected);
}

TEST_CASE_TEMPLATE("a step that is not finite is skipped: parameters and optimiser stay", Cell, Lstm<double>,
                   Gru<float>) {
  constexpr Index symbols = 50;  // more than the 12 ids of a window
  const Id poison = 49;
  std::vector<Id> ids = text(240, symbols - 1);
  const std::vector<Id> clean = ids;
  ids[41] = ids[170] = poison;
  auto model = some_model<Cell>(symbols);
  model.parameters.at("embedding.weight").col(poison).setConstant(std::numeric_limits<double>::quiet_NaN());
  TrainingOptions options{.batch = 2, .steps = 6, .epochs = 2, .decay = Decay::None, .max_norm = 0.1};
  options.keep_best = false;
  const auto expected = by_hand(model, std::span<const Id>(ids), options, poison);
  const auto start = model;
  const auto make_adam = [] { return Adam<typename Cell::Scalar>({.learning_rate = 0.01}); };
  {
    auto adam = make_adam();
    CHECK_THROWS_WITH_AS(train(model, adam, ids, clean, options),
                         doctest::Contains("train, after 72 tokens: the loss is not finite"), ValueError);
  }
  model = start;
  options.non_finite = NonFinite::Skip;
  auto adam = make_adam();
  const auto report = train(model, adam, ids, clean, options);
  CHECK(report.skipped == 4);  // both places, in both epochs
  CHECK(report.tokens == 2 * (2 * 119 - 2 * 12));
  // To the byte, NaN and all.
  CHECK(std::memcmp(model.parameters.flat().data(), expected.flat().data(),
                    static_cast<std::size_t>(expected.size()) * sizeof(typename Cell::Scalar)) == 0);
  CHECK(report.curve.back().validation_nats < report.curve.front().validation_nats);

  model = start;
  model.parameters.flat().setConstant(std::numeric_limits<double>::infinity());
  options.max_skips = 3;
  CHECK_THROWS_WITH_AS(train(model, adam, ids, clean, options),
                       "train: the loss or gradient of 4 steps in a row was not finite", ValueError);
}

TEST_CASE("the last parameters or the best ones; validation in columns or as one stream") {
  const std::vector<Id> ids = text(500, 5), other = text(300, 5);
  for (const bool best : {false, true}) {
    for (const Index columns : {1, 3}) {
      auto model = some_model<Gru<double>>(5);
      Adam<double> adam({.learning_rate = 0.3});  // far too high: the losses go up and down
      TrainingOptions options{.batch = 5, .steps = 7, .epochs = 3, .decay = Decay::None, .validations = 6};
      options.validation_batch = columns;
      options.keep_best = best;
      const auto report = train(model, adam, ids, other, options);
      REQUIRE(report.best + 1 < report.curve.size());
      const auto& point = best ? report.curve[report.best] : report.curve.back();
      CHECK(evaluate(model, other, {.batch = columns, .steps = 7}).nats() == point.validation_nats);
      for (const auto& each : report.curve)
        CHECK(each.validation_nats >= report.curve[report.best].validation_nats);
    }
  }
}

TEST_CASE("progress tells the losses and the time that is left") {
  const std::vector<Id> ids = text(500, 5);
  auto model = some_model<Lstm<float>>(5);
  Adam<float> adam;
  std::vector<double> left;
  std::string detail;
  train(model, adam, ids, ids, {.batch = 5, .steps = 7, .validations = 3}, [&](const Progress& progress) {
    CHECK(progress.stage == "training");
    left.push_back(progress.seconds_left);
    detail = progress.detail;
    return true;
  });
  REQUIRE(left.size() == 15);
  for (std::size_t k = 0; k + 1 < left.size(); ++k) CHECK(left[k] > 0);
  CHECK(left.back() == 0);
  CHECK(detail.starts_with("training 2."));
  CHECK(detail.find(" bits, validation 2.") != std::string::npos);
}

TEST_CASE("bad options are named") {
  const std::vector<Id> ids = text(100, 5);
  const auto refused = [&](const TrainingOptions& options, const std::string& reason) {
    auto model = some_model<Lstm<float>>(5);
    Adam<float> adam;
    CHECK_THROWS_WITH_AS(train(model, adam, ids, ids, options), ("TrainingOptions: " + reason).c_str(),
                         ValueError);
  };
  refused({.batch = 0}, "batch must be at least 1, found 0");
  refused({.steps = 0}, "steps must be at least 1, found 0");
  refused({.max_seconds = 0}, "max_seconds must be positive, found 0");
  refused({.max_norm = -1}, "max_norm must not be negative, found -1");
  refused({.l2 = -1}, "l2 must not be negative, found -1");
  refused({.max_skips = -1}, "max_skips must not be negative, found -1");
  refused({.validations = 0}, "validations must be at least 1, found 0");
  refused({.validation_batch = 0}, "validation_batch must be at least 1, found 0");
  auto model = some_model<Lstm<float>>(5);
  Adam<float> adam;
  CHECK_THROWS_WITH_AS(train(model, adam, StepDecay{.step_size = 0}, ids, ids, {.batch = 2}),
                       "StepDecay: step_size must be at least 1, found 0", ValueError);
  TrainingOptions options{.batch = 2};
  options.checkpoint = {.path = "x", .every_seconds = -1};
  CHECK_THROWS_WITH_AS(train(model, adam, ids, ids, options),
                       "CheckpointOptions: every_seconds must not be negative, found -1", ValueError);
}
