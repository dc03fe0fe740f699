// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// What an NgramUnroller is asked for.
#pragma once

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/expand/ngram_index.hpp"
#include "rnnscope/nn/tape.hpp"

namespace rnnscope {

/// Options of NgramUnroller::unroll and collect.
template <class Cell>
struct UnrollOptions {
  LayerState<Cell> initial{};  ///< state before the first token, `H x B`; empty matrices: zero
  Index window = any_length;   ///< tokens in the longest n-gram
  Index shortest = 1;          ///< tokens in the shortest n-gram that is reported

  void check() const {
    require<ValueError>(shortest >= 1 && window >= shortest,
                        "UnrollOptions: expected 1 <= shortest <= window, found shortest ", shortest,
                        " and window ", window);
  }
};

/// Which logits are explained.
enum class Ends {
  all,  ///< that of every token
  last  ///< that of the last token of each sequence
};

/// How polarity scores are computed. Both ways give the same numbers up to rounding.
enum class UnrollMethod {
  automatic,  ///< the one that multiplies fewer columns by W_hh
  forward,    ///< extend all n-grams, then read out: one column per n-gram
  adjoint     ///< carry the read-out back from every end: one column per end, token and label
};

/// Options of NgramUnroller::polarity.
template <class Cell>
struct PolarityOptions {
  LayerState<Cell> initial{};  ///< state before the first token, `H x B`; empty matrices: zero
  Index window = any_length;   ///< tokens in the longest n-gram with a score of its own
  Ends ends = Ends::all;
  UnrollMethod method = UnrollMethod::automatic;

  void check() const {
    require<ValueError>(window >= 1, "PolarityOptions: the window must be at least 1, found ", window);
  }
};

}  // namespace rnnscope
