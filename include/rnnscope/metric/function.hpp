// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Any callable as a metric: on two columns, on two objects of the user's own, or on two numbers.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <limits>
#include <type_traits>
#include <utility>

#include "rnnscope/core/error.hpp"
#include "rnnscope/metric/column_distances.hpp"

namespace rnnscope::metric {

/// A callable of which its author says that it obeys the triangle inequality. See `true_metric`.
template <class Function>
struct TrueMetric {
  static constexpr bool is_metric = true;
  Function function;
  TriangleError triangle_error = {};

  template <class A, class B>
  auto operator()(const A& a, const B& b) const -> std::invoke_result_t<const Function&, const A&, const B&> {
    return function(a, b);
  }
};

/// Declares that `function` is a metric, d(a, c) <= d(a, b) + d(b, c), which a bare callable is not taken to
/// be; but for rounding (see TriangleError: the default is not enough for every formula). Clustering then skips
/// pairs by that inequality (cluster/vp_tree.hpp); if it does not hold, results are wrong.
/// \throws ValueError unless 0 <= relative < 1 and 0 <= absolute.
template <class Function>
[[nodiscard]] TrueMetric<Function> true_metric(Function function, const TriangleError& error = {}) {
  require<ValueError>(
      error.relative >= 0.0 && error.relative < 1.0 && error.absolute >= 0.0,
      "true_metric: expected a relative error in [0, 1) and an absolute one of 0 or more, found ",
      error.relative, " and ", error.absolute);
  return {std::move(function), error};
}

/// Points that are the columns of a matrix; a callable gets them as `Eigen::Map<const Vector<Scalar>>`.
template <class Scalar>
class Columns {
 public:
  template <class Derived>
  explicit Columns(const Eigen::MatrixBase<Derived>& points) : points_(points.derived()) {
    check_points<Scalar>(points_);
  }
  Columns(const Columns&) = delete;
  Columns& operator=(const Columns&) = delete;

  [[nodiscard]] Index size() const { return points_.cols(); }
  [[nodiscard]] Eigen::Map<const Vector<Scalar>> operator[](Index i) const {
    return {points_.data() + i * points_.outerStride(), points_.rows()};
  }

 private:
  ConstMatrixRef<Scalar> points_;
};

/// Points that are the elements of a container (`std::vector<std::string>`, ...), which must outlive this.
template <class Container>
class Objects {
 public:
  explicit Objects(const Container& points) : points_(points) {}
  [[nodiscard]] Index size() const { return static_cast<Index>(points_.size()); }
  [[nodiscard]] decltype(auto) operator[](Index i) const { return points_[static_cast<std::size_t>(i)]; }

 private:
  const Container& points_;
};

/// Points that are the numbers 0, ..., count - 1; a callable gets two `Index`.
class Numbers {
 public:
  explicit Numbers(Index count) : count_(count) {
    require<ValueError>(count >= 0, "points: their number must not be negative, found ", count);
  }
  [[nodiscard]] Index size() const { return count_; }
  [[nodiscard]] Index operator[](Index i) const { return i; }

 private:
  Index count_;
};

/// The DistanceSource of `Points` (one of the three above) under a callable d(a, b) >= 0.
///
/// Every pair is passed with the smaller number first, so d need not be symmetric to the last bit.
/// The callable is called from several threads at once.
template <class Function, class Points>
class FunctionDistances {
 public:
  static constexpr bool is_metric = [] {
    if constexpr (requires { Function::is_metric; }) {
      return static_cast<bool>(Function::is_metric);
    } else {
      return false;
    }
  }();

  template <class From>
  FunctionDistances(Function function, const From& points) : function_(std::move(function)), points_(points) {}

  [[nodiscard]] Index size() const { return points_.size(); }
  [[nodiscard]] double lift(double proxy) const { return proxy; }
  [[nodiscard]] double lower(double distance) const { return distance; }
  [[nodiscard]] TriangleError triangle_error() const { return triangle_error_of(function_); }

  /// \throws ValueError if the callable gives NaN, an infinity or a negative number.
  void proxies(Index i, const Id* others, Index count, double* out) const {
    for (Index q = 0; q < count; ++q) {
      const Index a = std::min<Index>(i, others[q]);
      const Index b = std::max<Index>(i, others[q]);
      const auto value = static_cast<double>(function_(points_[a], points_[b]));
      require<ValueError>(value >= 0.0 && value <= std::numeric_limits<double>::max(),
                          "metric: the distance of points ", a, " and ", b, " is ", value,
                          "; expected a finite number >= 0");
      out[q] = value;
    }
  }

 private:
  Function function_;
  Points points_;
};

}  // namespace rnnscope::metric
