// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/model/language_model.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "rnnscope/model/evaluation.hpp"
#include "rnnscope/model/train.hpp"
#include "rnnscope/nn/clip.hpp"
#include "rnnscope/nn/gradcheck.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"

using namespace rnnscope;

namespace {

std::vector<Id> random_ids(Index count, Index symbols, Random& random) {
  std::vector<Id> ids;
  for (Index k = 0; k < count; ++k) ids.push_back(static_cast<Id>(random.below(symbols)));
  return ids;
}

/// A text that can be learnt: the next symbol is known from the one before.
std::vector<Id> cycle(Index count, Id symbols) {
  std::vector<Id> ids;
  for (Index k = 0; k < count; ++k) ids.push_back(static_cast<Id>(k % symbols));
  return ids;
}

}  // namespace

TEST_CASE("the gradient of the whole model, with the table (few symbols) and without (many)") {
  for (const Index symbols : {5, 50}) {  // 12 tokens: below and above
    Random random(61);
    const LanguageModelConfig config{
        .vocabulary_size = symbols, .embedding_size = 3, .hidden_size = 4, .layers = 2};
    LanguageModel<Gru<double>> model(config);
    for (Index k = 0; k < model.parameters.size(); ++k) model.parameters.flat()(k) = random.uniform(-1, 1);
    const auto layout = PackedLayout::uniform(4, 3);
    const auto ids = random_ids(12, symbols, random), targets = random_ids(12, symbols, random);
    auto start = model.zero_state(3);
    for (auto& layer : start) layer[0].setConstant(0.3);

    using Z = std::complex<double>;
    const Vector<double> expected = complex_step_gradient(
        [&](const Vector<Z>& values) {
          LanguageModel<Gru<Z>> moved(config);
          moved.parameters.flat() = values;
          LanguageModelWorkspace<Gru<Z>> workspace;
          auto state = moved.zero_state(3);
          for (auto& layer : state) layer[0].setConstant(Z(0.3));
          return moved.loss(layout, ids, targets, state, workspace) / Z(12);
        },
        model.parameters.flat());
    LanguageModelWorkspace<Gru<double>> workspace;
    auto gradient = model.parameters.zeros_like();
    auto state = start;
    const double loss = model.loss_and_gradient(layout, ids, targets, state, gradient, workspace);
    CHECK(gradient_error(gradient.flat(), expected) < 1e-14);
    auto again = start;
    CHECK(model.loss(layout, ids, targets, again, workspace) == doctest::Approx(loss).epsilon(1e-14));
    CHECK(state[1][0] == again[1][0]);
    CHECK(state[1][0] != start[1][0]);
  }
}

TEST_CASE("evaluation does not depend on how the text is cut into windows; a uniform model costs log V") {
  Random random(62);
  LanguageModel<Lstm<double>> model(
      {.vocabulary_size = 7, .embedding_size = 4, .hidden_size = 5, .layers = 2, .dropout = 0.5});
  const auto ids = random_ids(101, 7, random);
  CHECK(evaluate(model, ids).nats() == doctest::Approx(std::log(7.0)));
  CHECK(evaluate(model, ids).bits() == doctest::Approx(std::log2(7.0)));
  CHECK(evaluate(model, ids).perplexity() == doctest::Approx(7.0));
  model.initialise(random);
  const Evaluation whole = evaluate(model, ids, {.batch = 1, .steps = 1000});
  CHECK(whole.predictions == 100);
  CHECK(evaluate(model, ids, {.batch = 1, .steps = 7}).total_nats ==
        doctest::Approx(whole.total_nats).epsilon(1e-13));
  const Evaluation columns = evaluate(model, ids, {.batch = 4, .steps = 9});
  CHECK(columns.predictions == 4 * 24);
  double separate = 0;  // four cold columns one by one
  for (std::size_t b = 0; b < 4; ++b)
    separate += evaluate(model, std::span<const Id>(ids).subspan(b * 25, 25)).total_nats;
  CHECK(columns.total_nats == doctest::Approx(separate).epsilon(1e-13));
}

TEST_CASE_TEMPLATE("training learns, keeps the best parameters, and repeats to the bit", Cell, Lstm<float>,
                   Gru<double>) {
  const auto ids = cycle(2000, 5);
  const std::span<const Id> all(ids);
  const auto run = [&](const TrainingOptions& options) {
    LanguageModel<Cell> model(
        {.vocabulary_size = 5, .embedding_size = 4, .hidden_size = 12, .layers = 2, .dropout = 0.2});
    Random random(63);
    model.initialise(random);
    Adam<typename Cell::Scalar> adam({.learning_rate = 0.02});
    const auto report = train(model, adam, all.first(1800), all.subspan(1800), options);
    CHECK(adam.config().learning_rate == 0.02);
    const auto best = evaluate(model, all.subspan(1800), {.batch = 2, .steps = 10}).nats();
    CHECK(best == doctest::Approx(report.curve[report.best].validation_nats).epsilon(1e-6));
    for (const auto& point : report.curve)
      CHECK(point.validation_nats >= report.curve[report.best].validation_nats);
    return std::pair(report, model.parameters);
  };
  const TrainingOptions options{.batch = 4, .steps = 10, .epochs = 4, .validations = 5};
  const auto [report, parameters] = run(options);
  CHECK(report.curve.size() == 5);
  CHECK(report.tokens == 4 * 449 * 4);
  CHECK(report.curve.back().validation_nats < 0.05);
  CHECK(report.curve.front().validation_nats > report.curve.back().validation_nats);
  CHECK(run(options).second == parameters);
}

TEST_CASE("training stops at its time, when asked to, and at a loss that is not finite") {
  const auto ids = cycle(5000, 5);
  LanguageModel<Lstm<float>> model({.vocabulary_size = 5, .embedding_size = 4, .hidden_size = 8, .layers = 1});
  Random random(64);
  model.initialise(random);
  Adam<float> adam;
  const auto report =
      train(model, adam, ids, ids, {.batch = 2, .epochs = 1000000, .max_seconds = 0.2, .validations = 2});
  CHECK(report.seconds < 20);
  CHECK(report.tokens > 0);
  const auto before = model.parameters;
  CHECK_THROWS_AS(train(model, adam, ids, ids, {.batch = 2}, [](const Progress&) { return false; }), Cancelled);
  CHECK(adam.config().learning_rate == 1e-3);
  model.parameters.flat()(0) = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_WITH_AS(train(model, adam, ids, ids, {.batch = 2}),
                       doctest::Contains("train, after 0 tokens: the loss is not finite"), ValueError);
}

TEST_CASE("bad sizes, options and texts are named") {
  CHECK_THROWS_WITH_AS(LanguageModel<Lstm<float>>({.vocabulary_size = 0}),
                       "Embedding: vocabulary and vector size must be at least 1, found 0 and 256", ValueError);
  CHECK_THROWS_WITH_AS(LanguageModel<Lstm<float>>({.vocabulary_size = 3, .layers = 0}),
                       "Stack: needs at least one layer, found 0", ValueError);
  LanguageModel<Lstm<float>> model({.vocabulary_size = 3, .embedding_size = 2, .hidden_size = 2, .layers = 1});
  Adam<float> adam;
  const std::vector<Id> ids{0, 1, 2, 0, 1, 2}, strange{0, 1, 7, 1}, none;
  CHECK_THROWS_WITH_AS(
      train(model, adam, ids, ids, {.batch = 5}),
      "TokenStream: 6 ids in 5 columns leave fewer than 2 ids a column; use a smaller batch or a longer text",
      ValueError);
  CHECK_THROWS_WITH_AS(train(model, adam, ids, none, {.batch = 1}),
                       "train: the validation text needs at least 2 ids, found 0", ValueError);
  CHECK_THROWS_WITH_AS(train(model, adam, ids, ids, {.batch = 1, .epochs = 0}),
                       "TrainingOptions: epochs must be at least 1, found 0", ValueError);
  CHECK_THROWS_WITH_AS(train(model, adam, strange, ids, {.batch = 1}),
                       "Embedding: id 7 at position 2 is outside the vocabulary of 3", ValueError);
  CHECK_THROWS_AS(static_cast<void>(evaluate(model, none)), ValueError);
}

TEST_CASE("a whole training step has the same bits for 1, 2 and 4 threads") {
  using Cell = Lstm<float>;
  Random random(80);
  std::vector<Id> ids, targets;
  for (int n = 0; n < 30 * 20; ++n) {
    ids.push_back(static_cast<Id>(random.below(90)));
    targets.push_back(static_cast<Id>(random.below(90)));
  }
  const auto trained = [&](int threads) {
    set_thread_count(threads);
    LanguageModel<Cell> model({.vocabulary_size = 90,
                               .embedding_size = 40,
                               .hidden_size = 150,
                               .layers = 2,
                               .dropout = 0.4,
                               .placement = DropoutPlacement::AfterEach});
    Random start(81);
    model.initialise(start);
    REQUIRE(model.parameters.size() > 65536);
    Adam<float> adam({.learning_rate = 1e-2});
    LanguageModelWorkspace<Cell> workspace;
    Parameters<float> gradient = model.parameters.zeros_like();
    auto state = model.zero_state(30);
    for (std::uint64_t step = 0; step < 3; ++step) {
      gradient.set_zero();
      model.loss_and_gradient(PackedLayout::uniform(20, 30), ids, targets, state, gradient, workspace,
                              DropoutKey{3, step});
      clip_by_norm(gradient, 0.5);
      adam.step(model.parameters, gradient);
    }
    return model.parameters;
  };
  const int before = thread_count();
  const Parameters<float> one = trained(1), two = trained(2), four = trained(4);
  set_thread_count(before);
  CHECK(one.flat() == two.flat());
  CHECK(one.flat() == four.flat());
}
