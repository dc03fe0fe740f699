// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A k-d tree over points of few dimensions, with distances from a point to boxes and leaves.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <numeric>
#include <vector>

#include "rnnscope/core/parallel.hpp"
#include "rnnscope/metric/column_distances.hpp"

namespace rnnscope::detail {

/// A perfect binary tree: node v has the children 2 v + 1 and 2 v + 2, all leaves lie at one depth and their
/// sizes differ by one at most. Every node keeps the box of its points. A leaf keeps its points' coordinates
/// side by side, eight points to a register, so that a leaf is evaluated at once; the order of summation is
/// that of `metric::detail::coordinate_kernel`, hence the same bits.
///
/// Distances to boxes are summed in the same order too. Since a rounded difference never falls when the exact
/// one grows, and the metric's f neither, a computed distance to a box never exceeds a computed distance to a
/// point in it: no allowance for rounding is needed.
template <metric::DifferenceMetric Metric, class Scalar>
class KdTree {
 public:
  static constexpr Index lanes = metric::Lanes::count;
  static constexpr Index leaf_size = 32;

  /// Room for the coordinates of one point, widened and filled up with zeros to a multiple of eight.
  using Coordinates = std::vector<double>;

  /// Cost: O(D N log N), all threads.
  template <class Source>
  explicit KdTree(const Source& source) : KdTree(source, all_points(source.size())) {}

  /// Over some of the points of the source.
  template <class Source>
  KdTree(const Source& source, std::vector<Id> points)
      : metric_(source.metric()), dimension_(source.dimension()), point_(std::move(points)) {
    const Index n = size();
    depth_ = 0;
    while (((n - 1) >> depth_) + 1 > leaf_size) ++depth_;
    padded_ = (dimension_ + lanes - 1) / lanes * lanes;
    const Index nodes = (Index{2} << depth_) - 1;
    box_.assign(static_cast<std::size_t>(nodes * 2 * padded_), Scalar(0));
    smallest_.resize(static_cast<std::size_t>(nodes));
    for (Index level = 0; level <= depth_; ++level) {
      parallel_for(Index{1} << level,
                   [&](Index k) { split(source, (Index{1} << level) - 1 + k, level == depth_); });
    }
    for (Index v = first_leaf() - 1; v >= 0; --v) {
      smallest_[static_cast<std::size_t>(v)] = std::min(smallest(2 * v + 1), smallest(2 * v + 2));
    }
    leaf_point_.assign(static_cast<std::size_t>(leaves() * leaf_size), std::numeric_limits<Id>::max());
    leaf_.assign(static_cast<std::size_t>(leaves() * leaf_size * dimension_),
                 std::numeric_limits<Scalar>::infinity());
    parallel_for(leaves(), [&](Index leaf) {
      const Index from = begin(first_leaf() + leaf), count = end(first_leaf() + leaf) - from;
      for (Index p = 0; p < count; ++p) {
        const Id i = point(from + p);
        leaf_point_[static_cast<std::size_t>(leaf * leaf_size + p)] = i;
        for (Index k = 0; k < dimension_; ++k) {
          leaf_[static_cast<std::size_t>((leaf * dimension_ + k) * leaf_size + p)] = source.column(i)[k];
        }
      }
    });
  }

  [[nodiscard]] Index size() const { return static_cast<Index>(point_.size()); }
  [[nodiscard]] Index dimension() const { return dimension_; }
  [[nodiscard]] Index nodes() const { return 2 * leaves() - 1; }
  [[nodiscard]] Index leaves() const { return Index{1} << depth_; }
  [[nodiscard]] Index first_leaf() const { return leaves() - 1; }
  [[nodiscard]] bool is_leaf(Index node) const { return node >= first_leaf(); }
  /// The positions of the points below a node are [begin(node), end(node)).
  [[nodiscard]] Index begin(Index node) const { return border(node, 0); }
  [[nodiscard]] Index end(Index node) const { return border(node, 1); }
  [[nodiscard]] Id point(Index position) const { return point_[static_cast<std::size_t>(position)]; }
  /// The smallest number of a point below a node.
  [[nodiscard]] Id smallest(Index node) const { return smallest_[static_cast<std::size_t>(node)]; }
  /// The points of a leaf, `leaf_size` of them; the last may be no points (the largest Id).
  [[nodiscard]] const Id* leaf_points(Index node) const {
    return leaf_point_.data() + (node - first_leaf()) * leaf_size;
  }
  [[nodiscard]] Index leaf_groups(Index node) const { return (end(node) - begin(node) + lanes - 1) / lanes; }

  template <class Source>
  void load(const Source& source, Index i, Coordinates& x) const {
    x.assign(static_cast<std::size_t>(padded_), 0.0);
    for (Index k = 0; k < dimension_; ++k)
      x[static_cast<std::size_t>(k)] = static_cast<double>(source.column(i)[k]);
  }

  /// At most the proxy of x with any point below the node.
  [[nodiscard]] double box_proxy(const Coordinates& x, Index node) const {
    const Scalar* low = box_.data() + node * 2 * padded_;
    const Scalar* high = low + padded_;
    metric::Lanes sum;
    for (Index k = 0; k < padded_; k += lanes) {
      const metric::Lanes here = metric::Lanes::load(x.data() + k);
      const metric::Lanes gap =
          max(max(metric::Lanes::load(low + k) - here, here - metric::Lanes::load(high + k)), metric::Lanes{});
      sum = metric_.accumulate(sum, gap, metric::Lanes{});
    }
    return metric::detail::add_lanes(sum);
  }

  /// The proxies of x with the eight points of one group of a leaf.
  [[nodiscard]] std::array<double, std::size_t{lanes}> leaf_proxies(const Coordinates& x, Index node,
                                                                    Index group) const {
    const Scalar* y = leaf_.data() + (node - first_leaf()) * dimension_ * leaf_size + group * lanes;
    switch (std::min<Index>(dimension_, lanes)) {
      case 1:
        return group_proxies<1>(x.data(), y);
      case 2:
        return group_proxies<2>(x.data(), y);
      case 3:
        return group_proxies<3>(x.data(), y);
      case 4:
        return group_proxies<4>(x.data(), y);
      case 5:
        return group_proxies<5>(x.data(), y);
      case 6:
        return group_proxies<6>(x.data(), y);
      case 7:
        return group_proxies<7>(x.data(), y);
      default:
        return group_proxies<8>(x.data(), y);
    }
  }

 private:
  [[nodiscard]] static std::vector<Id> all_points(Index count) {
    std::vector<Id> result(static_cast<std::size_t>(count));
    std::iota(result.begin(), result.end(), 0);
    return result;
  }

  /// The first position of the node `steps` to the right of `node` at its level.
  [[nodiscard]] Index border(Index node, Index steps) const {
    const auto level = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(node + 1))) - 1;
    const Index place = node + 1 - (Index{1} << level) + steps;
    return (size() * place) >> level;
  }

  /// Boxes a node and, unless it is a leaf, sorts its points into two halves.
  template <class Source>
  void split(const Source& source, Index node, bool leaf) {
    const Index from = begin(node), to = end(node);
    Scalar* low = box_.data() + node * 2 * padded_;
    Scalar* high = low + padded_;
    Id& smallest = smallest_[static_cast<std::size_t>(node)] = std::numeric_limits<Id>::max();
    for (Index p = from; p < to; ++p) {
      const Scalar* column = source.column(point(p));
      smallest = std::min(smallest, point(p));
      for (Index k = 0; k < dimension_; ++k) {
        low[k] = p == from ? column[k] : std::min(low[k], column[k]);
        high[k] = p == from ? column[k] : std::max(high[k], column[k]);
      }
    }
    if (leaf) return;
    Index axis = 0;
    for (Index k = 1; k < dimension_; ++k) {
      if (high[k] - low[k] > high[axis] - low[axis]) axis = k;
    }
    std::nth_element(point_.begin() + from, point_.begin() + end(2 * node + 1), point_.begin() + to,
                     [&](Id a, Id b) {
                       const Scalar x = source.column(a)[axis], y = source.column(b)[axis];
                       return x < y || (x == y && a < b);
                     });
  }

  /// `Used` lanes of the canonical kernel hold anything.
  template <std::size_t Used>
  [[nodiscard]] RNNSCOPE_INLINE std::array<double, std::size_t{lanes}> group_proxies(const double* x,
                                                                                     const Scalar* y) const {
    std::array<metric::Lanes, std::size_t{lanes}> sums;
    const auto add = [&](std::size_t lane, Index k) {
      sums[lane] =
          metric_.accumulate(sums[lane], metric::Lanes::all(x[k]), metric::Lanes::load(y + k * leaf_size));
    };
    if constexpr (Used < std::size_t{lanes}) {
#pragma GCC unroll 8
      for (std::size_t l = 0; l < Used; ++l) add(l, static_cast<Index>(l));
    } else {
      Index k = 0;
      for (; k + lanes <= dimension_; k += lanes) {
#pragma GCC unroll 8
        for (std::size_t l = 0; l < Used; ++l) add(l, k + static_cast<Index>(l));
      }
#pragma GCC unroll 8
      for (std::size_t l = 0; l + 1 < Used; ++l) {
        if (k + static_cast<Index>(l) < dimension_) add(l, k + static_cast<Index>(l));
      }
    }
    return (((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]))).values();
  }

  Metric metric_;
  Index dimension_ = 0, padded_ = 0, depth_ = 0;
  std::vector<Id> point_;
  std::vector<Scalar> box_;   ///< per node, low and high
  std::vector<Id> smallest_;  ///< per node
  std::vector<Scalar> leaf_;  ///< per leaf and coordinate, `leaf_size` points
  std::vector<Id> leaf_point_;
};

template <class Source>
using KdTreeOf =
    KdTree<std::remove_cvref_t<decltype(std::declval<const Source&>().metric())>, typename Source::Stored>;

}  // namespace rnnscope::detail
