// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Scores of single tokens in the form of polarity scores.
#pragma once

#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/expand/polarity.hpp"
#include "rnnscope/text/packed_layout.hpp"

namespace rnnscope {

/// Attributions as PolarityScores, one per sequence, for the logits after its last token T-1.
///
/// `at(i, T-1, label)` is the score of token i alone. The other terms of the account:
///
/// * `initial`   what the method says of a run without the tokens (a baseline, or the initial state)
/// * `bias`      the bias of the read-out, where the method does not spread it over the tokens
/// * `residual`  logit - bias - initial - sum of the scores: the completeness error of the method
/// * `residual_ratio`  norm of the residual over the norm of logit - bias, over all labels
///
/// `scores`: `K x N` by column of the layout; `logits` and `initial`: `K x B` by sequence; `bias`: `K x 1`.
/// \throws ValueError naming the sequence if a score is not finite.
template <class Scalar>
[[nodiscard]] std::vector<PolarityScores<Scalar>> token_scores(const PackedLayout& layout,
                                                               const Matrix<Scalar>& scores,
                                                               const Matrix<Scalar>& logits,
                                                               const Matrix<Scalar>& initial,
                                                               const ConstMatrixRef<Scalar>& bias) {
  std::vector<PolarityScores<Scalar>> result(static_cast<std::size_t>(layout.batch()));
  for (Index s = 0; s < layout.batch(); ++s) {
    const Index length = layout.length(s), end = length - 1;
    PolarityScores<Scalar>& to = result[static_cast<std::size_t>(s)];
    to.resize(NgramIndex(length, any_length, end), bias);
    for (Index t = 0; t < length; ++t) to.ngram.col(to.index.column(t, end)) = scores.col(layout.column(s, t));
    to.logit.col(0) = logits.col(s);
    to.initial.col(0) = initial.col(s);
    to.residual.col(0) = logits.col(s) - to.bias - initial.col(s) - to.ngram.rowwise().sum();
    const Scalar missed = to.residual.norm();
    to.residual_ratio(0) = missed == Scalar(0) ? Scalar(0) : missed / (logits.col(s) - to.bias).norm();
    require<ValueError>(to.finite_at(end), "attribution: the scores of sequence ", s, " are not finite");
  }
  return result;
}

}  // namespace rnnscope
