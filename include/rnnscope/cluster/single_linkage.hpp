// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The dendrogram: the tree of merges that a minimum spanning tree stands for.
#pragma once

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include "rnnscope/cluster/spanning_tree.hpp"
#include "rnnscope/cluster/union_find.hpp"
#include "rnnscope/core/error.hpp"

namespace rnnscope {

/// What happens to edges of equal length. In mutual reachability they are the rule, since most edges are as
/// long as a core distance.
enum class TieMode {
  Canonical,   ///< all merges of one length happen at once: unique, the same for any order of the points
  Sequential,  ///< one after the other in the order of the edges, always two parts: what most other programs do
};

/// Node v < points is the point v. Node points + k is the k-th merge: `distance[k]` long (ascending), of
/// the nodes children(k), into a set of `size[k]` points. The last node is the root.
struct Dendrogram {
  Index points = 0;
  std::vector<double> distance;
  std::vector<Id> size;
  std::vector<Id> first_child;  ///< where the children of merge k begin in `child`; one entry more than merges
  std::vector<Id> child;

  [[nodiscard]] Index merges() const { return static_cast<Index>(distance.size()); }
  [[nodiscard]] Index nodes() const { return points + merges(); }
  /// How many points node `v` holds.
  [[nodiscard]] Index node_size(Index v) const {
    return v < points ? 1 : size[static_cast<std::size_t>(v - points)];
  }
  [[nodiscard]] std::span<const Id> children(Index merge) const {
    const auto k = static_cast<std::size_t>(merge);
    return std::span(child).subspan(static_cast<std::size_t>(first_child[k]),
                                    static_cast<std::size_t>(first_child[k + 1] - first_child[k]));
  }
  friend bool operator==(const Dendrogram&, const Dendrogram&) = default;
};

/// The dendrogram of `points` points joined by the edges of a spanning tree, sorted by length.
///
/// \throws ShapeError unless there are points - 1 edges (none for no points); ValueError if they are not
/// sorted, name no such points or close a cycle. Cost: O(N a(N)) with the inverse Ackermann function a; no
/// recursion.
[[nodiscard]] inline Dendrogram single_linkage(Index points, std::span<const Edge> edges,
                                               TieMode ties = TieMode::Canonical) {
  require<ShapeError>(points >= 0, "single_linkage: the number of points must not be negative, found ", points);
  require<ShapeError>(static_cast<Index>(edges.size()) == std::max<Index>(points - 1, 0),
                      "single_linkage: ", points, " points need ", std::max<Index>(points - 1, 0),
                      " edges, found ", edges.size());
  for (const Edge& each : edges) {
    require<ValueError>(each.distance >= 0.0 && each.first >= 0 && each.second >= 0 && each.first < points &&
                            each.second < points,
                        "single_linkage: edge (", each.first, ", ", each.second, ") of length ", each.distance,
                        ": expected points below ", points, " and a length >= 0");
  }
  require<ValueError>(std::is_sorted(edges.begin(), edges.end(),
                                     [](const Edge& a, const Edge& b) { return a.distance < b.distance; }),
                      "single_linkage: the edges are not sorted by length");
  const auto n = static_cast<std::size_t>(points);
  Dendrogram tree;
  tree.points = points;
  tree.first_child.push_back(0);

  detail::UnionFind sets(n);  // of points
  // Each set is a chain of nodes that the merges of the present length join: head and tail by the set's
  // representative, `next` by node. Between two lengths every chain is one node.
  std::vector<Id> head(n);
  std::iota(head.begin(), head.end(), Id{0});
  std::vector<Id> tail = head;
  std::vector<Id> next(2 * n, -1);
  std::vector<Id> set_size(n, 1);

  for (std::size_t begin = 0, end = 0; begin < edges.size(); begin = end) {
    for (end = begin; end < edges.size() && edges[end].distance == edges[begin].distance; ++end) {
      auto a = static_cast<std::size_t>(sets.find(edges[end].first));
      auto b = static_cast<std::size_t>(sets.find(edges[end].second));
      require<ValueError>(a != b, "single_linkage: edge ", end, " closes a cycle");
      if (set_size[a] < set_size[b]) std::swap(a, b);
      sets.join(static_cast<Id>(b), static_cast<Id>(a));
      set_size[a] += set_size[b];
      next[static_cast<std::size_t>(tail[a])] = head[b];
      tail[a] = tail[b];
      if (ties == TieMode::Sequential) {
        ++end;
        break;
      }
    }
    for (std::size_t e = begin; e < end; ++e) {
      const auto set = static_cast<std::size_t>(sets.find(edges[e].first));
      if (head[set] == tail[set]) continue;  // an earlier edge of this length has made the node
      for (Id v = head[set]; v >= 0; v = next[static_cast<std::size_t>(v)]) tree.child.push_back(v);
      const auto node = static_cast<Id>(tree.nodes());
      tree.distance.push_back(edges[e].distance);
      tree.size.push_back(set_size[set]);
      tree.first_child.push_back(static_cast<Id>(tree.child.size()));
      head[set] = tail[set] = node;
    }
  }
  return tree;
}

}  // namespace rnnscope
