// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// First values of weights. Every function fills a matrix, map or block (`parameters[tensor]`, or one gate's
/// rows of it), column by column, from the stream it is given.
///
/// For a weight of `rows x cols`, the fan in is `cols` and the fan out is `rows`: PyTorch's reading of
/// [out, in].
#pragma once

#include <cmath>
#include <type_traits>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/random.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

/// Uniform in [-bound, bound).
template <class M>
void fill_uniform(M&& values, double bound, Random& random) {
  using Scalar = typename std::remove_reference_t<M>::Scalar;
  for (Index c = 0; c < values.cols(); ++c) {
    for (Index r = 0; r < values.rows(); ++r) values(r, c) = static_cast<Scalar>(random.uniform(-bound, bound));
  }
}

/// Normal with mean 0.
template <class M>
void fill_normal(M&& values, double deviation, Random& random) {
  using Scalar = typename std::remove_reference_t<M>::Scalar;
  for (Index c = 0; c < values.cols(); ++c) {
    for (Index r = 0; r < values.rows(); ++r) values(r, c) = static_cast<Scalar>(deviation * random.normal());
  }
}

/// Uniform in +-1/sqrt(fan): what PyTorch's Linear (fan in) and recurrent layers (fan = H) begin with.
/// \throws ValueError if the fan is below 1.
template <class M>
void fill_by_fan(M&& values, Index fan, Random& random) {
  require<ValueError>(fan >= 1, "fill_by_fan: the fan must be at least 1, found ", fan);
  fill_uniform(values, 1 / std::sqrt(static_cast<double>(fan)), random);
}

/// Uniform in +-gain sqrt(6 / (fan in + fan out)). Source: X. Glorot and Y. Bengio, 2010; PyTorch's
/// xavier_uniform_.
template <class M>
void fill_xavier_uniform(M&& values, Random& random, double gain = 1) {
  if (values.size() == 0) return;
  fill_uniform(values, gain * std::sqrt(6.0 / static_cast<double>(values.rows() + values.cols())), random);
}

/// Normal with deviation gain sqrt(2 / (fan in + fan out)): the same variance.
template <class M>
void fill_xavier_normal(M&& values, Random& random, double gain = 1) {
  if (values.size() == 0) return;
  fill_normal(values, gain * std::sqrt(2.0 / static_cast<double>(values.rows() + values.cols())), random);
}

/// gain Q with Q^T Q = I, or Q Q^T = I if there are fewer rows than columns; Q is uniform among such matrices.
/// A recurrent weight of several gates is filled gate by gate:
///
/// \code
///   for (Index k = 0; k < gates; ++k) fill_orthogonal(weights[lstm.weight_hh()].middleRows(k * H, H), random);
/// \endcode
///
/// Gram and Schmidt's process on normal columns, each done twice, in double. Cost: 4 long short^2 flop.
/// Source: A. Saxe et al., 2014; PyTorch's orthogonal_.
template <class M>
void fill_orthogonal(M&& values, Random& random, double gain = 1) {
  using Scalar = typename std::remove_reference_t<M>::Scalar;
  const bool wide = values.rows() < values.cols();
  Matrix<double> q(wide ? values.cols() : values.rows(), wide ? values.rows() : values.cols());
  fill_normal(q, 1, random);
  for (Index c = 0; c < q.cols(); ++c) {
    for (int pass = 0; pass < 2; ++pass) {
      for (Index before = 0; before < c; ++before) q.col(c) -= q.col(before).dot(q.col(c)) * q.col(before);
      q.col(c).normalize();
    }
  }
  if (wide) {
    values = (gain * q.transpose()).template cast<Scalar>();
  } else {
    values = (gain * q).template cast<Scalar>();
  }
}

}  // namespace rnnscope
