// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Polarity scores of a GRU of the paper's size: H = 1024, D = 300, float, one read-out label.
///
/// `AllEnds` gives the scores of all n-grams (i, t) of a sequence of T tokens, with the complete account;
/// `LastEnd` those that end at the last token; `ExplicitLastEnd` the same through dense matrices A(x_t) and
/// their products, as the definition reads. `Expansions<E>` is AllEnds of 50 tokens with other
/// expansions (PathIntegrated takes more nodes on trained layers). `Phrases` gives all n-grams of 2,000 phrases
/// of five tokens. Comparisons with others are in compare/unroll.cpp.
#include <benchmark/benchmark.h>

#include "rnnscope/core/random.hpp"
#include "rnnscope/expand/ngram_unroller.hpp"
#include "rnnscope/expand/origin.hpp"
#include "rnnscope/expand/path_integrated.hpp"
#include "rnnscope/expand/trajectory.hpp"
#include "rnnscope/nn/gru.hpp"

namespace {

using namespace rnnscope;
using Cell = Gru<float>;

struct Problem {
  Parameters<float> parameters;
  Recurrent<Cell> layer{parameters, {.input_size = 300, .hidden_size = 1024}};
  Matrix<float> x, weight, bias;

  explicit Problem(Index length) {
    Random random(1);
    layer.initialise(parameters, random);
    const auto fill = [&](Matrix<float>& m, Index rows, Index cols) {
      m.resize(rows, cols);
      for (Index k = 0; k < m.size(); ++k) m.data()[k] = static_cast<float>(random.normal());
    };
    fill(x, 300, length);
    fill(weight, 1, 1024);
    fill(bias, 1, 1);
  }
};

void polarity(benchmark::State& state, Ends ends, UnrollMethod method) {
  const Problem problem(state.range(0));
  const NgramUnroller unroller(problem.layer, problem.parameters);
  for (auto _ : state) {
    const auto scores =
        unroller.polarity(problem.weight, problem.bias, problem.x, {.ends = ends, .method = method});
    benchmark::DoNotOptimize(scores.ngram.data());
    state.counters["ngrams"] = static_cast<double>(scores.index.size());
  }
}

void AllEnds(benchmark::State& state) { polarity(state, Ends::all, UnrollMethod::forward); }
void AllEndsAdjoint(benchmark::State& state) { polarity(state, Ends::all, UnrollMethod::adjoint); }
void LastEnd(benchmark::State& state) { polarity(state, Ends::last, UnrollMethod::automatic); }

void ExplicitLastEnd(benchmark::State& state) {
  const Problem problem(state.range(0));
  const Index length = problem.x.cols();
  const NgramUnroller unroller(problem.layer, problem.parameters);
  for (auto _ : state) {
    const auto all = unroller.token_coefficients(problem.x);
    Matrix<float> scores(1, length), chain = Matrix<float>::Identity(1024, 1024), next(1024, 1024);
    for (Index i = length - 1; i >= 0; --i) {
      scores.col(i) = problem.weight * (chain * all.g[0].col(i));
      multiply(chain, explicit_transition<Cell>(all, i, problem.parameters[problem.layer.weight_hh()]), next);
      chain.swap(next);
    }
    benchmark::DoNotOptimize(scores.data());
  }
}

template <class Expansion>
void Expansions(benchmark::State& state) {
  const Problem problem(50);
  const NgramUnroller unroller(problem.layer, problem.parameters, Expansion{});
  for (auto _ : state) {
    const auto scores = unroller.polarity(problem.weight, problem.bias, problem.x);
    benchmark::DoNotOptimize(scores.ngram.data());
    state.counters["residual"] = static_cast<double>(scores.residual_ratio(49));
  }
}

void Phrases(benchmark::State& state) {
  const Problem problem(10'000);
  const NgramUnroller unroller(problem.layer, problem.parameters);
  const PackedLayout layout = PackedLayout::uniform(5, 2000);
  Index ngrams = 0;
  for (auto _ : state) {
    unroller.unroll(layout, problem.x, {},
                    [&](const NgramBlock<Cell>& block) { ngrams += static_cast<Index>(block.spans.size()); });
  }
  state.counters["ngrams"] = benchmark::Counter(static_cast<double>(ngrams), benchmark::Counter::kIsRate);
}

BENCHMARK(Expansions<Origin>)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(Expansions<Trajectory>)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(Expansions<PathIntegrated>)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(Phrases)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(AllEnds)->Arg(10)->Arg(50)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(AllEndsAdjoint)->Arg(50)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(LastEnd)->Arg(10)->Arg(50)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(ExplicitLastEnd)->Arg(10)->Arg(50)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
