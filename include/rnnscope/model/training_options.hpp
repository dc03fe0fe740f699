// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// How a training run is steered and what it tells afterwards.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/nn/non_finite.hpp"
#include "rnnscope/text/vocabulary.hpp"

namespace rnnscope {

/// How the learning rate falls over the run, for runs without a schedule of their own.
enum class Decay {
  None,    ///< constant
  Cosine,  ///< lr * (1 + cos(pi f)) / 2 at the fraction f of the run
};

/// Where a run keeps what it needs to go on after the program was killed.
struct CheckpointOptions {
  std::filesystem::path path = {};            ///< empty: no checkpoints. A file that is there is gone on from.
  double every_seconds = 60;                  ///< at most this much work is lost
  Index every_steps = 0;                      ///< and at most so many steps; 0: by time alone
  std::optional<Vocabulary> vocabulary = {};  ///< kept with the model, so that load_language_model can read it

  void check() const {
    require<ValueError>(every_seconds >= 0, "CheckpointOptions: every_seconds must not be negative, found ",
                        every_seconds);
    require<ValueError>(every_steps >= 0, "CheckpointOptions: every_steps must not be negative, found ",
                        every_steps);
  }
};

struct TrainingOptions {
  Index batch = 50;   ///< columns of text, or sequences, read side by side
  Index steps = 100;  ///< steps of a truncated window (language models)
  Index epochs = 1;   ///< the run ends after this many passes over the data ...
  double max_seconds = std::numeric_limits<double>::infinity();  ///< ... or after this time, whichever is first
  Decay decay = Decay::Cosine;                                   ///< for runs without a schedule
  double max_norm = 1;                      ///< clip the gradient to this norm; 0: do not clip
  double l2 = 0;                            ///< adds l2 / 2 * |w|^2 to the loss of a step, before clipping
  NonFinite non_finite = NonFinite::Throw;  ///< Skip leaves parameters and optimiser as they were
  Index max_skips = 100;                    ///< so many skipped steps in a row end the run with a ValueError
  Index validations = 10;        ///< how often in the whole run to validate (evenly; the end included)
  Index validation_batch = 100;  ///< columns or sequences of a validation; 1: the text as one continuous stream
  bool keep_best = true;         ///< leave the parameters that validated best, not the last ones
  std::uint64_t seed = 1;        ///< of the dropout masks and the order of sequences
  CheckpointOptions checkpoint = {};

  void check() const {
    require<ValueError>(batch >= 1, "TrainingOptions: batch must be at least 1, found ", batch);
    require<ValueError>(steps >= 1, "TrainingOptions: steps must be at least 1, found ", steps);
    require<ValueError>(epochs >= 1, "TrainingOptions: epochs must be at least 1, found ", epochs);
    require<ValueError>(max_seconds > 0, "TrainingOptions: max_seconds must be positive, found ", max_seconds);
    require<ValueError>(max_norm >= 0, "TrainingOptions: max_norm must not be negative, found ", max_norm);
    require<ValueError>(l2 >= 0, "TrainingOptions: l2 must not be negative, found ", l2);
    require<ValueError>(max_skips >= 0, "TrainingOptions: max_skips must not be negative, found ", max_skips);
    require<ValueError>(validations >= 1, "TrainingOptions: validations must be at least 1, found ",
                        validations);
    require<ValueError>(validation_batch >= 1, "TrainingOptions: validation_batch must be at least 1, found ",
                        validation_batch);
    checkpoint.check();
  }
};

/// One validation during training.
struct TrainingPoint {
  Index tokens = 0;            ///< predictions trained on so far: tokens of text, or sequences
  double seconds = 0;          ///< since the beginning, validations included
  double training_nats = 0;    ///< mean loss since the point before, dropout active
  double validation_nats = 0;  ///< mean loss of the validation data
  double accuracy = 0;         ///< share of validation sequences that got their label (classifiers)
  double learning_rate = 0;    ///< of the last step
};

struct TrainingReport {
  std::vector<TrainingPoint> curve;
  std::size_t best = 0;  ///< the point of the curve that validated best; the model holds it with `keep_best`
  Index tokens = 0;      ///< predictions trained on
  Index skipped = 0;     ///< steps that NonFinite::Skip left out
  double seconds = 0;    ///< over all programs that worked on the run
};

}  // namespace rnnscope
