// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The minimum spanning tree of mutual reachability by Prim's algorithm: exact, for any metric, in O(N) memory.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "rnnscope/cluster/edge_scale.hpp"
#include "rnnscope/cluster/spanning_tree.hpp"
#include "rnnscope/core/parallel.hpp"
#include "rnnscope/core/progress.hpp"

namespace rnnscope::detail {

/// The points that are not yet in the tree, each with its best edge into it. Kept without gaps.
struct Outside {
  std::vector<Id> point;
  std::vector<double> core;      ///< core weight of the point
  std::vector<double> distance;  ///< weight of the best edge
  std::vector<Id> inside;        ///< its end in the tree

  [[nodiscard]] Index size() const { return static_cast<Index>(point.size()); }
  [[nodiscard]] Edge edge(std::size_t k) const { return make_edge(distance[k], point[k], inside[k]); }

  /// The last point takes the place of point k.
  void remove(std::size_t k) {
    const auto fill = [k](auto& values) {
      values[k] = values.back();
      values.pop_back();
    };
    fill(point);
    fill(core);
    fill(distance);
    fill(inside);
  }
};

/// Offers the edges of `added`, a new point of the tree, to the outside points in [begin, end).
/// Returns the position of the best edge among them.
///
/// An edge of point p weighs at least max(core(added), core(p)); where that is no improvement the distance is
/// not computed. With equal weights the smaller of two inner ends makes the smaller edge, whatever p is.
template <metric::DistanceSource Source>
std::size_t relax(const Source& source, const EdgeScale<Source>& scale, Id added, double added_core,
                  Outside& outside, std::size_t begin, std::size_t end) {
  constexpr std::size_t chunk = 128;
  std::array<std::size_t, chunk> where;
  std::array<Id, chunk> others;
  std::array<double, chunk> proxies;
  const auto improves = [&](std::size_t k, double weight) {
    return weight < outside.distance[k] || (weight == outside.distance[k] && added < outside.inside[k]);
  };

  std::size_t best = begin;
  for (std::size_t first = begin; first < end; first += chunk) {
    const std::size_t last = std::min(end, first + chunk);
    std::size_t count = 0;
    for (std::size_t k = first; k < last; ++k) {
      where[count] = k;
      others[count] = outside.point[k];
      if (improves(k, std::max(added_core, outside.core[k]))) ++count;
    }
    source.proxies(added, others.data(), static_cast<Index>(count), proxies.data());
    for (std::size_t c = 0; c < count; ++c) {
      const std::size_t k = where[c];
      const double weight = std::max({scale.weight(proxies[c]), added_core, outside.core[k]});
      if (improves(k, weight)) {
        outside.distance[k] = weight;
        outside.inside[k] = added;
      }
    }
    for (std::size_t k = first; k < last; ++k) {
      if (outside.distance[k] > outside.distance[best]) continue;
      if (outside.edge(k) < outside.edge(best)) best = k;
    }
  }
  return best;
}

/// The minimum spanning tree under the weights max(core(i), core(j), scale.weight(d(i, j))), N - 1 edges
/// sorted, with lengths as users see them. `core` holds weights. Of several minimum trees it is the one that is
/// smallest in the order of Edge.
///
/// \throws ValueError if a distance on the tree is not finite; Cancelled.
/// Cost: at most N^2 / 2 distances; O(N) memory. All threads, on pieces that do not depend on their number.
template <metric::DistanceSource Source>
[[nodiscard]] std::vector<Edge> mst_prim(const Source& source, const EdgeScale<Source>& scale,
                                         const std::vector<double>& core, const ProgressCallback& progress) {
  constexpr Index grain = 1024;
  const Index n = source.size();
  const Index report_every = n / 128 + 1;
  std::vector<Edge> tree;
  if (n < 2) return tree;
  tree.reserve(static_cast<std::size_t>(n - 1));
  Outside outside;
  for (Index i = 1; i < n; ++i) outside.point.push_back(static_cast<Id>(i));
  outside.core.assign(core.begin() + 1, core.end());
  outside.distance.assign(outside.point.size(), std::numeric_limits<double>::infinity());
  outside.inside.assign(outside.point.size(), 0);

  std::vector<std::size_t> best;
  Id added = 0;
  while (outside.size() > 0) {
    const Index done = static_cast<Index>(tree.size());
    if (done % report_every == 0) {
      report_progress(progress, {.stage = "minimum spanning tree", .done = done, .total = n - 1, .detail = {}});
    }
    const Partition parts{.size = outside.size(), .pieces = (outside.size() + grain - 1) / grain};
    best.resize(static_cast<std::size_t>(parts.pieces));
    parallel_for(parts.pieces, [&](Index p) {
      best[static_cast<std::size_t>(p)] =
          relax(source, scale, added, core[static_cast<std::size_t>(added)], outside,
                static_cast<std::size_t>(parts.begin(p)), static_cast<std::size_t>(parts.end(p)));
    });
    const std::size_t next = *std::min_element(best.begin(), best.end(), [&](std::size_t a, std::size_t b) {
      return outside.edge(a) < outside.edge(b);
    });
    const Edge edge = outside.edge(next);
    require<ValueError>(std::isfinite(edge.distance), "minimum spanning tree: the distance of points ",
                        edge.first, " and ", edge.second, " is too large for a double; scale the points down");
    tree.push_back(make_edge(scale.distance(edge.distance), edge.first, edge.second));
    added = outside.point[next];
    outside.remove(next);
  }
  std::sort(tree.begin(), tree.end());
  return tree;
}

}  // namespace rnnscope::detail
