// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Distances between the columns of a matrix, under a coordinate metric or a function of two columns.
#pragma once

#include <cmath>
#include <type_traits>

#include "rnnscope/core/error.hpp"
#include "rnnscope/metric/coordinate_kernel.hpp"

namespace rnnscope::metric {

/// \throws ShapeError if there are columns without rows; ValueError naming the first column that holds a NaN
/// or an infinity.
template <class Scalar>
void check_points(const ConstMatrixRef<Scalar>& points) {
  require<ShapeError>(points.rows() > 0 || points.cols() == 0,
                      "points: expected at least one row (feature), found ",
                      shape_text(points.rows(), points.cols()), "; columns are points, rows are features");
  for (Index j = 0; j < points.cols(); ++j) {
    if (points.col(j).allFinite()) continue;
    Index row = 0;
    while (std::isfinite(points(row, j))) ++row;
    throw ValueError(message("points: column ", j, " is not finite (row ", row, " is ", points(row, j),
                             "); remove or repair such columns first"));
  }
}

/// The DistanceSource of N columns under a CoordinateMetric. It refers to the points, which must outlive it
/// (a metric with a `prepare` step, such as Cosine, works on its own copy; one with `bring_into_range` may
/// scale that, and its own `lift` and `lower` with it). Sums are kept in double. Const members may run in
/// several threads at once.
template <CoordinateMetric Metric, class Scalar>
class ColumnDistances {
  static constexpr bool prepares = requires(const Metric& m, const ConstMatrixRef<Scalar>& p) { m.prepare(p); };

 public:
  using Stored = std::conditional_t<prepares, double, Scalar>;
  static constexpr bool is_metric = Metric::is_metric;

  /// \throws as check_points, and as the metric's `prepare`.
  template <class Derived>
  ColumnDistances(Metric metric, const Eigen::MatrixBase<Derived>& points)
      : metric_(std::move(metric)), points_(points.derived()) {
    check_points<Scalar>(points_);
    if constexpr (prepares) prepared_ = metric_.prepare(points_);
    if constexpr (requires { metric_.bring_into_range(prepared_); }) metric_.bring_into_range(prepared_);
  }
  ColumnDistances(const ColumnDistances&) = delete;
  ColumnDistances& operator=(const ColumnDistances&) = delete;

  [[nodiscard]] Index size() const { return points_.cols(); }
  [[nodiscard]] Index dimension() const { return points_.rows(); }
  [[nodiscard]] const Metric& metric() const { return metric_; }
  [[nodiscard]] double lift(double proxy) const { return metric_.lift(proxy); }
  [[nodiscard]] double lower(double distance) const { return metric_.lower(distance); }
  [[nodiscard]] TriangleError triangle_error() const { return triangle_error_of(metric_); }

  /// Column j as the metric sees it: after its `prepare` step, if it has one.
  [[nodiscard]] const Stored* column(Index j) const {
    if constexpr (prepares) {
      return prepared_.data() + j * prepared_.rows();
    } else {
      return points_.data() + j * points_.outerStride();
    }
  }
  [[nodiscard]] Eigen::Map<const Vector<Stored>> column_map(Index j) const { return {column(j), dimension()}; }

  void proxies(Index i, const Id* others, Index count, double* out) const {
    const Pointers<1> x{column(i)};
    Index q = 0;
    for (; q + 4 <= count; q += 4) {
      const Pointers<4> y{column(others[q]), column(others[q + 1]), column(others[q + 2]),
                          column(others[q + 3])};
      detail::coordinate_kernel<1, 4>(metric_, x, y, points_.rows(), out + q, 4);
    }
    for (; q < count; ++q) {
      detail::coordinate_kernel<1, 1>(metric_, x, Pointers<1>{column(others[q])}, points_.rows(), out + q, 1);
    }
  }

  void tile(Index row, Index rows, Index col, Index cols, double* out) const {
    Index r = 0;
    for (; r + 4 <= rows; r += 4) strip<4>(row + r, col, cols, out + r * cols);
    for (; r < rows; ++r) strip<1>(row + r, col, cols, out + r * cols);
  }

 private:
  template <std::size_t Count>
  using Pointers = detail::Pointers<Stored, Count>;

  template <std::size_t Count>
  [[nodiscard]] Pointers<Count> columns(Index first) const {
    Pointers<Count> result;
    for (std::size_t k = 0; k < Count; ++k) result[k] = column(first + static_cast<Index>(k));
    return result;
  }

  /// `Rows` rows of a tile.
  template <std::size_t Rows>
  void strip(Index row, Index col, Index cols, double* out) const {
    const Pointers<Rows> x = columns<Rows>(row);
    Index c = 0;
    for (; c + 4 <= cols; c += 4) {
      detail::coordinate_kernel<Rows, 4>(metric_, x, columns<4>(col + c), points_.rows(), out + c, cols);
    }
    for (; c < cols; ++c) {
      detail::coordinate_kernel<Rows, 1>(metric_, x, columns<1>(col + c), points_.rows(), out + c, cols);
    }
  }

  Metric metric_;
  ConstMatrixRef<Scalar> points_;
  Matrix<double> prepared_;
};

}  // namespace rnnscope::metric
