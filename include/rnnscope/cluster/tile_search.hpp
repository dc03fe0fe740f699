// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Nearest neighbours and smallest edges by tiles: matrix products rule pairs out, what is left is evaluated by
/// the canonical kernel.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "rnnscope/cluster/mst_boruvka.hpp"
#include "rnnscope/cluster/tiles.hpp"

namespace rnnscope::detail {

/// The pairs of blocks of one set of tiles, closest first. What is known of each pair lasts from one search to the
/// next.
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
        pairs_[static_cast<std::size_t>(b * (b + 1) / 2 + a)] = {tiles.box_bound(a, b), static_cast<Id>(a),
                                                                 static_cast<Id>(b)};
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
  Matrix<float> products;
  TileSide rows, columns;
  std::array<float, std::size_t{TileSide::size}> smallest;
  std::array<char, std::size_t{TileSide::size}> hit;
  std::array<Id, std::size_t{TileSide::size}> where, others;
  std::array<double, std::size_t{TileSide::size}> proxies;
};

/// Scans one tile, whose sides are set up in `w`. `take(column, rows, count)` gets the hits of a column, and may
/// lower limits. Returns a lower bound of all pairs of different groups.
template <class Take>
float scan_tile(const Tiles& tiles, Index a, Index b, TileWorkspace& w, const Take& take) {
  tiles.products(a, b, w.products);
  w.smallest.fill(std::numeric_limits<float>::infinity());
  for (Index c = 0; c < w.columns.count; ++c) {
    const auto k = static_cast<std::size_t>(c);
    if (tile_hits(w.products.data() + c * w.products.rows(), w.rows, w.columns.weight[k], w.columns.floor[k],
                  w.columns.limit[k], w.columns.group[k], w.smallest, w.hit) == 0) {
      continue;
    }
    Index count = 0;
    const Index rows = a == b ? c : w.rows.count;  // a block meets itself: every pair once
    for (Index r = 0; r < rows; ++r) {
      if (w.hit[static_cast<std::size_t>(r)] != 0) w.where[static_cast<std::size_t>(count++)] = static_cast<Id>(r);
    }
    if (count > 0) take(c, count);
  }
  return *std::min_element(w.smallest.begin(), w.smallest.begin() + w.rows.count);
}

/// Fills the lists (numbered like the points of the source) with the nearest neighbours of all points.
template <class Source>
void tile_neighbours(const Source& source, const Tiles& tiles, TileSchedule& schedule, NeighbourLists& lists,
                     TreeStatistics& statistics, const ProgressCallback& progress) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const Index blocks = tiles.blocks();
  std::vector<std::atomic<float>> limits(static_cast<std::size_t>(blocks));  // the largest of a block's points
  const std::unique_ptr<std::mutex[]> locks = std::make_unique<std::mutex[]>(static_cast<std::size_t>(blocks));
  std::atomic<Index> bounded{0}, evaluated{0};

  const auto start = [&](Index b, TileSide& side) {
    tiles.start(b, side);
    for (Index p = 0; p < side.count; ++p) {
      const auto k = static_cast<std::size_t>(p);
      side.floor[k] = -infinity;
      side.limit[k] = tiles.contraction().threshold(lists.worst(tiles.point(tiles.begin(b) + p)).proxy);
      side.group[k] = static_cast<Id>(tiles.begin(b) + p);
    }
  };
  const auto offer = [&](Id to, Id point, double proxy, float& limit) {
    if (lists.offer(to, {proxy, point})) limit = tiles.contraction().threshold(lists.worst(to).proxy);
  };

  // Each block by itself: the likeliest neighbours of each point first, so that limits are tight from the start.
  parallel_for(blocks, [&](Index b) {
    const auto workspace = std::make_unique<TileWorkspace>();
    TileWorkspace& w = *workspace;
    start(b, w.rows);
    start(b, w.columns);
    tiles.products(b, b, w.products);
    Index count_evaluated = 0;
    const Index nearest = std::min(lists.size(), w.rows.count - 1);
    std::array<float, std::size_t{TileSide::size}> bound;
    for (Index c = 0; c < w.columns.count; ++c) {
      Index count = 0;
      for (Index r = 0; r < w.rows.count; ++r) {
        if (r == c) continue;
        w.where[static_cast<std::size_t>(count++)] = static_cast<Id>(r);
        bound[static_cast<std::size_t>(r)] = w.rows.weight[static_cast<std::size_t>(r)] - 2.0f * w.products(r, c);
      }
      std::nth_element(w.where.begin(), w.where.begin() + nearest, w.where.begin() + count, [&](Id x, Id y) {
        return bound[static_cast<std::size_t>(x)] < bound[static_cast<std::size_t>(y)];
      });
      for (Index k = 0; k < nearest; ++k) {
        w.others[static_cast<std::size_t>(k)] = tiles.point(tiles.begin(b) + w.where[static_cast<std::size_t>(k)]);
      }
      const Id own = tiles.point(tiles.begin(b) + c);
      source.proxies(own, w.others.data(), nearest, w.proxies.data());
      count_evaluated += nearest;
      for (Index k = 0; k < nearest; ++k) {
        lists.offer(own, {w.proxies[static_cast<std::size_t>(k)], w.others[static_cast<std::size_t>(k)]});
      }
    }
    evaluated.fetch_add(count_evaluated, std::memory_order_relaxed);
    start(b, w.rows);
    limits[static_cast<std::size_t>(b)].store(w.rows.largest_limit(), std::memory_order_relaxed);
  });

  schedule.sort();
  const auto meet = [&](TileSchedule::Pair& pair) {
    const Index a = pair.a, b = pair.b;
    std::atomic<float>& limit_a = limits[static_cast<std::size_t>(a)];
    std::atomic<float>& limit_b = limits[static_cast<std::size_t>(b)];
    if (pair.bound > std::max(limit_a.load(std::memory_order_relaxed), limit_b.load(std::memory_order_relaxed))) {
      return;
    }
    thread_local std::unique_ptr<TileWorkspace> workspace = std::make_unique<TileWorkspace>();
    TileWorkspace& w = *workspace;
    Index count_evaluated = 0;
    std::unique_lock<std::mutex> lock_a(locks[static_cast<std::size_t>(a)]), lock_b;
    if (a != b) lock_b = std::unique_lock<std::mutex>(locks[static_cast<std::size_t>(b)]);
    start(a, w.rows);
    start(b, w.columns);
    const float smallest = scan_tile(tiles, a, b, w, [&](Index c, Index count) {
      const Id own = tiles.point(tiles.begin(b) + c);
      for (Index k = 0; k < count; ++k) {
        w.others[static_cast<std::size_t>(k)] = tiles.point(tiles.begin(a) + w.where[static_cast<std::size_t>(k)]);
      }
      source.proxies(own, w.others.data(), count, w.proxies.data());
      count_evaluated += count;
      for (Index k = 0; k < count; ++k) {
        const double proxy = w.proxies[static_cast<std::size_t>(k)];
        const auto r = static_cast<std::size_t>(w.where[static_cast<std::size_t>(k)]);
        offer(own, w.others[static_cast<std::size_t>(k)], proxy, w.columns.limit[static_cast<std::size_t>(c)]);
        offer(w.others[static_cast<std::size_t>(k)], own, proxy, w.rows.limit[r]);
      }
    });
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
  const Partition parts{.size = schedule.size(), .pieces = std::min(portions, std::max<Index>(schedule.size(), 1)), .grain = 1};
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
void tile_edges(const Source& source, const Tiles& tiles, TileSchedule& schedule, const std::vector<double>& core,
                Forest& forest, const std::vector<char>& open, TreeStatistics& statistics) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
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
          open[i] != 0 ? tiles.contraction().threshold(forest.limit(side.group[static_cast<std::size_t>(p)])) : -infinity;
    }
  };
  const auto start = [&](Index b, TileSide& side) {
    tiles.start(b, side);
    for (Index p = 0; p < side.count; ++p) {
      const Id i = tiles.point(tiles.begin(b) + p);
      side.floor[static_cast<std::size_t>(p)] = tiles.contraction().threshold(core[static_cast<std::size_t>(i)]);
      side.group[static_cast<std::size_t>(p)] = forest.component(i);
    }
    set_limits(b, side);
  };
  const auto meet = [&](TileSchedule::Pair& pair) {
    const Index a = pair.a, b = pair.b;
    if (label[static_cast<std::size_t>(a)] != mixed && label[static_cast<std::size_t>(a)] == label[static_cast<std::size_t>(b)]) return;
    if (has_open[static_cast<std::size_t>(a)] == 0 && has_open[static_cast<std::size_t>(b)] == 0) return;
    thread_local std::unique_ptr<TileWorkspace> workspace = std::make_unique<TileWorkspace>();
    TileWorkspace& w = *workspace;
    start(a, w.rows);
    start(b, w.columns);
    if (pair.bound > std::max(w.rows.largest_limit(), w.columns.largest_limit())) return;
    Index count_evaluated = 0;
    const float smallest = scan_tile(tiles, a, b, w, [&](Index c, Index count) {
      const Id own = tiles.point(tiles.begin(b) + c);
      const Id own_component = w.columns.group[static_cast<std::size_t>(c)];
      for (Index k = 0; k < count; ++k) {
        w.others[static_cast<std::size_t>(k)] = tiles.point(tiles.begin(a) + w.where[static_cast<std::size_t>(k)]);
      }
      source.proxies(own, w.others.data(), count, w.proxies.data());
      count_evaluated += count;
      bool better = false;
      for (Index k = 0; k < count; ++k) {
        const Id other = w.others[static_cast<std::size_t>(k)];
        const Edge edge = make_edge(std::max({w.proxies[static_cast<std::size_t>(k)], core[static_cast<std::size_t>(own)],
                                              core[static_cast<std::size_t>(other)]}),
                                    own, other);
        better |= forest.offer_shared(own_component, edge);
        better |= forest.offer_shared(forest.component(other), edge);
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
