// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The stages of HDBSCAN over the number of points and their dimension, float, clouds with background.
///
/// `CoreDistances` and `PrimTree` are the plain way, O(N^2) distances each; `Tree` finds both by one of the
/// algorithms, for several metrics; `Fit` is everything together; `Cut` is what another cut of a finished
/// hierarchy costs. Arguments: points, dimension, for `Tree` also the number of the TreeAlgorithm (0 automatic,
/// 1 Prim, 2 tiles, 3 k-d tree, 4 vantage-point tree).
#include <benchmark/benchmark.h>

#include "rnnscope/cluster/hdbscan.hpp"
#include "rnnscope/core/random.hpp"
#include "rnnscope/metric/chebyshev.hpp"
#include "rnnscope/metric/haversine.hpp"
#include "rnnscope/metric/manhattan.hpp"

namespace {

using namespace rnnscope;

constexpr Index min_samples = 10;
const Hdbscan<metric::Euclidean> hdbscan({.min_cluster_size = 50, .min_samples = min_samples});

Matrix<float> clouds(Index points, Index dimension) {
  Random random(1);
  Matrix<float> centres(dimension, 20), result(dimension, points);
  for (float& each : centres.reshaped()) each = static_cast<float>(random.normal());
  for (Index j = 0; j < points; ++j) {
    const double spread = j % 4 == 0 ? 1.0 : 0.3;
    for (Index k = 0; k < dimension; ++k) {
      result(k, j) = centres(k, j % 20) + static_cast<float>(spread * random.normal());
    }
  }
  result *= 0.2f;  // the first two coordinates may be latitude and longitude
  return result;
}

void count_pairs(benchmark::State& state) {
  const auto n = static_cast<double>(state.range(0));
  state.counters["pairs/s"] =
      benchmark::Counter(n * (n - 1.0) / 2.0, benchmark::Counter::kIsIterationInvariantRate);
}

void CoreDistances(benchmark::State& state) {
  const Matrix<float> points = clouds(state.range(0), state.range(1));
  for (auto _ : state) {
    const std::vector<double> core = core_distances(metric::Euclidean{}, points, min_samples);
    benchmark::DoNotOptimize(core.data());
  }
  count_pairs(state);
}

void PrimTree(benchmark::State& state) {
  const Matrix<float> points = clouds(state.range(0), state.range(1));
  const auto source = metric::distance_source(metric::Euclidean{}, points);
  const std::vector<double> core = detail::core_proxies(source, min_samples, {});
  for (auto _ : state) {
    const std::vector<Edge> tree = detail::mst_prim(source, detail::EdgeScale(source, 1.0), core, {});
    benchmark::DoNotOptimize(tree.data());
  }
  count_pairs(state);
}

template <class Metric>
void Tree(benchmark::State& state) {
  const Matrix<float> points = clouds(state.range(0), state.range(1));
  const auto source = metric::distance_source(Metric{}, points);
  TreeStatistics statistics;
  for (auto _ : state) {
    const detail::MutualReachability found = detail::mutual_reachability(
        source, {.rank = min_samples, .algorithm = static_cast<TreeAlgorithm>(state.range(2))}, {});
    benchmark::DoNotOptimize(found.mst.data());
    statistics = found.statistics;
  }
  state.counters["bounded"] = statistics.bounded_pairs / statistics.pairs;
  state.counters["evaluated"] = statistics.evaluated_pairs / statistics.pairs;
  count_pairs(state);
}

void Fit(benchmark::State& state) {
  const Matrix<float> points = clouds(state.range(0), state.range(1));
  for (auto _ : state) {
    const Clustering clustering = hdbscan.fit(points);
    benchmark::DoNotOptimize(clustering.labels.data());
  }
  count_pairs(state);
}

void Cut(benchmark::State& state) {
  const Hierarchy hierarchy = hdbscan.hierarchy(clouds(state.range(0), state.range(1)));
  for (auto _ : state) {
    const Clustering clustering = hdbscan.cut(hierarchy);
    benchmark::DoNotOptimize(clustering.labels.data());
  }
}

}  // namespace

BENCHMARK(CoreDistances)
    ->ArgsProduct({{1000, 4000, 16000}, {2, 64, 512}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(PrimTree)
    ->ArgsProduct({{1000, 4000, 16000}, {2, 64, 512}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_TEMPLATE(Tree, metric::Euclidean)
    ->ArgsProduct({{1000, 16000, 64000}, {2, 10, 64, 512}, {0, 2, 3}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_TEMPLATE(Tree, metric::Manhattan)
    ->ArgsProduct({{16000}, {3, 10, 40}, {0, 1, 3, 4}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_TEMPLATE(Tree, metric::Chebyshev)
    ->ArgsProduct({{16000}, {3, 10}, {0, 1, 4}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_TEMPLATE(Tree, metric::Haversine)
    ->ArgsProduct({{16000}, {2}, {0, 1, 4}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(Fit)->ArgsProduct({{1000, 4000, 16000}, {2, 64, 512}})->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(Cut)->Args({16000, 2})->Args({16000, 64})->Unit(benchmark::kMillisecond)->UseRealTime();
