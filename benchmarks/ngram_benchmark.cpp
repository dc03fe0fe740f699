// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A training step of one recurrent layer (forward, backward, all gradients; float): the cells and their n-gram
/// forms. Arguments: hidden (= input) size, sequences, steps. benchmarks/compare/ngram_torch.py times the same
/// steps as a loop in PyTorch.
#include <benchmark/benchmark.h>

#include "rnnscope/core/random.hpp"
#include "rnnscope/expand/ngram_cell.hpp"
#include "rnnscope/expand/origin.hpp"
#include "rnnscope/expand/simplified.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"
#include "rnnscope/nn/recurrent.hpp"

namespace {

using namespace rnnscope;

template <class Cell>
void TrainingStep(benchmark::State& state) {
  const Index size = state.range(0), batch = state.range(1), steps = state.range(2);
  Parameters<float> parameters;
  const Recurrent<Cell> layer(parameters, {.input_size = size, .hidden_size = size});
  Random random(1);
  layer.initialise(parameters, random);
  const auto layout = PackedLayout::uniform(steps, batch);
  const auto fill = [&] {
    Matrix<float> m(size, layout.columns());
    for (Index k = 0; k < m.size(); ++k) m.data()[k] = static_cast<float>(random.normal());
    return m;
  };
  const Matrix<float> x = fill(), d_hidden = fill();
  Matrix<float> d_x(size, layout.columns());
  Parameters<float> gradient = parameters.zeros_like();
  Tape<Cell> tape;
  const auto zero = layer.zero_state(batch);
  for (auto _ : state) {
    gradient.set_zero();
    d_x.setZero();
    MatrixRef<float> d_x_ref(d_x);
    layer.forward(parameters, layout, DenseInput<float>(x), zero, tape);
    layer.backward(parameters, layout, DenseInput<float>(x), tape, d_hidden, zero, gradient, &d_x_ref);
    benchmark::DoNotOptimize(gradient.flat().data());
  }
  state.counters["tokens/s"] =
      benchmark::Counter(static_cast<double>(layout.columns()), benchmark::Counter::kIsIterationInvariantRate);
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Args({128, 20, 35})->Args({512, 64, 50})->Unit(benchmark::kMillisecond)->UseRealTime();
}

BENCHMARK(TrainingStep<Gru<float>>)->Apply(sizes);
BENCHMARK(TrainingStep<NgramCell<Gru<float>, Maclaurin>>)->Apply(sizes);
BENCHMARK(TrainingStep<NgramCell<Gru<float>, Origin>>)->Apply(sizes);
BENCHMARK(TrainingStep<NgramCell<Gru<float>, Simplified<Maclaurin>>>)->Apply(sizes);
BENCHMARK(TrainingStep<Lstm<float>>)->Apply(sizes);
BENCHMARK(TrainingStep<NgramCell<Lstm<float>, Maclaurin>>)->Apply(sizes);
BENCHMARK(TrainingStep<NgramCell<Lstm<float>, Origin>>)->Apply(sizes);
BENCHMARK(TrainingStep<NgramCell<Lstm<float>, Simplified<Maclaurin>>>)->Apply(sizes);

}  // namespace
