// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The cosine distance.
#pragma once

#include <cmath>
#include <string_view>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/metric/coordinate_kernel.hpp"
#include "rnnscope/metric/euclidean.hpp"

namespace rnnscope::metric {

/// d(x, y) = 1 - cos(x, y) = |x/|x| - y/|y||^2 / 2, from the difference of the two unit vectors, so
/// small angles keep their digits. Not a metric: the triangle inequality fails.
///
/// Columns are normalised once, in double: 8 D N bytes. A column of zeros has no direction and is refused.
struct Cosine {
  static constexpr bool is_metric = false;
  static constexpr bool is_squared_euclidean = true;  // of the prepared columns
  static constexpr bool grows_with_differences = true;

  RNNSCOPE_INLINE Lanes accumulate(const Lanes& sum, const Lanes& x, const Lanes& y) const {
    return Euclidean{}.accumulate(sum, x, y);
  }
  [[nodiscard]] double lift(double proxy) const { return 0.5 * proxy; }
  [[nodiscard]] double lower(double distance) const { return 2.0 * distance; }

  /// \throws ValueError at a column of zeros; `what` is the word for a column in its message.
  template <class Scalar>
  void check(const ConstMatrixRef<Scalar>& points, std::string_view what) const {
    for (Index j = 0; j < points.cols(); ++j) {
      require<ValueError>(!points.col(j).isZero(Scalar(0)), "cosine distance: ", what, " ", j,
                          " is zero and has no direction");
    }
  }

  /// The columns of `points`, each divided by its norm. \throws as `check`.
  template <class Scalar>
  [[nodiscard]] Matrix<double> prepare(const ConstMatrixRef<Scalar>& points) const {
    Matrix<double> result = points.template cast<double>();
    const std::vector<double> zero(static_cast<std::size_t>(points.rows()), 0.0);
    check<Scalar>(points, "column");
    for (Index j = 0; j < result.cols(); ++j) {
      const double largest = result.col(j).cwiseAbs().maxCoeff();
      // A power of two first, so that squares neither overflow nor vanish; it may itself be beyond a double.
      const int exponent = -std::ilogb(largest);
      result.col(j) = result.col(j).unaryExpr([exponent](double x) { return std::ldexp(x, exponent); }).eval();
      result.col(j) /=
          std::sqrt(detail::coordinate_proxy(Euclidean{}, result.col(j).data(), zero.data(), result.rows()));
    }
    return result;
  }
};

}  // namespace rnnscope::metric
