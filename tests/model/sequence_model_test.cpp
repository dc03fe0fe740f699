// SPDX-License-Identifier: BSD-3-Clause
// Models are regular values, and const ones serve several threads.
#include "rnnscope/model/sequence_model.hpp"

#include <doctest/doctest.h>

#include <thread>
#include <type_traits>

#include "rnnscope/model/language_model.hpp"
#include "rnnscope/model/sequence_classifier.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"

using namespace rnnscope;

namespace {

using Text = LanguageModel<Lstm<float>>;
using Phrases = SequenceClassifier<Gru<double>>;

const std::vector<Id> ids{0, 1, 2, 3, 2, 1, 0, 3}, targets{1, 2, 3, 2, 1, 0, 3, 0};
const std::vector<std::vector<Id>> phrases{{0, 1}, {2, 1, 0, 3, 2}, {1}, {0, 3, 2, 1}};

template <class Model>
Model some_model(Index hidden_size = 5) {
  typename std::remove_cvref_t<decltype(std::declval<Model>().config())> config;
  config.vocabulary_size = 4;
  config.embedding_size = 3;
  config.hidden_size = hidden_size;
  config.layers = 2;
  Model model(config);
  Random random(61);
  model.initialise(random);
  return model;
}

double result_of(const Text& model) {
  auto state = model.zero_state(2);
  Text::Workspace workspace;
  return static_cast<double>(model.loss(PackedLayout::uniform(4, 2), ids, targets, state, workspace));
}
double result_of(const Phrases& model) { return model.scores(pack(phrases)).sum(); }

/// The gradient of a training step, and the loss at its end.
Parameters<float> step_of(const Text& model) {
  auto state = model.zero_state(2);
  Text::Workspace workspace;
  Parameters<float> gradient = model.parameters.zeros_like();
  model.loss_and_gradient(PackedLayout::uniform(4, 2), ids, targets, state, gradient, workspace,
                          DropoutKey{1, 2});
  return gradient;
}
double step_of(const Phrases& model) { return result_of(model); }

/// Wide enough for the threads to meet in the pool.
template <class Model>
void run_in_threads(const Model& model) {
  const double alone = result_of(model);
  const auto step_alone = step_of(model);
  std::vector<int> equal(4);
  std::vector<std::thread> threads;
  for (int& count : equal) {
    threads.emplace_back([&] {
      for (int k = 0; k < 10; ++k) count += result_of(model) == alone && step_of(model) == step_alone ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(equal == std::vector<int>(4, 10));
}

}  // namespace

TEST_CASE_TEMPLATE("copies are deep, moves keep the numbers, a model may be assigned to itself", Model, Text,
                   Phrases) {
  static_assert(std::is_nothrow_move_constructible_v<Model>);
  Model model = some_model<Model>();
  const double before = result_of(model);
  const Model copy(model);
  CHECK(result_of(copy) == before);
  model.parameters.flat() *= 2;
  CHECK(result_of(model) != before);
  CHECK(result_of(copy) == before);
  model = copy;
  CHECK(result_of(model) == before);
  Model& same = model;
  model = same;
  CHECK(result_of(model) == before);
  Model moved(std::move(model));
  CHECK(result_of(moved) == before);
  model = std::move(moved);
  CHECK(result_of(model) == before);
  std::vector<Model> several(3, copy);
  several[1].parameters.flat().setZero();
  several.push_back(copy);
  CHECK(result_of(several[0]) == before);
  CHECK(result_of(several[3]) == before);
  CHECK(result_of(several[1]) != before);
  CHECK(copy.parameters == several[2].parameters);
}

TEST_CASE("several threads use one const model, with a workspace each, and get the same bits") {
  run_in_threads(some_model<Text>(330));
  run_in_threads(some_model<Phrases>(330));
}
