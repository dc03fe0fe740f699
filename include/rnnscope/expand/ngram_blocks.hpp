// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Every n-gram of a batch, all n-grams of one size at a time.
#pragma once

#include <numeric>
#include <span>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/span.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/expand/coefficients.hpp"
#include "rnnscope/expand/packed_links.hpp"
#include "rnnscope/expand/transition.hpp"
#include "rnnscope/text/packed_layout.hpp"

namespace rnnscope {

/// All n-grams of `size` tokens in a batch. Borrowed memory: valid during the visit only.
template <class Cell>
struct NgramBlock {
  using Scalar = typename Cell::Scalar;

  Index size;                   ///< n
  std::span<const Span> spans;  ///< the tokens of every column
  std::span<const Index> ends;  ///< the columns of the batch that hold the last tokens
  StatePointers<Cell> data;
  Index hidden_size;

  /// The representations, `H x spans.size()`: g(x_t) for size 1, Phi(i..t) otherwise. `state` 0 is the part of
  /// h; 1, for the LSTM, that of c.
  [[nodiscard]] ConstMatrixMap<Scalar> features(std::size_t state = 0) const {
    return {data[state], hidden_size, static_cast<Index>(spans.size())};
  }
};

namespace detail {

/// \throws ValueError naming the first column of `block` that is not finite.
template <class Cell>
void require_finite(const NgramBlock<Cell>& block) {
  for (std::size_t state = 0; state < block.data.size(); ++state) {
    const ConstMatrixMap<typename Cell::Scalar> features = block.features(state);
    if (features.allFinite()) continue;
    Index j = 0;
    while (features.col(j).allFinite()) ++j;
    const Span& span = block.spans[static_cast<std::size_t>(j)];
    throw ValueError(message(
        "NgramUnroller: the representation of tokens ", span.first, "..", span.last - 1, " of sequence ",
        span.sequence, " is not finite at t = ", span.last - 1, ": ",
        block.size == 1 ? "check the parameters"
                        : "the products of A overflow; use a shorter window, another expansion or double"));
  }
}

}  // namespace detail

/// Calls `visit(NgramBlock)` for n = 1, 2, ... up to `window` or the longest sequence. All n-grams of n tokens
/// are one block, whatever sequences they are from; the block of n + 1 is
///
///     Phi(i..t+1) = A(x_{t+1}) Phi(i..t)
///
/// so one product per n extends them all. Cost: 2 G H^2 flop for every n-gram of two or more tokens (G gates in
/// use); memory: one column per token. \throws ValueError naming t if a value is not finite.
template <class Cell, class Visit>
void for_each_ngram_size(const Coefficients<Cell>& coefficients, Transition<Cell>& transition,
                         const PackedLayout& layout, Index window, Visit&& visit) {
  eigen_assert(window >= 1 && coefficients.columns() == layout.columns());
  const PackedLinks links(layout);
  LayerState<Cell> block = coefficients.g;
  std::vector<Index> ends(static_cast<std::size_t>(links.size()));
  std::vector<Span> spans(ends.size());
  std::iota(ends.begin(), ends.end(), Index{0});
  for (std::size_t j = 0; j < ends.size(); ++j) {
    const auto& token = links.columns[j];
    spans[j] = {token.sequence, token.step, token.step + 1};
  }
  for (Index size = 1; !ends.empty(); ++size) {
    const NgramBlock<Cell> view{size, spans, ends, state_pointers<Cell>(block), coefficients.hidden_size()};
    detail::require_finite(view);
    visit(view);
    if (size == window) break;
    std::size_t kept = 0;
    for (std::size_t j = 0; j < ends.size(); ++j) {
      const Index next = links[ends[j]].next;
      if (next < 0) continue;
      if (kept != j) {
        for (auto& part : block) part.col(static_cast<Index>(kept)) = part.col(static_cast<Index>(j));
      }
      ends[kept] = next;
      spans[kept] = {spans[j].sequence, spans[j].first, spans[j].last + 1};
      ++kept;
    }
    ends.resize(kept);
    spans.resize(kept);
    transition.apply(ends, StateBlock<Cell>(block, 0, static_cast<Index>(kept)));
  }
}

}  // namespace rnnscope
