// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Edges of a minimum spanning tree, and the one order in which every algorithm sorts them.
#pragma once

#include <algorithm>
#include <compare>
#include <vector>

#include "rnnscope/core/parallel.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

/// An edge between the points `first` < `second`, `distance` long.
struct Edge {
  double distance = 0.0;
  Id first = 0;
  Id second = 0;

  /// By distance, then by the two points: a total order, so equal distances leave nothing to chance.
  friend auto operator<=>(const Edge&, const Edge&) = default;
  friend bool operator<(const Edge& a, const Edge& b) {  // what <=> says, in fewer steps
    if (a.distance != b.distance) return a.distance < b.distance;
    return a.first < b.first || (a.first == b.first && a.second < b.second);
  }
};

/// The edge between two points, in either order.
[[nodiscard]] inline Edge make_edge(double distance, Id a, Id b) {
  return {.distance = distance, .first = std::min(a, b), .second = std::max(a, b)};
}

namespace detail {

/// std::sort, all threads.
inline void sort_edges(std::vector<Edge>& edges) {
  constexpr Index most_pieces = 16, least = 4096;
  Index pieces = 1;
  while (pieces < most_pieces && pieces * 2 * least <= static_cast<Index>(edges.size())) pieces *= 2;
  const Partition parts{.size = static_cast<Index>(edges.size()), .pieces = pieces, .grain = 1};
  const auto at = [&](Index piece) { return edges.begin() + parts.begin(piece); };
  parallel_for(pieces, [&](Index p) { std::sort(at(p), at(p + 1)); });
  for (Index width = 1; width < pieces; width *= 2) {
    parallel_for(pieces / (2 * width), [&](Index m) {
      std::inplace_merge(at(2 * m * width), at((2 * m + 1) * width), at((2 * m + 2) * width));
    });
  }
}

}  // namespace detail

}  // namespace rnnscope
