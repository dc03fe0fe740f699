// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Columns, one by one, on several threads.
#pragma once

#include <algorithm>
#include <span>

#include "rnnscope/core/parallel.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope::detail {

/// body(n) for every column n of `matrix`. Threads: pieces of columns.
template <class M, class Body>
void for_columns_of(const M& matrix, Body&& body) {
  const Index columns = matrix.cols(), grain = std::max<Index>(1, 16384 / std::max<Index>(1, matrix.rows()));
  parallel_for((columns + grain - 1) / grain, [&](Index piece) {
    for (Index n = piece * grain; n < std::min(columns, (piece + 1) * grain); ++n) body(n);
  });
}

/// to.col(n) = from.col(order[n]) for all columns of `to`.
template <class From, class To>
void gather_columns(const From& from, std::span<const Index> order, To&& to) {
  eigen_assert(static_cast<Index>(order.size()) >= to.cols());
  for_columns_of(to, [&](Index n) { to.col(n) = from.col(order[static_cast<std::size_t>(n)]); });
}

}  // namespace rnnscope::detail
