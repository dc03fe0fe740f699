// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The Minkowski distance of any order.
#pragma once

#include <cmath>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope::metric {

/// d(x, y) = (sum_k |x_k - y_k|^p)^(1/p), in double. A callable on two columns. The largest difference is
/// taken out of the sum, so no power overflows or vanishes. For p = 1 and 2 Manhattan and Euclidean are many
/// times faster.
class Minkowski {
 public:
  static constexpr bool is_metric = true;

  /// \throws ValueError unless 1 <= p < infinity: below 1 the triangle inequality fails.
  explicit Minkowski(double p) : p_(p) {
    require<ValueError>(p >= 1.0 && std::isfinite(p), "Minkowski distance: expected 1 <= p < infinity, found ",
                        p, "; for infinity use metric::Chebyshev");
  }
  [[nodiscard]] double p() const { return p_; }

  template <class X, class Y>
  [[nodiscard]] double operator()(const Eigen::MatrixBase<X>& x, const Eigen::MatrixBase<Y>& y) const {
    double largest = 0.0;
    for (Index k = 0; k < x.size(); ++k) largest = std::fmax(largest, difference(x, y, k));
    if (largest == 0.0) return 0.0;
    double sum = 0.0;
    for (Index k = 0; k < x.size(); ++k) sum += std::pow(difference(x, y, k) / largest, p_);
    return largest * std::pow(sum, 1.0 / p_);
  }

 private:
  template <class X, class Y>
  [[nodiscard]] static double difference(const X& x, const Y& y, Index k) {
    return std::abs(static_cast<double>(x(k)) - static_cast<double>(y(k)));
  }

  double p_;
};

}  // namespace rnnscope::metric
