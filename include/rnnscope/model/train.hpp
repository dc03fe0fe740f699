// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Trains a language model with truncated backpropagation through time.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <numbers>
#include <span>
#include <string>
#include <vector>

#include "rnnscope/core/progress.hpp"
#include "rnnscope/format/crc32.hpp"
#include "rnnscope/model/evaluation.hpp"
#include "rnnscope/model/language_model.hpp"
#include "rnnscope/model/training_options.hpp"
#include "rnnscope/model/training_run.hpp"
#include "rnnscope/nn/optimizer.hpp"
#include "rnnscope/nn/schedule.hpp"
#include "rnnscope/text/stream.hpp"

namespace rnnscope {

namespace detail {

/// One of the library's schedules, any of them, or the user's.
template <class S>
concept AnySchedule = LearningRateSchedule<S> || std::same_as<S, Schedule>;

/// Length and checksum of ids.
[[nodiscard]] inline std::string ids_identity(std::span<const Id> ids) {
  return message(ids.size(), " ids, checksum ",
                 crc32({reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(Id)}));
}

/// Rounded for display.
[[nodiscard]] inline std::string three_digits(double value) { return message(std::round(value * 1000) / 1000); }

/// Windows of a text, with the state carried from one to the next.
template <class Cell>
class TextTask {
 public:
  static constexpr const char* predictions = "tokens";

  TextTask(const LanguageModel<Cell>& model, std::span<const Id> training, std::span<const Id> validation,
           const TrainingOptions& options)
      : model_(model),
        stream_(training, {.batch = options.batch, .steps = options.steps}),
        training_(training),
        validation_(validation),
        seed_(options.seed) {
    require<ValueError>(validation.size() >= 2, "train: the validation text needs at least 2 ids, found ",
                        validation.size());
    // A short validation text is read in as many columns of at least 100 ids as it has.
    const Index columns =
        std::clamp<Index>(static_cast<Index>(validation.size()) / 100, 1, options.validation_batch);
    validation_options_ = {.batch = columns, .steps = options.steps};
  }

  [[nodiscard]] Index steps_per_epoch() const { return stream_.windows(); }
  void begin_epoch(Index) { state_ = model_.zero_state(stream_.batch()); }
  void resume_epoch(Index) {
    require<FormatError>(static_cast<Index>(state_.size()) == model_.config().layers,
                         "train: the checkpoint holds the states of ", state_.size(), " layers, the model has ",
                         model_.config().layers);
  }

  StepLoss step(Index place, Index number, Parameters<typename Cell::Scalar>& gradient) {
    const StreamWindow window = stream_.window(place);
    const auto layout = PackedLayout::uniform(window.steps, stream_.batch());
    const auto nats =
        model_.loss_and_gradient(layout, window.inputs, window.targets, state_, gradient, workspace_,
                                 DropoutKey{seed_, static_cast<std::uint64_t>(number)});
    return {static_cast<double>(nats), layout.columns()};
  }

  /// A state that is not finite would spoil all windows to come.
  void forget() {
    for (const auto& layer : state_) {
      for (const auto& part : layer) {
        if (part.allFinite()) continue;
        state_ = model_.zero_state(stream_.batch());
        return;
      }
    }
  }

  [[nodiscard]] ValidationResult validate() const {
    return {evaluate(model_, validation_, validation_options_).nats(), 0};
  }

  [[nodiscard]] std::string detail(double mean_nats, const std::vector<TrainingPoint>& curve) const {
    std::string text = "training " + three_digits(mean_nats / std::numbers::ln2) + " bits";
    if (!curve.empty())
      text += ", validation " + three_digits(curve.back().validation_nats / std::numbers::ln2) + " bits";
    return text;
  }

  [[nodiscard]] nlohmann::json identity() const {
    return {{"kind", "language model"},
            {"windows", stream_.windows()},
            {"training text", ids_identity(training_)},
            {"validation text", ids_identity(validation_)}};
  }
  template <class Self, class Visit>
  static void visit_state(Self& self, Visit&& visit) {
    visit("state", self.state_);
  }

 private:
  const LanguageModel<Cell>& model_;
  TokenStream stream_;
  std::span<const Id> training_, validation_;
  std::uint64_t seed_;
  StreamOptions validation_options_;
  LanguageModelWorkspace<Cell> workspace_;
  StackState<Cell> state_;
};

}  // namespace detail

/// Trains `model` on `training` and leaves in it the parameters that did best on `validation`.
///
/// The text is read as `batch` columns, window by window; the state is carried from window to window and set to
/// zero where an epoch begins. The gradient is that of the mean loss of a window. The learning rate begins with
/// the optimiser's own; `schedule` advances after every validation, with the validation loss as its metric.
/// Without a schedule `options.decay` holds, by the larger of the used shares of epochs and of time.
/// `validation` is read as up to `validation_batch` columns that start cold, or as one continuous stream.
///
/// With `options.checkpoint.path`, the whole run is kept in that file: called again with the same arguments,
/// after the program was killed at any moment or `progress` stopped it, training goes on from there, with the
/// same bits as if it had never stopped (unless `max_seconds` makes the learning rate depend on the clock). The
/// optimiser must be as it was at the first call.
///
/// Progress counts per mille of the run; its detail gives the losses in bits.
/// \throws ValueError on bad options, texts too short, a checkpoint of another run, or a loss or gradient that
/// is not finite; IoError, FormatError if the checkpoint cannot be written or read. Cancelled leaves the best
/// parameters so far.
template <class Cell, class Optimizer, detail::AnySchedule S>
TrainingReport train(LanguageModel<Cell>& model, Optimizer& optimizer, const S& schedule,
                     std::span<const Id> training, std::span<const Id> validation,
                     const TrainingOptions& options, const ProgressCallback& progress = {}) {
  options.check();
  detail::TextTask<Cell> task(model, training, validation, options);
  detail::ScheduledRate rate(schedule, optimizer.config().learning_rate);
  return detail::TrainingRun(model, optimizer, rate, task, options, progress).run();
}

template <class Cell, class Optimizer>
TrainingReport train(LanguageModel<Cell>& model, Optimizer& optimizer, std::span<const Id> training,
                     std::span<const Id> validation, const TrainingOptions& options,
                     const ProgressCallback& progress = {}) {
  options.check();
  detail::TextTask<Cell> task(model, training, validation, options);
  detail::DecayedRate rate(options.decay);
  return detail::TrainingRun(model, optimizer, rate, task, options, progress).run();
}

}  // namespace rnnscope
