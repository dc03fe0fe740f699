// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The shape of the search trees: which points lie below which node.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "rnnscope/core/parallel.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope::detail {

/// A perfect binary tree: node v has the children 2 v + 1 and 2 v + 2, all leaves lie at one depth and their
/// sizes differ by one at most. Every node holds points at consecutive positions, its children a half each.
class TreeLayout {
 public:
  /// Of at least one point, as deep as it takes for leaves of at most `leaf_size`.
  TreeLayout(std::vector<Id> points, Index leaf_size) : point_(std::move(points)) {
    while (((size() - 1) >> depth_) + 1 > leaf_size) ++depth_;
  }

  [[nodiscard]] Index size() const { return static_cast<Index>(point_.size()); }
  [[nodiscard]] Index depth() const { return depth_; }
  [[nodiscard]] Index nodes() const { return 2 * leaves() - 1; }
  [[nodiscard]] Index leaves() const { return Index{1} << depth_; }
  [[nodiscard]] Index first_leaf() const { return leaves() - 1; }
  [[nodiscard]] bool is_leaf(Index node) const { return node >= first_leaf(); }
  /// The root is at level 0.
  [[nodiscard]] static Index level(Index node) {
    return static_cast<Index>(std::bit_width(static_cast<std::uint64_t>(node + 1))) - 1;
  }
  [[nodiscard]] static Index first_of_level(Index level) { return (Index{1} << level) - 1; }
  /// The positions of the points below a node are [begin(node), end(node)).
  [[nodiscard]] Index begin(Index node) const { return border(node, 0); }
  [[nodiscard]] Index end(Index node) const { return border(node, 1); }
  [[nodiscard]] Id point(Index position) const { return point_[static_cast<std::size_t>(position)]; }
  /// By position.
  [[nodiscard]] std::span<const Id> points() const { return point_; }
  /// The smallest number of a point below a node.
  [[nodiscard]] Id smallest(Index node) const { return smallest_[static_cast<std::size_t>(node)]; }

 protected:
  /// Sorts the points below an inner node into two halves, for its children.
  template <class Less>
  void split(Index node, const Less& less) {
    std::nth_element(point_.begin() + begin(node), point_.begin() + end(2 * node + 1),
                     point_.begin() + end(node), less);
  }

  /// To be called when the points stand where they stay.
  void find_smallest() {
    smallest_.assign(static_cast<std::size_t>(nodes()), std::numeric_limits<Id>::max());
    parallel_for((leaves() + 255) / 256, [&](Index piece) {
      for (Index leaf = piece * 256; leaf < std::min(leaves(), (piece + 1) * 256); ++leaf) {
        const Index node = first_leaf() + leaf;
        smallest_[static_cast<std::size_t>(node)] =
            *std::min_element(point_.begin() + begin(node), point_.begin() + end(node));
      }
    });
    for (Index v = first_leaf() - 1; v >= 0; --v) {
      smallest_[static_cast<std::size_t>(v)] = std::min(smallest(2 * v + 1), smallest(2 * v + 2));
    }
  }

 private:
  /// The first position of the node `steps` to the right of `node` at its level.
  [[nodiscard]] Index border(Index node, Index steps) const {
    const Index at = level(node);
    return (size() * (node - first_of_level(at) + steps)) >> at;
  }

  Index depth_ = 0;
  std::vector<Id> point_;
  std::vector<Id> smallest_;  ///< per node
};

/// The numbers 0 ... count - 1.
[[nodiscard]] inline std::vector<Id> all_points(Index count) {
  std::vector<Id> result(static_cast<std::size_t>(count));
  std::iota(result.begin(), result.end(), 0);
  return result;
}

}  // namespace rnnscope::detail
