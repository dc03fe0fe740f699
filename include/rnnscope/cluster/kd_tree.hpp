// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A k-d tree over points of few dimensions, with distances from a point to boxes and leaves.
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include "rnnscope/cluster/tree_layout.hpp"
#include "rnnscope/metric/column_distances.hpp"

namespace rnnscope::detail {

/// A tree whose nodes keep the boxes of their points. A leaf keeps its points' coordinates side by side, eight
/// points to a register, so that a leaf is evaluated at once; the order of summation is that of
/// `metric::detail::coordinate_kernel`, hence the same bits.
///
/// Distances to boxes are summed in the same order too. Since a rounded difference never falls when the exact
/// one grows, and the metric's f neither, a computed distance to a box never exceeds a computed distance to a
/// point in it: no allowance for rounding is needed.
template <metric::DifferenceMetric Metric, class Scalar>
class KdTree : public TreeLayout {
 public:
  static constexpr Index lanes = metric::Lanes::count;
  static constexpr Index leaf_size = 32;

  /// A point that is searched for.
  struct Query {
    Id point = -1;
    std::vector<double> x;  ///< its coordinates, widened and filled up with zeros to a multiple of eight
    Index evaluated = 0;    ///< points that its distance was computed to
  };

  /// Cost: O(D N log N), all threads.
  template <class Source>
  explicit KdTree(const Source& source) : KdTree(source, all_points(source.size())) {}

  /// Over some of the points of the source, at least one.
  template <class Source>
  KdTree(const Source& source, std::vector<Id> points)
      : TreeLayout(std::move(points), leaf_size), metric_(source.metric()), dimension_(source.dimension()) {
    padded_ = (dimension_ + lanes - 1) / lanes * lanes;
    box_.assign(static_cast<std::size_t>(nodes() * 2 * padded_), Scalar(0));
    for (Index at = 0; at <= depth(); ++at) {
      parallel_for(Index{1} << at, [&](Index k) { box_and_split(source, first_of_level(at) + k); });
    }
    find_smallest();
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

  template <class Source>
  void start(const Source& source, Id i, Query& query) const {
    query.point = i;
    query.x.assign(static_cast<std::size_t>(padded_), 0.0);
    for (Index k = 0; k < dimension_; ++k)
      query.x[static_cast<std::size_t>(k)] = static_cast<double>(source.column(i)[k]);
  }

  /// For each child of a node, at most the proxy of the query with any point below it.
  template <class Source>
  [[nodiscard]] std::array<double, 2> child_bounds(const Source&, Query& query, Index node) const {
    return {box_proxy(query.x, 2 * node + 1), box_proxy(query.x, 2 * node + 2)};
  }

  /// visit(proxy, point) for the points of a leaf that are `wanted` (not the query's own), with proxies up to
  /// `limit()`. Both may change with every visit.
  template <class Source, class Limit, class Wanted, class Visit>
  void visit_leaf(const Source&, Query& query, Index node, const Limit& limit, const Wanted& wanted,
                  const Visit& visit) const {
    const Id* points = leaf_point_.data() + (node - first_leaf()) * leaf_size;
    const Index groups = (end(node) - begin(node) + lanes - 1) / lanes;
    query.evaluated += groups * lanes;
    for (Index g = 0; g < groups; ++g, points += lanes) {
      const auto proxies = leaf_proxies(query.x, node, g);
      for (std::size_t l = 0; l < proxies.size(); ++l) {
        if (proxies[l] <= limit() && points[l] != std::numeric_limits<Id>::max() && wanted(points[l]))
          visit(proxies[l], points[l]);
      }
    }
  }

 private:
  using Coordinates = std::vector<double>;

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

  /// Boxes a node and, unless it is a leaf, sorts its points into two halves.
  template <class Source>
  void box_and_split(const Source& source, Index node) {
    const Index from = begin(node), to = end(node);
    Scalar* low = box_.data() + node * 2 * padded_;
    Scalar* high = low + padded_;
    for (Index p = from; p < to; ++p) {
      const Scalar* column = source.column(point(p));
      for (Index k = 0; k < dimension_; ++k) {
        low[k] = p == from ? column[k] : std::min(low[k], column[k]);
        high[k] = p == from ? column[k] : std::max(high[k], column[k]);
      }
    }
    if (is_leaf(node)) return;
    Index axis = 0;
    for (Index k = 1; k < dimension_; ++k) {
      if (high[k] - low[k] > high[axis] - low[axis]) axis = k;
    }
    split(node, [&](Id a, Id b) {
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
  Index dimension_ = 0, padded_ = 0;
  std::vector<Scalar> box_;     ///< per node, low and high
  std::vector<Scalar> leaf_;    ///< per leaf and coordinate, `leaf_size` points
  std::vector<Id> leaf_point_;  ///< per leaf; filled up with the largest Id
};

template <class Source>
using KdTreeOf =
    KdTree<std::remove_cvref_t<decltype(std::declval<const Source&>().metric())>, typename Source::Stored>;

}  // namespace rnnscope::detail
