// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// What language models and sequence classifiers have in common: their parts and how these are made.
#pragma once

#include "rnnscope/core/parameters.hpp"
#include "rnnscope/nn/embedding.hpp"
#include "rnnscope/nn/linear.hpp"
#include "rnnscope/nn/stack.hpp"

namespace rnnscope {

/// An embedding, a recurrent stack over it, and a read-out of the top hidden state; `Config` has their sizes
/// and names. Base of LanguageModel and SequenceClassifier, which say what the read-out is for.
///
/// The parameters are public data: train them with any optimiser, save them, change them. All members are const
/// in the parameters; several threads may use one model with a workspace each.
template <class Cell, class Config>
class SequenceModel {
 public:
  using CellType = Cell;
  using Scalar = typename Cell::Scalar;
  using State = StackState<Cell>;

  Parameters<Scalar> parameters;

  [[nodiscard]] const Config& config() const { return config_; }
  [[nodiscard]] const Embedding<Scalar>& embedding() const { return embedding_; }
  [[nodiscard]] const Stack<Cell>& stack() const { return stack_; }
  [[nodiscard]] const Linear<Scalar>& readout() const { return readout_; }
  [[nodiscard]] State zero_state(Index batch) const { return stack_.zero_state(batch); }

 protected:
  /// All parameters zero; the read-out gives `outputs` scores. \throws ValueError on sizes below 1.
  SequenceModel(const Config& config, Index outputs, Cell cell)
      : config_(config),
        embedding_(parameters, config.embedding_name, config.vocabulary_size, config.embedding_size),
        stack_(parameters,
               {.input_size = config.embedding_size,
                .hidden_size = config.hidden_size,
                .layers = config.layers,
                .prefix = config.recurrent_prefix,
                .dropout = config.dropout,
                .placement = config.placement},
               cell),
        readout_(parameters,
                 {.input_size = config.hidden_size, .output_size = outputs, .prefix = config.readout_prefix}) {}

  Config config_;
  Embedding<Scalar> embedding_;
  Stack<Cell> stack_;
  Linear<Scalar> readout_;
};

}  // namespace rnnscope
