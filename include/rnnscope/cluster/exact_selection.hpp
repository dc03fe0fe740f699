// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Excess of mass with a given number of clusters.
#pragma once

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>
#include <vector>

#include "rnnscope/cluster/condensed_tree.hpp"

namespace rnnscope::detail {

/// For every number k of clusters, the largest total stability of k eligible clusters of one subtree, none
/// inside another; and how to get it.
class ExactSelection {
 public:
  /// Cost: O(C wanted) time and memory for C clusters.
  ExactSelection(const CondensedTree& tree, const std::vector<bool>& eligible, Index wanted)
      : children_(tree.clusters.size()), own_(tree.clusters.size(), false), shares_(tree.clusters.size()) {
    const auto limit = static_cast<std::size_t>(wanted);
    std::vector<Table> tables(tree.clusters.size());
    for (std::size_t c = tree.clusters.size(); c-- > 0;) {
      // In an order that does not depend on that of the points, as sums of three numbers do on theirs.
      std::sort(children_[c].begin(), children_[c].end(), [&](std::size_t a, std::size_t b) {
        const auto &x = tree.clusters[a], &y = tree.clusters[b];
        return std::tie(x.size, x.death, x.stability) < std::tie(y.size, y.death, y.stability);
      });
      Table table(1);
      for (const std::size_t child : children_[c]) {
        table = combined(table, tables[child], limit, shares_[c].emplace_back());
        tables[child] = {};
      }
      if (eligible[c] && (table.size() == 1 || tree.clusters[c].stability >= table[1])) {
        table.resize(std::max<std::size_t>(table.size(), 2));
        table[1] = tree.clusters[c].stability;
        own_[c] = true;
      }
      if (c > 0) children_[static_cast<std::size_t>(tree.clusters[c].parent)].push_back(c);
      most_ = static_cast<Index>(table.size()) - 1;
      tables[c] = std::move(table);
    }
  }

  /// The largest number of clusters, at most `wanted`.
  [[nodiscard]] Index most() const { return most_; }

  /// Per cluster, whether it is one of the `most()` chosen.
  [[nodiscard]] std::vector<bool> chosen() const {
    std::vector<bool> result(children_.size(), false);
    std::vector<Index> quota(children_.size(), 0);
    if (!quota.empty()) quota[0] = most_;
    for (std::size_t c = 0; c < quota.size(); ++c) {
      if (quota[c] == 1 && own_[c]) {
        result[c] = true;
        continue;
      }
      for (std::size_t k = children_[c].size(); k-- > 0;) {
        const Index share = shares_[c][k][static_cast<std::size_t>(quota[c])];
        quota[children_[c][k]] = share;
        quota[c] -= share;
      }
    }
    return result;
  }

 private:
  using Table = std::vector<Stability>;  ///< by number of clusters

  /// `share[k]`: how many of k clusters lie in `child`.
  [[nodiscard]] static Table combined(const Table& before, const Table& child, std::size_t limit,
                                      std::vector<Id>& share) {
    const std::size_t size = std::min(limit + 1, before.size() + child.size() - 1);
    std::vector<std::optional<Stability>> best(size);
    share.assign(size, 0);
    for (std::size_t a = 0; a < before.size(); ++a) {
      for (std::size_t b = 0; b < child.size() && a + b < size; ++b) {
        Stability sum = before[a];
        sum += child[b];
        if (best[a + b] && *best[a + b] >= sum) continue;
        best[a + b] = sum;
        share[a + b] = static_cast<Id>(b);
      }
    }
    Table result;
    for (const std::optional<Stability>& each : best) result.push_back(*each);
    return result;
  }

  std::vector<std::vector<std::size_t>> children_;
  std::vector<bool> own_;
  std::vector<std::vector<std::vector<Id>>> shares_;  ///< per cluster and child
  Index most_ = 0;
};

}  // namespace rnnscope::detail
