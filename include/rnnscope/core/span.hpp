// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A half-open run of positions in one sequence of tokens: where a vector came from.
#pragma once

#include "rnnscope/core/types.hpp"

namespace rnnscope {

/// Tokens `[first, last)` of sequence `sequence`. A single token t is `{s, t, t + 1}`; the n-gram of
/// tokens i..t (inclusive) is `{s, i, t + 1}`.
struct Span {
  Index sequence = 0;
  Index first = 0;
  Index last = 0;

  [[nodiscard]] Index size() const { return last - first; }
  friend bool operator==(const Span&, const Span&) = default;
};

}  // namespace rnnscope
