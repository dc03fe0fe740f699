// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Taking splits out of a condensed tree whose parts do not last.
#pragma once

#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

#include "rnnscope/cluster/condensed_tree.hpp"

namespace rnnscope {

/// The condensed tree without clusters that last less than `min_persistence`. A cluster born at distance w
/// lasts 1 / w_min - 1 / w, with w_min the smallest distance at which a point leaves it or a cluster inside it.
///
/// From the leaves to the root: a split of which two or more parts last stays, and its other parts fall out of
/// the parent at once. Any other split is taken back: the parent goes on as the part that lasts longest. If
/// that part is a leaf the points of all parts leave the parent as they left the parts; if it splits further
/// the other parts' points fall out where the split was.
///
/// \throws ValueError unless min_persistence is at least 0. Cost: O(N + C log C).
[[nodiscard]] inline CondensedTree simplify(const CondensedTree& tree, double min_persistence) {
  require<ValueError>(min_persistence >= 0.0, "simplify: min_persistence must be at least 0, found ",
                      min_persistence);
  const std::size_t count = tree.clusters.size();
  std::vector<CondensedTree::Cluster> clusters = tree.clusters;
  const std::vector<double> densest = densest_distances(tree);
  std::vector<std::vector<std::size_t>> children(count);
  std::vector<std::size_t> into(count);       // the cluster that takes its points; itself if it stays
  std::vector<double> fallen_at(count, 0.0);  // where they all fall out; 0: they leave as they did
  for (std::size_t c = 0; c < count; ++c) {
    into[c] = c;
    if (c > 0) children[static_cast<std::size_t>(tree.clusters[c].parent)].push_back(c);
  }
  const auto lasts = [&](std::size_t c) {
    return clusters[c].birth > densest[c] ? 1.0 / densest[c] - 1.0 / clusters[c].birth : 0.0;
  };
  for (std::size_t c = count; c-- > 0;) {
    std::vector<std::size_t>& parts = children[c];
    if (parts.empty()) continue;
    const auto lasting = std::count_if(parts.begin(), parts.end(),
                                       [&](std::size_t part) { return lasts(part) >= min_persistence; });
    const std::size_t heir = *std::min_element(parts.begin(), parts.end(), [&](std::size_t a, std::size_t b) {
      return std::tuple(densest[a], -clusters[a].size, -clusters[a].stability.finite) <
             std::tuple(densest[b], -clusters[b].size, -clusters[b].stability.finite);
    });
    std::vector<Stability> gained;
    std::vector<std::size_t> kept;
    for (const std::size_t part : parts) {
      if (lasting >= 2 && lasts(part) >= min_persistence) {
        kept.push_back(part);
        continue;
      }
      into[part] = c;
      if (lasting < 2 && (part == heir || children[heir].empty())) {
        gained.push_back(clusters[part].stability);
      } else {
        fallen_at[part] = clusters[part].birth;
      }
    }
    if (lasting < 2) {
      clusters[c].death = clusters[heir].death;
      kept = children[heir];
    }
    std::sort(gained.begin(), gained.end());
    for (const Stability& each : gained) clusters[c].stability += each;
    parts = std::move(kept);
  }

  CondensedTree result;
  std::vector<Id> number(count, -1);
  for (std::size_t c = 0; c < count; ++c) {
    if (into[c] != c) {
      fallen_at[c] = std::max(fallen_at[c], fallen_at[into[c]]);
      number[c] = number[into[c]];
      continue;
    }
    number[c] = static_cast<Id>(result.clusters.size());
    result.clusters.push_back(clusters[c]);
    if (c > 0) result.clusters.back().parent = number[static_cast<std::size_t>(tree.clusters[c].parent)];
  }
  for (std::size_t p = 0; p < tree.point_cluster.size(); ++p) {
    const auto c = static_cast<std::size_t>(tree.point_cluster[p]);
    result.point_cluster.push_back(number[c]);
    result.point_distance.push_back(std::max(tree.point_distance[p], fallen_at[c]));
  }
  return result;
}

}  // namespace rnnscope
