// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Core distances and the minimum spanning tree of mutual reachability, by whichever way is fastest.
#pragma once

#include <optional>
#include <vector>

#include "rnnscope/cluster/core_distance.hpp"
#include "rnnscope/cluster/mst_prim.hpp"
#include "rnnscope/cluster/tile_search.hpp"

namespace rnnscope::detail {

struct MutualReachability {
  std::vector<double> core;  ///< proxies
  std::vector<Edge> mst;     ///< sorted, distances lifted
  TreeStatistics statistics;
};

template <class Source>
concept TiledSource = requires(const Source& source) {
  source.column_map(Index{0});
  requires metric::SquaredEuclideanMetric<std::remove_cvref_t<decltype(source.metric())>>;
};

/// By tiles in an image of `directions` coordinates; empty if the points are too large or too small for it.
template <TiledSource Source>
[[nodiscard]] std::optional<MutualReachability> mutual_reachability_by_tiles(const Source& source, Index rank, Index directions,
                                                                             const ProgressCallback& progress) {
  const Index n = source.size();
  std::optional<Contraction> contraction = contract(source, principal_directions(source, directions));
  if (!contraction) return std::nullopt;
  MutualReachability result;
  TreeStatistics& statistics = result.statistics;
  statistics.algorithm = TreeAlgorithm::Tiles;
  statistics.directions = contraction->image.rows();
  statistics.pairs = 0.5 * static_cast<double>(n) * static_cast<double>(n - 1);
  const Tiles tiles(std::move(*contraction));
  TileSchedule schedule(tiles);
  const Index listed = std::min(std::max<Index>(n - 1, 0), rank + 6);
  NeighbourLists lists(n, listed);
  tile_neighbours(source, tiles, schedule, lists, statistics, progress);
  lists.sort();
  result.core.assign(static_cast<std::size_t>(n), 0.0);
  if (rank > 0) {
    for (Index i = 0; i < n; ++i) result.core[static_cast<std::size_t>(i)] = lists.of(i)[static_cast<std::size_t>(rank - 1)].proxy;
  }
  const auto horizon = [&](Index i) {
    return listed == n - 1 ? no_edge.distance : lists.of(i).back().proxy;
  };
  result.mst = mst_boruvka(
      lists, result.core, [&](double proxy) { return source.lift(proxy); }, horizon,
      [&](Forest& forest, const std::vector<char>& open) {
        tile_edges(source, tiles, schedule, result.core, forest, open, statistics);
      },
      statistics, progress);
  return result;
}

}  // namespace rnnscope::detail
