// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Trains and measures a sequence classifier.
#pragma once

#include <algorithm>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "rnnscope/core/random.hpp"
#include "rnnscope/model/labelled_sequences.hpp"
#include "rnnscope/model/sequence_classifier.hpp"
#include "rnnscope/model/train.hpp"
#include "rnnscope/model/training_options.hpp"
#include "rnnscope/model/training_run.hpp"

namespace rnnscope {

/// Total loss, and how many sequences got their label.
struct ClassifierEvaluation {
  double total_nats = 0;
  Index correct = 0;
  Index sequences = 0;

  /// Per sequence.
  [[nodiscard]] double nats() const { return total_nats / static_cast<double>(sequences); }
  [[nodiscard]] double accuracy() const {
    return static_cast<double>(correct) / static_cast<double>(sequences);
  }
};

/// The label with the highest score of each sequence (of one score: 1 if it is above 0).
template <class S>
[[nodiscard]] std::vector<Id> predicted_labels(const Matrix<S>& scores) {
  std::vector<Id> labels;
  for (Index s = 0; s < scores.cols(); ++s) {
    Index best = scores(0, s) > S(0) ? 1 : 0;
    if (scores.rows() > 1) scores.col(s).maxCoeff(&best);
    labels.push_back(static_cast<Id>(best));
  }
  return labels;
}

/// Loss and accuracy on `data`, read in batches of `batch` sequences, in evaluation mode.
/// \throws ShapeError, ValueError on data or labels that do not fit.
template <class Cell>
[[nodiscard]] ClassifierEvaluation evaluate(const SequenceClassifier<Cell>& model,
                                            const LabelledSequences& data, Index batch = 100) {
  data.check();
  require<ValueError>(batch >= 1, "evaluate: batch must be at least 1, found ", batch);
  ClassifierEvaluation result;
  result.sequences = data.size();
  for (Index first = 0; first < data.size(); first += batch) {
    const auto place = static_cast<std::size_t>(first),
               count = static_cast<std::size_t>(std::min(batch, data.size() - first));
    Matrix<typename Cell::Scalar> scores = model.scores(pack(std::span(data.sequences).subspan(place, count)));
    const auto labels = std::span(data.labels).subspan(place, count);
    const std::vector<Id> predicted = predicted_labels(scores);
    for (std::size_t s = 0; s < count; ++s) result.correct += predicted[s] == labels[s] ? 1 : 0;
    result.total_nats +=
        static_cast<double>(scores.rows() == 1 ? logistic_loss<typename Cell::Scalar>(scores, labels, 1)
                                               : softmax_cross_entropy_value(scores, labels));
  }
  return result;
}

namespace detail {

/// Batches of sequences in an order that is new in every epoch.
template <class Cell>
class ClassifierTask {
 public:
  static constexpr const char* predictions = "sequences";

  ClassifierTask(const SequenceClassifier<Cell>& model, const LabelledSequences& training,
                 const LabelledSequences& validation, const TrainingOptions& options)
      : model_(model),
        training_(training),
        validation_(validation),
        batch_(options.batch),
        validation_batch_(options.validation_batch),
        seed_(options.seed),
        order_(static_cast<std::size_t>(training.size())) {
    training.check();
    validation.check();
  }

  [[nodiscard]] Index steps_per_epoch() const { return (training_.size() + batch_ - 1) / batch_; }

  /// The order is a function of seed and epoch, so a run that goes on finds it again.
  void begin_epoch(Index epoch) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    Random random(seed_, static_cast<std::uint64_t>(epoch));
    for (std::size_t k = order_.size(); k > 1; --k) {
      std::swap(order_[k - 1], order_[static_cast<std::size_t>(random.below(static_cast<Index>(k)))]);
    }
  }
  void resume_epoch(Index epoch) { begin_epoch(epoch); }

  StepLoss step(Index place, Index number, Parameters<typename Cell::Scalar>& gradient) {
    sequences_.clear();
    labels_.clear();
    for (Index k = place * batch_; k < std::min(training_.size(), (place + 1) * batch_); ++k) {
      const std::size_t s = order_[static_cast<std::size_t>(k)];
      sequences_.push_back(training_.sequences[s]);
      labels_.push_back(training_.labels[s]);
    }
    const auto nats = model_.loss_and_gradient(pack(sequences_), labels_, gradient, workspace_,
                                               DropoutKey{seed_, static_cast<std::uint64_t>(number)});
    return {static_cast<double>(nats), static_cast<Index>(labels_.size())};
  }

  void forget() {}

  [[nodiscard]] ValidationResult validate() const {
    const ClassifierEvaluation result = evaluate(model_, validation_, validation_batch_);
    return {result.nats(), result.accuracy()};
  }

  [[nodiscard]] std::string detail(double mean_nats, const std::vector<TrainingPoint>& curve) const {
    std::string text = "training " + three_digits(mean_nats) + " nats";
    if (!curve.empty()) {
      text += ", validation " + three_digits(curve.back().validation_nats) + " nats, " +
              message(std::round(curve.back().accuracy * 1000) / 10) + " % right";
    }
    return text;
  }

  [[nodiscard]] nlohmann::json identity() const {
    return {{"kind", "sequence classifier"},
            {"training data", identity_of(training_)},
            {"validation data", identity_of(validation_)}};
  }
  template <class Self, class Visit>
  static void visit_state(Self&, Visit&&) {}

 private:
  [[nodiscard]] static std::string identity_of(const LabelledSequences& data) {
    std::vector<Id> all(data.labels);
    for (const auto& sequence : data.sequences) {
      all.push_back(static_cast<Id>(sequence.size()));
      all.insert(all.end(), sequence.begin(), sequence.end());
    }
    return ids_identity(all);
  }

  const SequenceClassifier<Cell>& model_;
  const LabelledSequences& training_;
  const LabelledSequences& validation_;
  Index batch_, validation_batch_;
  std::uint64_t seed_;
  std::vector<std::size_t> order_;
  std::vector<std::vector<Id>> sequences_;
  std::vector<Id> labels_;
  SequenceClassifierWorkspace<Cell> workspace_;
};

}  // namespace detail

/// Trains `model` on ragged batches of `training` and leaves in it the parameters that did best on `validation`
/// (lowest loss). The order of the sequences is shuffled anew in every epoch, by `options.seed`; a batch is
/// packed, longest first, without padding. The gradient is that of the mean loss of a batch. Schedule,
/// checkpoints, progress and errors as for language models (model/train.hpp); `options.steps` is not used.
template <class Cell, class Optimizer, detail::AnySchedule S>
TrainingReport train(SequenceClassifier<Cell>& model, Optimizer& optimizer, const S& schedule,
                     const LabelledSequences& training, const LabelledSequences& validation,
                     const TrainingOptions& options, const ProgressCallback& progress = {}) {
  options.check();
  detail::ClassifierTask<Cell> task(model, training, validation, options);
  detail::ScheduledRate rate(schedule, optimizer.config().learning_rate);
  return detail::TrainingRun(model, optimizer, rate, task, options, progress).run();
}

template <class Cell, class Optimizer>
TrainingReport train(SequenceClassifier<Cell>& model, Optimizer& optimizer, const LabelledSequences& training,
                     const LabelledSequences& validation, const TrainingOptions& options,
                     const ProgressCallback& progress = {}) {
  options.check();
  detail::ClassifierTask<Cell> task(model, training, validation, options);
  detail::DecayedRate rate(options.decay);
  return detail::TrainingRun(model, optimizer, rate, task, options, progress).run();
}

}  // namespace rnnscope
