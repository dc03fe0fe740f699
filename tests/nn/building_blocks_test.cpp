// SPDX-License-Identifier: BSD-3-Clause
// The training loop of docs/building_blocks.md, which shows `find_the_symbol` as it stands here.
#include <doctest/doctest.h>

#include "rnnscope/nn/bidirectional.hpp"
#include "rnnscope/nn/clip.hpp"
#include "rnnscope/nn/embedding.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/linear.hpp"
#include "rnnscope/nn/loss.hpp"
#include "rnnscope/nn/non_finite.hpp"
#include "rnnscope/nn/optimizer.hpp"
#include "rnnscope/nn/penalty.hpp"
#include "rnnscope/nn/readout.hpp"
#include "rnnscope/nn/schedule.hpp"

using namespace rnnscope;

namespace {

/// Learns to say whether a sequence has symbol 0 in it. Returns the mean loss of every step.
std::vector<double> find_the_symbol(const PackedBatch& batch, const std::vector<Id>& labels_by_slot) {
  using Cell = Gru<float>;
  Parameters<float> weights;
  const Embedding<float> embedding(weights, "embedding.weight", 8, 6);
  const BidirectionalStack<Cell> stack(weights, {.input_size = 6, .hidden_size = 10, .layers = 2});
  const Linear<float> linear(weights, {.input_size = stack.output_size(), .output_size = 2, .prefix = "out."});
  Random random(1);
  embedding.initialise(weights, random);
  stack.initialise(weights, random);
  linear.initialise(weights, random);

  Adam<float> adam({.learning_rate = 0.02});
  const Schedule schedule = ReduceOnPlateau{.factor = 0.5, .patience = 5};
  ScheduleState rate = start_schedule(schedule, adam.config().learning_rate);
  Parameters<float> gradient = weights.zeros_like();
  const auto zero = stack.zero_state(batch.layout.batch());
  StackTape<Cell, Bidirectional> tape;
  Matrix<float> x, pooled, scores, d_pooled, d_output, d_x;
  std::vector<double> losses;
  for (int step = 0; step < 60; ++step) {
    embedding.forward(weights, batch.ids, x);
    stack.forward(weights, batch.layout, DenseInput<float>(x), zero, tape);
    read_out(Readout::MeanOverSteps, batch.layout, tape.output(), pooled);
    linear.forward(weights, pooled, scores);
    const float share = 1 / static_cast<float>(batch.layout.batch());
    double loss = share * softmax_cross_entropy(scores, labels_by_slot, share);  // scores: now their gradient

    gradient.set_zero();
    linear.backward(weights, pooled, scores, gradient, &d_pooled);
    read_out_backward(Readout::MeanOverSteps, batch.layout, d_pooled, d_output);
    d_x.setZero(x.rows(), x.cols());
    MatrixRef<float> d_x_ref(d_x);
    stack.backward(weights, batch.layout, DenseInput<float>(x), tape, d_output, zero, gradient, &d_x_ref);
    embedding.backward(batch.ids, d_x, gradient);
    loss += add_l2_penalty(weights, 1e-5, gradient, NoBias());

    losses.push_back(loss);
    if (!accept_step(NonFinite::Skip, loss, gradient, "find_the_symbol")) continue;
    clip_by_norm(gradient, 1);
    adam.step(weights, gradient);
    adam.set_learning_rate(advance_schedule(schedule, rate, loss));
  }
  return losses;
}

}  // namespace

TEST_CASE("the training loop of the page learns its task") {
  Random random(2);
  std::vector<std::vector<Id>> sequences(120);
  std::vector<Id> labels;
  for (auto& sequence : sequences) {
    sequence.resize(static_cast<std::size_t>(4 + random.below(9)));
    for (Id& id : sequence) id = static_cast<Id>(1 + random.below(7));
    labels.push_back(static_cast<Id>(random.below(2)));
    if (labels.back() == 1) sequence[static_cast<std::size_t>(random.below(4))] = 0;
  }
  const PackedBatch batch = pack(sequences);
  std::vector<Id> by_slot(labels.size());
  for (std::size_t s = 0; s < labels.size(); ++s)
    by_slot[static_cast<std::size_t>(batch.layout.slot(static_cast<Index>(s)))] = labels[s];
  const std::vector<double> losses = find_the_symbol(batch, by_slot);
  CHECK(losses.front() == doctest::Approx(std::log(2.0)).epsilon(0.1));
  CHECK(losses.back() < 0.05);
}
