// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// What the expensive half of HDBSCAN computes, from which any number of clusterings can be cut.
#pragma once

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "rnnscope/cluster/core_distance.hpp"
#include "rnnscope/cluster/row_status.hpp"
#include "rnnscope/cluster/single_linkage.hpp"
#include "rnnscope/cluster/tree_statistics.hpp"
#include "rnnscope/cluster/union_find.hpp"

namespace rnnscope {

/// Core distances, minimum spanning tree of mutual reachability, max(core(i), core(j), d(i, j) / alpha), and
/// its dendrogram. Points that no finite distance joins (points that are not finite, parts of a graph) are
/// joined by edges of infinite length.
struct Hierarchy {
  std::vector<double> core_distances;  ///< per point
  CoreNeighbour neighbour;             ///< which neighbour they were measured to
  std::vector<Edge> mst;               ///< sorted; one edge fewer than points
  Dendrogram dendrogram;
  double alpha = 1.0;                 ///< distances count divided by it
  std::vector<double> weights;        ///< per point; empty if all count 1
  std::vector<RowStatus> row_status;  ///< per point; empty if all are finite
  TreeStatistics statistics;          ///< how the tree was found

  [[nodiscard]] Index points() const { return dendrogram.points; }
  friend bool operator==(const Hierarchy&, const Hierarchy&) = default;
};

namespace detail {

/// \throws ValueError at a distance beyond 1e+-290, whose reciprocal cannot be added to others; 0 passes, since
/// reciprocals of 0 are counted. `what` begins the message.
inline void check_distance(double distance, std::string_view what) {
  require<ValueError>(distance == 0.0 || (distance > 1e-290 && distance < 1e290), what,
                      ": a distance of about ", distance, " is beyond the range of double; scale the points");
}

/// Sorts the edges of a forest over `points` points and joins its trees by edges of infinite length.
inline void complete_tree(Index points, std::vector<Edge>& edges) {
  UnionFind sets(static_cast<std::size_t>(points));
  for (const Edge& each : edges) {
    const Id a = sets.find(each.first), b = sets.find(each.second);
    sets.join(std::max(a, b), std::min(a, b));
  }
  for (Id p = 1; p < static_cast<Id>(sets.size()); ++p) {
    if (sets.find(p) != p) continue;
    edges.push_back(make_edge(std::numeric_limits<double>::infinity(), 0, p));
  }
  std::sort(edges.begin(), edges.end());
}

/// Turns the spanning tree of the finite points into one of all points, of which the others hang at infinity.
inline void restore_points(Hierarchy& hierarchy, std::vector<RowStatus> status) {
  std::vector<Id> finite;
  for (std::size_t p = 0; p < status.size(); ++p) {
    if (status[p] == RowStatus::Finite) finite.push_back(static_cast<Id>(p));
  }
  std::vector<double> core(status.size(), std::numeric_limits<double>::infinity());
  for (std::size_t k = 0; k < finite.size(); ++k)
    core[static_cast<std::size_t>(finite[k])] = hierarchy.core_distances[k];
  hierarchy.core_distances = std::move(core);
  for (Edge& each : hierarchy.mst) {
    each.first = finite[static_cast<std::size_t>(each.first)];
    each.second = finite[static_cast<std::size_t>(each.second)];
  }
  complete_tree(static_cast<Index>(status.size()), hierarchy.mst);
  hierarchy.row_status = std::move(status);
}

}  // namespace detail

}  // namespace rnnscope
