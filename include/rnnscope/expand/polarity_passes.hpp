// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Two ways to the scores of all n-grams: the representations forward, or the read-out backward.
#pragma once

#include <algorithm>
#include <vector>

#include "rnnscope/core/types.hpp"
#include "rnnscope/expand/column_loop.hpp"
#include "rnnscope/expand/linearised_run.hpp"
#include "rnnscope/expand/ngram_blocks.hpp"
#include "rnnscope/expand/packed_links.hpp"
#include "rnnscope/expand/polarity.hpp"
#include "rnnscope/expand/transition.hpp"
#include "rnnscope/expand/unroll_options.hpp"
#include "rnnscope/expand/unrolled_sums.hpp"
#include "rnnscope/product/multiply.hpp"
#include "rnnscope/text/packed_layout.hpp"

namespace rnnscope {

namespace detail {

/// What is asked: which logits, through which read-out.
template <class Cell>
struct PolarityProblem {
  using Scalar = typename Cell::Scalar;
  const PackedLayout& layout;
  const PackedLinks& links;
  const LayerState<Cell>& initial;  // H x B
  ConstMatrixRef<Scalar> weight;    // K x H
  Index window;
  std::vector<Index> ends;  // columns whose logit is explained

  /// True if there are n-grams longer than the window.
  [[nodiscard]] bool cut() const { return window < layout.steps(); }
  [[nodiscard]] bool has_initial() const {
    return std::any_of(initial.begin(), initial.end(),
                       [](const auto& part) { return (part.array() != Scalar(0)).any(); });
  }
};

/// Columns that each method multiplies by A or A^T, apart from the residual, which both need.
struct PolarityCost {
  Index forward = 0;
  Index adjoint = 0;
};

template <class Cell>
PolarityCost polarity_cost(const PolarityProblem<Cell>& problem, bool ordered) {
  const bool has_initial = problem.has_initial();
  const Index sums = problem.links.size() * ((ordered ? 2 : 0) + (has_initial ? 1 : 0));
  PolarityCost cost{.forward = sums};
  for (const auto& token : problem.links.columns) cost.forward += std::min(token.step, problem.window - 1);
  if (problem.cut()) cost.adjoint = sums;
  for (const Index end : problem.ends) {
    cost.adjoint +=
        problem.weight.rows() * std::min(problem.links[end].step + (has_initial ? 1 : 0), problem.window);
  }
  return cost;
}

/// What the adjoint needs to have been carried by the run; the forward pass needs everything.
template <class Cell>
Carry carried_sums(const PolarityProblem<Cell>& problem, UnrollMethod method) {
  return method == UnrollMethod::forward || problem.cut() ? Carry::everything : Carry::residual;
}

/// Fills ngram, longer, initial and the residuals of `scores` (one per sequence) from the n-grams themselves.
template <class Cell>
void forward_scores(const PolarityProblem<Cell>& problem, const Linearisation<Cell>& linear,
                    UnrolledSums<Cell>& sums, Transition<Cell>& transition,
                    std::vector<PolarityScores<typename Cell::Scalar>>& scores) {
  using Scalar = typename Cell::Scalar;
  const Index hidden = linear.coefficients.hidden_size(), columns = problem.links.size();
  LayerState<Cell> longest = zero_state<Cell>(hidden, problem.cut() ? columns : 0);
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
    if (!problem.cut() || block.size != problem.window) return;
    for (std::size_t s = 0; s < longest.size(); ++s) {
      for (Index j = 0; j < count; ++j)
        longest[s].col(block.ends[static_cast<std::size_t>(j)]) = block.features(s).col(j);
    }
  };
  for_each_ngram_size(linear.coefficients, transition, problem.layout, problem.window, visit);
  if (problem.cut()) sums.longer = longer_sum<Cell>(transition, problem.layout, longest);

  const auto fill = [&](const LayerState<Cell>& sum, Matrix<Scalar> PolarityScores<Scalar>::*part) {
    if (sum[0].cols() == 0) return;  // zero
    for (const Index end : problem.ends) {
      const auto& token = problem.links[end];
      auto& target = scores[static_cast<std::size_t>(token.sequence)];
      (target.*part).col(target.index.end(token.step)).noalias() = problem.weight * sum[0].col(end);
    }
  };
  fill(sums.longer, &PolarityScores<Scalar>::longer);
  fill(sums.initial, &PolarityScores<Scalar>::initial);
  fill(sums.residual, &PolarityScores<Scalar>::residual);
  fill(sums.second, &PolarityScores<Scalar>::second_order);
  fill(sums.third, &PolarityScores<Scalar>::third_order);
}

/// The same from the adjoint: V_t = W^T at every end t, then V_{i-1} = A(x_i)^T V_i for i = t, t - 1, ...;
/// the scores of Phi(i..t) are V_i^T g(x_i), and so on for all that is added at token i.
template <class Cell>
class AdjointScores {
 public:
  using Scalar = typename Cell::Scalar;

  AdjointScores(const PolarityProblem<Cell>& problem, const Linearisation<Cell>& linear,
                UnrolledSums<Cell>& sums, Transition<Cell>& transition,
                std::vector<PolarityScores<Scalar>>& scores)
      : problem_(problem),
        scores_(scores),
        labels_(problem.weight.rows()),
        ends_(problem.ends),
        at_(problem.ends),
        v_(zero_state<Cell>(linear.coefficients.hidden_size(), static_cast<Index>(ends_.size()) * labels_)) {
    const LayerState<Cell>& g = linear.coefficients.g;
    const bool has_initial = problem.has_initial();
    // With single tokens as the window, `longer` + g is the unrolled state without its initial part.
    if (problem.cut()) sums.longer = longer_sum<Cell>(transition, problem.layout, g);
    for (std::size_t e = 0; e < ends_.size(); ++e)
      v_[0].middleCols(static_cast<Index>(e) * labels_, labels_) = problem.weight.transpose();

    std::vector<Index> columns;
    for (Index size = 1; !ends_.empty(); ++size) {
      for_each_end([&](std::size_t e) {
        PolarityScores<Scalar>& target = score_of(e);
        const Index place = target.index.end(problem.links[ends_[e]].step);
        add(e, g, at_[e],
            target.ngram.col(target.index.column(problem.links[at_[e]].step, problem.links[ends_[e]].step)));
        add(e, linear.residual, at_[e], target.residual.col(place));
        add(e, linear.second, at_[e], target.second_order.col(place));
        add(e, linear.third, at_[e], target.third_order.col(place));
      });
      keep([&](std::size_t e) { return has_initial || previous(e) >= 0; });
      columns.clear();
      for (const Index at : at_) columns.insert(columns.end(), static_cast<std::size_t>(labels_), at);
      transition.apply_adjoint(columns, StateBlock<Cell>(v_, 0, static_cast<Index>(columns.size())));
      for_each_end([&](std::size_t e) {
        PolarityScores<Scalar>& target = score_of(e);
        const auto& end = problem.links[ends_[e]];
        const Index place = target.index.end(end.step);
        if (previous(e) < 0) {
          add(e, problem.initial, end.slot, target.initial.col(place));
        } else if (size == problem.window) {
          add(e, g, previous(e), target.longer.col(place));
          add(e, sums.longer, previous(e), target.longer.col(place));
          add(e, sums.initial, previous(e), target.initial.col(place));
          add(e, sums.residual, previous(e), target.residual.col(place));
          add(e, sums.second, previous(e), target.second_order.col(place));
          add(e, sums.third, previous(e), target.third_order.col(place));
        }
      });
      keep([&](std::size_t e) { return previous(e) >= 0 && size < problem.window; });
      for (Index& at : at_) at = problem.links[at].previous;
    }
  }

 private:
  [[nodiscard]] Index previous(std::size_t e) const { return problem_.links[at_[e]].previous; }
  [[nodiscard]] PolarityScores<Scalar>& score_of(std::size_t e) const {
    return scores_[static_cast<std::size_t>(problem_.links[ends_[e]].sequence)];
  }

  /// Calls `body(e)` for all ends, on several threads: each has scores of its own.
  template <class Body>
  void for_each_end(Body&& body) const {
    for_columns(v_[0].rows() * labels_, static_cast<Index>(ends_.size()), 4,
                [&](Index e) { body(static_cast<std::size_t>(e)); });
  }

  /// target += V^T state, summed over h and c. An empty state is zero.
  void add(std::size_t e, const LayerState<Cell>& state, Index column,
           Eigen::Ref<Vector<Scalar>> target) const {
    if (state[0].cols() == 0) return;
    for (std::size_t s = 0; s < v_.size(); ++s) {
      target.noalias() +=
          v_[s].middleCols(static_cast<Index>(e) * labels_, labels_).transpose() * state[s].col(column);
    }
  }

  /// Drops the ends for which `wanted(e)` does not hold, and their V.
  template <class Wanted>
  void keep(Wanted&& wanted) {
    std::size_t kept = 0;
    for (std::size_t e = 0; e < ends_.size(); ++e) {
      if (!wanted(e)) continue;
      if (kept != e) {
        for (auto& part : v_) {
          for (Index k = 0; k < labels_; ++k)
            part.col(static_cast<Index>(kept) * labels_ + k) = part.col(static_cast<Index>(e) * labels_ + k);
        }
      }
      ends_[kept] = ends_[e];
      at_[kept++] = at_[e];
    }
    ends_.resize(kept);
    at_.resize(kept);
  }

  const PolarityProblem<Cell>& problem_;
  std::vector<PolarityScores<Scalar>>& scores_;
  Index labels_;
  std::vector<Index> ends_, at_;  // V of an end has arrived at the token `at`
  LayerState<Cell> v_;
};

}  // namespace detail

}  // namespace rnnscope
