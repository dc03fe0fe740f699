// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Hierarchies of graphs: some distances are known, all others are infinite.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

#include "rnnscope/cluster/hierarchy.hpp"
#include "rnnscope/cluster/union_find.hpp"

namespace rnnscope {

struct GraphParameters {
  Index min_samples = 5;  ///< as in HdbscanParameters
  CoreDistance core_distance = CoreDistance::ExcludesSelf;
  double alpha = 1.0;
  TieMode ties = TieMode::Canonical;
};

/// The edges of a graph of nearest neighbours: column j of `neighbours` names the neighbours of point j, that
/// of `distances` says how far they are. The point itself and numbers below 0 are skipped.
/// \throws ShapeError unless both have one shape; ValueError at a neighbour that is no point.
template <class Derived>
[[nodiscard]] std::vector<Edge> neighbour_edges(const Matrix<Id>& neighbours,
                                                const Eigen::MatrixBase<Derived>& distances) {
  require_shape(distances, neighbours.rows(), neighbours.cols(), "neighbour_edges: distances");
  std::vector<Edge> result;
  for (Index j = 0; j < neighbours.cols(); ++j) {
    for (Index k = 0; k < neighbours.rows(); ++k) {
      const Id other = neighbours(k, j);
      require<ValueError>(other < neighbours.cols(), "neighbour_edges: neighbour ", k, " of point ", j, " is ",
                          other, ", but there are ", neighbours.cols(), " points");
      if (other >= 0 && other != j)
        result.push_back(make_edge(static_cast<double>(distances(k, j)), static_cast<Id>(j), other));
    }
  }
  return result;
}

/// The hierarchy of `points` points of which only the distances in `edges` are known; the others count as
/// infinite. An edge may be listed twice, from either side (the smaller distance counts), and of length 0;
/// infinite ones are ignored. A point with too few edges for a core distance has an infinite one and is noise.
/// Where the graph is not connected the root of the condensed tree splits at infinity into its components.
///
/// With all edges of a set of points this is its own hierarchy. With those of nearest neighbours it is an
/// approximation: long edges between clusters may be missing.
///
/// \throws ValueError at a number of points below 0, at an edge that names no points, joins a point to itself,
/// or is negative, NaN, or finite and beyond 1e+-290 (also if only divided by alpha). Cost: O(E log E).
[[nodiscard]] inline Hierarchy graph_hierarchy(Index points, std::vector<Edge> edges,
                                               const GraphParameters& parameters = {}) {
  require<ValueError>(parameters.alpha > 0.0 && std::isfinite(parameters.alpha),
                      "graph_hierarchy: alpha must be finite and above 0, found ", parameters.alpha);
  require<ValueError>(points >= 0, "graph_hierarchy: the number of points must not be negative, found ",
                      points);
  for (Edge& each : edges) {
    require<ValueError>(each.first >= 0 && each.second >= 0 && each.first < points && each.second < points &&
                            each.first != each.second && each.distance >= 0.0,
                        "graph_hierarchy: edge (", each.first, ", ", each.second, ") of length ", each.distance,
                        ": expected two points below ", points, " and a length >= 0");
    each = make_edge(each.distance, each.first, each.second);
  }
  std::sort(edges.begin(), edges.end(), [](const Edge& a, const Edge& b) {
    return std::tie(a.first, a.second, a.distance) < std::tie(b.first, b.second, b.distance);
  });
  edges.erase(
      std::unique(edges.begin(), edges.end(),
                  [](const Edge& a, const Edge& b) { return a.first == b.first && a.second == b.second; }),
      edges.end());
  const double infinity = std::numeric_limits<double>::infinity();
  const double smallest = std::numeric_limits<double>::denorm_min();
  std::erase_if(edges, [&](const Edge& each) { return each.distance == infinity; });

  Hierarchy result;
  result.alpha = parameters.alpha;
  // Not clamped: whom the graph gives fewer neighbours than that has an infinite core distance.
  result.neighbour.rank =
      core_neighbour(std::numeric_limits<Id>::max(), parameters.min_samples, parameters.core_distance).rank;
  const auto rank = static_cast<std::size_t>(result.neighbour.rank);
  std::vector<std::vector<double>> around(static_cast<std::size_t>(points));
  for (const Edge& each : edges) {
    around[static_cast<std::size_t>(each.first)].push_back(each.distance);
    around[static_cast<std::size_t>(each.second)].push_back(each.distance);
  }
  for (std::vector<double>& each : around) {
    double core = rank == 0 ? 0.0 : infinity;
    if (rank > 0 && each.size() >= rank) {
      const auto place = each.begin() + static_cast<std::ptrdiff_t>(rank) - 1;
      std::nth_element(each.begin(), place, each.end());
      core = *place;
    }
    result.neighbour.clamped = result.neighbour.clamped || core == infinity;
    result.core_distances.push_back(core);
  }
  for (Edge& each : edges) {
    const double divided = each.distance / parameters.alpha;
    detail::check_distance(each.distance, "graph_hierarchy");
    // What vanishes is no duplicate.
    detail::check_distance(each.distance > 0.0 ? std::max(divided, smallest) : 0.0, "graph_hierarchy");
    each.distance = std::max({divided, result.core_distances[static_cast<std::size_t>(each.first)],
                              result.core_distances[static_cast<std::size_t>(each.second)]});
  }
  std::erase_if(edges, [&](const Edge& each) { return each.distance == infinity; });
  std::sort(edges.begin(), edges.end());
  detail::UnionFind sets(static_cast<std::size_t>(points));
  for (const Edge& each : edges) {
    const Id a = sets.find(each.first), b = sets.find(each.second);
    if (a == b) continue;
    sets.join(a, b);
    result.mst.push_back(each);
  }
  detail::complete_tree(points, result.mst);
  result.dendrogram = single_linkage(points, result.mst, parameters.ties);
  return result;
}

/// The hierarchy of a spanning tree, or forest, that somebody else has computed; edges in any order. Core
/// distances are not needed to cut it, but for `dbscan_star` and `predict`; if empty they are taken as 0.
/// \throws ShapeError unless there is a core distance for every point, or none; ValueError at a number of
/// points below 0, at lengths and core distances that are negative, NaN, or finite and beyond 1e+-290, and as
/// single_linkage.
/// Cost: O(N log N).
[[nodiscard]] inline Hierarchy tree_hierarchy(Index points, std::vector<Edge> edges,
                                              std::vector<double> core_distances = {},
                                              TieMode ties = TieMode::Canonical) {
  require<ValueError>(points >= 0, "tree_hierarchy: the number of points must not be negative, found ", points);
  require<ShapeError>(core_distances.empty() || static_cast<Index>(core_distances.size()) == points,
                      "tree_hierarchy: ", points, " points, but ", core_distances.size(), " core distances");
  for (std::size_t p = 0; p < core_distances.size(); ++p) {
    const double core = core_distances[p];
    require<ValueError>(core >= 0.0, "tree_hierarchy: the core distance of point ", p, " is ", core,
                        "; expected 0 or more");
    if (std::isfinite(core)) detail::check_distance(core, "tree_hierarchy");
  }
  for (Edge& each : edges) {
    require<ValueError>(each.first >= 0 && each.second >= 0 && each.first < points && each.second < points &&
                            each.distance >= 0.0,
                        "tree_hierarchy: edge (", each.first, ", ", each.second, ") of length ", each.distance,
                        ": expected points below ", points, " and a length >= 0");
    if (std::isfinite(each.distance)) detail::check_distance(each.distance, "tree_hierarchy");
    each = make_edge(each.distance, each.first, each.second);
  }
  Hierarchy result;
  result.core_distances = std::move(core_distances);
  result.core_distances.resize(static_cast<std::size_t>(points), 0.0);
  result.mst = std::move(edges);
  detail::complete_tree(points, result.mst);
  result.dendrogram = single_linkage(points, result.mst, ties);
  return result;
}

}  // namespace rnnscope
