// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Losses that turn scores into their own gradient in place.
#pragma once

#include <cmath>
#include <span>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/numeric.hpp"
#include "rnnscope/core/parallel.hpp"
#include "rnnscope/core/scratch.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

namespace detail {

inline void require_targets(std::span<const Id> targets, Index classes, Index columns, const char* who) {
  require<ShapeError>(static_cast<Index>(targets.size()) == columns, who, ": ", columns,
                      " columns of scores but ", targets.size(), " targets");
  for (std::size_t n = 0; n < targets.size(); ++n) {
    require<ValueError>(targets[n] >= 0 && targets[n] < classes, who, ": target ", targets[n], " at position ",
                        n, " is not one of ", classes, " classes");
  }
}

/// One column of scores -> its cross-entropy; with `Gradient`, the column becomes scale * (softmax - onehot).
template <bool Gradient, class S>
S softmax_column(S* scores, Index classes, Id target, S scale) {
  using std::log;
  const Eigen::Map<Vector<S>> column(scores, classes);
  const auto top = column.real().maxCoeff();
  const S at_target = column(target) - top;
  S sum(0);
  if constexpr (Gradient) {
    RNNSCOPE_SIMD_LOOP
    for (Index k = 0; k < classes; ++k) scores[k] = exp_value(S(scores[k] - top));
    sum = column.sum();
    const S factor = scale / sum;
    for (Index k = 0; k < classes; ++k) scores[k] *= factor;
    scores[target] -= scale;
  } else {
    for (Index k = 0; k < classes; ++k) sum += exp_value(S(scores[k] - top));
  }
  return log(sum) - at_target;
}

template <bool Gradient, class S>
S softmax_cross_entropy_sum(S* scores, Index stride, Index classes, std::span<const Id> targets, S scale) {
  const auto columns = static_cast<Index>(targets.size());
  const Scratch scratch;
  const std::span<S> losses(scratch.take<S>(columns), targets.size());
  const Index grain = std::max<Index>(1, 8192 / std::max<Index>(1, classes));
  parallel_for((columns + grain - 1) / grain, [&](Index piece) {
    for (Index n = piece * grain; n < std::min(columns, (piece + 1) * grain); ++n) {
      losses[static_cast<std::size_t>(n)] = softmax_column<Gradient, S>(
          scores + n * stride, classes, targets[static_cast<std::size_t>(n)], scale);
    }
  });
  // Summed in double: a float sum of many thousands of losses would lose digits.
  if constexpr (std::is_same_v<S, float>) {
    double sum = 0;
    for (const float loss : losses) sum += static_cast<double>(loss);
    return static_cast<float>(sum);
  } else {
    S sum(0);
    for (const S& loss : losses) sum += loss;
    return sum;
  }
}

}  // namespace detail

/// Fused softmax and cross-entropy: returns sum_n -log softmax(y_n)[targets_n] in nats and overwrites the
/// scores
/// (`K x N`) with scale * (softmax(y_n) - onehot(targets_n)), the gradient of scale times that sum.
/// \throws ShapeError, ValueError on targets outside the classes. Threads: pieces of columns.
template <class S>
S softmax_cross_entropy(Matrix<S>& scores, std::span<const Id> targets, S scale) {
  detail::require_targets(targets, scores.rows(), scores.cols(), "softmax_cross_entropy");
  return detail::softmax_cross_entropy_sum<true, S>(scores.data(), scores.rows(), scores.rows(), targets,
                                                    scale);
}

/// The same sum without a gradient; the scores stay as they are.
template <class S>
[[nodiscard]] S softmax_cross_entropy_value(const Matrix<S>& scores, std::span<const Id> targets) {
  detail::require_targets(targets, scores.rows(), scores.cols(), "softmax_cross_entropy_value");
  // Without a gradient the scores are only read.
  return detail::softmax_cross_entropy_sum<false, S>(const_cast<S*>(scores.data()), scores.rows(),
                                                     scores.rows(), targets, S(1));
}

/// Binary logistic loss: for scores y (`1 x N`) and labels 0 or 1, returns
/// sum_n log(1 + e^{y_n}) - label_n y_n in nats and overwrites the scores with scale * (sigmoid(y_n) -
/// label_n).
template <class S>
S logistic_loss(Matrix<S>& scores, std::span<const Id> labels, S scale) {
  using std::exp;
  using std::log;
  require<ShapeError>(scores.rows() == 1, "logistic_loss: expected one row of scores, found ", scores.rows());
  detail::require_targets(labels, 2, scores.cols(), "logistic_loss");
  S sum(0);
  for (Index n = 0; n < scores.cols(); ++n) {
    const S y = scores(0, n);
    const S label(labels[static_cast<std::size_t>(n)] == 1 ? 1.0f : 0.0f);
    if constexpr (is_complex_v<S>) {
      sum += (y.real() > 0 ? y + log(S(1) + exp(-y)) : log(S(1) + exp(y))) - label * y;
    } else {
      // log(1 + e^-margin), so that a small loss is not the difference of two large numbers.
      const S margin = label > S(0) ? y : -y;
      sum += margin > S(0) ? std::log1p(exp(-margin)) : -margin + std::log1p(exp(margin));
    }
    scores(0, n) = scale * (sigmoid(y) - label);
  }
  return sum;
}

}  // namespace rnnscope
