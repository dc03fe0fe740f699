// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The minimum spanning tree of mutual reachability by Boruvka's algorithm, from lists of nearest neighbours
/// and, where those leave a question open, a search.
#pragma once

#include <algorithm>
#include <array>
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
/// Points may be kept at places of another order, in which neighbours lie closer together in memory:
/// `points[place]` is then the number of a point. Edges hold numbers, everything else is asked for by place.
///
/// While a search runs, several threads may call `offer` and `limit`; labels stand still.
class Forest {
 public:
  /// \param points the number of the point at each place; empty if that is its place.
  Forest(Index size, std::span<const Id> points)
      : points_(points),
        label_(static_cast<std::size_t>(size)),
        best_(label_.size(), no_edge),
        limits_(label_.size()),
        count_(size) {
    std::iota(label_.begin(), label_.end(), 0);
    for (std::atomic<double>& each : limits_) each.store(no_edge.distance, std::memory_order_relaxed);
    if (points.empty()) return;
    place_.resize(points.size());
    for (std::size_t p = 0; p < points.size(); ++p)
      place_[static_cast<std::size_t>(points[p])] = static_cast<Id>(p);
  }

  [[nodiscard]] Index size() const { return static_cast<Index>(label_.size()); }
  [[nodiscard]] Index components() const { return count_; }
  [[nodiscard]] Id point(Index place) const {
    return points_.empty() ? static_cast<Id>(place) : points_[static_cast<std::size_t>(place)];
  }
  [[nodiscard]] Id component(Index place) const { return label_[static_cast<std::size_t>(place)]; }
  [[nodiscard]] const Edge& best(Id component) const { return best_[static_cast<std::size_t>(component)]; }
  /// Length of the best edge so far of a component: an edge above it is of no use to it.
  [[nodiscard]] double limit(Id component) const {
    return limits_[static_cast<std::size_t>(component)].load(std::memory_order_relaxed);
  }

  /// Offers an edge to a component that it leaves. Returns whether it was an improvement.
  bool offer(Id component, const Edge& edge) {
    if (edge.distance > limit(component)) return false;
    const auto c = static_cast<std::size_t>(component);
    const std::lock_guard lock(mutexes_[c % mutexes_.size()]);
    if (!(edge < best_[c])) return false;
    best_[c] = edge;
    limits_[c].store(edge.distance, std::memory_order_relaxed);
    return true;
  }

  /// Joins along the best edges of the components that `is_final` names; these edges are added to `tree`.
  template <class IsFinal>
  void merge(const IsFinal& is_final, std::vector<Edge>& tree) {
    UnionFind sets(static_cast<std::size_t>(count_));
    for (Id c = 0; c < count_; ++c) {
      if (!is_final(c)) continue;
      const Edge& edge = best(c);
      const Id a = sets.find(component(place(edge.first))), b = sets.find(component(place(edge.second)));
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
    const Partition parts{.size = size(), .pieces = (size() + 16383) / 16384, .grain = 1};
    parallel_for(parts.pieces, [&](Index p) {
      for (Index i = parts.begin(p); i < parts.end(p); ++i) {
        Id& each = label_[static_cast<std::size_t>(i)];
        each = number[static_cast<std::size_t>(each)];
      }
    });
    for (Id c = 0; c < next; ++c) {
      best_[static_cast<std::size_t>(c)] = no_edge;
      limits_[static_cast<std::size_t>(c)].store(no_edge.distance, std::memory_order_relaxed);
    }
    count_ = next;
  }

 private:
  [[nodiscard]] Id place(Id point) const {
    return place_.empty() ? point : place_[static_cast<std::size_t>(point)];
  }

  std::span<const Id> points_;
  std::vector<Id> place_;  ///< of every point, unless all are at their own
  std::vector<Id> label_;
  std::vector<Edge> best_;
  std::vector<std::atomic<double>> limits_;
  Index count_;
  std::array<std::mutex, 64> mutexes_;  ///< a component's is found by its number
};

/// Offers to every component its smallest edge among the lists (sorted). `horizon(i)` is a lower bound of the
/// weight of any edge of i to a point that is not in its list. Returns per component whether its best edge is
/// final, and writes per point whether an edge of its that is not listed may yet be better (or as good).
/// Everything by place.
template <class Scale, class Horizon>
std::vector<char> offer_listed(const NeighbourLists& lists, const std::vector<double>& core, const Scale& scale,
                               const Horizon& horizon, Forest& forest, std::vector<std::uint32_t>& skip,
                               std::vector<char>& open) {
  const Partition parts{.size = forest.size(), .pieces = (forest.size() + 2047) / 2048, .grain = 1};
  parallel_for(parts.pieces, [&](Index p) {
    Edge smallest = no_edge;  // of points in a row that lie in one component
    for (Index i = parts.begin(p); i < parts.end(p); ++i) {
      const Id own = forest.component(i);
      const std::span<const Neighbour> list = lists.of(i);
      std::uint32_t& first = skip[static_cast<std::size_t>(i)];
      const auto is_inside = [&](Id j) { return forest.component(j) == own; };
      while (first < list.size() && is_inside(list[first].point)) ++first;
      for (std::size_t k = first; k < list.size(); ++k) {
        const Id j = list[k].point;
        const double distance = scale.weight(list[k].proxy);
        if (distance > smallest.distance) break;
        if (is_inside(j)) continue;
        const double weight =
            std::max({distance, core[static_cast<std::size_t>(i)], core[static_cast<std::size_t>(j)]});
        if (weight > smallest.distance) continue;
        smallest = std::min(smallest, make_edge(weight, forest.point(i), forest.point(j)));
      }
      if (i + 1 < parts.end(p) && forest.component(i + 1) == own) continue;
      if (smallest.first != no_edge.first) forest.offer(own, smallest);
      smallest = no_edge;
    }
  });
  std::vector<std::atomic<char>> is_open(static_cast<std::size_t>(forest.components()));
  parallel_for(parts.pieces, [&](Index p) {
    for (Index i = parts.begin(p); i < parts.end(p); ++i) {
      const Id own = forest.component(i);
      open[static_cast<std::size_t>(i)] = horizon(i) <= forest.limit(own);
      if (open[static_cast<std::size_t>(i)])
        is_open[static_cast<std::size_t>(own)].store(1, std::memory_order_relaxed);
    }
  });
  std::vector<char> is_final(is_open.size());
  for (std::size_t c = 0; c < is_final.size(); ++c)
    is_final[c] = is_open[c].load(std::memory_order_relaxed) == 0;
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
/// Lists, core weights, horizons and open points are by place, and `points` are as in Forest.
///
/// \throws ValueError if a distance on the tree is not finite; Cancelled.
template <class Scale, class Horizon, class Search>
[[nodiscard]] std::vector<Edge> mst_boruvka(const NeighbourLists& lists, const std::vector<double>& core,
                                            std::span<const Id> points, const Scale& scale,
                                            const Horizon& horizon, const Search& search,
                                            TreeStatistics& statistics, const ProgressCallback& progress) {
  const auto n = static_cast<Index>(core.size());
  std::vector<Edge> tree;
  if (n < 2) return tree;
  tree.reserve(static_cast<std::size_t>(n - 1));
  Forest forest(n, points);
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
  sort_edges(tree);
  return tree;
}

}  // namespace rnnscope::detail
