// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Trains a language model with truncated backpropagation through time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numbers>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rnnscope/core/progress.hpp"
#include "rnnscope/model/evaluation.hpp"
#include "rnnscope/model/language_model.hpp"
#include "rnnscope/nn/clip.hpp"
#include "rnnscope/nn/optimizer.hpp"
#include "rnnscope/text/stream.hpp"

namespace rnnscope {

/// How the learning rate falls over the run.
enum class Decay {
  None,    ///< constant
  Cosine,  ///< lr * (1 + cos(pi f)) / 2 at the fraction f of the run
};

struct TrainingOptions {
  Index batch = 50;   ///< columns read side by side
  Index steps = 100;  ///< steps of a truncated window
  Index epochs = 1;   ///< the run ends after this many passes over the text ...
  double max_seconds = std::numeric_limits<double>::infinity();  ///< ... or after this time, whichever is first
  Decay decay = Decay::Cosine;
  double max_norm = 1;           ///< clip the gradient to this norm; 0: do not clip
  Index validations = 10;        ///< how often in the whole run to validate (evenly; the end included)
  Index validation_batch = 100;  ///< columns of a validation
  std::uint64_t seed = 1;        ///< of the dropout masks

  void check() const {
    require<ValueError>(epochs >= 1, "TrainingOptions: epochs must be at least 1, found ", epochs);
    require<ValueError>(max_seconds > 0, "TrainingOptions: max_seconds must be positive, found ", max_seconds);
    require<ValueError>(max_norm >= 0, "TrainingOptions: max_norm must not be negative, found ", max_norm);
    require<ValueError>(validations >= 1, "TrainingOptions: validations must be at least 1, found ",
                        validations);
    StreamOptions{.batch = batch, .steps = steps}.check();
    StreamOptions{.batch = validation_batch, .steps = steps}.check();
  }
};

/// One validation during training.
struct TrainingPoint {
  Index tokens = 0;            ///< predictions trained on so far
  double seconds = 0;          ///< since the beginning, validations included
  double training_nats = 0;    ///< mean loss since the point before, dropout active
  double validation_nats = 0;  ///< mean loss over the cold columns of the validation text
};

struct TrainingReport {
  std::vector<TrainingPoint> curve;
  std::size_t best = 0;  ///< the point of the curve whose parameters the model now holds
  Index tokens = 0;
  double seconds = 0;
};

/// Trains `model` on `training` and leaves in it the parameters that did best on `validation`.
///
/// The text is read as `batch` columns, window by window; the state is carried from window to window and set to
/// zero where an epoch begins. The gradient is that of the mean loss of a window. The learning rate follows
/// `decay` from the optimiser's own rate, by the larger of the used shares of epochs and of time.
/// Progress counts per mille of the run; its detail gives the losses in bits. \throws ValueError on bad
/// options, texts too short, or a loss or gradient that is not finite. Cancelled leaves the best parameters so
/// far.
template <class Cell, class Optimizer>
TrainingReport train(LanguageModel<Cell>& model, Optimizer& optimizer, std::span<const Id> training,
                     std::span<const Id> validation, const TrainingOptions& options,
                     const ProgressCallback& progress = {}) {
  using Clock = std::chrono::steady_clock;
  options.check();
  const TokenStream stream(training, {.batch = options.batch, .steps = options.steps});
  // A short validation text is read in as many columns of at least 100 ids as it has.
  const Index columns =
      std::clamp<Index>(static_cast<Index>(validation.size()) / 100, 1, options.validation_batch);
  const StreamOptions validation_options{.batch = columns, .steps = options.steps};
  require<ValueError>(validation.size() >= 2, "train: the validation text needs at least 2 ids, found ",
                      validation.size());

  const auto begin = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  const double learning_rate = optimizer.config().learning_rate;
  const Index total_windows = stream.windows() * options.epochs;

  TrainingReport report;
  auto gradient = model.parameters.zeros_like();
  auto best_parameters = model.parameters;
  double best_nats = std::numeric_limits<double>::infinity();
  typename LanguageModel<Cell>::Workspace workspace;
  auto state = model.zero_state(options.batch);
  double nats_since = 0, mean_bits = 0;
  Index tokens_since = 0, windows_done = 0;
  std::string detail;

  // However the run ends, the model holds the best parameters that were validated, and the optimiser its own
  // rate.
  struct Restore {
    LanguageModel<Cell>& model;
    Optimizer& optimizer;
    Parameters<typename Cell::Scalar>& best;
    double rate;
    ~Restore() {
      model.parameters = std::move(best);
      optimizer.set_learning_rate(rate);
    }
  };
  const Restore restore{model, optimizer, best_parameters, learning_rate};

  for (bool running = true; running;) {
    const Index k = windows_done % stream.windows();
    if (k == 0) state = model.zero_state(options.batch);
    const double before = std::max(static_cast<double>(windows_done) / static_cast<double>(total_windows),
                                   elapsed() / options.max_seconds);
    const StreamWindow window = stream.window(k);
    const auto layout = PackedLayout::uniform(window.steps, options.batch);
    gradient.set_zero();
    const auto nats = static_cast<double>(
        model.loss_and_gradient(layout, window.inputs, window.targets, state, gradient, workspace,
                                DropoutKey{options.seed, static_cast<std::uint64_t>(windows_done)}));
    require<ValueError>(std::isfinite(nats), "train: the loss is not finite after ", report.tokens,
                        " tokens; lower the learning rate or clip the gradient");
    if (options.max_norm > 0) clip_by_norm(gradient, options.max_norm);
    if (options.decay == Decay::Cosine) {
      optimizer.set_learning_rate(learning_rate * 0.5 *
                                  (1 + std::cos(std::numbers::pi * std::min(1.0, before))));
    }
    optimizer.step(model.parameters, gradient);
    ++windows_done;
    report.tokens += layout.columns();
    nats_since += nats;
    tokens_since += layout.columns();
    const double bits = nats / static_cast<double>(layout.columns()) / std::numbers::ln2;
    mean_bits = windows_done == 1 ? bits : 0.95 * mean_bits + 0.05 * bits;

    const double used = std::max(static_cast<double>(windows_done) / static_cast<double>(total_windows),
                                 elapsed() / options.max_seconds);
    running = used < 1;
    const auto due = static_cast<double>(report.curve.size() + 1) / static_cast<double>(options.validations);
    if (!running || used >= due) {
      const double loss = evaluate(model, validation, validation_options).nats();
      require<ValueError>(std::isfinite(loss), "train: the validation loss is not finite after ", report.tokens,
                          " tokens");
      report.curve.push_back({.tokens = report.tokens,
                              .seconds = elapsed(),
                              .training_nats = nats_since / static_cast<double>(tokens_since),
                              .validation_nats = loss});
      nats_since = 0;
      tokens_since = 0;
      if (loss < best_nats) {
        best_nats = loss;
        best_parameters = model.parameters;
        report.best = report.curve.size() - 1;
      }
    }
    detail = message("training ", std::round(mean_bits * 1000) / 1000, " bits");
    if (!report.curve.empty()) {
      detail +=
          message(", validation ",
                  std::round(report.curve.back().validation_nats / std::numbers::ln2 * 1000) / 1000, " bits");
    }
    report_progress(progress, {.stage = "training",
                               .done = static_cast<Index>(1000 * std::min(1.0, used)),
                               .total = 1000,
                               .detail = detail});
  }
  report.seconds = elapsed();
  return report;
}

}  // namespace rnnscope
