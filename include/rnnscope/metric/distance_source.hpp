// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// `distance_source(metric, points)`: the one place that decides what a metric and points mean together.
#pragma once

#include <concepts>
#include <cstddef>
#include <numeric>
#include <vector>

#include "rnnscope/metric/function.hpp"
#include "rnnscope/metric/precomputed.hpp"

namespace rnnscope::metric {

namespace detail {

template <class P>
concept ObjectPoints = !EigenPoints<P> && !std::integral<P> && requires(const P& points, std::size_t i) {
  points[i];
  { points.size() } -> std::convertible_to<std::size_t>;
};

template <class Points>
constexpr void check_scalar() {
  using Scalar = typename Points::Scalar;
  static_assert(std::same_as<Scalar, float> || std::same_as<Scalar, double>,
                "points must hold float or double; cast them first: points.cast<double>()");
}

}  // namespace detail

/// The columns of a matrix (or expression) under a built-in metric, such as Euclidean.
/// The result refers to `points`. \throws as check_points.
template <CoordinateMetric Metric, EigenPoints Points>
[[nodiscard]] auto distance_source(const Metric& metric, const Points& points) {
  detail::check_scalar<Points>();
  return ColumnDistances<Metric, typename Points::Scalar>(metric, points);
}

/// A square matrix that holds the distances. \throws as PrecomputedDistances.
template <EigenPoints Points>
[[nodiscard]] auto distance_source(const Precomputed&, const Points& points) {
  detail::check_scalar<Points>();
  return PrecomputedDistances<typename Points::Scalar>(points);
}

/// The columns of a matrix under a callable on two columns. \throws as check_points.
template <class Function, EigenPoints Points>
requires(!CoordinateMetric<Function>)
    [[nodiscard]] auto distance_source(const Function& function, const Points& points) {
  detail::check_scalar<Points>();
  return FunctionDistances<Function, Columns<typename Points::Scalar>>(function, points);
}

/// The elements of a container under a callable on two elements.
template <class Function, detail::ObjectPoints Points>
[[nodiscard]] auto distance_source(const Function& function, const Points& points) {
  return FunctionDistances<Function, Objects<Points>>(function, points);
}

/// The numbers 0, ..., count - 1 under a callable on two `Index`.
template <class Function, std::integral Count>
[[nodiscard]] auto distance_source(const Function& function, Count count) {
  return FunctionDistances<Function, Numbers>(function, static_cast<Index>(count));
}

/// All distances of N points as an `N x N` matrix: for small N, and for `Precomputed`. \throws as above.
template <class Metric, class Points>
[[nodiscard]] Matrix<double> distance_matrix(const Metric& metric, const Points& points) {
  const auto source = distance_source(metric, points);
  const Index n = source.size();
  Matrix<double> result = Matrix<double>::Zero(n, n);
  std::vector<Id> ids(static_cast<std::size_t>(n));
  std::iota(ids.begin(), ids.end(), 0);
  for (Index i = 0; i < n; ++i) {
    double* below = result.data() + i * n + i + 1;
    source.proxies(i, ids.data() + i + 1, n - i - 1, below);
    for (Index j = i + 1; j < n; ++j) result(i, j) = result(j, i) = source.lift(result(j, i));
  }
  return result;
}

/// The distance of columns x and y. \throws ShapeError unless they have the same size; else as above.
template <class Metric, class X, class Y>
[[nodiscard]] double distance(const Metric& metric, const Eigen::MatrixBase<X>& x,
                              const Eigen::MatrixBase<Y>& y) {
  require<ShapeError>(x.cols() == 1 && y.cols() == 1 && x.rows() == y.rows(),
                      "distance: expected two columns of one size, found ", shape_text(x.rows(), x.cols()),
                      " and ", shape_text(y.rows(), y.cols()));
  Matrix<typename X::Scalar> both(x.rows(), 2);
  both.col(0) = x;
  both.col(1) = y;
  return distance_matrix(metric, both)(1, 0);
}

}  // namespace rnnscope::metric
