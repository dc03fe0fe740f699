// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Core distances and the minimum spanning tree of mutual reachability, by whichever way is fastest.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <type_traits>
#include <vector>

#include "rnnscope/cluster/core_distance.hpp"
#include "rnnscope/cluster/kd_search.hpp"
#include "rnnscope/cluster/mst_prim.hpp"
#include "rnnscope/cluster/tile_search.hpp"

namespace rnnscope::detail {

struct MutualReachability {
  std::vector<double> core;  ///< proxies
  std::vector<Edge> mst;     ///< sorted, distances lifted
  TreeStatistics statistics;
};

template <class Source>
concept BoxedSource = requires(const Source& source) {
  source.column(Index{0});
  requires metric::DifferenceMetric<std::remove_cvref_t<decltype(source.metric())>>;
};

template <class Source>
concept TiledSource = requires(const Source& source) {
  source.column_map(Index{0});
  requires metric::SquaredEuclideanMetric<std::remove_cvref_t<decltype(source.metric())>>;
};

/// The proxy of the `rank`-th neighbour in sorted lists.
[[nodiscard]] inline std::vector<double> listed_core(const NeighbourLists& lists, Index points, Index rank) {
  std::vector<double> core(static_cast<std::size_t>(points), 0.0);
  if (rank == 0) return core;
  for (Index i = 0; i < points; ++i)
    core[static_cast<std::size_t>(i)] = lists.of(i)[static_cast<std::size_t>(rank - 1)].proxy;
  return core;
}

/// By the plain way: all distances, twice.
template <metric::DistanceSource Source>
[[nodiscard]] MutualReachability mutual_reachability_by_prim(const Source& source, Index rank,
                                                             const ProgressCallback& progress) {
  MutualReachability result;
  result.core = core_proxies(source, rank, progress);
  result.mst = mst_prim(source, result.core, progress);
  const auto n = static_cast<double>(source.size());
  result.statistics.evaluated_pairs = (rank > 0 ? 1.0 : 0.0) * 0.5 * n * (n - 1.0) + 0.5 * n * (n - 1.0);
  return result;
}

/// By a k-d tree. At least two points.
template <BoxedSource Source>
[[nodiscard]] MutualReachability mutual_reachability_by_boxes(const Source& source, Index rank,
                                                              const ProgressCallback& progress) {
  const Index n = source.size();
  MutualReachability result;
  TreeStatistics& statistics = result.statistics;
  statistics.algorithm = TreeAlgorithm::KdTree;
  const KdTreeOf<Source> tree(source);
  const Index listed = std::min(n - 1, rank + 1);
  NeighbourLists lists(n, listed);
  kd_neighbour_lists(source, tree, lists, statistics, progress);
  result.core = listed_core(lists, n, rank);
  std::vector<double> horizon(static_cast<std::size_t>(n), no_edge.distance);
  if (listed < n - 1) {
    for (Index i = 0; i < n; ++i) horizon[static_cast<std::size_t>(i)] = lists.of(i).back().proxy;
  }
  result.mst = mst_boruvka(
      lists, result.core, [&](double proxy) { return source.lift(proxy); },
      [&](Index i) { return horizon[static_cast<std::size_t>(i)]; },
      [&](Forest& forest, const std::vector<char>& open) {
        kd_edges(source, tree, result.core, forest, open, horizon, statistics);
      },
      statistics, progress);
  return result;
}

/// By tiles in an image along `directions`; empty if the coordinates are too large or too small for it. At
/// least two points.
template <TiledSource Source>
[[nodiscard]] std::optional<MutualReachability> mutual_reachability_by_tiles(const Source& source, Index rank,
                                                                             const Directions& directions,
                                                                             const ProgressCallback& progress) {
  const Index n = source.size();
  std::optional<Contraction> contraction = contract(source, directions);
  if (!contraction) return std::nullopt;
  MutualReachability result;
  TreeStatistics& statistics = result.statistics;
  statistics.algorithm = TreeAlgorithm::Tiles;
  statistics.directions = contraction->image.rows();
  const Tiles tiles(std::move(*contraction));
  TileSchedule schedule(tiles);
  const Index listed = std::min(n - 1, rank + 6);
  NeighbourLists lists(n, listed);
  tile_neighbours(source, tiles, schedule, lists, statistics, progress);
  lists.sort();
  result.core = listed_core(lists, n, rank);
  const auto horizon = [&](Index i) { return listed == n - 1 ? no_edge.distance : lists.of(i).back().proxy; };
  result.mst = mst_boruvka(
      lists, result.core, [&](double proxy) { return source.lift(proxy); }, horizon,
      [&](Forest& forest, const std::vector<char>& open) {
        tile_edges(source, tiles, schedule, result.core, forest, open, statistics);
      },
      statistics, progress);
  return result;
}

/// How many points of `size` a k-d tree looks at to find the neighbours of one, tried on a part of the points.
template <BoxedSource Source>
[[nodiscard]] double visited_by_boxes(const Source& source, Index size, Index rank) {
  constexpr Index queries = 64;
  std::vector<Id> part(static_cast<std::size_t>(size));
  for (Index k = 0; k < size; ++k)
    part[static_cast<std::size_t>(k)] = static_cast<Id>(k * source.size() / size);
  const KdTreeOf<Source> tree(source, std::move(part));
  typename KdTreeOf<Source>::Coordinates x;
  std::vector<Neighbour> heap(static_cast<std::size_t>(std::min(rank, size - 1)));
  Index visited = 0;
  for (Index k = 0; k < queries; ++k) {
    const Id i = tree.point(k * size / queries);
    tree.load(source, i, x);
    std::fill(heap.begin(), heap.end(), Neighbour{});
    visited += kd_neighbours(tree, x, i, heap);
  }
  return static_cast<double>(visited) / static_cast<double>(queries);
}

/// Whether a k-d tree beats looking at all pairs at `pair_cost` each, in units of one coordinate of one point.
template <BoxedSource Source>
[[nodiscard]] bool boxes_pay(const Source& source, Index rank, double pair_cost) {
  constexpr Index small = 1024, large = 8192;
  const Index n = source.size(), most = std::min(n, large), less = std::min(n / 4, small);
  if (less < 64) return false;
  const double visited = visited_by_boxes(source, most, rank + 1);
  double all_visited = visited;
  if (n > most) {  // it grows like a power of the number of points
    const double power = std::log(visited / visited_by_boxes(source, less, rank + 1)) /
                         std::log(static_cast<double>(most) / static_cast<double>(less));
    all_visited *= std::pow(static_cast<double>(n) / static_cast<double>(most), std::clamp(power, 0.0, 1.0));
  }
  const double tree_cost = all_visited * (static_cast<double>(source.dimension()) + 8.0);
  return tree_cost < 0.5 * static_cast<double>(n) * pair_cost;
}

/// The proxies of the core distances (to the `rank`-th other point, at most N - 1) and the minimum spanning
/// tree of max(core(i), core(j), d(i, j)). The same bits for every algorithm and any number of threads; an
/// algorithm that the source does not allow is replaced by one that it does.
template <metric::DistanceSource Source>
[[nodiscard]] MutualReachability mutual_reachability(const Source& source, Index rank, TreeAlgorithm algorithm,
                                                     const ProgressCallback& progress) {
  constexpr Index few = 128;
  const Index n = source.size();
  const auto by_any = [&]() -> MutualReachability {
    const bool automatic = algorithm == TreeAlgorithm::Automatic;
    if (n < 2 || algorithm == TreeAlgorithm::Prim || (automatic && n <= few)) {
      return mutual_reachability_by_prim(source, rank, progress);
    }
    if constexpr (BoxedSource<Source>) {
      // Costs of a pair, measured: by tiles as of 48 coordinates in a leaf of a tree, in full as of 8 and its
      // own.
      const double pair_cost =
          TiledSource<Source> ? 48.0 : 2.0 * (static_cast<double>(source.dimension()) + 8.0);
      if (algorithm == TreeAlgorithm::KdTree || (automatic && boxes_pay(source, rank, pair_cost))) {
        return mutual_reachability_by_boxes(source, rank, progress);
      }
    }
    if constexpr (TiledSource<Source>) {
      std::optional<MutualReachability> result =
          mutual_reachability_by_tiles(source, rank, best_directions(source, rank), progress);
      if (result) return std::move(*result);
    }
    return mutual_reachability_by_prim(source, rank, progress);
  };
  MutualReachability result = by_any();
  result.statistics.pairs = 0.5 * static_cast<double>(n) * static_cast<double>(n - 1);
  return result;
}

}  // namespace rnnscope::detail
