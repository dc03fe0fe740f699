// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// What a metric is, and what the clustering code asks of a set of points with a metric.
///
/// Inside, distances are compared as *proxies*: numbers that are cheaper than the distance and in the same
/// order, such as the sum of squares for the Euclidean one. `lift` turns a proxy into the distance. It never
/// decreases, and lift(0) == 0; `lower` is its inverse, up to rounding. Results that users see are always
/// lifted.
#pragma once

#include <concepts>

#include "rnnscope/core/types.hpp"
#include "rnnscope/metric/lanes.hpp"

namespace rnnscope::metric {

/// A metric whose proxy is a sum over coordinates, sum_k f(x_k, y_k). It owes
///
/// * `accumulate(sum, x, y)`: sum + f(x, y) for eight coordinates at once; f(0, 0) == 0 and
///   f(x, y) == f(y, x), to the last bit;
/// * `lift(proxy)`, and its inverse `lower(distance)` (up to rounding);
/// * `is_metric`: true only if lifted distances obey the triangle inequality.
template <class M>
concept CoordinateMetric = requires(const M& metric, const Lanes& lanes, double number) {
  { metric.accumulate(lanes, lanes, lanes) } -> std::same_as<Lanes>;
  { metric.lift(number) } -> std::same_as<double>;
  { metric.lower(number) } -> std::same_as<double>;
  {std::bool_constant<M::is_metric>()};
};

/// A coordinate metric whose proxy is the squared Euclidean distance of the columns it works on (those that its
/// `prepare` step gives, if it has one), summed by `Euclidean::accumulate`. It says so itself, by a member
/// `is_squared_euclidean`. Matrix products then bound distances from below.
template <class M>
concept SquaredEuclideanMetric = CoordinateMetric<M> && requires {
  requires M::is_squared_euclidean;
};

/// A coordinate metric whose f(x_k, y_k) depends on |x_k - y_k| alone and never falls as that grows, to the
/// last bit; it says so by a member `grows_with_differences`. Boxes of a k-d tree then bound distances from
/// below.
template <class M>
concept DifferenceMetric = CoordinateMetric<M> && requires {
  requires M::grows_with_differences;
};

/// `size()` things, numbered from 0, and the dissimilarity of every two of them.
///
/// `proxies(i, others, count, out)` writes the proxies between thing i and each of the `count` things
/// `others`, none of which is i. It is called from several threads at once. Proxies are symmetric to the
/// last bit and never NaN.
template <class D>
concept DistanceSource = requires(const D& source, Index i, const Id* others, double* out, double proxy) {
  { source.size() } -> std::same_as<Index>;
  source.proxies(i, others, i, out);
  { source.lift(proxy) } -> std::same_as<double>;
  { source.lower(proxy) } -> std::same_as<double>;
  {std::bool_constant<D::is_metric>()};
};

/// By how much rounding may break the triangle inequality: for any three things computed distances obey
///
///     d(a, c) <= (d(a, b) + d(b, c)) (1 + relative) + absolute.
///
/// Formulas whose small distances are differences of large numbers need `absolute`: acos(x^T y / (|x| |y|)) is
/// off by 1e-8 near 0, sqrt(|x|^2 + |y|^2 - 2 x^T y) by 1e-8 |x|. The default has room for float sums over a
/// thousand coordinates.
struct TriangleError {
  double relative = 1e-4;
  double absolute = 0.0;
};

/// A source whose distances obey the triangle inequality, but for `triangle_error()`. Distances to a few things
/// then bound those to many.
template <class D>
concept TriangleSource = DistanceSource<D> && D::is_metric && requires(const D& source) {
  { source.triangle_error() } -> std::same_as<TriangleError>;
};

/// What a metric says by a member `triangle_error`, or else the default.
template <class Metric>
[[nodiscard]] constexpr TriangleError triangle_error_of(const Metric& metric) {
  if constexpr (requires { metric.triangle_error; }) {
    return metric.triangle_error;
  } else {
    return {};
  }
}

/// A source that computes whole tiles faster than pair by pair: `tile(row, rows, col, cols, out)` writes the
/// proxy of (row + r, col + c) to out[r * cols + c]. The bits are those of `proxies`; entries of a thing
/// with itself are not looked at.
template <class D>
concept TileDistanceSource = DistanceSource<D> && requires(const D& source, Index i, double* out) {
  source.tile(i, i, i, i, out);
};

template <class P>
concept EigenPoints = std::derived_from<P, Eigen::EigenBase<P>>;

}  // namespace rnnscope::metric
