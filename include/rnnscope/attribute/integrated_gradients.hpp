// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Integrated gradients: complete up to quadrature.
#pragma once

#include <vector>

#include "rnnscope/attribute/classifier_run.hpp"
#include "rnnscope/attribute/token_scores.hpp"
#include "rnnscope/expand/gauss_legendre.hpp"

namespace rnnscope {

/// Options of integrated_gradients.
template <class Scalar>
struct IntegratedGradientsOptions {
  Index nodes = 32;           ///< of the Gauss-Legendre rule; the residual falls quickly with them
  Vector<Scalar> baseline{};  ///< embedding of "no token", `E`; empty: zero

  void check() const {
    require<ValueError>(nodes >= 1, "IntegratedGradientsOptions: at least 1 node is needed, found ", nodes);
  }
};

/// The score of token i for label k along the straight line from a baseline x' to the embeddings x:
///
///     (x_i - x'_i) . integral over s in [0, 1] of  d y_k / d x_i (x' + s (x - x'))
///
/// The scores add up to y(x) - y(x'): `initial` holds y(x') without the bias, and `residual` the error of the
/// quadrature (which other libraries call the convergence delta).
///
/// One PolarityScores per sequence (see token_scores), all labels. Evaluation mode. Any cell, any number of
/// layers. The nodes of a sequence are run side by side. Cost: `nodes` runs and K backward passes of each.
/// \throws ValueError, ShapeError. Source: M. Sundararajan et al., "Axiomatic attribution for deep networks",
/// 2017.
template <class Cell>
[[nodiscard]] std::vector<PolarityScores<typename Cell::Scalar>> integrated_gradients(
    const SequenceClassifier<Cell>& model, const PackedBatch& batch,
    const IntegratedGradientsOptions<typename Cell::Scalar>& options = {}) {
  using Scalar = typename Cell::Scalar;
  options.check();
  const PackedLayout& layout = batch.layout;
  const Index labels = model.config().labels, size = model.config().embedding_size, nodes = options.nodes;
  const Vector<Scalar> baseline =
      detail::checked_baseline(options.baseline, size, "integrated_gradients: the baseline");
  const QuadratureRule rule = gauss_legendre(nodes);
  const Matrix<Scalar> x = detail::embedded(model, batch.ids);
  const Matrix<Scalar> away = x.colwise() - baseline;
  const ClassifierRun<Cell> run(model, layout, x);
  const Matrix<Scalar> start = x - away;
  const Matrix<Scalar> at_baseline = ClassifierRun<Cell>(model, layout, start).logits();

  auto unused = model.parameters.zeros_like();
  Matrix<Scalar> scores = Matrix<Scalar>::Zero(labels, layout.columns());
  for (Index s = 0; s < layout.batch(); ++s) {
    const auto path = PackedLayout::uniform(layout.length(s), nodes);
    Matrix<Scalar> on_path(size, path.columns());
    for (Index t = 0; t < layout.length(s); ++t) {
      for (Index q = 0; q < nodes; ++q) {
        on_path.col(path.column(q, t)) =
            baseline +
            static_cast<Scalar>(rule.nodes[static_cast<std::size_t>(q)]) * away.col(layout.column(s, t));
      }
    }
    const ClassifierRun<Cell> along(model, path, on_path);
    for (Index label = 0; label < labels; ++label) {
      const Matrix<Scalar> gradient = along.input_gradient(label, unused);
      for (Index t = 0; t < layout.length(s); ++t) {
        const Index column = layout.column(s, t);
        for (Index q = 0; q < nodes; ++q) {
          scores(label, column) += static_cast<Scalar>(rule.weights[static_cast<std::size_t>(q)]) *
                                   away.col(column).dot(gradient.col(path.column(q, t)));
        }
      }
    }
  }
  const auto bias = model.parameters[model.readout().bias()];
  const Matrix<Scalar> initial = at_baseline.colwise() - bias.col(0);
  return token_scores<Scalar>(layout, scores, run.logits(), initial, bias);
}

}  // namespace rnnscope
