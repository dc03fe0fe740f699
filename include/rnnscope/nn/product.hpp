// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Matrix products on several threads with the same bits for any number of them.
#pragma once

#include <type_traits>

#include "rnnscope/core/parallel.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

namespace detail {

/// How a `rows x cols` product of inner size `depth` is cut: a function of the shape alone. Products that are
/// worth a thread always have at least two pieces, so that Eigen never starts threads of its own.
struct ProductCut {
  bool by_rows = true;
  Partition partition;

  ProductCut(Index rows, Index cols, Index depth) {
    const bool small = rows * cols * depth < 65536;
    by_rows = rows >= 256 || rows >= cols;
    const Index size = by_rows ? rows : cols;
    const Index grain = size >= 512 ? 32 : (size >= 32 ? 16 : 1);
    const Index wanted = size >= 1024 ? 8 : (size >= 256 ? 4 : 2);
    partition = {size, small ? 1 : std::min(wanted, size), grain};
  }
};

template <bool Add, class A, class B, class C>
void product_in_pieces(const A& a, const B& b, C& c) {
  eigen_assert(a.cols() == b.rows() && c.rows() == a.rows() && c.cols() == b.cols());
  if (c.size() == 0) return;
  const ProductCut cut(c.rows(), c.cols(), a.cols());
  parallel_for(cut.partition.pieces, [&](Index piece) {
    const Index first = cut.partition.begin(piece);
    const Index count = cut.partition.end(piece) - first;
    if (count == 0) return;
    if (cut.by_rows) {
      if constexpr (Add) {
        c.middleRows(first, count).noalias() += a.middleRows(first, count) * b;
      } else {
        c.middleRows(first, count).noalias() = a.middleRows(first, count) * b;
      }
    } else {
      if constexpr (Add) {
        c.middleCols(first, count).noalias() += a * b.middleCols(first, count);
      } else {
        c.middleCols(first, count).noalias() = a * b.middleCols(first, count);
      }
    }
  });
}
}  // namespace detail

/// c = a b. `c` must not overlap `a` or `b`.
template <class A, class B, class C>
void multiply(const A& a, const B& b, C&& c) {
  detail::product_in_pieces<false>(a, b, c);
}

/// c += a b. `c` must not overlap `a` or `b`.
template <class A, class B, class C>
void multiply_add(const A& a, const B& b, C&& c) {
  detail::product_in_pieces<true>(a, b, c);
}

}  // namespace rnnscope
