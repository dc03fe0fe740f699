// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The loop that all training shares: steps, skips, clipping, learning rates, validations, the best model,
/// checkpoints and progress. What a step is, the task says (see train.hpp and train_classifier.hpp).
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numbers>
#include <string>
#include <utility>

#include "rnnscope/core/file.hpp"
#include "rnnscope/core/progress.hpp"
#include "rnnscope/model/checkpoint.hpp"
#include "rnnscope/model/model_file.hpp"
#include "rnnscope/model/training_options.hpp"
#include "rnnscope/nn/clip.hpp"
#include "rnnscope/nn/non_finite.hpp"
#include "rnnscope/nn/penalty.hpp"
#include "rnnscope/nn/schedule.hpp"

namespace rnnscope {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TrainingPoint, tokens, seconds, training_nats, validation_nats, accuracy,
                                   learning_rate)

namespace detail {

/// What a task says of one step: the summed loss in nats, and over how many predictions.
struct StepLoss {
  double nats = 0;
  Index predictions = 0;
};
/// What a task says of the validation data.
struct ValidationResult {
  double nats = 0;
  double accuracy = 0;
};

/// The learning rate by TrainingOptions::decay: a function of the used share of the run.
class DecayedRate {
 public:
  explicit DecayedRate(Decay decay) : decay_(decay) {}
  [[nodiscard]] double rate(double base, double share) const {
    return decay_ == Decay::None ? base : base * 0.5 * (1 + std::cos(std::numbers::pi * std::min(1.0, share)));
  }
  void observe(double) {}
  template <class Self, class Visit>
  static void visit_state(Self&, Visit&&) {}

 private:
  Decay decay_;
};

/// The learning rate by a schedule that advances after every validation.
template <class Rule>
class ScheduledRate {
 public:
  ScheduledRate(const Rule& rule, double base) : rule_(rule), state_(start_schedule(rule, base)) {}
  [[nodiscard]] double rate(double, double) const { return state_.rate; }
  void observe(double validation_nats) { advance_schedule(rule_, state_, validation_nats); }
  template <class Self, class Visit>
  static void visit_state(Self& self, Visit&& visit) {
    visit("initial_rate", self.state_.initial_rate);
    visit("rate", self.state_.rate);
    visit("steps", self.state_.steps);
    visit("best", self.state_.best);
    visit("bad_steps", self.state_.bad_steps);
    visit("cooldown", self.state_.cooldown);
  }

 private:
  Rule rule_;
  ScheduleState state_;
};

/// Where a run stands: all that a checkpoint needs besides model, optimiser, schedule and task.
struct RunState {
  Index steps = 0;  ///< done, skipped ones included; with the task's step count, place in the data
  Index skips_in_a_row = 0;
  double nats_since = 0;  ///< since the last validation
  Index predictions_since = 0;
  double mean_nats = 0;  ///< running mean of the loss, for display
  TrainingReport report;

  template <class Self, class Visit>
  static void visit_state(Self& self, Visit&& visit) {
    visit("steps", self.steps);
    visit("skips_in_a_row", self.skips_in_a_row);
    visit("nats_since", self.nats_since);
    visit("predictions_since", self.predictions_since);
    visit("mean_nats", self.mean_nats);
    visit("curve", self.report.curve);
    visit("best", self.report.best);
    visit("tokens", self.report.tokens);
    visit("skipped", self.report.skipped);
    visit("seconds", self.report.seconds);
  }
};

/// One run. A task has: `steps_per_epoch()`; `begin_epoch(epoch)`; `step(place, number, gradient)`, which adds
/// the gradient of the mean loss; `forget()` after a skipped step; `validate()`; `detail(mean nats, curve)`;
/// `identity()`, JSON that a checkpoint's run must share; `visit_state`; and a name for messages.
template <class Model, class Optimizer, class Rate, class Task>
class TrainingRun {
 public:
  TrainingRun(Model& model, Optimizer& optimizer, Rate& rate, Task& task, const TrainingOptions& options,
              const ProgressCallback& progress)
      : model_(model),
        optimizer_(optimizer),
        rate_(rate),
        task_(task),
        options_(options),
        progress_(progress),
        base_rate_(optimizer.config().learning_rate),
        total_steps_(task.steps_per_epoch() * options.epochs),
        gradient_(model.parameters.zeros_like()),
        best_(model.parameters) {}

  TrainingReport run() {
    // However the run ends, the optimiser has its own rate, and the model the parameters it should have.
    struct Restore {
      TrainingRun& run;
      ~Restore() {
        // Before the first validation nothing is known to be better than the last parameters.
        if (run.options_.keep_best && !run.state_.report.curve.empty())
          run.model_.parameters = std::move(run.best_);
        run.optimizer_.set_learning_rate(run.base_rate_);
      }
    };
    const Restore restore{*this};
    resume();
    begun_ = saved_ = Clock::now();
    seconds_before_ = state_.report.seconds;
    used_before_ = used();
    if (state_.steps > 0 && state_.steps % task_.steps_per_epoch() != 0) {
      task_.resume_epoch(state_.steps / task_.steps_per_epoch());
    }
    try {
      for (bool running = state_.steps == 0 || used() < 1; running;) {
        step();
        const double share = used();
        validate(share);
        running = share < 1;
        save_if_due();
        report(share);
      }
    } catch (const Cancelled&) {
      if (!options_.checkpoint.path.empty()) save();
      throw;
    }
    state_.report.seconds = elapsed();
    if (!options_.checkpoint.path.empty()) save();
    return state_.report;  // a copy: what has been validated decides which parameters stay
  }

 private:
  using Clock = std::chrono::steady_clock;
  using Scalar = typename Model::Scalar;

  [[nodiscard]] static double since(Clock::time_point time) {
    return std::chrono::duration<double>(Clock::now() - time).count();
  }
  [[nodiscard]] double elapsed() const { return seconds_before_ + since(begun_); }
  /// The share of the run that is over: the larger of the shares of steps and of time.
  [[nodiscard]] double used() const {
    return std::max(static_cast<double>(state_.steps) / static_cast<double>(total_steps_),
                    elapsed() / options_.max_seconds);
  }

  void step() {
    const Index place = state_.steps % task_.steps_per_epoch();
    if (place == 0) task_.begin_epoch(state_.steps / task_.steps_per_epoch());
    const double learning_rate = rate_.rate(base_rate_, used());
    gradient_.set_zero();
    const StepLoss loss = task_.step(place, state_.steps, gradient_);
    ++state_.steps;
    if (!accept_step(options_.non_finite, loss.nats, gradient_,
                     message("train, after ", state_.report.tokens, " ", Task::predictions))) {
      require<ValueError>(state_.skips_in_a_row < options_.max_skips, "train: the loss or gradient of ",
                          options_.max_skips + 1, " steps in a row was not finite");
      ++state_.skips_in_a_row;
      ++state_.report.skipped;
      task_.forget();
      return;
    }
    state_.skips_in_a_row = 0;
    if (options_.l2 > 0) add_l2_penalty(model_.parameters, options_.l2, gradient_);
    if (options_.max_norm > 0) clip_by_norm(gradient_, options_.max_norm);
    optimizer_.set_learning_rate(learning_rate);
    optimizer_.step(model_.parameters, gradient_);
    state_.report.tokens += loss.predictions;
    state_.nats_since += loss.nats;
    state_.predictions_since += loss.predictions;
    const double mean = loss.nats / static_cast<double>(loss.predictions);
    state_.mean_nats = state_.mean_nats == 0 ? mean : 0.95 * state_.mean_nats + 0.05 * mean;
  }

  void validate(double share) {
    TrainingReport& report = state_.report;
    const auto due = static_cast<double>(report.curve.size() + 1) / static_cast<double>(options_.validations);
    if (share < 1 && share < due) return;
    const ValidationResult result = task_.validate();
    require<ValueError>(std::isfinite(result.nats), "train: the validation loss is not finite after ",
                        report.tokens, " ", Task::predictions);
    report.curve.push_back(
        {.tokens = report.tokens,
         .seconds = elapsed(),
         .training_nats = state_.nats_since / static_cast<double>(std::max<Index>(1, state_.predictions_since)),
         .validation_nats = result.nats,
         .accuracy = result.accuracy,
         .learning_rate = optimizer_.config().learning_rate});
    state_.nats_since = 0;
    state_.predictions_since = 0;
    if (report.curve.size() == 1 || result.nats < report.curve[report.best].validation_nats) {
      best_ = model_.parameters;
      report.best = report.curve.size() - 1;
    }
    rate_.observe(result.nats);
  }

  void report(double share) {
    const double share_here = share - used_before_;
    const std::string detail = task_.detail(state_.mean_nats, state_.report.curve);
    report_progress(progress_,
                    {.stage = "training",
                     .done = static_cast<Index>(1000 * std::min(1.0, share)),
                     .total = 1000,
                     .detail = detail,
                     .seconds_left = share_here > 0 ? since(begun_) / share_here * (1 - share) : -1});
  }

  void save_if_due() {
    const CheckpointOptions& options = options_.checkpoint;
    if (options.path.empty()) return;
    const bool due = options.every_steps > 0 && state_.steps % options.every_steps == 0;
    if (due || since(saved_) >= options.every_seconds) save();
  }

  /// The run as JSON: what must be the same when it is gone on with.
  [[nodiscard]] nlohmann::json identity() const {
    nlohmann::json json = task_.identity();
    json["cell"] = std::string(Model::CellType::name);
    json["dropout"] = model_.config().dropout;
    json["batch"] = options_.batch;
    json["seed"] = options_.seed;
    json["l2"] = options_.l2;
    json["max_norm"] = options_.max_norm;
    json["validations"] = options_.validations;
    return json;
  }

  void save() {
    state_.report.seconds = elapsed();
    const auto& embedding = model_.config().embedding_name;
    const auto& vocabulary = options_.checkpoint.vocabulary;
    Checkpoint checkpoint;
    checkpoint.put("run", identity());
    checkpoint.put("model", model_.parameters, embedding);
    checkpoint.put("best", best_, embedding);
    checkpoint.put("metadata", model_metadata(model_, vocabulary ? &*vocabulary : nullptr, "train"));
    checkpoint.put("optimizer", optimizer_);
    checkpoint.put("schedule", rate_);
    checkpoint.put("task", task_);
    checkpoint.put("progress", state_);
    checkpoint.save(options_.checkpoint.path);
    saved_ = Clock::now();
  }

  void resume() {
    const std::filesystem::path& path = options_.checkpoint.path;
    if (path.empty()) return;
    remove_left_behind(path);
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) return;
    const Checkpoint checkpoint = Checkpoint::load(path);
    nlohmann::json found;
    checkpoint.get("run", found);
    const nlohmann::json wanted = identity();
    for (const auto& [key, value] : wanted.items()) {
      const std::string there = found.is_object() && found.contains(key) ? found[key].dump() : "nothing";
      require<ValueError>(there == value.dump(), path.string(),
                          ": this checkpoint belongs to another run: its ", key, " is ", there, ", here it is ",
                          value.dump(), "; to train anew remove the file, or name another");
    }
    // All or nothing: what does not fit throws before the model changes.
    auto parameters = model_.parameters;
    auto optimizer = optimizer_;
    auto rate = rate_;
    auto best = best_;
    const auto& embedding = model_.config().embedding_name;
    checkpoint.get("model", parameters, embedding);
    checkpoint.get("best", best, embedding);
    checkpoint.get("optimizer", optimizer);
    checkpoint.get("schedule", rate);
    checkpoint.get("task", task_);
    checkpoint.get("progress", state_);
    require<FormatError>(
        state_.steps >= 0 && (state_.report.curve.empty() || state_.report.best < state_.report.curve.size()),
        path.string(), ": the counters of this checkpoint do not fit together");
    model_.parameters = std::move(parameters);
    optimizer_ = std::move(optimizer);
    rate_ = std::move(rate);
    best_ = std::move(best);
  }

  Model& model_;
  Optimizer& optimizer_;
  Rate& rate_;
  Task& task_;
  const TrainingOptions& options_;
  const ProgressCallback& progress_;
  double base_rate_;
  Index total_steps_;
  Parameters<Scalar> gradient_, best_;
  RunState state_;
  Clock::time_point begun_{}, saved_{};
  double seconds_before_ = 0, used_before_ = 0;
};

}  // namespace detail

}  // namespace rnnscope
