// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The shape of the search trees: which points lie below which node.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "rnnscope/core/parallel.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope::detail {

/// A point and the number by which it goes to one child or the other.
template <class Number>
struct SplitEntry {
  Number key;
  Id point;

  friend bool operator<(const SplitEntry& a, const SplitEntry& b) {
    return static_cast<int>(a.key < b.key) |
           (static_cast<int>(a.key == b.key) & static_cast<int>(a.point < b.point));
  }
};

/// Puts the `count` smallest in front. Like std::nth_element, but without branches that nobody can predict:
/// pivots close to the wanted one are taken from a sample (R. Floyd and R. Rivest, "Expected time bounds for
/// selection", 1975). No two may be equal.
template <class T>
void select_smallest(std::span<T> all, std::size_t count) {
  constexpr std::size_t few = 96, most_samples = 128;
  std::vector<T> larger;
  while (all.size() > few) {
    const std::size_t samples = std::min(most_samples, all.size() / 12);
    std::array<T, most_samples> sample;
    for (std::size_t k = 0; k < samples; ++k) sample[k] = all[(2 * k + 1) * all.size() / (2 * samples)];
    std::sort(sample.begin(), sample.begin() + static_cast<Index>(samples));
    // A little to the side of the wanted one on which fewer are left.
    const std::size_t rank = count * samples / all.size(), aside = 1 + samples / 16;
    const T pivot =
        sample[2 * count > all.size() ? rank - std::min(rank, aside) : std::min(samples - 1, rank + aside)];
    larger.resize(std::max(larger.size(), all.size() + 1));
    T *low = all.data(), *high = larger.data();
    for (const T& each : all) {
      const T here = each;
      const bool is_smaller = here < pivot;
      *low = *high = here;
      low += is_smaller;
      high += !is_smaller;
    }
    const auto smaller = static_cast<std::size_t>(low - all.data());
    std::copy(larger.data(), high, low);
    if (smaller == 0) break;
    if (count < smaller) {
      all = all.first(smaller);
    } else {
      all = all.subspan(smaller);
      count -= smaller;
    }
  }
  std::nth_element(all.begin(), all.begin() + static_cast<Index>(count), all.end());
}

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
  /// Sorts the points below an inner node into two halves, for its children: by key(point), then by number.
  template <class Key>
  void split(Index node, const Key& key) {
    using Entry = SplitEntry<std::decay_t<decltype(key(Id{}))>>;
    std::vector<Entry> entries;
    entries.reserve(static_cast<std::size_t>(end(node) - begin(node)));
    for (Index p = begin(node); p < end(node); ++p) entries.push_back({key(point(p)), point(p)});
    select_smallest(std::span(entries), static_cast<std::size_t>(end(2 * node + 1) - begin(node)));
    std::transform(entries.begin(), entries.end(), point_.begin() + begin(node),
                   [](const Entry& each) { return each.point; });
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

/// What a search asks of whole nodes.
struct NodeSummary {
  static constexpr Id mixed = -1;

  std::vector<Id> component;     ///< of all points below a node, or mixed
  std::vector<double> low_core;  ///< the smallest core weight below a node

  /// `component_at` and `core_at` are asked for every position.
  template <class Component, class Core>
  NodeSummary(const TreeLayout& tree, const Component& component_at, const Core& core_at)
      : component(static_cast<std::size_t>(tree.nodes())), low_core(component.size()) {
    constexpr Index grain = 64;
    parallel_for((tree.leaves() + grain - 1) / grain, [&](Index piece) {
      for (Index leaf = piece * grain; leaf < std::min(tree.leaves(), (piece + 1) * grain); ++leaf) {
        const Index node = tree.first_leaf() + leaf;
        Id own = component_at(tree.begin(node));
        double low = std::numeric_limits<double>::infinity();
        for (Index p = tree.begin(node); p < tree.end(node); ++p) {
          if (component_at(p) != own) own = mixed;
          low = std::min(low, core_at(p));
        }
        component[static_cast<std::size_t>(node)] = own;
        low_core[static_cast<std::size_t>(node)] = low;
      }
    });
    for (Index node = tree.first_leaf() - 1; node >= 0; --node) {
      const auto v = static_cast<std::size_t>(node), left = static_cast<std::size_t>(2 * node + 1);
      component[v] = component[left] == component[left + 1] ? component[left] : mixed;
      low_core[v] = std::min(low_core[left], low_core[left + 1]);
    }
  }
};

/// The numbers 0 ... count - 1.
[[nodiscard]] inline std::vector<Id> all_points(Index count) {
  std::vector<Id> result(static_cast<std::size_t>(count));
  std::iota(result.begin(), result.end(), 0);
  return result;
}

}  // namespace rnnscope::detail
