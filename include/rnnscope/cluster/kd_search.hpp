// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Nearest neighbours and smallest edges by a k-d tree.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <span>
#include <vector>

#include "rnnscope/cluster/kd_tree.hpp"
#include "rnnscope/cluster/mst_boruvka.hpp"

namespace rnnscope::detail {

/// Nodes that are still to be visited, with lower bounds.
struct KdStack {
  struct Entry {
    double bound;
    Index node;
  };
  std::array<Entry, 128> entries;  // at most one a level, and trees are less deep than that
  std::size_t size = 0;

  void push(double bound, Index node) { entries[size++] = {bound, node}; }
  Entry pop() { return entries[--size]; }
};

/// Puts the nearest neighbours of `x` into `heap` (full of infinities before), other than point `self`. Returns
/// the number of points looked at.
template <class Tree>
Index kd_neighbours(const Tree& tree, const typename Tree::Coordinates& x, Id self, std::span<Neighbour> heap) {
  if (heap.empty()) return 0;
  Index visited = 0;
  KdStack stack;
  stack.push(0.0, 0);
  const auto useless = [&](double bound, Index node) {
    return !(Neighbour{bound, tree.smallest(node)} < heap.front());
  };
  while (stack.size > 0) {
    auto [bound, node] = stack.pop();
    if (useless(bound, node)) continue;
    while (!tree.is_leaf(node)) {  // down to the nearer child, the other one for later
      Index near = 2 * node + 1, far = near + 1;
      double near_bound = tree.box_proxy(x, near), far_bound = tree.box_proxy(x, far);
      if (far_bound < near_bound || (far_bound == near_bound && tree.smallest(far) < tree.smallest(near))) {
        std::swap(near, far);
        std::swap(near_bound, far_bound);
      }
      if (!useless(far_bound, far)) stack.push(far_bound, far);
      node = near;
      if (useless(near_bound, near)) break;
    }
    if (!tree.is_leaf(node)) continue;
    const Id* points = tree.leaf_points(node);
    const Index groups = tree.leaf_groups(node);
    visited += groups * Tree::lanes;
    for (Index g = 0; g < groups; ++g, points += Tree::lanes) {
      const auto proxies = tree.leaf_proxies(x, node, g);
      for (std::size_t l = 0; l < proxies.size(); ++l) {
        const Neighbour candidate{proxies[l], points[l]};
        if (proxies[l] <= heap.front().proxy && candidate < heap.front() && points[l] != self)
          replace_top(heap, candidate);
      }
    }
  }
  return visited;
}

/// Fills the lists with the nearest neighbours of all points.
template <class Source, class Tree>
void kd_neighbour_lists(const Source& source, const Tree& tree, NeighbourLists& lists,
                        TreeStatistics& statistics, const ProgressCallback& progress) {
  if (lists.size() == 0) return;
  std::atomic<Index> visited{0};
  const Partition parts{.size = tree.size(), .pieces = (tree.size() + 511) / 512, .grain = 1};
  const Index step = std::max<Index>(64, parts.pieces / 32);
  for (Index first = 0; first < parts.pieces; first += step) {
    report_progress(progress, {.stage = "core distances", .done = first, .total = parts.pieces, .detail = {}});
    parallel_for(std::min(step, parts.pieces - first), [&](Index piece) {
      typename Tree::Coordinates x;
      std::vector<Neighbour> heap(static_cast<std::size_t>(lists.size()));
      Index count = 0;
      for (Index p = parts.begin(first + piece); p < parts.end(first + piece); ++p) {
        const Id i = tree.point(p);
        tree.load(source, i, x);
        std::fill(heap.begin(), heap.end(), Neighbour{});
        count += kd_neighbours(tree, x, i, heap);
        std::sort(heap.begin(), heap.end());
        std::copy(heap.begin(), heap.end(), lists.of(i).begin());
      }
      visited.fetch_add(count, std::memory_order_relaxed);
    });
  }
  statistics.evaluated_pairs += static_cast<double>(visited.load());
}

/// Finds the smallest edges of all components of a forest: the search of `mst_boruvka`. Raises `horizon(i)`, a
/// lower bound of the edges of i to other components, to what was learnt.
template <class Source, class Tree>
void kd_edges(const Source& source, const Tree& tree, const std::vector<double>& core, Forest& forest,
              const std::vector<char>& open, std::vector<double>& horizon, TreeStatistics& statistics) {
  constexpr Id mixed = -1;
  // Per node: the component of all its points, or mixed; the smallest core distance.
  std::vector<Id> label(static_cast<std::size_t>(tree.nodes()));
  std::vector<double> low_core(label.size());
  parallel_for((tree.leaves() + 255) / 256, [&](Index piece) {
    for (Index leaf = piece * 256; leaf < std::min(tree.leaves(), (piece + 1) * 256); ++leaf) {
      const Index node = tree.first_leaf() + leaf;
      Id& own = label[static_cast<std::size_t>(node)];
      double& low = low_core[static_cast<std::size_t>(node)];
      own = forest.component(tree.point(tree.begin(node)));
      low = no_edge.distance;
      for (Index p = tree.begin(node); p < tree.end(node); ++p) {
        if (forest.component(tree.point(p)) != own) own = mixed;
        low = std::min(low, core[static_cast<std::size_t>(tree.point(p))]);
      }
    }
  });
  for (Index node = tree.first_leaf() - 1; node >= 0; --node) {
    const auto v = static_cast<std::size_t>(node), left = static_cast<std::size_t>(2 * node + 1);
    label[v] = label[left] == label[left + 1] ? label[left] : mixed;
    low_core[v] = std::min(low_core[left], low_core[left + 1]);
  }

  std::atomic<Index> visited{0};
  const Partition parts{.size = tree.size(), .pieces = (tree.size() + 511) / 512, .grain = 1};
  parallel_for(parts.pieces, [&](Index piece) {
    typename Tree::Coordinates x;
    KdStack stack;
    Index count = 0;
    for (Index p = parts.begin(piece); p < parts.end(piece); ++p) {
      const Id i = tree.point(p);
      const auto at = static_cast<std::size_t>(i);
      const Id own = forest.component(i);
      if (open[at] == 0 || horizon[at] > forest.limit(own)) continue;
      tree.load(source, i, x);
      Edge best = no_edge;
      best.distance = forest.limit(own);  // an edge as long as that may still be the smaller one
      const auto bound_of = [&](Index node) {
        return std::max({tree.box_proxy(x, node), core[at], low_core[static_cast<std::size_t>(node)]});
      };
      const auto useless = [&](double bound, Index node) {
        return label[static_cast<std::size_t>(node)] == own ||
               !(make_edge(bound, i, tree.smallest(node)) < best);
      };
      stack.size = 0;
      stack.push(0.0, 0);
      while (stack.size > 0) {
        auto [bound, node] = stack.pop();
        if (forest.limit(own) < best.distance) best = {forest.limit(own), no_edge.first, no_edge.second};
        if (useless(bound, node)) continue;
        while (!tree.is_leaf(node)) {
          Index near = 2 * node + 1, far = near + 1;
          double near_bound = bound_of(near), far_bound = bound_of(far);
          if (far_bound < near_bound || (far_bound == near_bound && tree.smallest(far) < tree.smallest(near))) {
            std::swap(near, far);
            std::swap(near_bound, far_bound);
          }
          if (!useless(far_bound, far)) stack.push(far_bound, far);
          node = near;
          if (useless(near_bound, near)) break;
        }
        if (!tree.is_leaf(node) || label[static_cast<std::size_t>(node)] == own) continue;
        const Id* points = tree.leaf_points(node);
        const Index groups = tree.leaf_groups(node);
        count += groups * Tree::lanes;
        for (Index g = 0; g < groups; ++g, points += Tree::lanes) {
          const auto proxies = tree.leaf_proxies(x, node, g);
          for (std::size_t l = 0; l < proxies.size(); ++l) {
            if (proxies[l] > best.distance || points[l] == std::numeric_limits<Id>::max()) continue;
            if (forest.component(points[l]) == own) continue;
            const double weight = std::max({proxies[l], core[at], core[static_cast<std::size_t>(points[l])]});
            best = std::min(best, make_edge(weight, i, points[l]));
          }
        }
      }
      horizon[at] = std::max(horizon[at], best.distance);
      if (best.first != no_edge.first) forest.offer_shared(own, best);
    }
    visited.fetch_add(count, std::memory_order_relaxed);
  });
  statistics.evaluated_pairs += static_cast<double>(visited.load());
}

}  // namespace rnnscope::detail
