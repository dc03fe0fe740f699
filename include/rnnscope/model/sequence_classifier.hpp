// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Embedding, recurrent stack and a read-out of the last hidden state: classifies whole sequences.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rnnscope/core/random.hpp"
#include "rnnscope/model/sequence_model.hpp"
#include "rnnscope/nn/loss.hpp"
#include "rnnscope/nn/readout.hpp"
#include "rnnscope/text/packed_layout.hpp"

namespace rnnscope {

/// Sizes and tensor names of a SequenceClassifier. The default sizes are those of the n-gram paper's
/// section 5.1.
struct SequenceClassifierConfig {
  Index vocabulary_size = 0;
  Index embedding_size = 300;
  Index hidden_size = 1024;
  Index layers = 1;
  Index labels = 1;  ///< K: 1 for a binary decision with one score, otherwise one score per class
  double dropout = 0;
  DropoutPlacement placement = DropoutPlacement::BetweenLayers;
  std::string embedding_name = "embedding.weight";
  std::string recurrent_prefix = "rnn.";
  std::string readout_prefix = "readout.";
};

/// Memory that a SequenceClassifier works in; one per thread.
template <class Cell>
struct SequenceClassifierWorkspace {
  using Scalar = typename Cell::Scalar;
  StackTape<Cell> tape;       ///< every gate and state of the last call
  Matrix<Scalar> embedded;    ///< `E x N`
  Matrix<Scalar> d_embedded;  ///< its gradient
  Matrix<Scalar> last;        ///< `H x B` by slot: what the read-out sees
  Matrix<Scalar> d_last;      ///< its gradient
  Matrix<Scalar> scores;      ///< `K x B` by slot; their gradient after loss_and_gradient
  Matrix<Scalar> d_output;    ///< `H x N`
};

/// Scores y = W h_T + b from the top hidden state after the last token of each sequence. One score means
/// p(label 1) = sigmoid(y); several mean softmax.
///
/// The parameters are public data. All members are const in the parameters; several threads may use one model
/// with a workspace each.
template <class Cell>
class SequenceClassifier : public SequenceModel<Cell, SequenceClassifierConfig> {
  using Base = SequenceModel<Cell, SequenceClassifierConfig>;

 public:
  using Scalar = typename Cell::Scalar;
  using Workspace = SequenceClassifierWorkspace<Cell>;

  /// All parameters zero. \throws ValueError on sizes below 1.
  explicit SequenceClassifier(const SequenceClassifierConfig& config, Cell cell = {})
      : Base(config, config.labels, cell) {}

  using Base::parameters;
  using Base::zero_state;

  /// Embedding uniform in +-`embedding_bound` (the n-gram paper's choice), the rest uniform in +-1/sqrt(H).
  void initialise(Random& random, double embedding_bound = 0.1) {
    embedding_.initialise_uniform(parameters, random, embedding_bound);
    stack_.initialise(parameters, random);
    readout_.initialise(parameters, random);
  }

  /// The scores of every sequence, `K x B`, in the order the sequences were packed in; evaluation mode.
  /// \throws ValueError for ids outside the vocabulary, or an empty sequence.
  [[nodiscard]] Matrix<Scalar> scores(const PackedBatch& batch) const {
    Workspace workspace;
    run(batch, workspace, {});
    Matrix<Scalar> result(config_.labels, batch.layout.batch());
    for (Index s = 0; s < result.cols(); ++s) result.col(s) = workspace.scores.col(batch.layout.slot(s));
    return result;
  }

  /// Sum over sequences of the loss in nats (logistic for K = 1, else cross-entropy); adds the gradient of the
  /// *mean* over sequences to `gradient`. `labels[s]` belongs to sequence s as packed. A key switches dropout
  /// on.
  Scalar loss_and_gradient(const PackedBatch& batch, std::span<const Id> labels, Parameters<Scalar>& gradient,
                           Workspace& workspace, const std::optional<DropoutKey>& key = {}) const {
    require<ShapeError>(static_cast<Index>(labels.size()) == batch.layout.batch(),
                        "SequenceClassifier: ", batch.layout.batch(), " sequences but ", labels.size(),
                        " labels");
    require<ShapeError>(gradient.same_layout(parameters),
                        "SequenceClassifier: gradient and parameters hold different tensors");
    run(batch, workspace, key);
    std::vector<Id> by_slot(labels.size());
    for (std::size_t s = 0; s < labels.size(); ++s) {
      by_slot[static_cast<std::size_t>(batch.layout.slot(static_cast<Index>(s)))] = labels[s];
    }
    const Scalar scale = Scalar(1) / Scalar(static_cast<double>(labels.size()));
    const Scalar sum = config_.labels == 1 ? logistic_loss<Scalar>(workspace.scores, by_slot, scale)
                                           : softmax_cross_entropy<Scalar>(workspace.scores, by_slot, scale);
    readout_.backward(parameters, workspace.last, workspace.scores, gradient, &workspace.d_last);
    read_out_backward(Readout::LastStep, batch.layout, workspace.d_last, workspace.d_output);
    workspace.d_embedded.setZero(config_.embedding_size, batch.layout.columns());
    MatrixRef<Scalar> d_embedded(workspace.d_embedded);
    stack_.backward(parameters, batch.layout, DenseInput<Scalar>(workspace.embedded), workspace.tape,
                    workspace.d_output, stack_.zero_state(batch.layout.batch()), gradient, &d_embedded, key);
    embedding_.backward(batch.ids, workspace.d_embedded, gradient);
    return sum;
  }

 private:
  void run(const PackedBatch& batch, Workspace& workspace, const std::optional<DropoutKey>& key) const {
    for (Index s = 0; s < batch.layout.batch(); ++s) {
      require<ValueError>(batch.layout.length(s) > 0, "SequenceClassifier: sequence ", s, " is empty");
    }
    embedding_.forward(parameters, batch.ids, workspace.embedded);
    stack_.forward(parameters, batch.layout, DenseInput<Scalar>(workspace.embedded),
                   stack_.zero_state(batch.layout.batch()), workspace.tape, key);
    read_out(Readout::LastStep, batch.layout, workspace.tape.output(), workspace.last);
    readout_.forward(parameters, workspace.last, workspace.scores);
  }

  using Base::config_;
  using Base::embedding_;
  using Base::readout_;
  using Base::stack_;
};

}  // namespace rnnscope
