// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The clustering of DBSCAN* at one distance, out of a hierarchy that holds those of all distances.
#pragma once

#include <cmath>
#include <vector>

#include "rnnscope/cluster/clustering.hpp"
#include "rnnscope/cluster/union_find.hpp"

namespace rnnscope {

struct DbscanStarParameters {
  double distance = 0.0;       ///< epsilon of DBSCAN
  Index min_cluster_size = 1;  ///< clusters of fewer points are noise; 1 is DBSCAN* itself

  /// \throws ValueError at a value out of range.
  void check() const {
    require<ValueError>(distance >= 0.0, "DBSCAN*: distance must be at least 0, found ", distance);
    require<ValueError>(min_cluster_size >= 1, "DBSCAN*: min_cluster_size must be at least 1, found ",
                        min_cluster_size);
  }
};

/// Labels of DBSCAN*: the points whose core distance is at most `distance`, joined where their mutual
/// reachability is; the others are noise, like points without a core distance. Clusters are numbered in the
/// order of their smallest members.
///
/// \throws ValueError as DbscanStarParameters::check. Cost: O(N a(N)). Source: R. Campello et al., PAKDD 2013.
[[nodiscard]] inline std::vector<Id> dbscan_star(const Hierarchy& hierarchy,
                                                 const DbscanStarParameters& parameters) {
  parameters.check();
  const std::size_t n = hierarchy.core_distances.size();
  detail::UnionFind sets(n);
  for (const Edge& each : hierarchy.mst) {
    if (!(each.distance <= parameters.distance)) break;
    sets.join(sets.find(each.first), sets.find(each.second));
  }
  std::vector<Index> size(n, 0);
  for (std::size_t p = 0; p < n; ++p) ++size[static_cast<std::size_t>(sets.find(static_cast<Id>(p)))];
  std::vector<Id> label_of(n, Clustering::noise), result(n, Clustering::noise);
  Id count = 0;
  for (std::size_t p = 0; p < n; ++p) {
    const auto set = static_cast<std::size_t>(sets.find(static_cast<Id>(p)));
    const double core = hierarchy.core_distances[p];
    if (!(core <= parameters.distance) || std::isinf(core) || size[set] < parameters.min_cluster_size) continue;
    if (label_of[set] == Clustering::noise) label_of[set] = count++;
    result[p] = label_of[set];
  }
  return result;
}

}  // namespace rnnscope
