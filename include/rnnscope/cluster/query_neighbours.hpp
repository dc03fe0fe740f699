// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The points of a clustering that new points are nearest to, in mutual reachability.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "rnnscope/cluster/mutual_reachability.hpp"

namespace rnnscope {

/// Of a new point x: the old point q with the smallest reach max(core(x), core(q), d(x, q)), then the smallest
/// distance, then the smallest number. A point at distance zero has reach zero.
struct QueryNeighbour {
  Id point = -1;  ///< -1 if there is no old point
  double core = std::numeric_limits<double>::infinity();
  double distance = std::numeric_limits<double>::infinity();
  double reach = std::numeric_limits<double>::infinity();

  friend bool operator==(const QueryNeighbour&, const QueryNeighbour&) = default;
};

namespace detail {

/// Offers the old point q to a new one, whose core distance is known.
inline void offer_old_point(QueryNeighbour& best, Id q, double distance, double core) {
  const double reach = distance == 0.0 ? 0.0 : std::max({best.core, core, distance});
  if (std::tuple(reach, distance, q) <
      std::tuple(best.reach, best.distance, best.point < 0 ? q + 1 : best.point)) {
    best.point = q;
    best.distance = distance;
    best.reach = reach;
  }
}

/// The heap of the `rank` nearest old points of one new one, as what is known of it by then.
template <class Source>
void start_from_list(const Source& source, Index rank, const std::vector<double>& core_distances,
                     std::span<const Neighbour> list, QueryNeighbour& best) {
  if (rank == 0) {
    best.core = 0.0;
  } else {
    double farthest = -1.0;  // with fewer old points than `rank` the farthest counts
    for (const Neighbour& each : list) {
      if (each.point != std::numeric_limits<Id>::max()) farthest = std::max(farthest, each.proxy);
    }
    if (farthest >= 0.0) best.core = source.lift(farthest);
  }
  for (const Neighbour& each : list) {
    if (each.point == std::numeric_limits<Id>::max()) continue;
    offer_old_point(best, each.point, source.lift(each.proxy),
                    core_distances[static_cast<std::size_t>(each.point)]);
  }
}

/// All distances, one new point at a time.
template <metric::DistanceSource Source>
[[nodiscard]] std::vector<QueryNeighbour> query_by_rows(const Source& source, Index points, Index rank,
                                                        const std::vector<double>& core_distances,
                                                        const ProgressCallback& progress) {
  std::vector<Id> old;
  for (Index q = 0; q < points; ++q) {
    if (core_distances[static_cast<std::size_t>(q)] < no_edge.distance) old.push_back(static_cast<Id>(q));
  }
  const Index count = source.size() - points;
  std::vector<QueryNeighbour> result(static_cast<std::size_t>(count));
  constexpr Index portion = 256;
  for (Index first = 0; first < count; first += portion) {
    report_progress(progress, {.stage = "prediction", .done = first, .total = count, .detail = {}});
    parallel_for(std::min(portion, count - first), [&](Index k) {
      std::vector<double> proxies(old.size());
      std::vector<Neighbour> heap(static_cast<std::size_t>(std::max<Index>(rank, 1)));
      source.proxies(points + first + k, old.data(), static_cast<Index>(old.size()), proxies.data());
      for (std::size_t q = 0; q < old.size(); ++q) {
        const Neighbour candidate{proxies[q], old[q]};
        if (candidate < heap.front()) replace_top(heap, candidate);
      }
      QueryNeighbour& best = result[static_cast<std::size_t>(first + k)];
      start_from_list(source, rank, core_distances, heap, best);
      for (std::size_t q = 0; q < old.size(); ++q) {
        offer_old_point(best, old[q], source.lift(proxies[q]),
                        core_distances[static_cast<std::size_t>(old[q])]);
      }
    });
  }
  return result;
}

/// By tiles of new points with old ones.
template <TiledSource Source>
[[nodiscard]] std::vector<QueryNeighbour> query_by_tiles(const Source& source, const Contraction& contraction,
                                                         Index points, Index rank,
                                                         const std::vector<double>& core_distances,
                                                         const ProgressCallback& progress) {
  const Index count = source.size() - points;
  const Tiles old(contraction.part(0, points)), fresh(contraction.part(points, count));
  std::vector<QueryNeighbour> result(static_cast<std::size_t>(count));
  // `lower` inverts `lift` up to rounding.
  constexpr double margin = 1e-12;
  const auto limit_of = [&](double distance) {
    return distance < no_edge.distance ? contraction.threshold(source.metric().lower(distance) * (1.0 + margin))
                                       : std::numeric_limits<float>::max();
  };
  const auto meet = [&](Index b) {
    TileWorkspace& w = TileWorkspace::of_thread();
    fresh.start(b, w.columns);
    std::vector<std::pair<float, Index>> order;
    for (Index a = 0; a < old.blocks(); ++a) order.emplace_back(old.box_bound(a, fresh, b), a);
    std::sort(order.begin(), order.end());
    NeighbourLists lists(w.columns.count, std::max<Index>(rank, 1));
    std::fill(w.columns.floor.begin(), w.columns.floor.end(), TileSide::lowest);
    std::fill(w.columns.group.begin(), w.columns.group.end(), Id{1});
    std::fill_n(w.columns.limit.begin(), w.columns.count, std::numeric_limits<float>::max());

    // Once for the nearest, once for the nearest in mutual reachability.
    const auto pass = [&](const auto& floor, const auto& offer) {
      for (const std::pair<float, Index>& each : order) {
        if (each.first > w.columns.largest_limit()) break;
        const Index a = each.second;
        old.start(a, w.rows);
        for (std::size_t r = 0; r < static_cast<std::size_t>(w.rows.count); ++r) {
          const double core =
              core_distances[static_cast<std::size_t>(old.point(old.begin(a) + static_cast<Index>(r)))];
          w.rows.limit[r] = TileSide::lowest;
          w.rows.group[r] = 0;
          w.rows.floor[r] = floor(core);
          if (!(core < no_edge.distance)) w.rows.weight[r] = std::numeric_limits<float>::infinity();
        }
        old.scan<true>(a, fresh, b, w.rows, w.columns, [&](Index c, std::span<const Id> hits) {
          const Id own = fresh.point(fresh.begin(b) + c);
          for (std::size_t k = 0; k < hits.size(); ++k) w.others[k] = old.point(old.begin(a) + hits[k]);
          source.proxies(points + own, w.others.data(), static_cast<Index>(hits.size()), w.proxies.data());
          for (std::size_t k = 0; k < hits.size(); ++k) offer(c, own, w.others[k], w.proxies[k]);
        });
      }
    };
    pass([](double) { return TileSide::lowest; },
         [&](Index c, Id, Id q, double proxy) {
           if (lists.offer(c, {proxy, q}))
             w.columns.limit[static_cast<std::size_t>(c)] = contraction.threshold(lists.worst(c).proxy);
         });
    for (Index c = 0; c < w.columns.count; ++c) {
      QueryNeighbour& best = result[static_cast<std::size_t>(fresh.point(fresh.begin(b) + c))];
      start_from_list(source, rank, core_distances, lists.of(c), best);
      // All that is not listed lies at the core distance or beyond it.
      const bool settled =
          best.reach == 0.0 || std::pair(best.reach, best.distance) < std::pair(best.core, best.core);
      w.columns.limit[static_cast<std::size_t>(c)] = settled ? TileSide::lowest : limit_of(best.reach);
    }
    pass(
        [&](double core) {
          return core < no_edge.distance ? contraction.threshold(source.metric().lower(core) * (1.0 - margin))
                                         : 0.0f;
        },
        [&](Index c, Id own, Id q, double proxy) {
          QueryNeighbour& best = result[static_cast<std::size_t>(own)];
          offer_old_point(best, q, source.lift(proxy), core_distances[static_cast<std::size_t>(q)]);
          w.columns.limit[static_cast<std::size_t>(c)] = limit_of(best.reach);
        });
  };
  constexpr Index portion = 16;
  for (Index first = 0; first < fresh.blocks(); first += portion) {
    report_progress(progress, {.stage = "prediction", .done = first, .total = fresh.blocks(), .detail = {}});
    parallel_for(std::min(portion, fresh.blocks() - first), [&](Index k) { meet(first + k); });
  }
  return result;
}

/// For each thing of `source` from number `points` on (the new ones), its neighbour among the first `points`
/// (the old ones), whose core distances are given. A new point's own core distance is that to its `rank`-th old
/// point. Old points of infinite core distance do not exist.
///
/// Cost: at most N M distances; far fewer for Euclidean metrics, which go by tiles once there are a million
/// pairs and then need memory for a copy of all points. The result is the same. \throws Cancelled.
template <metric::DistanceSource Source>
[[nodiscard]] std::vector<QueryNeighbour> query_neighbours(const Source& source, Index points, Index rank,
                                                           const std::vector<double>& core_distances,
                                                           const ProgressCallback& progress = {}) {
  eigen_assert(points <= source.size() && static_cast<Index>(core_distances.size()) == points);
  if constexpr (TiledSource<Source>) {
    constexpr Index few = 1 << 20;
    if (points > 0 && points * (source.size() - points) > few) {
      const std::optional<Contraction> contraction =
          contract(source, best_directions(source, std::max<Index>(rank, 1)));
      if (contraction) return query_by_tiles(source, *contraction, points, rank, core_distances, progress);
    }
  }
  return query_by_rows(source, points, rank, core_distances, progress);
}

}  // namespace detail

}  // namespace rnnscope
