// SPDX-License-Identifier: BSD-3-Clause
// Cells, layers, optimisers and schedules are plain values: copied, moved and assigned, also to themselves,
// they do what they did before.
#include <doctest/doctest.h>

#include "rnnscope/nn/adaptive_softmax.hpp"
#include "rnnscope/nn/bidirectional.hpp"
#include "rnnscope/nn/elman.hpp"
#include "rnnscope/nn/embedding.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/linear.hpp"
#include "rnnscope/nn/lstm.hpp"
#include "rnnscope/nn/optimizer.hpp"
#include "rnnscope/nn/schedule.hpp"
#include "rnnscope/nn/stack.hpp"
#include "rnnscope/nn/tied_linear.hpp"
#include "support.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

namespace {

/// `result(value)` shows everything a value does; `other` is a different value of the same type.
template <class T, class Result>
void check_regular(const T& value, const T& other, Result&& result) {
  static_assert(std::semiregular<T> ||
                (std::copyable<T> && !std::is_default_constructible_v<T>));  // layers need their parameters
  const auto expected = result(value);
  REQUIRE_FALSE(result(other) == expected);
  T copy = value;
  CHECK(result(copy) == expected);
  T assigned = other;
  assigned = value;
  CHECK(result(assigned) == expected);
  T& itself = assigned;
  assigned = itself;
  CHECK(result(assigned) == expected);
  T moved = std::move(copy);
  CHECK(result(moved) == expected);
  copy = other;  // what was moved from can be given a value again
  CHECK_FALSE(result(copy) == expected);
  copy = std::move(moved);
  CHECK(result(copy) == expected);
  std::swap(copy, assigned);
  T swapped = other;
  std::swap(swapped, copy);
  CHECK(result(swapped) == expected);
  CHECK_FALSE(result(copy) == expected);
  CHECK(result(value) == expected);  // nobody has touched the original
}

/// Parameters that hold every layer twice, so that two layers of one type compute different things.
struct Layers {
  using Cell = Gru<float>;
  Parameters<float> parameters;
  Recurrent<Cell> recurrent{parameters, {.input_size = 2, .hidden_size = 2, .prefix = "r."}},
      recurrent2{parameters, {.input_size = 2, .hidden_size = 2, .prefix = "r2."}};
  Bidirectional<Cell> both{parameters, {.input_size = 2, .hidden_size = 2, .prefix = "b."}},
      both2{parameters, {.input_size = 2, .hidden_size = 2, .prefix = "b2."}};
  Stack<Cell> stack{parameters, {.input_size = 2, .hidden_size = 2, .layers = 2, .prefix = "s."}},
      stack2{parameters, {.input_size = 2, .hidden_size = 2, .layers = 2, .prefix = "s2."}};
  BidirectionalStack<Cell> tower{parameters, {.input_size = 2, .hidden_size = 2, .layers = 2, .prefix = "t."}},
      tower2{parameters, {.input_size = 2, .hidden_size = 2, .layers = 1, .prefix = "t2."}};
  Embedding<float> embedding{parameters, "e", 4, 2}, embedding2{parameters, "e2", 4, 2};
  Linear<float> linear{parameters, {.input_size = 2, .output_size = 3, .prefix = "l."}},
      linear2{parameters, {.input_size = 2, .output_size = 3, .prefix = "l2."}};
  TiedLinear<float> tied{parameters, embedding, {.prefix = "d."}},
      tied2{parameters, embedding2, {.prefix = "d2."}};
  AdaptiveSoftmax<float> adaptive{
      parameters, {.input_size = 2, .classes = 5, .cutoffs = {2}, .division = 1, .prefix = "a."}},
      adaptive2{parameters, {.input_size = 2, .classes = 5, .cutoffs = {2, 3}, .division = 1, .prefix = "a2."}};
  PackedLayout layout = PackedLayout::ragged({4, 2});
  Matrix<float> x;

  Layers() {
    Random random(25);
    randomise(parameters, random);
    x = random_matrix<float>(2, layout.columns(), random);
  }

  template <class Layer>
  Matrix<float> run(const Layer& layer) const {
    typename Layer::Record tape;
    layer.forward(parameters, layout, DenseInput<float>(x), layer.zero_state(2), tape);
    return tape.hidden();
  }
  template <class StackOfLayers>
  Matrix<float> run_stack(const StackOfLayers& stack_of) const {
    typename StackOfLayers::Record tape;
    stack_of.forward(parameters, layout, DenseInput<float>(x), stack_of.zero_state(2), tape);
    return tape.output().row(0);  // towers of other heights have rows in common
  }
};

}  // namespace

TEST_CASE("layers are regular values") {
  const Layers all;
  check_regular(all.recurrent, all.recurrent2, [&](const auto& layer) { return all.run(layer); });
  check_regular(all.both, all.both2, [&](const auto& layer) { return all.run(layer); });
  check_regular(all.stack, all.stack2, [&](const auto& layer) { return all.run_stack(layer); });
  check_regular(all.tower, all.tower2, [&](const auto& layer) { return all.run_stack(layer); });
  check_regular(all.embedding, all.embedding2, [&](const Embedding<float>& layer) {
    Matrix<float> out;
    layer.forward(all.parameters, std::vector<Id>{0, 3, 1, 2}, out);
    return out;
  });
  const auto scores = [&](const auto& layer) {
    Matrix<float> out;
    layer.forward(all.parameters, all.x, out);
    return out;
  };
  check_regular(all.linear, all.linear2, scores);
  check_regular(all.tied, all.tied2, scores);
  check_regular(all.adaptive, all.adaptive2,
                [&](const auto& layer) { return layer.log_prob(all.parameters, all.x); });
}

TEST_CASE("parameters and tapes are regular values") {
  const Layers all, other;
  Parameters<float> doubled = all.parameters;
  doubled.flat() *= 2;
  check_regular(all.parameters, doubled,
                [](const auto& parameters) -> Vector<float> { return parameters.flat(); });
  StackTape<Gru<float>> tape, tape2;
  all.stack.forward(all.parameters, all.layout, DenseInput<float>(all.x), all.stack.zero_state(2), tape);
  all.stack2.forward(all.parameters, all.layout, DenseInput<float>(all.x), all.stack.zero_state(2), tape2);
  check_regular(tape, tape2, [](const auto& t) { return t.layers[1].channel("s"); });
  BidirectionalTape<Gru<float>> both, both2;
  all.both.forward(all.parameters, all.layout, DenseInput<float>(all.x), all.both.zero_state(2), both);
  all.both2.forward(all.parameters, all.layout, DenseInput<float>(all.x), all.both.zero_state(2), both2);
  check_regular(both, both2, [](const auto& t) { return t.reverse_channel("z"); });
}

TEST_CASE_TEMPLATE("cells are regular values without any state", Cell, Elman<float>, Gru<float>, Lstm<double>) {
  static_assert(std::semiregular<Cell> && std::is_empty_v<Cell> && std::is_trivially_copyable_v<Cell>);
  Cell cell;
  Cell& itself = cell;
  cell = itself;
  const Cell copy = std::move(cell);
  CellInput<Cell> in{};
  in.a.fill(0.5);
  in.previous.fill(0.25);
  CellTape<Cell> first, second;
  Cell().forward(in, first);
  copy.forward(in, second);
  CHECK(first == second);
  CHECK(first[0] != 0);
}

TEST_CASE_TEMPLATE("optimisers are regular values, their memory included", S, float, double) {
  const auto check = [](auto optimizer, const auto& settings) {
    using Optimizer = decltype(optimizer);
    Parameters<S> start, gradient;
    start.add("w", 4);
    Random random(26);
    randomise(start, random);
    gradient = start;
    Parameters<S> w = start;
    for (int k = 0; k < 3; ++k) optimizer.step(w, gradient);
    const Optimizer fresh(settings);
    check_regular(optimizer, fresh, [&](Optimizer copy) -> Vector<S> {
      Parameters<S> moved = start;
      for (int k = 0; k < 2; ++k) copy.step(moved, gradient);
      return moved.flat();
    });
  };
  const typename Sgd<S>::Config sgd{.learning_rate = 0.1, .momentum = 0.9};
  const typename Adagrad<S>::Config adagrad{.learning_rate = 0.1, .learning_rate_decay = 0.2};
  const typename Adam<S>::Config adam{.learning_rate = 0.1, .beta1 = 0.5, .weight_decay = 0.3};
  check(Sgd<S>(sgd), sgd);
  check(Adagrad<S>(adagrad), adagrad);
  check(Adam<S>(adam), adam);
}

TEST_CASE("schedules and their state are regular values") {
  const auto rates = [](const auto& schedule) {
    ScheduleState state = start_schedule(schedule, 1.0);
    std::vector<double> result;
    for (int k = 0; k < 5; ++k) result.push_back(advance_schedule(schedule, state, 1.0));
    return result;
  };
  const auto check = [&](const auto& schedule) {
    static_assert(std::regular<std::remove_cvref_t<decltype(schedule)>>);
    check_regular(Schedule(schedule), Schedule(ConstantRate()), rates);
  };
  check(StepDecay{.step_size = 2});
  check(Cosine{.half_period = 4});
  check(ReduceOnPlateau{.patience = 0});
  check_regular(StepDecay{.step_size = 2}, StepDecay{.step_size = 3}, rates);
  static_assert(std::regular<Schedule> && std::regular<ScheduleState> && std::regular<ConstantRate>);
  ScheduleState state{.initial_rate = 1, .rate = 0.5, .steps = 3, .best = 2, .bad_steps = 1, .cooldown = 4};
  check_regular(state, ScheduleState{}, [](const ScheduleState& s) { return s.to_numbers(); });
}
