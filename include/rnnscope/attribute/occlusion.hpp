// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Occlusion: what the logit loses without a token.
#pragma once

#include <vector>

#include "rnnscope/attribute/classifier_run.hpp"
#include "rnnscope/attribute/token_scores.hpp"

namespace rnnscope {

/// How a token is taken away.
enum class OcclusionKind {
  Replace,  ///< its embedding becomes the baseline
  Remove    ///< it is cut out of the sequence (of a single token nothing is left: the logit is the bias)
};

/// Options of occlusion.
template <class Scalar>
struct OcclusionOptions {
  OcclusionKind kind = OcclusionKind::Replace;
  Vector<Scalar> baseline{};  ///< embedding of "no token" for Replace, `E`; empty: zero
};

/// The score of token i for label k:  y_k(all tokens) - y_k(without token i).
///
/// The scores need not add up to anything: two tokens that say the same both score little. The residual tells.
/// One PolarityScores per sequence (see token_scores), all labels. Evaluation mode. Any cell, any number of
/// layers. The T variants of a sequence are run side by side. Cost: T + 1 runs per sequence.
/// \throws ValueError, ShapeError. Source: J. Li et al., "Understanding neural networks through representation
/// erasure", 2016.
template <class Cell>
[[nodiscard]] std::vector<PolarityScores<typename Cell::Scalar>> occlusion(
    const SequenceClassifier<Cell>& model, const PackedBatch& batch,
    const OcclusionOptions<typename Cell::Scalar>& options = {}) {
  using Scalar = typename Cell::Scalar;
  const PackedLayout& layout = batch.layout;
  const Index labels = model.config().labels, size = model.config().embedding_size;
  const Vector<Scalar> baseline = detail::checked_baseline(options.baseline, size, "occlusion: the baseline");
  const Matrix<Scalar> x = detail::embedded(model, batch.ids);
  const ClassifierRun<Cell> run(model, layout, x);
  const auto bias = model.parameters[model.readout().bias()];
  const bool removes = options.kind == OcclusionKind::Remove;
  Matrix<Scalar> scores(labels, layout.columns());
  for (Index s = 0; s < layout.batch(); ++s) {
    const Index length = layout.length(s), kept = removes ? length - 1 : length;
    Matrix<Scalar> logits = bias.replicate(1, length);  // of the sequence without token i
    if (kept > 0) {
      const auto variants = PackedLayout::uniform(kept, length);
      Matrix<Scalar> without(size, variants.columns());
      for (Index i = 0; i < length; ++i) {
        for (Index t = 0; t < kept; ++t) {
          const Index from = removes && t >= i ? t + 1 : t;
          if (!removes && t == i) {
            without.col(variants.column(i, t)) = baseline;
          } else {
            without.col(variants.column(i, t)) = x.col(layout.column(s, from));
          }
        }
      }
      logits = ClassifierRun<Cell>(model, variants, without).logits();
    }
    for (Index i = 0; i < length; ++i) scores.col(layout.column(s, i)) = run.logits().col(s) - logits.col(i);
  }
  return token_scores<Scalar>(layout, scores, run.logits(), Matrix<Scalar>::Zero(labels, layout.batch()), bias);
}

}  // namespace rnnscope
