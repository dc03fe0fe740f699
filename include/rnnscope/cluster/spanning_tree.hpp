// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Edges of a minimum spanning tree, and the one order in which every algorithm sorts them.
#pragma once

#include <algorithm>
#include <compare>
#include <vector>

#include "rnnscope/core/types.hpp"

namespace rnnscope {

/// An edge between the points `first` < `second`, `distance` long.
struct Edge {
  double distance = 0.0;
  Id first = 0;
  Id second = 0;

  /// By distance, then by the two points: a total order, so equal distances leave nothing to chance.
  friend auto operator<=>(const Edge&, const Edge&) = default;
};

/// The edge between two points, in either order.
[[nodiscard]] inline Edge make_edge(double distance, Id a, Id b) {
  return {.distance = distance, .first = std::min(a, b), .second = std::max(a, b)};
}

}  // namespace rnnscope
