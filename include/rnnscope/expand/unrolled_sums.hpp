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

/// Three sums of every token, per state `H x N`. With the n-grams of at most N tokens they complete the state:
///
///     state_t = sum of Phi(i..t), t - N < i <= t,  +  longer_t + initial_t + residual_t
template <class Cell>
struct UnrolledSums {
  LayerState<Cell> longer;    ///< sum of Phi(i..t) over the n-grams longer than the window
  LayerState<Cell> initial;   ///< A_t ... A_1 times the initial state
  LayerState<Cell> residual;  ///< sum of A_t ... A_{s+1} xi_s: what the linear recurrence misses
};

/// Runs the sums along every sequence:
///
///     longer_t = A_t (longer_{t-1} + longest_{t-1})    initial_t = A_t initial_{t-1}
///     residual_t = A_t residual_{t-1} + xi_t
///
/// `longest` holds, in the column of its last token, the n-gram of exactly N tokens (zero where there is none);
/// null if the window cuts nothing. `initial` is the state before the first token, `H x B`; `xi` are the step
/// residuals, `H x columns`. Cost: 2 G H^2 flop per token and sum; sums that are zero throughout are free.
/// \throws ValueError naming t if a value is not finite.
template <class Cell>
[[nodiscard]] UnrolledSums<Cell> unrolled_sums(Transition<Cell>& transition, const PackedLayout& layout,
                                               const LayerState<Cell>* longest, const LayerState<Cell>& initial,
                                               const LayerState<Cell>& xi) {
  using Scalar = typename Cell::Scalar;
  const Index hidden = xi[0].rows(), columns = layout.columns();
  UnrolledSums<Cell> sums{zero_state<Cell>(hidden, columns), zero_state<Cell>(hidden, columns), xi};
  bool has_initial = false;
  for (const auto& part : initial) has_initial = has_initial || (part.array() != Scalar(0)).any();

  struct Carried {
    LayerState<Cell>* sum;            // holds what is added at each step, receives the sum
    const LayerState<Cell>* arrival;  // joins before the next step, or null
    const LayerState<Cell>* start;    // before the first step, or null
  };
  std::vector<Carried> carried{{&sums.residual, nullptr, nullptr}};
  if (has_initial) carried.push_back({&sums.initial, nullptr, &initial});
  if (longest != nullptr) carried.push_back({&sums.longer, longest, nullptr});

  LayerState<Cell> block;
  std::vector<Index> ends;
  for (Index t = 0; t < layout.steps(); ++t) {
    const Index live = layout.live(t), here = layout.offset(t), before = t == 0 ? 0 : layout.offset(t - 1);
    if (t == 0) block = zero_state<Cell>(hidden, static_cast<Index>(carried.size()) * live);
    ends.clear();
    for (std::size_t k = 0; k < carried.size(); ++k) {
      const Index first = static_cast<Index>(k) * live;
      for (Index b = 0; b < live; ++b) ends.push_back(here + b);
      for (std::size_t s = 0; s < block.size(); ++s) {
        if (t > 0) {
          block[s].middleCols(first, live) = (*carried[k].sum)[s].middleCols(before, live);
          if (carried[k].arrival)
            block[s].middleCols(first, live) += (*carried[k].arrival)[s].middleCols(before, live);
        } else if (carried[k].start) {
          block[s].middleCols(first, live) = (*carried[k].start)[s].leftCols(live);
        }
      }
    }
    const StateBlock<Cell> view(block, 0, static_cast<Index>(ends.size()));
    transition.apply(ends, view);
    for (std::size_t s = 0; s < block.size(); ++s) {
      for (std::size_t k = 0; k < carried.size(); ++k) {
        (*carried[k].sum)[s].middleCols(here, live) += view[s].middleCols(static_cast<Index>(k) * live, live);
      }
      require<ValueError>(view[s].allFinite(), "NgramUnroller: the unrolled state is not finite at t = ", t,
                          ": the products of A overflow; use another expansion, a shorter sequence or double");
    }
  }
  return sums;
}

}  // namespace rnnscope
