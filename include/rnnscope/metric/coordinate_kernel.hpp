// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The one loop behind all coordinate metrics. Every pair of columns gets the same bits, however many
/// pairs are computed together.
#pragma once

#include <array>

#include "rnnscope/metric/concept.hpp"

namespace rnnscope::metric::detail {

/// ((0+4) + (2+6)) + ((1+5) + (3+7))
RNNSCOPE_INLINE double add_lanes(const Lanes& lanes) {
  const std::array<double, 8> v = lanes.values();
  return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

template <class Scalar, std::size_t Count>
using Pointers = std::array<const Scalar*, Count>;

/// The proxies of P columns with Q columns of `dimension` coordinates: out[p * stride + q].
template <std::size_t P, std::size_t Q, CoordinateMetric Metric, class Scalar>
RNNSCOPE_INLINE void coordinate_kernel(const Metric& metric, const Pointers<Scalar, P>& x,
                                       const Pointers<Scalar, Q>& y, Index dimension, double* out,
                                       Index stride) {
  std::array<std::array<Lanes, Q>, P> sums;
  const auto add = [&](auto load) {
    std::array<Lanes, P> left;
#pragma GCC unroll 8
    for (std::size_t p = 0; p < P; ++p) left[p] = load(x[p]);
#pragma GCC unroll 8
    for (std::size_t q = 0; q < Q; ++q) {
      const Lanes right = load(y[q]);
#pragma GCC unroll 8
      for (std::size_t p = 0; p < P; ++p) sums[p][q] = metric.accumulate(sums[p][q], left[p], right);
    }
  };
  Index k = 0;
  for (; k + Lanes::count <= dimension; k += Lanes::count) {
    add([k](const Scalar* column) { return Lanes::load(column + k); });
  }
  if (k < dimension) {
    add([k, dimension](const Scalar* column) { return Lanes::load_first(column + k, dimension - k); });
  }
#pragma GCC unroll 8
  for (std::size_t p = 0; p < P; ++p) {
#pragma GCC unroll 8
    for (std::size_t q = 0; q < Q; ++q) out[q] = add_lanes(sums[p][q]);
    out += stride;
  }
}

/// The proxy of two columns.
template <CoordinateMetric Metric, class Scalar>
[[nodiscard]] double coordinate_proxy(const Metric& metric, const Scalar* x, const Scalar* y, Index dimension) {
  double proxy;
  coordinate_kernel<1, 1>(metric, Pointers<Scalar, 1>{x}, Pointers<Scalar, 1>{y}, dimension, &proxy, 1);
  return proxy;
}

}  // namespace rnnscope::metric::detail
