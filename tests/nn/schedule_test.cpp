// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/nn/schedule.hpp"

#include <doctest/doctest.h>

#include "torch_fixture.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

namespace {

/// The rates before and after each of the fixture's steps, saved and loaded again in the middle.
std::vector<double> run(const Schedule& schedule, std::span<const double> metrics) {
  ScheduleState state = start_schedule(schedule, 0.8);
  std::vector<double> rates{state.rate};
  for (const double metric : metrics) {
    rates.push_back(advance_schedule(schedule, state, metric));
    const auto numbers = state.to_numbers();
    const ScheduleState loaded = ScheduleState::from_numbers(numbers);
    REQUIRE(loaded == state);
    state = loaded;
  }
  return rates;
}

void check_equals_torch(const Schedule& schedule, const std::string& name, bool reversed = false) {
  CAPTURE(name);
  const auto folder = torch_fixture("schedules");
  std::vector<double> losses = load_npy_vector<double>(folder / "losses.npy");
  if (reversed) std::reverse(losses.begin(), losses.end());
  const std::vector<double> expected = load_npy_vector<double>(folder / (name + ".npy"));
  const std::vector<double> found = run(schedule, losses);
  REQUIRE(found.size() == expected.size());
  for (std::size_t k = 0; k < found.size(); ++k) {
    CAPTURE(k);
    CHECK(std::abs(found[k] - expected[k]) < 1e-12);
  }
}

struct Warmup {  // a user's own rule
  Index steps = 3;
  void check() const {}
  void advance(ScheduleState& state, double) const {
    const double share = static_cast<double>(state.steps + 2) / static_cast<double>(steps + 1);
    state.rate = state.initial_rate * std::min(1.0, share);
  }
};
static_assert(LearningRateSchedule<Warmup> && LearningRateSchedule<Cosine> && !LearningRateSchedule<double>);

}  // namespace

TEST_CASE("sixty steps of every schedule equal PyTorch's") {
  check_equals_torch(StepDecay{.step_size = 7, .gamma = 0.6}, "step");
  check_equals_torch(Cosine{.half_period = 13, .minimum = 0.05}, "cosine");
  check_equals_torch(ReduceOnPlateau{}, "plateau_default");
  check_equals_torch(
      ReduceOnPlateau{.factor = 0.5, .patience = 2, .cooldown = 3, .threshold = 0.01, .minimum = 0.03},
      "plateau_relative");
  check_equals_torch(ReduceOnPlateau{.factor = 0.5,
                                     .patience = 1,
                                     .cooldown = 1,
                                     .threshold = 0.05,
                                     .threshold_mode = Threshold::Absolute},
                     "plateau_absolute");
  check_equals_torch(
      ReduceOnPlateau{
          .factor = 0.7, .patience = 3, .threshold = 0.1, .better = Better::Higher, .epsilon = 0.02},
      "plateau_highest", true);
  check_equals_torch(ReduceOnPlateau{.factor = 0.9,
                                     .patience = 0,
                                     .cooldown = 2,
                                     .threshold = 0.3,
                                     .threshold_mode = Threshold::Absolute,
                                     .better = Better::Higher},
                     "plateau_highest_absolute", true);
}

TEST_CASE("by hand: patience counts steps in a row, a NaN is never better, a constant stays") {
  const double nan = std::nan("");
  const ReduceOnPlateau plateau{.factor = 0.5, .patience = 1, .threshold = 0};
  CHECK(run(plateau, std::vector<double>{nan, 3, 3, 2, 2, nan, 2, 2}) ==
        std::vector<double>{0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.4, 0.4, 0.2});
  CHECK(run(ConstantRate{}, std::vector<double>{1, 2, 3}) == std::vector<double>(4, 0.8));
  CHECK(run(StepDecay{.step_size = 2, .gamma = 0.5}, std::vector<double>(5, nan)) ==
        std::vector<double>{0.8, 0.8, 0.4, 0.4, 0.2, 0.2});
  Warmup warmup;
  ScheduleState state = start_schedule(warmup, 1.0);
  std::vector<double> rates;
  for (int k = 0; k < 4; ++k) rates.push_back(advance_schedule(warmup, state, 0));
  CHECK(rates == std::vector<double>{0.5, 0.75, 1.0, 1.0});
}

TEST_CASE("bad settings and states are named") {
  const auto start = [](const Schedule& schedule) { static_cast<void>(start_schedule(schedule, 0.1)); };
  CHECK_THROWS_WITH_AS(start(StepDecay{.step_size = 0}), "StepDecay: step_size must be at least 1, found 0",
                       ValueError);
  CHECK_THROWS_WITH_AS(start(StepDecay{.gamma = 0}), "StepDecay: gamma must be positive, found 0", ValueError);
  CHECK_THROWS_WITH_AS(start(Cosine{.half_period = 0}), "Cosine: half_period must be at least 1, found 0",
                       ValueError);
  CHECK_THROWS_WITH_AS(start(Cosine{.minimum = -1}), "Cosine: minimum must not be negative, found -1",
                       ValueError);
  CHECK_THROWS_WITH_AS(start(ReduceOnPlateau{.factor = 1}),
                       "ReduceOnPlateau: factor must lie in (0, 1), found 1", ValueError);
  CHECK_THROWS_WITH_AS(start(ReduceOnPlateau{.patience = -1}),
                       "ReduceOnPlateau: patience must not be negative, found -1", ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(start_schedule(Schedule(), -0.5)),
                       "start_schedule: the learning rate must not be negative, found -0.5", ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(ScheduleState::from_numbers(std::vector<double>(5))),
                       "ScheduleState: expected 6 numbers, found 5", ShapeError);
  CHECK_THROWS_WITH_AS(static_cast<void>(ScheduleState::from_numbers(std::vector<double>{1, 1, 0.5, 0, 0, 0})),
                       "ScheduleState: number 2 is a count, found 0.5", ValueError);
}
