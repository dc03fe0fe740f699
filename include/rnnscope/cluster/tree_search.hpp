// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Nearest neighbours and smallest edges by a tree of points, one point at a time: fits by a vantage-point
/// tree, new points by any (for fits by a k-d tree see kd_search.hpp).
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <span>
#include <vector>

#include "rnnscope/cluster/edge_scale.hpp"
#include "rnnscope/cluster/mst_boruvka.hpp"
#include "rnnscope/cluster/tree_layout.hpp"

namespace rnnscope::detail {

/// A depth-first walk, nearer children first, to the leaves of a tree that may hold something closer to the
/// query than what is known. `useless(bound, node)` says that a node cannot, given a lower bound of what is to
/// be compared; `bound_of(proxy, node)` makes that of a lower bound of proxies; `take(leaf)` looks at a leaf,
/// after which more may be useless.
template <class Source, class Tree, class BoundOf, class Useless, class Take>
RNNSCOPE_INLINE void walk_tree(const Source& source, const Tree& tree, typename Tree::Query& query,
                               const BoundOf& bound_of, const Useless& useless, const Take& take) {
  struct Entry {
    double proxy, bound;
    Index node;
  };
  std::array<Entry, 64> stack;  // at most one a level
  std::size_t size = 0;
  stack[size++] = {0.0, 0.0, 0};
  while (size > 0) {
    Entry at = stack[--size];
    if (useless(at.bound, at.node)) continue;
    while (!tree.is_leaf(at.node)) {  // down to the nearer child, the other one for later
      const std::array<double, 2> proxies = tree.child_bounds(source, query, at.node);
      const auto child = [&](std::size_t k) {
        const double proxy = std::max(at.proxy, proxies[k]);
        const Index node = 2 * at.node + 1 + static_cast<Index>(k);
        return Entry{proxy, bound_of(proxy, node), node};
      };
      Entry near = child(0), far = child(1);
      if (far.bound < near.bound ||
          (far.bound == near.bound && tree.smallest(far.node) < tree.smallest(near.node)))
        std::swap(near, far);
      if (!useless(far.bound, far.node)) stack[size++] = far;
      at = near;
      if (useless(at.bound, at.node)) break;
    }
    if (tree.is_leaf(at.node) && !useless(at.bound, at.node)) take(at.node);
  }
}

/// Puts the nearest neighbours of the query, other than itself, into `heap` (full of infinities before).
template <class Source, class Tree>
void tree_neighbours(const Source& source, const Tree& tree, typename Tree::Query& query,
                     std::span<Neighbour> heap) {
  if (heap.empty()) return;
  walk_tree(
      source, tree, query, [](double proxy, Index) { return proxy; },
      [&](double bound, Index node) {
        return !(Neighbour{bound, tree.smallest(node)} < heap.front());
      },
      [&](Index leaf) {
        tree.visit_leaf(
            source, query, leaf, [&] { return heap.front().proxy; },
            [&](Id point) { return point != query.point; },
            [&](double proxy, Id point) {
              if (Neighbour{proxy, point} < heap.front()) replace_top(heap, {proxy, point});
            });
      });
}

/// Fills the lists with the nearest neighbours of all points.
template <class Source, class Tree>
void tree_neighbour_lists(const Source& source, const Tree& tree, NeighbourLists& lists,
                          TreeStatistics& statistics, const ProgressCallback& progress) {
  if (lists.size() == 0) return;
  std::atomic<Index> evaluated{0};
  const Partition parts{.size = tree.size(), .pieces = (tree.size() + 511) / 512, .grain = 1};
  const Index step = std::max<Index>(64, parts.pieces / 32);
  for (Index first = 0; first < parts.pieces; first += step) {
    report_progress(progress, {.stage = "core distances", .done = first, .total = parts.pieces, .detail = {}});
    parallel_for(std::min(step, parts.pieces - first), [&](Index piece) {
      typename Tree::Query query;
      std::vector<Neighbour> heap(static_cast<std::size_t>(lists.size()));
      for (Index p = parts.begin(first + piece); p < parts.end(first + piece); ++p) {
        const Id i = tree.point(p);
        tree.start(source, i, query);
        std::fill(heap.begin(), heap.end(), Neighbour{});
        tree_neighbours(source, tree, query, heap);
        std::sort(heap.begin(), heap.end());
        std::copy(heap.begin(), heap.end(), lists.of(i).begin());
      }
      evaluated.fetch_add(query.evaluated, std::memory_order_relaxed);
    });
  }
  statistics.evaluated_pairs += static_cast<double>(evaluated.load());
}

/// How many distances it takes to find the `size` nearest neighbours of a point, tried on some.
template <class Source, class Tree>
[[nodiscard]] double neighbour_cost(const Source& source, const Tree& tree, std::size_t size) {
  constexpr Index queries = 64;
  typename Tree::Query query;
  std::vector<Neighbour> heap(size);
  for (Index k = 0; k < queries; ++k) {
    tree.start(source, tree.point(k * tree.size() / queries), query);
    std::fill(heap.begin(), heap.end(), Neighbour{});
    tree_neighbours(source, tree, query, heap);
  }
  return static_cast<double>(query.evaluated) / static_cast<double>(queries);
}

/// Finds the smallest edges of all components of a forest: the search of `mst_boruvka`. Raises `horizon(i)`, a
/// lower bound of the edges of i to other components, to what was learnt.
template <class Source, class Tree>
void tree_edges(const Source& source, const EdgeScale<Source>& scale, const Tree& tree,
                const std::vector<double>& core, Forest& forest, const std::vector<char>& open,
                std::vector<double>& horizon, TreeStatistics& statistics) {
  const NodeSummary nodes(
      tree, [&](Index p) { return forest.component(tree.point(p)); },
      [&](Index p) { return core[static_cast<std::size_t>(tree.point(p))]; });
  std::atomic<Index> evaluated{0};
  const Partition parts{.size = tree.size(), .pieces = (tree.size() + 511) / 512, .grain = 1};
  parallel_for(parts.pieces, [&](Index piece) {
    typename Tree::Query query;
    for (Index p = parts.begin(piece); p < parts.end(piece); ++p) {
      const Id i = tree.point(p);
      const auto at = static_cast<std::size_t>(i);
      const Id own = forest.component(i);
      if (open[at] == 0 || horizon[at] > forest.limit(own)) continue;
      tree.start(source, i, query);
      Edge best = no_edge;
      best.distance = forest.limit(own);  // an edge as long as that may still be the smaller one
      walk_tree(
          source, tree, query,
          [&](double proxy, Index node) {
            return std::max({scale.weight(proxy), core[at], nodes.low_core[static_cast<std::size_t>(node)]});
          },
          [&](double bound, Index node) {
            return nodes.component[static_cast<std::size_t>(node)] == own ||
                   !(make_edge(bound, i, tree.smallest(node)) < best);
          },
          [&](Index leaf) {
            if (forest.limit(own) < best.distance) best = {forest.limit(own), no_edge.first, no_edge.second};
            double limit = scale.largest_proxy(best.distance);
            tree.visit_leaf(
                source, query, leaf, [&] { return limit; },
                [&](Id point) {
                  return forest.component(point) != own &&
                         core[static_cast<std::size_t>(point)] <= best.distance;
                },
                [&](double proxy, Id point) {
                  const Edge edge = make_edge(
                      std::max({scale.weight(proxy), core[at], core[static_cast<std::size_t>(point)]}), i,
                      point);
                  if (!(edge < best)) return;
                  best = edge;
                  limit = scale.largest_proxy(best.distance);
                });
          });
      horizon[at] = std::max(horizon[at], best.distance);
      if (best.first != no_edge.first) forest.offer(own, best);
    }
    evaluated.fetch_add(query.evaluated, std::memory_order_relaxed);
  });
  statistics.evaluated_pairs += static_cast<double>(evaluated.load());
}

}  // namespace rnnscope::detail
