// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Two ways to the scores of all n-grams: the representations forward, or the read-out backward.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "rnnscope/core/types.hpp"
#include "rnnscope/expand/ngram_blocks.hpp"
#include "rnnscope/expand/packed_links.hpp"
#include "rnnscope/expand/polarity.hpp"
#include "rnnscope/expand/transition.hpp"
#include "rnnscope/expand/unrolled_sums.hpp"
#include "rnnscope/product/multiply.hpp"
#include "rnnscope/text/packed_layout.hpp"

namespace rnnscope {

namespace detail {

/// Everything that the passes read: a linearised run and a read-out.
template <class Cell>
struct PolarityProblem {
  using Scalar = typename Cell::Scalar;
  const PackedLayout& layout;
  const PackedLinks& links;
  const Coefficients<Cell>& coefficients;
  const LayerState<Cell>& initial;  // H x B
  const LayerState<Cell>& xi;       // H x N, step residuals
  ConstMatrixRef<Scalar> weight;    // K x H
  Index window;
  std::vector<Index> ends;  // columns whose logit is explained
};

/// Columns that each method multiplies by A or A^T, apart from the sums that both need.
struct PolarityCost {
  Index forward = 0;
  Index adjoint = 0;
};

template <class Cell>
PolarityCost polarity_cost(const PolarityProblem<Cell>& problem) {
  PolarityCost cost;
  for (const auto& token : problem.links.columns) cost.forward += std::min(token.step, problem.window - 1);
  for (const Index end : problem.ends) {
    cost.adjoint += problem.weight.rows() * std::min(problem.links[end].step + 1, problem.window);
  }
  return cost;
}

/// Fills ngram, longer, initial and residual of `scores` (one per sequence) from the n-grams themselves.
/// Returns the residual vectors of all columns.
template <class Cell>
Matrix<typename Cell::Scalar> forward_scores(const PolarityProblem<Cell>& problem, Transition<Cell>& transition,
                                             std::vector<PolarityScores<typename Cell::Scalar>>& scores) {
  using Scalar = typename Cell::Scalar;
  const Index hidden = problem.coefficients.hidden_size(), columns = problem.links.size();
  const bool cut = problem.window < problem.layout.steps();
  LayerState<Cell> longest = zero_state<Cell>(hidden, cut ? columns : 0);
  Matrix<Scalar> read_out;
  const auto visit = [&](const NgramBlock<Cell>& block) {
    const Index count = static_cast<Index>(block.spans.size());
    read_out.resize(problem.weight.rows(), count);
    multiply(problem.weight, block.features(), read_out);
    for (Index j = 0; j < count; ++j) {
      const Span& span = block.spans[static_cast<std::size_t>(j)];
      auto& target = scores[static_cast<std::size_t>(span.sequence)];
      if (span.last - 1 < target.index.first_end()) continue;
      target.ngram.col(target.index.column(span.first, span.last - 1)) = read_out.col(j);
    }
    if (!cut || block.size != problem.window) return;
    for (std::size_t s = 0; s < longest.size(); ++s) {
      for (Index j = 0; j < count; ++j)
        longest[s].col(block.ends[static_cast<std::size_t>(j)]) = block.features(s).col(j);
    }
  };
  for_each_ngram_size(problem.coefficients, transition, problem.layout, problem.window, visit);
  UnrolledSums<Cell> sums =
      unrolled_sums<Cell>(transition, problem.layout, cut ? &longest : nullptr, problem.initial, problem.xi);
  for (const Index end : problem.ends) {
    const auto& token = problem.links[end];
    auto& target = scores[static_cast<std::size_t>(token.sequence)];
    const Index e = target.index.end(token.step);
    target.longer.col(e).noalias() = problem.weight * sums.longer[0].col(end);
    target.initial.col(e).noalias() = problem.weight * sums.initial[0].col(end);
    target.residual.col(e).noalias() = problem.weight * sums.residual[0].col(end);
  }
  return std::move(sums.residual[0]);
}

/// The same from the adjoint: V_t = W^T at every end t, then V_{i-1} = A(x_i)^T V_i for i = t, t - 1, ...;
/// the scores of Phi(i..t) are V_i^T g(x_i).
template <class Cell>
Matrix<typename Cell::Scalar> adjoint_scores(const PolarityProblem<Cell>& problem, Transition<Cell>& transition,
                                             std::vector<PolarityScores<typename Cell::Scalar>>& scores) {
  using Scalar = typename Cell::Scalar;
  const Index hidden = problem.coefficients.hidden_size(), labels = problem.weight.rows();
  const LayerState<Cell>& g = problem.coefficients.g;
  const bool cut = problem.window < problem.layout.steps();
  // With single tokens as the window, `longer` + g is the unrolled state without its initial part.
  UnrolledSums<Cell> sums =
      unrolled_sums<Cell>(transition, problem.layout, cut ? &g : nullptr, problem.initial, problem.xi);

  std::vector<Index> ends = problem.ends, at = ends, columns;  // V of an end has arrived at the token `at`
  LayerState<Cell> v = zero_state<Cell>(hidden, static_cast<Index>(ends.size()) * labels);
  for (std::size_t e = 0; e < ends.size(); ++e) {
    v[0].middleCols(static_cast<Index>(e) * labels, labels) = problem.weight.transpose();
  }
  const auto add_product = [&](Index e, const LayerState<Cell>& state, Index column,
                               Eigen::Ref<Vector<Scalar>> target) {
    for (std::size_t s = 0; s < v.size(); ++s) {
      target.noalias() += v[s].middleCols(e * labels, labels).transpose() * state[s].col(column);
    }
  };
  for (Index size = 1; !ends.empty(); ++size) {
    columns.clear();
    for (std::size_t e = 0; e < ends.size(); ++e) {
      const auto& end = problem.links[ends[e]];
      auto& target = scores[static_cast<std::size_t>(end.sequence)];
      add_product(static_cast<Index>(e), g, at[e],
                  target.ngram.col(target.index.column(problem.links[at[e]].step, end.step)));
      add_product(static_cast<Index>(e), problem.xi, at[e], target.residual.col(target.index.end(end.step)));
      columns.insert(columns.end(), static_cast<std::size_t>(labels), at[e]);
    }
    transition.apply_adjoint(columns, StateBlock<Cell>(v, 0, static_cast<Index>(columns.size())));
    std::size_t kept = 0;
    for (std::size_t e = 0; e < ends.size(); ++e) {
      const Index here = static_cast<Index>(e), previous = problem.links[at[e]].previous;
      if (previous >= 0 && size < problem.window) {
        if (kept != e) {
          for (auto& part : v) {
            for (Index k = 0; k < labels; ++k)
              part.col(static_cast<Index>(kept) * labels + k) = part.col(here * labels + k);
          }
        }
        ends[kept] = ends[e];
        at[kept++] = previous;
        continue;
      }
      const auto& end = problem.links[ends[e]];
      auto& target = scores[static_cast<std::size_t>(end.sequence)];
      const Index place = target.index.end(end.step);
      if (previous < 0) {
        add_product(here, problem.initial, end.slot, target.initial.col(place));
      } else {
        add_product(here, g, previous, target.longer.col(place));
        add_product(here, sums.longer, previous, target.longer.col(place));
        add_product(here, sums.initial, previous, target.initial.col(place));
        add_product(here, sums.residual, previous, target.residual.col(place));
      }
    }
    ends.resize(kept);
    at.resize(kept);
  }
  return std::move(sums.residual[0]);
}

}  // namespace detail

}  // namespace rnnscope
