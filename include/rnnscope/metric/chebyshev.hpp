// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The Chebyshev distance.
#pragma once

#include "rnnscope/core/types.hpp"

namespace rnnscope::metric {

/// d(x, y) = max_k |x_k - y_k|, in double. A callable on two columns.
struct Chebyshev {
  static constexpr bool is_metric = true;

  template <class X, class Y>
  [[nodiscard]] double operator()(const Eigen::MatrixBase<X>& x, const Eigen::MatrixBase<Y>& y) const {
    return (x.template cast<double>() - y.template cast<double>()).cwiseAbs().maxCoeff();
  }
};

}  // namespace rnnscope::metric
