// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Nearest neighbours and smallest edges by a k-d tree. Points are known by their positions in the tree, so
/// that what is looked up lies close together in memory.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <span>
#include <vector>

#include "rnnscope/cluster/edge_scale.hpp"
#include "rnnscope/cluster/kd_tree.hpp"
#include "rnnscope/cluster/mst_boruvka.hpp"

namespace rnnscope::detail {

/// The points of one leaf, for which a search walks the tree together.
template <class Tree>
struct KdBatch {
  std::vector<double> x;
  alignas(64) std::array<double, std::size_t{Tree::leaf_size}> limit;  ///< proxies above it are of no use
  alignas(64) std::array<double, std::size_t{Tree::leaf_size}> proxies;
  Index leaf = 0, first = 0, count = 0;
  Index evaluated = 0;

  void start(const Tree& tree, Index node) {
    leaf = node;
    first = tree.begin(node);
    count = tree.end(node) - first;
    tree.load(node, x);
    limit.fill(-1.0);
  }

  [[nodiscard]] double largest_limit() const {
    metric::Lanes largest = metric::Lanes::load(limit.data());
    for (Index q = metric::Lanes::count; q < Tree::leaf_size; q += metric::Lanes::count)
      largest = max(largest, metric::Lanes::load(limit.data() + q));
    const auto values = largest.values();
    return *std::max_element(values.begin(), values.end());
  }

  /// take(query, other, proxy) for the points of the batch and of a leaf that are no farther from each other
  /// than the limit of the first, which may change with every call; both are counted within their leaves.
  template <class Wanted, class Take>
  RNNSCOPE_INLINE void meet(const Tree& tree, Index other, const Wanted& wanted, const Take& take) {
    std::uint32_t queries = tree.near_box(x.data(), count, limit.data(), other);
    for (queries &= Tree::first_bits(count); queries != 0; queries &= queries - 1) {
      const auto q = static_cast<std::size_t>(std::countr_zero(queries));
      if (!wanted(q)) continue;
      std::uint32_t near = tree.near_points(x.data() + q, Tree::leaf_size, limit[q], other, proxies.data());
      evaluated += tree.end(other) - tree.begin(other);
      if (other == leaf) near &= ~(1u << q);
      for (; near != 0; near &= near - 1) {
        const auto p = static_cast<std::size_t>(std::countr_zero(near));
        if (proxies[p] <= limit[q]) take(q, static_cast<Id>(p), proxies[p]);
      }
    }
  }
};

/// From a leaf upwards and from there into the other branches, nearer ones first: take(leaf) for each leaf
/// unless useless(bound, node) for it or a node above it, where `bound` is at most the proxy of any point of
/// the first leaf with any point below the node. With every leaf taken more may become useless.
template <class Tree, class Useless, class Take>
RNNSCOPE_INLINE void walk_from_leaf(const Tree& tree, Index leaf, const Useless& useless, const Take& take) {
  struct Entry {
    double bound;
    Index node;
  };
  std::array<Entry, 64> stack;  // at most one a level
  Entry at{0.0, leaf};
  for (Index below = leaf;; below = (below - 1) / 2) {
    std::size_t size = 0;
    stack[size++] = at;
    while (size > 0) {
      at = stack[--size];
      if (useless(at.bound, at.node)) continue;
      while (!tree.is_leaf(at.node)) {  // down to the nearer child, the other one for later
        Entry near{0.0, 2 * at.node + 1}, far{0.0, 2 * at.node + 2};
        near.bound = tree.box_proxy(leaf, near.node);
        far.bound = tree.box_proxy(leaf, far.node);
        if (far.bound < near.bound ||
            (far.bound == near.bound && tree.smallest(far.node) < tree.smallest(near.node)))
          std::swap(near, far);
        if (!useless(far.bound, far.node)) stack[size++] = far;
        at = near;
        if (useless(at.bound, at.node)) break;
      }
      if (tree.is_leaf(at.node) && !useless(at.bound, at.node)) take(at.node);
    }
    if (below == 0) return;
    at.node = below % 2 == 1 ? below + 1 : below - 1;
    at.bound = tree.box_proxy(leaf, at.node);
  }
}

/// Finds the `size` nearest neighbours of each point of a leaf, sorted, by position; `lists` has room for just
/// them.
template <class Tree>
void kd_neighbours(const Tree& tree, Index leaf, std::size_t size, std::span<Neighbour> lists,
                   KdBatch<Tree>& batch) {
  batch.start(tree, leaf);
  constexpr std::size_t short_list = 96;  // up to which inserting beats a heap; measured
  const double infinity = std::numeric_limits<double>::infinity();
  std::fill_n(batch.limit.begin(), batch.count, infinity);
  std::fill(lists.begin(), lists.end(), Neighbour{});
  const bool sorted = size <= short_list;
  double farthest = infinity;
  walk_from_leaf(
      tree, leaf, [&](double bound, Index) { return bound >= farthest && farthest < infinity; },
      [&](Index node) {
        const auto first = static_cast<Id>(tree.begin(node));
        batch.meet(
            tree, node, [](std::size_t) { return true; },
            [&](std::size_t q, Id p, double proxy) {
              const std::span<Neighbour> list = lists.subspan(q * size, size);
              const Neighbour candidate{proxy, first + p};
              if (sorted) {
                if (insert_sorted(list, candidate)) batch.limit[q] = list.back().proxy;
              } else if (candidate < list.front()) {
                replace_top(list, candidate);
                batch.limit[q] = list.front().proxy;
              }
            });
        farthest = batch.largest_limit();
      });
  for (Index q = 0; !sorted && q < batch.count; ++q) {
    const std::span<Neighbour> list = lists.subspan(static_cast<std::size_t>(q) * size, size);
    std::sort(list.begin(), list.end());
  }
}

/// Fills the lists with the nearest neighbours of all points, sorted; both by position.
template <class Tree>
void kd_neighbour_lists(const Tree& tree, NeighbourLists& lists, TreeStatistics& statistics,
                        const ProgressCallback& progress) {
  if (lists.size() == 0) return;
  std::atomic<Index> evaluated{0};
  const Partition parts{.size = tree.leaves(), .pieces = (tree.leaves() + 15) / 16, .grain = 1};
  const Index step = std::max<Index>(64, parts.pieces / 32);
  for (Index first = 0; first < parts.pieces; first += step) {
    report_progress(progress, {.stage = "core distances", .done = first, .total = parts.pieces, .detail = {}});
    parallel_for(std::min(step, parts.pieces - first), [&](Index piece) {
      KdBatch<Tree> batch;
      const auto size = static_cast<std::size_t>(lists.size());
      for (Index leaf = parts.begin(first + piece); leaf < parts.end(first + piece); ++leaf) {
        const Index node = tree.first_leaf() + leaf, begin = tree.begin(node);
        const auto count = static_cast<std::size_t>(tree.end(node) - begin);
        kd_neighbours(tree, node, size, {lists.of(begin).data(), count * size}, batch);
      }
      evaluated.fetch_add(batch.evaluated, std::memory_order_relaxed);
    });
  }
  statistics.evaluated_pairs += static_cast<double>(evaluated.load());
}

/// How many distances it takes to find the `size` nearest neighbours of a point, tried on some.
template <class Source, metric::DifferenceMetric Metric, class Scalar>
[[nodiscard]] double neighbour_cost(const Source&, const KdTree<Metric, Scalar>& tree, std::size_t size) {
  using Tree = KdTree<Metric, Scalar>;
  KdBatch<Tree> batch;
  std::vector<Neighbour> lists;
  const Index leaves = std::min<Index>(tree.leaves(), 4);
  Index queries = 0;
  for (Index k = 0; k < leaves; ++k) {
    const Index node = tree.first_leaf() + (2 * k + 1) * tree.leaves() / (2 * leaves);
    const Index count = tree.end(node) - tree.begin(node);
    lists.resize(static_cast<std::size_t>(count) * size);
    kd_neighbours(tree, node, size, lists, batch);
    queries += count;
  }
  return static_cast<double>(batch.evaluated) / static_cast<double>(queries);
}

/// Finds the smallest edges of all components of a forest: the search of `mst_boruvka`. Raises `horizon`, a
/// lower bound of the edges of each point to other components, to what was learnt. Everything by position.
template <class Source, class Tree>
void kd_edges(const EdgeScale<Source>& scale, const Tree& tree, const std::vector<double>& core, Forest& forest,
              const std::vector<char>& open, std::vector<double>& horizon, TreeStatistics& statistics) {
  const NodeSummary nodes(
      tree, [&](Index p) { return forest.component(p); },
      [&](Index p) { return core[static_cast<std::size_t>(p)]; });
  const std::vector<Id>& label = nodes.component;
  const std::vector<double>& low_core = nodes.low_core;
  const Partition parts{.size = tree.leaves(), .pieces = (tree.leaves() + 15) / 16, .grain = 1};
  std::atomic<Index> evaluated{0};
  parallel_for(parts.pieces, [&](Index piece) {
    KdBatch<Tree> batch;
    std::array<Edge, std::size_t{Tree::leaf_size}> best;
    for (Index leaf = parts.begin(piece); leaf < parts.end(piece); ++leaf) {
      const Index node = tree.first_leaf() + leaf, first = tree.begin(node), count = tree.end(node) - first;
      const auto own = [&](std::size_t q) { return forest.component(first + static_cast<Index>(q)); };
      const auto is_open = [&](std::size_t q) {
        const std::size_t at = static_cast<std::size_t>(first) + q;
        return open[at] != 0 && horizon[at] <= forest.limit(own(q));
      };
      std::uint32_t searched = 0;
      for (std::size_t q = 0; q < static_cast<std::size_t>(count); ++q) searched |= (is_open(q) ? 1u : 0u) << q;
      if (searched == 0) continue;
      batch.start(tree, node);
      double low = no_edge.distance;  // the smallest core distance
      Edge worst;                     // an edge that is not smaller is of no use to any point
      const auto each_searched = [&](const auto& body) {
        for (std::uint32_t bits = searched; bits != 0; bits &= bits - 1)
          body(static_cast<std::size_t>(std::countr_zero(bits)));
      };
      // What others have found shortens the search, but an edge as long as that may still be the smaller one.
      const auto set_limits = [&] {
        worst = {};
        each_searched([&](std::size_t q) {
          const double limit = forest.limit(own(q));
          if (limit < best[q].distance) best[q] = {limit, no_edge.first, no_edge.second};
          batch.limit[q] = scale.largest_proxy(best[q].distance);
          worst = std::max(worst, best[q]);
        });
      };
      each_searched([&](std::size_t q) {
        best[q] = no_edge;
        low = std::min(low, core[static_cast<std::size_t>(first) + q]);
      });
      set_limits();
      walk_from_leaf(
          tree, node,
          [&](double bound, Index other) {
            const auto at = static_cast<std::size_t>(other);
            if (label[at] != NodeSummary::mixed && label[at] == label[static_cast<std::size_t>(node)])
              return true;
            const double weight = std::max({scale.weight(bound), low, low_core[at]});
            return weight > worst.distance ||
                   (weight == worst.distance &&
                    !(make_edge(weight, tree.smallest(node), tree.smallest(other)) < worst));
          },
          [&](Index other) {
            const Id inside = label[static_cast<std::size_t>(other)];
            const double other_low = low_core[static_cast<std::size_t>(other)];
            const Index other_first = tree.begin(other);
            std::uint32_t improved = 0;
            batch.meet(
                tree, other, [&](std::size_t q) { return own(q) != inside && other_low <= best[q].distance; },
                [&](std::size_t q, Id p, double proxy) {
                  const auto i = static_cast<std::size_t>(first) + q;
                  const auto j = static_cast<std::size_t>(other_first + p);
                  const double weight = std::max({scale.weight(proxy), core[i], core[j]});
                  if (weight > best[q].distance || forest.component(other_first + p) == own(q)) return;
                  const Edge edge =
                      make_edge(weight, tree.point(first + static_cast<Index>(q)), tree.point(other_first + p));
                  if (!(edge < best[q])) return;
                  best[q] = edge;
                  batch.limit[q] = scale.largest_proxy(weight);
                  improved |= 1u << q;
                });
            for (; improved != 0; improved &= improved - 1) {
              const auto q = static_cast<std::size_t>(std::countr_zero(improved));
              forest.offer(own(q), best[q]);
            }
            set_limits();
          });
      each_searched([&](std::size_t q) {
        double& reached = horizon[static_cast<std::size_t>(first) + q];
        reached = std::max(reached, best[q].distance);
      });
    }
    evaluated.fetch_add(batch.evaluated, std::memory_order_relaxed);
  });
  statistics.evaluated_pairs += static_cast<double>(evaluated.load());
}

}  // namespace rnnscope::detail
