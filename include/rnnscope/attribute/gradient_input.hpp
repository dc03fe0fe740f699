// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Gradient times input: the simplest attribution.
#pragma once

#include <vector>

#include "rnnscope/attribute/classifier_run.hpp"
#include "rnnscope/attribute/token_scores.hpp"

namespace rnnscope {

/// The score of token i for label k:  x_i . d y_k / d x_i,  with x the embedding and y the logit after the last
/// token. Exact for a linear model; otherwise the residual is what curvature leaves.
///
/// One PolarityScores per sequence (see token_scores), all labels. Evaluation mode. Any cell, any number of
/// layers. Cost: one run and K backward passes. \throws ValueError for an empty sequence or an id outside the
/// vocabulary. Source: A. Shrikumar et al., "Not just a black box", 2016.
template <class Cell>
[[nodiscard]] std::vector<PolarityScores<typename Cell::Scalar>> gradient_times_input(
    const SequenceClassifier<Cell>& model, const PackedBatch& batch) {
  using Scalar = typename Cell::Scalar;
  const Matrix<Scalar> x = detail::embedded(model, batch.ids);
  const ClassifierRun<Cell> run(model, batch.layout, x);
  const Index labels = model.config().labels;
  auto unused = model.parameters.zeros_like();
  Matrix<Scalar> scores(labels, batch.layout.columns());
  for (Index label = 0; label < labels; ++label)
    scores.row(label) = x.cwiseProduct(run.input_gradient(label, unused)).colwise().sum();
  return token_scores<Scalar>(batch.layout, scores, run.logits(),
                              Matrix<Scalar>::Zero(labels, batch.layout.batch()),
                              model.parameters[model.readout().bias()]);
}

}  // namespace rnnscope
