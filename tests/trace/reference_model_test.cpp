// SPDX-License-Identifier: BSD-3-Clause
// A real model (three layers of 512, trained by PyTorch on War and Peace) against what PyTorch and
// double-precision NumPy computed with it. The files are large and not part of the repository: skipped where
// they are absent.
#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "../real_data.hpp"
#include "rnnscope/format/npy.hpp"
#include "rnnscope/format/safetensors.hpp"
#include "rnnscope/model/evaluation.hpp"
#include "rnnscope/model/model_file.hpp"
#include "rnnscope/nn/lstm.hpp"
#include "rnnscope/text/plain_text.hpp"
#include "rnnscope/text/tokenizer.hpp"
#include "rnnscope/trace/record.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

namespace {

const TorchNames names{
    .embedding_name = "char_embeddings.weight", .recurrent_prefix = "lstm.", .readout_prefix = "hidden2chars."};

nlohmann::json read_json(const std::filesystem::path& path) {
  std::ifstream in(path);
  return nlohmann::json::parse(in);
}

struct Reference {
  NamedArrays weights;
  nlohmann::json expected;
  std::vector<Id> ids;
};

std::optional<Reference> load_reference() {
  const auto weights = reference_file("wap_lstm3x512/model.safetensors");
  const auto charset = reference_file("wap_lstm3x512/charset.json");
  const auto expected = reference_file("wap_lstm3x512/expected.json");
  const auto book = data_file("war_and_peace/war_and_peace.txt");
  if (!weights || !charset || !expected || !book) {
    return std::nullopt;
  }
  const Vocabulary vocabulary(read_json(*charset).get<std::vector<std::string>>());
  return Reference{read_safetensors(*weights), read_json(*expected),
                   vocabulary.encode(read_text(*book), CharacterTokenizer())};
}

}  // namespace

TEST_CASE("recorded gates, states and predictions equal the reference: 1e-10 in double, 1e-5 in float") {
  const auto reference = load_reference();
  if (!reference) return;
  const auto gates =
      load_npy_matrix<double>(*reference_file("wap_lstm3x512/layer3_gates_f64.npy"));  // 512 x (200 * 6)
  const auto hidden =
      load_npy_matrix<double>(*reference_file("wap_lstm3x512/hidden_f64.npy"));  // 512 x (200 * 3)
  const auto log_probs =
      load_npy_matrix<double>(*reference_file("wap_lstm3x512/log_probs_f64.npy"));  // 105 x 200
  const Index steps = log_probs.cols();
  const std::span<const Id> ids(reference->ids.data(), static_cast<std::size_t>(steps));
  const auto check = [&]<class S>(S, double tolerance) {
    const auto model = language_model_from_torch<Lstm<S>>(reference->weights, names);
    CHECK(model.parameters.size() == reference->expected["parameters"].template get<Index>());
    const Trace<S> trace = record(model, ids, {.window = 64});
    REQUIRE(trace.size() == steps);
    // Gates and hidden states lie in [-1, 1]; cell states do not, so their difference is relative to the
    // largest.
    double worst = 0, worst_cell = 0, largest_cell = 0;
    const auto compare = [&](const Matrix<S>& channel, Index k, const Matrix<double>& expected, Index per_step,
                             double& largest) {
      for (Index t = 0; t < steps; ++t) {
        largest = std::max(
            largest,
            (channel.col(t).template cast<double>() - expected.col(t * per_step + k)).cwiseAbs().maxCoeff());
      }
    };
    const std::array<const char*, 6> order{"i", "f", "g", "o", "c", "h"};
    for (std::size_t k = 0; k < order.size(); ++k) {
      compare(trace.channel(2, order[k]), static_cast<Index>(k), gates, 6, k == 4 ? worst_cell : worst);
    }
    for (Index layer = 0; layer < 3; ++layer) compare(trace.channel(layer, "h"), layer, hidden, 3, worst);
    largest_cell = static_cast<double>(trace.channel(2, "c").cwiseAbs().maxCoeff());
    CHECK(worst_cell < tolerance * largest_cell);
    CHECK(worst < tolerance);

    LanguageModelWorkspace<Lstm<S>> workspace;
    auto state = model.zero_state(1);
    model.run(PackedLayout::uniform(steps, 1), ids, state, workspace);
    model.score(workspace);
    double worst_log = 0;
    for (Index t = 0; t < steps; ++t) {
      const Vector<double> scores = workspace.scores.col(t).template cast<double>();
      worst_log = std::max(worst_log,
                           (scores.array() - log_sum_exp(scores) - log_probs.col(t).array()).abs().maxCoeff());
    }
    CHECK(worst_log < 20 * tolerance);
    MESSAGE("largest difference of a gate or hidden state: ", worst, ", of a cell state: ", worst_cell, " of ",
            largest_cell, ", of a log-probability: ", worst_log);
  };
  check(double{}, 1e-10);
  check(float{}, 1e-5);
}

TEST_CASE("the validation loss equals PyTorch's within 1e-4 nats, as cold columns and as one stream") {
  const auto reference = load_reference();
  if (!reference) return;
  const auto model = language_model_from_torch<Lstm<float>>(reference->weights, names);
  const std::span<const Id> ids(reference->ids);
  REQUIRE(ids.size() == 3201616);
  const auto validation = ids.subspan(95 * ids.size() / 100);
  const Evaluation columns = evaluate(model, validation, {.batch = 100, .steps = 100});
  const auto& cold = reference->expected["batched_100_cold_columns"];
  CHECK(columns.predictions == cold["predicted"].get<Index>());
  CHECK(std::abs(columns.nats() - cold["nats"].get<double>()) < 1e-4);
  const Evaluation stream = evaluate(model, validation);
  const auto& one = reference->expected["continuous_stream"];
  CHECK(stream.predictions == one["predicted"].get<Index>());
  CHECK(std::abs(stream.nats() - one["nats"].get<double>()) < 1e-4);
  CHECK(std::abs(stream.bits() - one["bpc"].get<double>()) < 2e-4);
  MESSAGE("difference in nats: cold columns ", columns.nats() - cold["nats"].get<double>(), ", stream ",
          stream.nats() - one["nats"].get<double>());
}
