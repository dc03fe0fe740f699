// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Products of any size from register tiles: blocks of the left factor are packed on the way.
#pragma once

#include <algorithm>

#include "rnnscope/core/parallel.hpp"
#include "rnnscope/core/scratch.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/product/matrix_view.hpp"
#include "rnnscope/product/micro_kernel.hpp"
#include "rnnscope/product/packing.hpp"

namespace rnnscope::detail {

/// Steps of the inner dimension that are summed before the result is touched. Fixed, since it decides bits.
template <class S>
inline constexpr Index depth_block = 2048 / static_cast<Index>(sizeof(S));

/// A result cut into rectangles, enough of them for a handful of threads. Bits do not depend on the cut.
template <class S>
struct ProductGrid {
  Partition row_blocks, col_blocks;

  /// `min_cols`: fewer columns in a rectangle do not pay for what it does to its rows first.
  ProductGrid(Index rows, Index cols, Index min_cols) {
    constexpr Index tile = RegisterTile<S>::rows;
    constexpr Index wanted = 8;
    const Index by_rows = (rows + 4 * tile - 1) / (4 * tile);
    const Index by_cols = std::clamp<Index>(cols / min_cols, 1, std::max<Index>(1, wanted / by_rows));
    row_blocks = {rows, by_rows, tile};
    col_blocks = {cols, by_cols, RegisterTile<S>::columns};
  }

  /// Calls `body(first row, rows, first column, columns)` for every rectangle, on several threads.
  template <class Body>
  void for_each(Body&& body) const {
    parallel_for(row_blocks.pieces * col_blocks.pieces, [&](Index piece) {
      const Index r = piece % row_blocks.pieces, c = piece / row_blocks.pieces;
      const Index i = row_blocks.begin(r), j = col_blocks.begin(c);
      if (row_blocks.end(r) > i && col_blocks.end(c) > j)
        body(i, row_blocks.end(r) - i, j, col_blocks.end(c) - j);
    });
  }
};

/// c (rows x cols) = a b, or += if `add`, for a packed left factor whose panels are `panel_depth` steps long;
/// on one thread.
template <class S, bool ByRows>
void product_of_packed(const S* panels, Index panel_depth, RightFactor<S, ByRows> b, MatrixView<S> c,
                       Index rows, Index cols, Index depth, bool add) {
  constexpr Index tile = RegisterTile<S>::rows;
  for (Index k = 0; k < depth || k == 0; k += depth_block<S>) {
    product_of_panels(panels + k * tile, panel_depth * tile, b.at(k, 0), c, rows, cols,
                      std::min(depth_block<S>, depth - k), add || k > 0);
  }
}

/// c (rows x cols) = a b, or += if `add`, on several threads.
template <class S, bool TransposedA, bool TransposedB>
void blocked_product(const Factor<S, TransposedA>& a, const Factor<S, TransposedB>& b, MatrixView<S> c,
                     Index rows, Index cols, Index depth, bool add) {
  const RightFactor<S, TransposedB> right = right_factor(b);
  ProductGrid<S>(rows, cols, 256).for_each([&](Index i, Index row_count, Index j, Index col_count) {
    const Scratch local;
    const Index padded = panel_count<S>(row_count) * RegisterTile<S>::rows;
    S* const panels = local.take<S>(padded * std::min(depth, depth_block<S>));
    for (Index k = 0; k < depth || k == 0; k += depth_block<S>) {
      const Index steps = std::min(depth_block<S>, depth - k);
      pack_panels(a.rows_from(i).cols_from(k), row_count, steps, panels);
      product_of_panels(panels, steps * RegisterTile<S>::rows, right.at(k, j),
                        MatrixView<S>{c.col(j) + i, c.stride}, row_count, col_count, steps, add || k > 0);
    }
  });
}

}  // namespace rnnscope::detail
