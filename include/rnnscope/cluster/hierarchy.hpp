// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// What the expensive half of HDBSCAN computes, from which any number of clusterings can be cut.
#pragma once

#include <vector>

#include "rnnscope/cluster/core_distance.hpp"
#include "rnnscope/cluster/single_linkage.hpp"
#include "rnnscope/cluster/tree_statistics.hpp"

namespace rnnscope {

/// Core distances, minimum spanning tree of mutual reachability, max(core(i), core(j), d(i, j)), and its
/// dendrogram.
struct Hierarchy {
  std::vector<double> core_distances;  ///< per point
  CoreNeighbour neighbour;             ///< which neighbour they were measured to
  std::vector<Edge> mst;               ///< sorted; one edge fewer than points
  Dendrogram dendrogram;
  TreeStatistics statistics;  ///< how the tree was found

  [[nodiscard]] Index points() const { return dendrogram.points; }
  friend bool operator==(const Hierarchy&, const Hierarchy&) = default;
};

}  // namespace rnnscope
