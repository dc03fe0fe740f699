// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A loop over the columns of a block, on several threads.
#pragma once

#include <algorithm>

#include "rnnscope/core/parallel.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope::detail {

/// Calls `body(column)` for all columns of `rows` numbers; `work` says how many times the work of a cell step
/// each costs. Columns are independent, so the cut does not change bits.
template <class Body>
void for_columns(Index rows, Index columns, Index work, Body&& body) {
  const Index grain = std::max<Index>(1, 32768 / std::max<Index>(1, rows * work));
  const Index pieces = (columns + grain - 1) / grain;
  parallel_for(pieces, [&](Index piece) {
    for (Index b = piece * grain; b < std::min(columns, (piece + 1) * grain); ++b) body(b);
  });
}

}  // namespace rnnscope::detail
