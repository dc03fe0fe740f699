// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Copies chosen columns.
#pragma once

#include <algorithm>
#include <span>

#include "rnnscope/core/parallel.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope::detail {

/// to.col(n) = from.col(order[n]) for all columns of `to`. Threads: pieces of columns.
template <class From, class To>
void gather_columns(const From& from, std::span<const Index> order, To&& to) {
  const Index grain = std::max<Index>(1, 16384 / std::max<Index>(1, to.rows()));
  const Index columns = to.cols();
  eigen_assert(static_cast<Index>(order.size()) >= columns);
  parallel_for((columns + grain - 1) / grain, [&](Index piece) {
    for (Index n = piece * grain; n < std::min(columns, (piece + 1) * grain); ++n)
      to.col(n) = from.col(order[static_cast<std::size_t>(n)]);
  });
}

}  // namespace rnnscope::detail
