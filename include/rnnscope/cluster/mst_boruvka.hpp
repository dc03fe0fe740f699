// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The minimum spanning tree of mutual reachability by Boruvka's algorithm, from lists of nearest neighbours
/// and, where those leave a question open, a search.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <limits>
#include <mutex>
#include <numeric>
#include <span>
#include <vector>

#include "rnnscope/cluster/neighbour_lists.hpp"
#include "rnnscope/cluster/spanning_tree.hpp"
#include "rnnscope/cluster/tree_statistics.hpp"
#include "rnnscope/cluster/union_find.hpp"
#include "rnnscope/core/error.hpp"
#include "rnnscope/core/progress.hpp"

namespace rnnscope::detail {

/// Worse than any edge of finite length.
inline constexpr Edge no_edge{.distance = std::numeric_limits<double>::infinity(),
                              .first = std::numeric_limits<Id>::max(),
                              .second = std::numeric_limits<Id>::max()};

/// The components of a growing forest, each with the smallest edge found that leaves it. Edges hold weights.
///
/// While a search runs, several threads may call `offer` and `limit`; labels stand still.
class Forest {
 public:
  explicit Forest(Index points)
      : label_(static_cast<std::size_t>(points)),
        best_(static_cast<std::size_t>(points), no_edge),
        limits_(best_.size()) {
    std::iota(label_.begin(), label_.end(), 0);
    for (std::atomic<double>& each : limits_) each.store(no_edge.distance, std::memory_order_relaxed);
    count_ = points;
  }

  [[nodiscard]] Index points() const { return static_cast<Index>(label_.size()); }
  [[nodiscard]] Index components() const { return count_; }
  [[nodiscard]] Id component(Index i) const { return label_[static_cast<std::size_t>(i)]; }
  [[nodiscard]] const Edge& best(Id component) const { return best_[static_cast<std::size_t>(component)]; }
  /// Length of the best edge so far of a component: an edge above it is of no use to it.
  [[nodiscard]] double limit(Id component) const {
    return limits_[static_cast<std::size_t>(component)].load(std::memory_order_relaxed);
  }

  /// Offers an edge to a component that it leaves, from one thread.
  void offer(Id component, const Edge& edge) {
    Edge& best = best_[static_cast<std::size_t>(component)];
    if (!(edge < best)) return;
    best = edge;
    limits_[static_cast<std::size_t>(component)].store(edge.distance, std::memory_order_relaxed);
  }
  /// The same from several threads. Returns whether it was an improvement.
  bool offer_shared(Id component, const Edge& edge) {
    if (edge.distance > limit(component)) return false;
    const std::lock_guard lock(mutex_);
    if (!(edge < best(component))) return false;
    offer(component, edge);
    return true;
  }

  /// Joins along the best edges of the components that `is_final` names; these edges are added to `tree`.
  template <class IsFinal>
  void merge(const IsFinal& is_final, std::vector<Edge>& tree) {
    UnionFind sets(static_cast<std::size_t>(count_));
    for (Id c = 0; c < count_; ++c) {
      if (!is_final(c)) continue;
      const Edge& edge = best(c);
      const Id a = sets.find(component(edge.first)), b = sets.find(component(edge.second));
      if (a == b) continue;  // the other end has chosen the same edge
      sets.join(std::max(a, b), std::min(a, b));
      tree.push_back(edge);
    }
    std::vector<Id> number(sets.size(), -1);
    Id next = 0;
    for (Id c = 0; c < count_; ++c) {
      const auto root = static_cast<std::size_t>(sets.find(c));
      if (number[root] < 0) number[root] = next++;
      number[static_cast<std::size_t>(c)] = number[root];
    }
    for (Id& each : label_) each = number[static_cast<std::size_t>(each)];
    for (Id c = 0; c < next; ++c) {
      best_[static_cast<std::size_t>(c)] = no_edge;
      limits_[static_cast<std::size_t>(c)].store(no_edge.distance, std::memory_order_relaxed);
    }
    count_ = next;
  }

 private:
  Index count_ = 0;
  std::vector<Id> label_;
  std::vector<Edge> best_;
  std::vector<std::atomic<double>> limits_;
  std::mutex mutex_;
};

/// Offers to every component its smallest edge among the lists (sorted). `horizon(i)` is a lower bound of the
/// weight of any edge of i to a point that is not in its list. Returns per component whether its best edge is
/// final, and writes per point whether an edge of its that is not listed may yet be better (or as good).
template <class Scale, class Horizon>
std::vector<char> offer_listed(const NeighbourLists& lists, const std::vector<double>& core, const Scale& scale,
                               const Horizon& horizon, Forest& forest, std::vector<std::uint32_t>& skip,
                               std::vector<char>& open) {
  const Index n = forest.points();
  const Partition parts{.size = n, .pieces = (n + 2047) / 2048, .grain = 1};
  std::vector<Edge> best(static_cast<std::size_t>(n), no_edge);
  parallel_for(parts.pieces, [&](Index p) {
    for (Index i = parts.begin(p); i < parts.end(p); ++i) {
      const Id own = forest.component(i);
      const std::span<const Neighbour> list = lists.of(i);
      std::uint32_t& first = skip[static_cast<std::size_t>(i)];
      while (first < list.size() && forest.component(list[first].point) == own) ++first;
      Edge& smallest = best[static_cast<std::size_t>(i)];
      for (std::size_t k = first; k < list.size(); ++k) {
        const Id j = list[k].point;
        const double distance = scale.weight(list[k].proxy);
        if (distance > smallest.distance) break;
        if (forest.component(j) == own) continue;
        const double weight =
            std::max({distance, core[static_cast<std::size_t>(i)], core[static_cast<std::size_t>(j)]});
        smallest = std::min(smallest, make_edge(weight, static_cast<Id>(i), j));
      }
    }
  });
  for (Index i = 0; i < n; ++i) {
    if (best[static_cast<std::size_t>(i)].distance <= forest.limit(forest.component(i))) {
      forest.offer(forest.component(i), best[static_cast<std::size_t>(i)]);
    }
  }
  std::vector<char> is_final(static_cast<std::size_t>(forest.components()), 1);
  for (Index i = 0; i < n; ++i) {
    const Id c = forest.component(i);
    open[static_cast<std::size_t>(i)] = horizon(i) <= forest.limit(c);
    if (open[static_cast<std::size_t>(i)]) is_final[static_cast<std::size_t>(c)] = 0;
  }
  return is_final;
}

/// The N - 1 edges of the minimum spanning tree under the weights max(core(i), core(j), scale.weight(d(i, j))),
/// sorted, with lengths as users see them: the edges of `mst_prim` to the last bit, whichever of several
/// minimum trees there are, since every component chooses the smallest of its edges in the total order of Edge.
///
/// A component takes the best edge of its points' lists if no edge that is not listed can be smaller: that
/// settles all but the densest points. When no component can be settled so, `search(forest, open)` is asked for
/// the smallest edges of all components; only points marked open can have one that is not offered yet.
///
/// \throws ValueError if a distance on the tree is not finite; Cancelled.
template <class Scale, class Horizon, class Search>
[[nodiscard]] std::vector<Edge> mst_boruvka(const NeighbourLists& lists, const std::vector<double>& core,
                                            const Scale& scale, const Horizon& horizon, const Search& search,
                                            TreeStatistics& statistics, const ProgressCallback& progress) {
  const auto n = static_cast<Index>(core.size());
  std::vector<Edge> tree;
  if (n < 2) return tree;
  tree.reserve(static_cast<std::size_t>(n - 1));
  Forest forest(n);
  std::vector<std::uint32_t> skip(static_cast<std::size_t>(n), 0);
  std::vector<char> open(static_cast<std::size_t>(n), 0);
  while (forest.components() > 1) {
    report_progress(progress, {.stage = "minimum spanning tree",
                               .done = static_cast<Index>(tree.size()),
                               .total = n - 1,
                               .detail = {}});
    const std::vector<char> is_final = offer_listed(lists, core, scale, horizon, forest, skip, open);
    if (std::find(is_final.begin(), is_final.end(), char{1}) != is_final.end()) {
      ++statistics.list_rounds;
      forest.merge([&](Id c) { return is_final[static_cast<std::size_t>(c)] != 0; }, tree);
      continue;
    }
    ++statistics.search_rounds;
    if (statistics.search_rounds == 1) statistics.components_to_search = forest.components();
    statistics.open_points += std::count(open.begin(), open.end(), char{1});
    search(forest, open);
    forest.merge([](Id) { return true; }, tree);
  }
  for (Edge& edge : tree) {
    require<ValueError>(std::isfinite(edge.distance), "minimum spanning tree: the distance of points ",
                        edge.first, " and ", edge.second, " is too large for a double; scale the points down");
    edge.distance = scale.distance(edge.distance);
  }
  std::sort(tree.begin(), tree.end());
  return tree;
}

}  // namespace rnnscope::detail
