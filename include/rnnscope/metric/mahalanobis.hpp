// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The Mahalanobis distance.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/parallel.hpp"
#include "rnnscope/metric/column_distances.hpp"
#include "rnnscope/metric/coordinate_kernel.hpp"
#include "rnnscope/metric/euclidean.hpp"
#include "rnnscope/metric/range_exponent.hpp"

namespace rnnscope::metric {

namespace detail {

/// sum_k x_k y_k in the fixed order of the metrics' own sums.
struct Dot {
  static constexpr bool is_metric = false;
  RNNSCOPE_INLINE Lanes accumulate(const Lanes& sum, const Lanes& x, const Lanes& y) const {
    return multiply_add(x, y, sum);
  }
  [[nodiscard]] double lift(double proxy) const { return proxy; }
  [[nodiscard]] double lower(double distance) const { return distance; }
};

}  // namespace detail

/// d(x, y) = sqrt((x - y)^T S^-1 (x - y)) for a covariance S = L L^T: the Euclidean distance of L^-1 x and
/// L^-1 y, which are computed once, in double: 8 D N bytes and D^2 N multiplications, all threads. Where their
/// squares would leave the range of double they are scaled by a power of two, which changes no digit.
class Mahalanobis {
 public:
  static constexpr bool is_metric = true;
  static constexpr bool is_squared_euclidean = true;  // of the prepared columns
  static constexpr bool grows_with_differences = true;

  /// \throws ShapeError unless `covariance` is square; ValueError unless it is symmetric and positive definite.
  explicit Mahalanobis(const Matrix<double>& given) {
    require<ShapeError>(given.rows() == given.cols() && given.rows() > 0,
                        "Mahalanobis distance: expected a square covariance, found ",
                        shape_text(given.rows(), given.cols()));
    exponent_ = balancing_exponent(given);
    const Matrix<double> covariance =
        given.unaryExpr([twice = -2 * exponent_](double x) { return std::ldexp(x, twice); });
    require<ValueError>(covariance.isApprox(covariance.transpose(), 1e-12),
                        "Mahalanobis distance: the covariance is not symmetric");
    const Index size = covariance.rows();
    Matrix<double> factor = covariance;  // L below and on the diagonal, column by column
    whitening_ = Matrix<double>::Identity(size, size);
    for (Index k = 0; k < size; ++k) {
      // A pivot that is rounding error of its variance means a dependent feature.
      require<ValueError>(factor(k, k) > 1e-14 * covariance(k, k) && std::isfinite(factor(k, k)),
                          "Mahalanobis distance: the covariance is not positive definite (feature ", k,
                          "); are there constant or dependent features, or fewer points than features?");
      const Index below = size - k - 1;
      factor.col(k).tail(below + 1) /= std::sqrt(factor(k, k));
      for (Index j = k + 1; j < size; ++j) {
        factor.col(j).tail(size - j) -= factor(j, k) * factor.col(k).tail(size - j);
      }
      // Column i of the result is row i of L^-1, as far as the rows above have been taken out of it.
      whitening_.col(k) /= factor(k, k);
      for (Index j = k + 1; j < size; ++j) whitening_.col(j) -= factor(j, k) * whitening_.col(k);
    }
  }

  /// With the sample covariance of the columns, sum (x - mean)(x - mean)^T / (N - 1).
  /// \throws as check_points, ShapeError for fewer than two columns, and as above.
  template <class Derived>
  [[nodiscard]] static Mahalanobis of(const Eigen::MatrixBase<Derived>& points) {
    const ConstMatrixRef<typename Derived::Scalar> columns(points.derived());
    check_points<typename Derived::Scalar>(columns);
    require<ShapeError>(columns.cols() >= 2, "Mahalanobis distance: needs at least 2 points, found ",
                        columns.cols());
    Matrix<double> centred = columns.template cast<double>();
    const Vector<double> mean = centred.rowwise().mean();
    centred.colwise() -= mean;
    const Matrix<double> covariance = centred * centred.transpose() / static_cast<double>(columns.cols() - 1);
    return Mahalanobis(covariance);
  }

  RNNSCOPE_INLINE Lanes accumulate(const Lanes& sum, const Lanes& x, const Lanes& y) const {
    return Euclidean{}.accumulate(sum, x, y);
  }
  [[nodiscard]] double lift(double proxy) const { return std::ldexp(std::sqrt(proxy), -exponent_); }
  [[nodiscard]] double lower(double distance) const {
    const double scaled = std::ldexp(distance, exponent_);
    return scaled * scaled;
  }

  /// 2^e L^-1 (x - middle of the range) of every column: differences are what counts, and without a large
  /// common part they keep more digits. 2^e brings the covariance near 1; `lift` and `lower` know it. \throws
  /// ShapeError if the columns have another size than the covariance.
  template <class Scalar>
  [[nodiscard]] Matrix<double> prepare(const ConstMatrixRef<Scalar>& points) const {
    const Index size = whitening_.rows();
    require<ShapeError>(points.rows() == size || points.cols() == 0, "Mahalanobis distance: the covariance is ",
                        shape_text(size, size), ", but the points have ", points.rows(), " features");
    Matrix<double> result(points.rows(), points.cols());
    if (points.cols() == 0) return result;
    const Vector<double> low = points.rowwise().minCoeff().template cast<double>();
    const Vector<double> high = points.rowwise().maxCoeff().template cast<double>();
    const Vector<double> middle = 0.5 * low + 0.5 * high;
    constexpr Index block = 64;
    parallel_for((points.cols() + block - 1) / block, [&](Index b) {
      Vector<double> centred(size);
      for (Index j = b * block; j < std::min(points.cols(), (b + 1) * block); ++j) {
        centred = points.col(j).template cast<double>() - middle;
        for (Index i = 0; i < size; ++i) {
          result(i, j) =
              detail::coordinate_proxy(detail::Dot{}, static_cast<const double*>(whitening_.col(i).data()),
                                       static_cast<const double*>(centred.data()), i + 1);
        }
      }
    });
    return result;
  }

  /// Scales prepared columns by a power of two if their squares would leave the range of double, and `lift` and
  /// `lower` with them. \throws ValueError if no power of two can do that.
  void bring_into_range(Matrix<double>& prepared) {
    const int needed = range_exponent<double>(prepared);
    if (needed != 0) {
      prepared = prepared.unaryExpr([needed](double x) { return std::ldexp(x, needed); }).eval();
      exponent_ += needed;
    }
    require<ValueError>(
        prepared.allFinite() && (needed == 0 || detail::size_range<double>(prepared).safe()),
        "Mahalanobis distance: measured by the covariance, features are of sizes so different that "
        "the smallest cannot be squared beside the largest; scale them and the covariance");
  }

 private:
  /// e such that covariance / 2^2e has variances around 1.
  [[nodiscard]] static int balancing_exponent(const Matrix<double>& covariance) {
    double largest = 0.0, smallest = std::numeric_limits<double>::infinity();
    for (const double variance : covariance.diagonal()) {
      if (!(variance > 0.0) || !std::isfinite(variance)) return 0;  // no covariance
      largest = std::max(largest, variance);
      smallest = std::min(smallest, variance);
    }
    return (std::ilogb(largest) + std::ilogb(smallest)) / 4;
  }

  Matrix<double> whitening_;  ///< column i is row i of 2^exponent_ L^-1
  int exponent_ = 0;          ///< of the power of two by which prepared columns are too large
};

}  // namespace rnnscope::metric
