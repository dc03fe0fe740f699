// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The parts of an unrolled state that are not n-grams of the window.
#pragma once

#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/expand/transition.hpp"
#include "rnnscope/text/packed_layout.hpp"

namespace rnnscope {

/// Sums of every token, per state `H x N`; empty where they are zero throughout or were not asked for. With the
/// n-grams of at most N tokens they complete the state:
///
///     state_t = sum of Phi(i..t), t - N < i <= t,  +  longer_t + initial_t + residual_t
template <class Cell>
struct UnrolledSums {
  LayerState<Cell> longer;    ///< sum of Phi(i..t) over the n-grams longer than the window
  LayerState<Cell> initial;   ///< A_t ... A_1 times the initial state
  LayerState<Cell> residual;  ///< sum of A_t ... A_{s+1} xi_s: what the linear recurrence misses
  LayerState<Cell> second;    ///< the same of the part of xi_s that is of second order in the state
  LayerState<Cell> third;     ///< and of third order
};

namespace detail {

/// \throws ValueError naming t.
template <class Derived>
void require_finite_sum(const Eigen::MatrixBase<Derived>& sum, Index t) {
  require<ValueError>(sum.allFinite(), "NgramUnroller: the unrolled state is not finite at t = ", t,
                      ": the products of A overflow; use another expansion, a shorter sequence or double");
}

}  // namespace detail

/// UnrolledSums::longer. `longest` holds, in the column of its last token, the n-gram of exactly N tokens (zero
/// where there is none):
///
///     longer_t = A_t (longer_{t-1} + longest_{t-1})
///
/// Cost: 2 G H^2 flop per token. \throws ValueError naming t if a value is not finite.
template <class Cell>
[[nodiscard]] LayerState<Cell> longer_sum(Transition<Cell>& transition, const PackedLayout& layout,
                                          const LayerState<Cell>& longest) {
  LayerState<Cell> sum = zero_state<Cell>(longest[0].rows(), layout.columns());
  std::vector<Index> ends;
  for (Index t = 1; t < layout.steps(); ++t) {
    const Index live = layout.live(t), here = layout.offset(t), before = layout.offset(t - 1);
    ends.clear();
    for (Index b = 0; b < live; ++b) ends.push_back(here + b);
    for (std::size_t s = 0; s < sum.size(); ++s) {
      sum[s].middleCols(here, live) = sum[s].middleCols(before, live) + longest[s].middleCols(before, live);
    }
    transition.apply(ends, StateBlock<Cell>(sum, here, live));
    for (const auto& part : sum) detail::require_finite_sum(part.middleCols(here, live), t);
  }
  return sum;
}

}  // namespace rnnscope
