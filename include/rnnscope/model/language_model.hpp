// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Embedding, recurrent stack and softmax read-out: predicts the next symbol of a text.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "rnnscope/core/random.hpp"
#include "rnnscope/model/sequence_model.hpp"
#include "rnnscope/nn/loss.hpp"

namespace rnnscope {

/// Sizes and tensor names of a LanguageModel. The defaults are those of Hiebert et al. (2018), except dropout.
struct LanguageModelConfig {
  Index vocabulary_size = 0;
  Index embedding_size = 256;
  Index hidden_size = 512;
  Index layers = 3;
  double dropout = 0;
  DropoutPlacement placement = DropoutPlacement::BetweenLayers;
  std::string embedding_name = "embedding.weight";  ///< PyTorch's name of the embedding table
  std::string recurrent_prefix = "rnn.";            ///< before weight_ih_l0, ...
  std::string readout_prefix = "readout.";          ///< before weight and bias
};

/// Memory that a LanguageModel works in; one per thread. Keep it between calls: sizes that repeat cost nothing.
template <class Cell>
struct LanguageModelWorkspace {
  using Scalar = typename Cell::Scalar;
  StackTape<Cell> tape;       ///< every gate and state of the last call
  Matrix<Scalar> embedded;    ///< `E x N`, when the table is not used directly
  Matrix<Scalar> d_embedded;  ///< its gradient
  Matrix<Scalar> scores;      ///< `V x N`; their gradient after loss_and_gradient
  Matrix<Scalar> d_output;    ///< `H x N`
  StackState<Cell> d_state;   ///< gradient at the initial state
};

/// p(next symbol | text so far) = softmax(W h_t + b), with h_t the top hidden state of a stack over embeddings.
///
/// The parameters are public data: train them with any optimiser, save them, change them. All members are const
/// in the parameters; several threads may use one model with a workspace each.
///
/// \code
///   rnnscope::LanguageModel<rnnscope::Lstm<float>> model({.vocabulary_size = vocabulary.size()});
///   rnnscope::Random random(1);
///   model.initialise(random);
///   rnnscope::Adam<float> adam({.learning_rate = 2e-3});
///   const auto report = rnnscope::train(model, adam, training_ids, validation_ids, {.max_seconds = 60});
/// \endcode
template <class Cell>
class LanguageModel : public SequenceModel<Cell, LanguageModelConfig> {
  using Base = SequenceModel<Cell, LanguageModelConfig>;

 public:
  using Scalar = typename Cell::Scalar;
  using State = StackState<Cell>;
  using Workspace = LanguageModelWorkspace<Cell>;

  /// All parameters zero. \throws ValueError on sizes below 1.
  explicit LanguageModel(const LanguageModelConfig& config, Cell cell = {})
      : Base(config, config.vocabulary_size, cell) {}

  using Base::parameters;
  using Base::zero_state;

  /// PyTorch's initialisation: embedding N(0, 1), the rest uniform in +-1/sqrt(H).
  void initialise(Random& random) {
    embedding_.initialise(parameters, random);
    stack_.initialise(parameters, random);
    readout_.initialise(parameters, random);
  }

  /// Runs embedding and stack over `layout.columns()` ids from `state`, which becomes the final state. Leaves
  /// all gates and states in `workspace.tape`. A key switches dropout on. \throws ValueError, ShapeError.
  void run(const PackedLayout& layout, std::span<const Id> ids, State& state, Workspace& workspace,
           const std::optional<DropoutKey>& key = {}) const {
    with_input(ids, workspace, [&](const auto& input) {
      stack_.forward(parameters, layout, input, state, workspace.tape, key);
    });
    for (std::size_t l = 0; l < state.size(); ++l) state[l] = workspace.tape.layers[l].final;
  }

  /// Scores of the next symbol after each column of the last run, `V x N`, in `workspace.scores`.
  void score(Workspace& workspace) const {
    readout_.forward(parameters, workspace.tape.output(), workspace.scores);
  }

  /// Sum of -log p(target) in nats over all columns, in evaluation mode. `state` becomes the final state.
  Scalar loss(const PackedLayout& layout, std::span<const Id> ids, std::span<const Id> targets, State& state,
              Workspace& workspace) const {
    run(layout, ids, state, workspace);
    score(workspace);
    return softmax_cross_entropy_value<Scalar>(workspace.scores, targets);
  }

  /// The same sum in training mode; adds the gradient of its *mean* over columns to `gradient`. The state that
  /// comes in is a constant (truncated backpropagation through time); it becomes the final state.
  Scalar loss_and_gradient(const PackedLayout& layout, std::span<const Id> ids, std::span<const Id> targets,
                           State& state, Parameters<Scalar>& gradient, Workspace& workspace,
                           const std::optional<DropoutKey>& key = {}) const {
    require<ShapeError>(gradient.same_layout(parameters),
                        "LanguageModel: gradient and parameters hold different tensors");
    run(layout, ids, state, workspace, key);
    score(workspace);
    const Scalar scale = Scalar(1) / Scalar(static_cast<double>(std::max<Index>(1, layout.columns())));
    const Scalar sum = softmax_cross_entropy<Scalar>(workspace.scores, targets, scale);
    readout_.backward(parameters, workspace.tape.output(), workspace.scores, gradient, &workspace.d_output);
    workspace.d_state.resize(static_cast<std::size_t>(config_.layers));
    for (auto& layer : workspace.d_state)
      for (auto& part : layer) part.setZero(config_.hidden_size, layout.batch());
    with_input(ids, workspace, [&](const auto& input) {
      if (reads_table(ids)) {
        MatrixRef<Scalar> d_table(gradient[embedding_.weight()]);
        stack_.backward_in_place(parameters, layout, input, workspace.tape, workspace.d_output,
                                 workspace.d_state, gradient, &d_table, key);
      } else {
        workspace.d_embedded.setZero(config_.embedding_size, layout.columns());
        MatrixRef<Scalar> d_embedded(workspace.d_embedded);
        stack_.backward_in_place(parameters, layout, input, workspace.tape, workspace.d_output,
                                 workspace.d_state, gradient, &d_embedded, key);
        embedding_.backward(ids, workspace.d_embedded, gradient);
      }
    });
    return sum;
  }

 private:
  /// Projecting the whole table once is cheaper than projecting every token when there are fewer symbols.
  [[nodiscard]] bool reads_table(std::span<const Id> ids) const {
    return config_.vocabulary_size < static_cast<Index>(ids.size());
  }

  template <class Body>
  void with_input(std::span<const Id> ids, Workspace& workspace, Body&& body) const {
    if (reads_table(ids)) {
      body(TableInput<Scalar>(parameters[embedding_.weight()], ids));
    } else {
      embedding_.forward(parameters, ids, workspace.embedded);
      body(DenseInput<Scalar>(workspace.embedded));
    }
  }

  using Base::config_;
  using Base::embedding_;
  using Base::readout_;
  using Base::stack_;
};

}  // namespace rnnscope
