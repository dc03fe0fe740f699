// SPDX-License-Identifier: BSD-3-Clause
// Twenty training steps of every optimiser against PyTorch (tests/data/make_torch_fixtures.py).
#include <doctest/doctest.h>

#include <filesystem>

#include "rnnscope/format/npy.hpp"
#include "rnnscope/model/language_model.hpp"
#include "rnnscope/model/torch_weights.hpp"
#include "rnnscope/nn/clip.hpp"
#include "rnnscope/nn/lstm.hpp"
#include "rnnscope/nn/optimizer.hpp"

using namespace rnnscope;

namespace {

const std::filesystem::path folder =
    std::filesystem::path(__FILE__).parent_path().parent_path() / "data" / "torch" / "training";

LanguageModel<Lstm<double>> fixture_model() {
  LanguageModel<Lstm<double>> model(
      {.vocabulary_size = 6, .embedding_size = 5, .hidden_size = 7, .layers = 2, .recurrent_prefix = "lstm."});
  NamedArrays arrays;
  for (const TensorInfo& tensor : model.parameters.tensors()) {
    const auto array = load_npy<double>(folder / (tensor.name + ".npy"));
    arrays.add<double>(tensor.name, std::vector<Index>(array.shape().begin(), array.shape().end()),
                       std::vector<double>(array.begin(), array.end()));
  }
  read_torch_weights(arrays, model.parameters, "embedding.weight");
  return model;
}

template <class Optimizer>
void check_losses(Optimizer optimizer, const std::string& name) {
  const std::vector<double> expected = load_npy_vector<double>(folder / ("losses_" + name + ".npy"));
  REQUIRE(expected.size() == 20);
  const auto array = load_npy<std::int32_t>(folder / "ids.npy");  // [20 * 4 + 1, 3], time-major
  const std::vector<Id> ids(array.begin(), array.end());
  auto model = fixture_model();
  auto state = model.zero_state(3);
  LanguageModelWorkspace<Lstm<double>> workspace;
  auto gradient = model.parameters.zeros_like();
  const auto layout = PackedLayout::uniform(4, 3);
  for (std::size_t step = 0; step < 20; ++step) {
    const std::span<const Id> all(ids);
    gradient.set_zero();
    const double loss = model.loss_and_gradient(layout, all.subspan(step * 12, 12),
                                                all.subspan(step * 12 + 3, 12), state, gradient, workspace) /
                        12;
    CHECK(std::abs(loss - expected[step]) < 1e-9);
    clip_by_norm(gradient, 0.25);
    optimizer.step(model.parameters, gradient);
  }
}

}  // namespace

TEST_CASE("the losses of twenty steps equal PyTorch's to 1e-9") {
  check_losses(Sgd<double>({.learning_rate = 0.5, .momentum = 0.9, .weight_decay = 1e-3, .nesterov = true}),
               "sgd");
  check_losses(Adagrad<double>({.learning_rate = 0.05, .learning_rate_decay = 1e-2, .weight_decay = 1e-3}),
               "adagrad");
  check_losses(Adam<double>({.learning_rate = 0.01, .weight_decay = 1e-3}), "adam");
  check_losses(Adam<double>({.learning_rate = 0.01, .weight_decay = 1e-1, .decoupled_weight_decay = true}),
               "adamw");
}
