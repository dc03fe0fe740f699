// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A k-d tree over points of few dimensions, with distances from a point to boxes and leaves.
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
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
  static constexpr Index leaf_size = 32;  ///< room for so many points

  /// Where boxes rule out nearly everything, smaller leaves leave less to evaluate; measured.
  [[nodiscard]] static Index points_in_leaf(Index dimension) {
    return dimension <= 3 ? leaf_size / 2 : leaf_size;
  }

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
      : TreeLayout(std::move(points), points_in_leaf(source.dimension())),
        metric_(source.metric()),
        dimension_(source.dimension()) {
    padded_ = (dimension_ + lanes - 1) / lanes * lanes;
    for (Index at = 0; at < depth(); ++at) {
      parallel_for(Index{1} << at, [&](Index k) {
        const Index node = first_of_level(at) + k;
        const Index axis = widest(source, node);
        split(node, [&](Id i) { return source.column(i)[axis]; });
      });
    }
    find_smallest();
    box_.assign(static_cast<std::size_t>(nodes() * 2 * padded_), Scalar(0));
    leaf_ =
        std::make_unique_for_overwrite<Scalar[]>(static_cast<std::size_t>(leaves() * leaf_size * dimension_));
    parallel_for((leaves() + 15) / 16, [&](Index piece) {
      for (Index leaf = piece * 16; leaf < std::min(leaves(), (piece + 1) * 16); ++leaf)
        fill_leaf(source, first_leaf() + leaf);
    });
    for (Index node = first_leaf() - 1; node >= 0; --node) {
      const Index left = 2 * node + 1, right = 2 * node + 2;
      box(node, 0) = box(left, 0).cwiseMin(box(right, 0));
      box(node, 1) = box(left, 1).cwiseMax(box(right, 1));
    }
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
  [[nodiscard]] std::array<double, 2> child_bounds(const Source&, const Query& query, Index node) const {
    const double* x = query.x.data();
    return {box_proxy(x, x, 2 * node + 1), box_proxy(x, x, 2 * node + 2)};
  }

  /// visit(proxy, point) for the points of a leaf that are `wanted` (not the query's own), with proxies up to
  /// `limit()`. Both may change with every visit.
  template <class Source, class Limit, class Wanted, class Visit>
  void visit_leaf(const Source&, Query& query, Index leaf, const Limit& limit, const Wanted& wanted,
                  const Visit& visit) const {
    std::array<double, std::size_t{leaf_size}> proxies;
    query.evaluated += end(leaf) - begin(leaf);
    for (std::uint32_t near = near_points(query.x.data(), 1, limit(), leaf, proxies.data()); near != 0;
         near &= near - 1) {
      const auto p = std::countr_zero(near);
      const double proxy = proxies[static_cast<std::size_t>(p)];
      const Id i = point(begin(leaf) + p);
      if (proxy <= limit() && wanted(i)) visit(proxy, i);
    }
  }

  /// The coordinates of the points of a leaf: `leaf_size` numbers for each, infinite where there is no point.
  void load(Index leaf, std::vector<double>& x) const {
    const Scalar* y = leaf_.get() + (leaf - first_leaf()) * dimension_ * leaf_size;
    x.assign(y, y + dimension_ * leaf_size);
  }

  /// At most the proxy of any point below one node with any point below the other.
  [[nodiscard]] double box_proxy(Index a, Index b) const { return box_proxy(low(a), low(a) + padded_, b); }

  /// Bits for those of `count` points (coordinates as by `load`) that may have a point below the node nearer
  /// than their `limit`, or as near.
  [[nodiscard]] std::uint32_t near_box(const double* x, Index count, const double* limit, Index node) const {
    return with_dimension([&](auto used) {
      std::uint32_t bits = 0;
      for (Index g = 0; g < count; g += lanes) {
        const metric::Lanes sum = sum_up<used()>([&](metric::Lanes& part, Index k) {
          const metric::Lanes here = metric::Lanes::load(x + k * leaf_size + g);
          const metric::Lanes gap = max(metric::Lanes::all(static_cast<double>(low(node)[k])) - here,
                                        here - metric::Lanes::all(static_cast<double>(low(node)[padded_ + k])));
          part = metric_.accumulate(part, max(gap, metric::Lanes{}), metric::Lanes{});
        });
        bits |= sum.at_most(metric::Lanes::load(limit + g)) << g;
      }
      return bits;
    });
  }

  /// The proxies of a point, whose coordinates lie `stride` apart, with those of a leaf. Returns bits for those
  /// up to `limit`.
  [[nodiscard]] std::uint32_t near_points(const double* x, Index stride, double limit, Index leaf,
                                          double* proxies) const {
    const Scalar* y = leaf_.get() + (leaf - first_leaf()) * dimension_ * leaf_size;
    const Index count = end(leaf) - begin(leaf);
    const std::uint32_t bits = with_dimension([&](auto used) {
      std::uint32_t found = 0;
      for (Index g = 0; g < count; g += lanes) {
        const metric::Lanes sum = sum_up<used()>([&](metric::Lanes& part, Index k) {
          part = metric_.accumulate(part, metric::Lanes::all(x[k * stride]),
                                    metric::Lanes::load(y + k * leaf_size + g));
        });
        sum.store(proxies + g);
        found |= sum.at_most(metric::Lanes::all(limit)) << g;
      }
      return found;
    });
    return bits & first_bits(count);
  }

  /// The `count` lowest of 32 bits.
  [[nodiscard]] static std::uint32_t first_bits(Index count) { return ~std::uint32_t{0} >> (32 - count); }

 private:
  /// The smallest coordinates below a node; the largest follow.
  [[nodiscard]] const Scalar* low(Index node) const { return box_.data() + node * 2 * padded_; }

  /// At most the proxy of any point in a box with any point below a node.
  template <class Number>
  [[nodiscard]] RNNSCOPE_INLINE double box_proxy(const Number* low_a, const Number* high_a, Index b) const {
    const Scalar *low_b = low(b), *high_b = low_b + padded_;
    metric::Lanes sum;
    for (Index k = 0; k < padded_; k += lanes) {
      const metric::Lanes gap = max(metric::Lanes::load(low_a + k) - metric::Lanes::load(high_b + k),
                                    metric::Lanes::load(low_b + k) - metric::Lanes::load(high_a + k));
      sum = metric_.accumulate(sum, max(gap, metric::Lanes{}), metric::Lanes{});
    }
    return metric::detail::add_lanes(sum);
  }

  /// body(how many lanes of the canonical kernel hold anything)
  template <class Body>
  [[nodiscard]] RNNSCOPE_INLINE auto with_dimension(const Body& body) const {
    switch (dimension_) {
      case 1:
        return body(std::integral_constant<int, 1>{});
      case 2:
        return body(std::integral_constant<int, 2>{});
      case 3:
        return body(std::integral_constant<int, 3>{});
      case 4:
        return body(std::integral_constant<int, 4>{});
      case 5:
        return body(std::integral_constant<int, 5>{});
      case 6:
        return body(std::integral_constant<int, 6>{});
      case 7:
        return body(std::integral_constant<int, 7>{});
      default:
        return body(std::integral_constant<int, 8>{});
    }
  }

  /// Eight sums side by side, each in the order of the canonical kernel: add(partial sums, coordinate).
  template <int Used, class Add>
  [[nodiscard]] RNNSCOPE_INLINE metric::Lanes sum_up(const Add& add) const {
    std::array<metric::Lanes, std::size_t{lanes}> sums;
    Index k = 0;
    if constexpr (Used == lanes) {
      for (; k + lanes <= dimension_; k += lanes) {
#pragma GCC unroll 8
        for (int l = 0; l < lanes; ++l) add(sums[static_cast<std::size_t>(l)], k + l);
      }
    }
#pragma GCC unroll 8
    for (int l = 0; l < Used; ++l) {
      if (Used < lanes || k + l < dimension_) add(sums[static_cast<std::size_t>(l)], k + l);
    }
    return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
  }

  /// The smallest (0) or largest (1) coordinates below a node.
  [[nodiscard]] Eigen::Map<Vector<Scalar>> box(Index node, Index side) {
    return {box_.data() + (2 * node + side) * padded_, dimension_};
  }

  /// The coordinate in which the points below a node, or some of them, lie farthest apart.
  template <class Source>
  [[nodiscard]] Index widest(const Source& source, Index node) const {
    constexpr Index enough = 32;
    const Index count = end(node) - begin(node), some = std::min(count, enough);
    Vector<Scalar> low = source.column_map(point(begin(node))), high = low;
    for (Index k = 1; k < some; ++k) {
      const auto column = source.column_map(point(begin(node) + k * count / some));
      low = low.cwiseMin(column);
      high = high.cwiseMax(column);
    }
    Index axis = 0;
    (high - low).maxCoeff(&axis);
    return axis;
  }

  /// Copies the points of a leaf and boxes them.
  template <class Source>
  void fill_leaf(const Source& source, Index leaf) {
    const Index first = begin(leaf), count = end(leaf) - first;
    Eigen::Map<Eigen::Matrix<Scalar, Eigen::Dynamic, leaf_size, Eigen::RowMajor>> x(
        leaf_.get() + (leaf - first_leaf()) * dimension_ * leaf_size, dimension_, leaf_size);
    for (Index p = 0; p < count; ++p) x.col(p) = source.column_map(point(first + p));
    box(leaf, 0) = x.leftCols(count).rowwise().minCoeff();
    box(leaf, 1) = x.leftCols(count).rowwise().maxCoeff();
    x.rightCols(leaf_size - count).setConstant(std::numeric_limits<Scalar>::infinity());
  }

  Metric metric_;
  Index dimension_ = 0, padded_ = 0;
  std::vector<Scalar> box_;         ///< per node, low and high
  std::unique_ptr<Scalar[]> leaf_;  ///< per leaf and coordinate, `leaf_size` points
};

template <class Source>
using KdTreeOf =
    KdTree<std::remove_cvref_t<decltype(std::declval<const Source&>().metric())>, typename Source::Stored>;

}  // namespace rnnscope::detail
