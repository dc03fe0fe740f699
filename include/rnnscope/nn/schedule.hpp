// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// How the learning rate changes during training: rules with PyTorch's semantics, and their plain state.
///
/// A schedule is a const value; what it remembers is a ScheduleState of six numbers that a checkpoint can hold.
///
/// \code
///   const rnnscope::Schedule schedule = rnnscope::ReduceOnPlateau{.factor = 0.5, .patience = 2};
///   rnnscope::ScheduleState state = rnnscope::start_schedule(schedule, sgd.config().learning_rate);
///   for (...) {                                             // an epoch
///     ...
///     sgd.set_learning_rate(rnnscope::advance_schedule(schedule, state, validation_loss));
///   }
/// \endcode
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <limits>
#include <numbers>
#include <span>
#include <variant>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

/// What a schedule remembers. Only ReduceOnPlateau uses the last three.
struct ScheduleState {
  double initial_rate = 0;  ///< the learning rate before the first step
  double rate = 0;          ///< the learning rate now
  Index steps = 0;          ///< how often the schedule advanced
  double best = 0;          ///< the best metric so far
  Index bad_steps = 0;      ///< steps without a better one
  Index cooldown = 0;       ///< steps that are still not counted as bad

  /// All of it as finite numbers, for a file.
  [[nodiscard]] std::array<double, 6> to_numbers() const {
    return {initial_rate,
            rate,
            static_cast<double>(steps),
            best,
            static_cast<double>(bad_steps),
            static_cast<double>(cooldown)};
  }
  /// \throws ShapeError unless there are six numbers, ValueError if one of them cannot be what it stands for.
  [[nodiscard]] static ScheduleState from_numbers(std::span<const double> numbers) {
    require<ShapeError>(numbers.size() == 6, "ScheduleState: expected 6 numbers, found ", numbers.size());
    for (const double number : numbers)
      require<ValueError>(std::isfinite(number), "ScheduleState: ", number, " is not finite");
    for (const std::size_t k : {2u, 4u, 5u}) {
      require<ValueError>(numbers[k] >= 0 && numbers[k] < 0x1p53 && numbers[k] == std::floor(numbers[k]),
                          "ScheduleState: number ", k, " is a count, found ", numbers[k]);
    }
    return {numbers[0],
            numbers[1],
            static_cast<Index>(numbers[2]),
            numbers[3],
            static_cast<Index>(numbers[4]),
            static_cast<Index>(numbers[5])};
  }

  friend bool operator==(const ScheduleState&, const ScheduleState&) = default;
};

/// The rate stays.
struct ConstantRate {
  void check() const {}
  void advance(ScheduleState&, double) const {}
  friend bool operator==(const ConstantRate&, const ConstantRate&) = default;
};

/// rate <- gamma rate at every `step_size`-th step. PyTorch's StepLR.
struct StepDecay {
  Index step_size = 1;
  double gamma = 0.1;

  void check() const {
    require<ValueError>(step_size >= 1, "StepDecay: step_size must be at least 1, found ", step_size);
    require<ValueError>(gamma > 0 && std::isfinite(gamma), "StepDecay: gamma must be positive, found ", gamma);
  }
  void advance(ScheduleState& state, double) const {
    if ((state.steps + 1) % step_size == 0) state.rate *= gamma;
  }
  friend bool operator==(const StepDecay&, const StepDecay&) = default;
};

/// rate = minimum + (initial - minimum) (1 + cos(pi t / half_period)) / 2 after t steps: `minimum` is reached
/// after `half_period` steps, then the rate rises again. PyTorch's CosineAnnealingLR with T_max and eta_min.
/// Source: I. Loshchilov and F. Hutter, "SGDR", 2017, without restarts.
struct Cosine {
  Index half_period = 1;
  double minimum = 0;

  void check() const {
    require<ValueError>(half_period >= 1, "Cosine: half_period must be at least 1, found ", half_period);
    require<ValueError>(minimum >= 0 && std::isfinite(minimum), "Cosine: minimum must not be negative, found ",
                        minimum);
  }
  void advance(ScheduleState& state, double) const {
    // t modulo a period, so that the argument of the cosine stays small.
    const double t = static_cast<double>((state.steps + 1) % (2 * half_period));
    const double wave = std::cos(std::numbers::pi * t / static_cast<double>(half_period));
    state.rate = minimum + (state.initial_rate - minimum) * 0.5 * (1 + wave);
  }
  friend bool operator==(const Cosine&, const Cosine&) = default;
};

/// Which metric is better: the lower one (a loss) or the higher one (an accuracy).
enum class Better { Lower, Higher };
/// How `ReduceOnPlateau::threshold` counts: as a part of the best metric so far, or in its unit.
enum class Threshold { Relative, Absolute };

/// rate <- max(factor rate, minimum) after more than `patience` steps in a row without a better metric. For
/// `cooldown` steps after that, none is counted. A metric is better if it beats the best one by `threshold`:
/// below best (1 - threshold), or below best - threshold, and likewise above. A NaN is never better. Changes of
/// at most `epsilon` are not made. PyTorch's ReduceLROnPlateau.
struct ReduceOnPlateau {
  double factor = 0.1;
  Index patience = 10;
  Index cooldown = 0;
  double threshold = 1e-4;
  Threshold threshold_mode = Threshold::Relative;
  double minimum = 0;
  Better better = Better::Lower;
  double epsilon = 1e-8;

  void check() const {
    require<ValueError>(factor > 0 && factor < 1, "ReduceOnPlateau: factor must lie in (0, 1), found ", factor);
    require<ValueError>(patience >= 0, "ReduceOnPlateau: patience must not be negative, found ", patience);
    require<ValueError>(cooldown >= 0, "ReduceOnPlateau: cooldown must not be negative, found ", cooldown);
    require<ValueError>(threshold >= 0 && minimum >= 0 && epsilon >= 0,
                        "ReduceOnPlateau: threshold, minimum and epsilon must not be negative, found ",
                        threshold, ", ", minimum, " and ", epsilon);
  }
  void advance(ScheduleState& state, double metric) const {
    if (state.steps == 0) {
      constexpr double largest = std::numeric_limits<double>::max();
      state.best = better == Better::Lower ? largest : -largest;
    }
    if (beats(metric, state.best)) {
      state.best = metric;
      state.bad_steps = 0;
    } else {
      ++state.bad_steps;
    }
    if (state.cooldown > 0) {
      --state.cooldown;
      state.bad_steps = 0;
    }
    if (state.bad_steps > patience) {
      const double reduced = std::max(state.rate * factor, minimum);
      if (state.rate - reduced > epsilon) state.rate = reduced;
      state.cooldown = cooldown;
      state.bad_steps = 0;
    }
  }
  friend bool operator==(const ReduceOnPlateau&, const ReduceOnPlateau&) = default;

 private:
  [[nodiscard]] bool beats(double metric, double best) const {
    const double sign = better == Better::Lower ? -1 : 1;
    const double bar =
        threshold_mode == Threshold::Relative ? best * (1 + sign * threshold) : best + sign * threshold;
    return better == Better::Lower ? metric < bar : metric > bar;
  }
};

/// A rule that changes `state.rate`, given the metric of the step that is over. `state.steps` counts the steps
/// before this one; it is not the rule that advances it.
template <class S>
concept LearningRateSchedule = requires(const S& schedule, ScheduleState& state, double metric) {
  schedule.check();
  schedule.advance(state, metric);
};

/// Any of the schedules of the library.
using Schedule = std::variant<ConstantRate, StepDecay, Cosine, ReduceOnPlateau>;

/// The state before the first step. \throws ValueError on bad settings or a negative learning rate.
template <LearningRateSchedule S>
[[nodiscard]] ScheduleState start_schedule(const S& schedule, double learning_rate) {
  schedule.check();
  require<ValueError>(learning_rate >= 0 && std::isfinite(learning_rate),
                      "start_schedule: the learning rate must not be negative, found ", learning_rate);
  return {.initial_rate = learning_rate, .rate = learning_rate};
}
[[nodiscard]] inline ScheduleState start_schedule(const Schedule& schedule, double learning_rate) {
  return std::visit([&](const auto& rule) { return start_schedule(rule, learning_rate); }, schedule);
}

/// One step of the schedule (an epoch, a validation, a window: what a step is, the caller says), whose metric
/// was `metric`; returns the learning rate of the next one.
template <LearningRateSchedule S>
double advance_schedule(const S& schedule, ScheduleState& state, double metric) {
  schedule.advance(state, metric);
  ++state.steps;
  return state.rate;
}
inline double advance_schedule(const Schedule& schedule, ScheduleState& state, double metric) {
  return std::visit([&](const auto& rule) { return advance_schedule(rule, state, metric); }, schedule);
}

}  // namespace rnnscope
