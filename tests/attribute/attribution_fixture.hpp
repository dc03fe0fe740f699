// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A small classifier with random weights and biases, and a ragged batch, for the tests of attributions.
#pragma once

#include <vector>

#include "rnnscope/core/random.hpp"
#include "rnnscope/model/sequence_classifier.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"

namespace attribution_test {

using namespace rnnscope;

/// Symbols 0 to 4; the embedding of symbol 5 is zero.
template <class Cell>
struct Example {
  static constexpr Id blank = 5;
  SequenceClassifierConfig config;
  SequenceClassifier<Cell> model;
  std::vector<std::vector<Id>> phrases{{0, 1}, {2, 4, 0, 3, 2, 1}, {3}, {0, 4, 2, 1}};
  PackedBatch batch = pack(phrases);

  explicit Example(Index layers = 1, Index labels = 3, double dropout = 0)
      : config{.vocabulary_size = 6,
               .embedding_size = 3,
               .hidden_size = 5,
               .layers = layers,
               .labels = labels,
               .dropout = dropout,
               .placement = DropoutPlacement::AfterEach},
        model(config) {
    Random random(91);
    for (Index k = 0; k < model.parameters.size(); ++k)
      model.parameters.flat()(k) = static_cast<typename Cell::Scalar>(random.uniform(-1, 1));
    model.parameters.at("embedding.weight").col(blank).setZero();
  }

  [[nodiscard]] Index sequences() const { return batch.layout.batch(); }
  [[nodiscard]] Index length(Index s) const { return batch.layout.length(s); }

  /// The logits of one list of ids, from the model's own function.
  [[nodiscard]] Matrix<typename Cell::Scalar> logits(const std::vector<Id>& ids) const {
    return model.scores(pack(std::vector<std::vector<Id>>{ids}));
  }
};

}  // namespace attribution_test
