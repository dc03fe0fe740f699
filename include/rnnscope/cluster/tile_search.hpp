// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Nearest neighbours and smallest edges by tiles: matrix products rule pairs out, what is left is evaluated by
/// the canonical kernel.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "rnnscope/cluster/edge_scale.hpp"
#include "rnnscope/cluster/mst_boruvka.hpp"
#include "rnnscope/cluster/tiles.hpp"

namespace rnnscope::detail {

/// The pairs of blocks of one set of tiles, closest first. What is known of each pair lasts from one search to
/// the next.
class TileSchedule {
 public:
  struct Pair {
    float bound;  ///< of all distances that still matter
    Id a, b;      ///< a <= b
  };

  explicit TileSchedule(const Tiles& tiles) {
    const Index blocks = tiles.blocks();
    pairs_.resize(static_cast<std::size_t>(blocks * (blocks + 1) / 2));
    parallel_for(blocks, [&](Index b) {
      for (Index a = 0; a <= b; ++a) {
        pairs_[static_cast<std::size_t>(b * (b + 1) / 2 + a)] = {tiles.box_bound(a, tiles, b),
                                                                 static_cast<Id>(a), static_cast<Id>(b)};
      }
    });
  }

  [[nodiscard]] Index size() const { return static_cast<Index>(pairs_.size()); }
  [[nodiscard]] Pair& pair(Index k) { return pairs_[static_cast<std::size_t>(k)]; }

  void sort() {
    std::sort(pairs_.begin(), pairs_.end(), [](const Pair& x, const Pair& y) {
      return x.bound < y.bound || (x.bound == y.bound && (x.b < y.b || (x.b == y.b && x.a < y.a)));
    });
  }

 private:
  std::vector<Pair> pairs_;
};

/// Everything that one thread needs for a tile.
struct TileWorkspace {
  TileSide rows, columns;
  TileSide::PerPoint<Id> others;
  TileSide::PerPoint<double> proxies;

  [[nodiscard]] static TileWorkspace& of_thread() {
    thread_local const std::unique_ptr<TileWorkspace> workspace = std::make_unique<TileWorkspace>();
    return *workspace;
  }
};

/// Fills the lists (numbered like the points of the source) with the nearest neighbours of all points.
template <class Source>
void tile_neighbours(const Source& source, const Tiles& tiles, TileSchedule& schedule, NeighbourLists& lists,
                     TreeStatistics& statistics, const ProgressCallback& progress) {
  const Index blocks = tiles.blocks();
  std::vector<std::atomic<float>> limits(static_cast<std::size_t>(blocks));  // the largest of a block's points
  const std::unique_ptr<std::mutex[]> locks = std::make_unique<std::mutex[]>(static_cast<std::size_t>(blocks));
  std::atomic<Index> bounded{0}, evaluated{0};

  const auto start = [&](Index b, TileSide& side) {
    tiles.start(b, side);
    for (Index p = 0; p < side.count; ++p) {
      const auto k = static_cast<std::size_t>(p);
      side.floor[k] = TileSide::lowest;
      side.limit[k] = tiles.contraction().threshold(lists.worst(tiles.point(tiles.begin(b) + p)).proxy);
      side.group[k] = static_cast<Id>(tiles.begin(b) + p);
    }
  };
  // Neighbours in a point's own block have been offered before.
  const auto offer = [&](bool again, Id to, Id point, double proxy, float& limit) {
    const Neighbour candidate{proxy, point};
    if (again ? lists.offer_again(to, candidate) : lists.offer(to, candidate))
      limit = tiles.contraction().threshold(lists.worst(to).proxy);
  };

  // Each block by itself: the likeliest neighbours of each point first, so that limits are tight from the
  // start.
  parallel_for(blocks, [&](Index b) {
    TileWorkspace& w = TileWorkspace::of_thread();
    tiles.start(b, w.rows);
    const Index nearest = std::min(lists.size(), w.rows.count - 1);
    const Matrix<float> products = tiles.products(b);
    TileSide::PerPoint<float> bound;
    for (Index c = 0; c < w.rows.count; ++c) {
      std::size_t count = 0;
      for (Index r = 0; r < w.rows.count; ++r) {
        if (r == c) continue;
        w.others[count++] = static_cast<Id>(r);
        bound[static_cast<std::size_t>(r)] = w.rows.weight[static_cast<std::size_t>(r)] - 2.0f * products(r, c);
      }
      std::nth_element(
          w.others.begin(), w.others.begin() + nearest, w.others.begin() + static_cast<Index>(count),
          [&](Id x, Id y) { return bound[static_cast<std::size_t>(x)] < bound[static_cast<std::size_t>(y)]; });
      for (std::size_t k = 0; k < static_cast<std::size_t>(nearest); ++k)
        w.others[k] = tiles.point(tiles.begin(b) + w.others[k]);
      const Id own = tiles.point(tiles.begin(b) + c);
      source.proxies(own, w.others.data(), nearest, w.proxies.data());
      for (std::size_t k = 0; k < static_cast<std::size_t>(nearest); ++k)
        lists.offer(own, {w.proxies[k], w.others[k]});
    }
    const Index count_evaluated = nearest * w.rows.count;
    evaluated.fetch_add(count_evaluated, std::memory_order_relaxed);
    start(b, w.rows);
    limits[static_cast<std::size_t>(b)].store(w.rows.largest_limit(), std::memory_order_relaxed);
  });

  schedule.sort();
  const auto meet = [&](TileSchedule::Pair& pair) {
    const Index a = pair.a, b = pair.b;
    std::atomic<float>& limit_a = limits[static_cast<std::size_t>(a)];
    std::atomic<float>& limit_b = limits[static_cast<std::size_t>(b)];
    if (pair.bound >
        std::max(limit_a.load(std::memory_order_relaxed), limit_b.load(std::memory_order_relaxed))) {
      return;
    }
    TileWorkspace& w = TileWorkspace::of_thread();
    Index count_evaluated = 0;
    std::unique_lock<std::mutex> lock_a(locks[static_cast<std::size_t>(a)]), lock_b;
    if (a != b) lock_b = std::unique_lock<std::mutex>(locks[static_cast<std::size_t>(b)]);
    start(a, w.rows);
    start(b, w.columns);
    const auto take = [&](Index c, std::span<const Id> hits) {
      const Id own = tiles.point(tiles.begin(b) + c);
      for (std::size_t k = 0; k < hits.size(); ++k) w.others[k] = tiles.point(tiles.begin(a) + hits[k]);
      source.proxies(own, w.others.data(), static_cast<Index>(hits.size()), w.proxies.data());
      count_evaluated += static_cast<Index>(hits.size());
      for (std::size_t k = 0; k < hits.size(); ++k) {
        offer(a == b, own, w.others[k], w.proxies[k], w.columns.limit[static_cast<std::size_t>(c)]);
        offer(a == b, w.others[k], own, w.proxies[k], w.rows.limit[static_cast<std::size_t>(hits[k])]);
      }
    };
    const float smallest = a == b ? tiles.scan<true>(a, tiles, b, w.rows, w.columns, take)
                                  : tiles.scan<false>(a, tiles, b, w.rows, w.columns, take);
    pair.bound = std::max(pair.bound, smallest);
    if (a == b) {
      start(b, w.columns);
      w.rows = w.columns;
    }
    limit_a.store(w.rows.largest_limit(), std::memory_order_relaxed);
    limit_b.store(w.columns.largest_limit(), std::memory_order_relaxed);
    bounded.fetch_add(a == b ? w.rows.count * (w.rows.count - 1) / 2 : w.rows.count * w.columns.count,
                      std::memory_order_relaxed);
    evaluated.fetch_add(count_evaluated, std::memory_order_relaxed);
  };
  constexpr Index portions = 64;
  const Partition parts{
      .size = schedule.size(), .pieces = std::min(portions, std::max<Index>(schedule.size(), 1)), .grain = 1};
  for (Index part = 0; part < parts.pieces; ++part) {
    report_progress(progress, {.stage = "core distances", .done = part, .total = parts.pieces, .detail = {}});
    const Index first = parts.begin(part);
    parallel_for(parts.end(part) - first, [&](Index k) { meet(schedule.pair(first + k)); });
  }
  statistics.bounded_pairs += static_cast<double>(bounded.load());
  statistics.evaluated_pairs += static_cast<double>(evaluated.load());
}

/// Finds the smallest edges of all components of a forest: the search of `mst_boruvka`.
template <class Source>
void tile_edges(const Source& source, const EdgeScale<Source>& scale, const Tiles& tiles,
                TileSchedule& schedule, const std::vector<double>& core, Forest& forest,
                const std::vector<char>& open, TreeStatistics& statistics) {
  constexpr Id mixed = -1;
  const Index blocks = tiles.blocks();
  std::vector<Id> label(static_cast<std::size_t>(blocks));  // of a block that lies in one component
  std::vector<char> has_open(static_cast<std::size_t>(blocks), 0);
  parallel_for(blocks, [&](Index b) {
    Id& own = label[static_cast<std::size_t>(b)];
    own = forest.component(tiles.point(tiles.begin(b)));
    for (Index p = tiles.begin(b); p < tiles.end(b); ++p) {
      if (forest.component(tiles.point(p)) != own) own = mixed;
      if (open[static_cast<std::size_t>(tiles.point(p))] != 0) has_open[static_cast<std::size_t>(b)] = 1;
    }
  });
  std::atomic<Index> bounded{0}, evaluated{0};
  const auto set_limits = [&](Index b, TileSide& side) {
    for (Index p = 0; p < side.count; ++p) {
      const auto i = static_cast<std::size_t>(tiles.point(tiles.begin(b) + p));
      side.limit[static_cast<std::size_t>(p)] =
          open[i] != 0 ? tiles.contraction().threshold(
                             scale.largest_proxy(forest.limit(side.group[static_cast<std::size_t>(p)])))
                       : TileSide::lowest;
    }
  };
  const auto start = [&](Index b, TileSide& side) {
    tiles.start(b, side);
    for (Index p = 0; p < side.count; ++p) {
      const Id i = tiles.point(tiles.begin(b) + p);
      side.floor[static_cast<std::size_t>(p)] =
          tiles.contraction().threshold(scale.smallest_proxy(core[static_cast<std::size_t>(i)]));
      side.group[static_cast<std::size_t>(p)] = forest.component(i);
    }
    set_limits(b, side);
  };
  const auto meet = [&](TileSchedule::Pair& pair) {
    const Index a = pair.a, b = pair.b;
    if (label[static_cast<std::size_t>(a)] != mixed &&
        label[static_cast<std::size_t>(a)] == label[static_cast<std::size_t>(b)])
      return;
    if (has_open[static_cast<std::size_t>(a)] == 0 && has_open[static_cast<std::size_t>(b)] == 0) return;
    TileWorkspace& w = TileWorkspace::of_thread();
    start(a, w.rows);
    start(b, w.columns);
    if (pair.bound > std::max(w.rows.largest_limit(), w.columns.largest_limit())) return;
    Index count_evaluated = 0;
    const float smallest =
        tiles.scan<true>(a, tiles, b, w.rows, w.columns, [&](Index c, std::span<const Id> hits) {
          const Id own = tiles.point(tiles.begin(b) + c);
          const Id own_component = w.columns.group[static_cast<std::size_t>(c)];
          for (std::size_t k = 0; k < hits.size(); ++k) w.others[k] = tiles.point(tiles.begin(a) + hits[k]);
          source.proxies(own, w.others.data(), static_cast<Index>(hits.size()), w.proxies.data());
          count_evaluated += static_cast<Index>(hits.size());
          bool better = false;
          for (std::size_t k = 0; k < hits.size(); ++k) {
            const Id other = w.others[k];
            const double weight = std::max({scale.weight(w.proxies[k]), core[static_cast<std::size_t>(own)],
                                            core[static_cast<std::size_t>(other)]});
            const Edge edge = make_edge(weight, own, other);
            better |= forest.offer(own_component, edge);
            better |= forest.offer(forest.component(other), edge);
          }
          if (better) {
            set_limits(a, w.rows);
            set_limits(b, w.columns);
          }
        });
    pair.bound = std::max(pair.bound, smallest);
    bounded.fetch_add(a == b ? w.rows.count * (w.rows.count - 1) / 2 : w.rows.count * w.columns.count,
                      std::memory_order_relaxed);
    evaluated.fetch_add(count_evaluated, std::memory_order_relaxed);
  };
  schedule.sort();
  parallel_for(schedule.size(), [&](Index k) { meet(schedule.pair(k)); });
  statistics.bounded_pairs += static_cast<double>(bounded.load());
  statistics.evaluated_pairs += static_cast<double>(evaluated.load());
}

}  // namespace rnnscope::detail
