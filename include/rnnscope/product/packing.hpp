// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Copies a left factor into the order in which the micro-kernel reads it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

#include "rnnscope/core/types.hpp"
#include "rnnscope/product/matrix_view.hpp"
#include "rnnscope/product/micro_kernel.hpp"

namespace rnnscope::detail {

/// Panels that hold `rows` rows.
template <class S>
[[nodiscard]] constexpr Index panel_count(Index rows) {
  return (rows + RegisterTile<S>::rows - 1) / RegisterTile<S>::rows;
}

/// One stage of a transposition in registers: swaps the elements of `low` and `high` whose lane has bit
/// `Width`.
template <std::size_t Width, class Vector, std::size_t... Lane>
void swap_lanes(Vector& low, Vector& high, std::index_sequence<Lane...>) {
  constexpr std::size_t lanes = sizeof...(Lane);
  const Vector a = low, b = high;
  low = __builtin_shufflevector(a, b, ((Lane & Width) == 0 ? Lane : Lane - Width + lanes)...);
  high = __builtin_shufflevector(a, b, ((Lane & Width) == 0 ? Lane + Width : Lane + lanes)...);
}

/// Transposes a square of `RegisterTile::lanes` vectors.
template <std::size_t Width, class S>
void transpose_square(typename RegisterTile<S>::Vector* square) {
  constexpr auto lanes = static_cast<std::size_t>(RegisterTile<S>::lanes);
  if constexpr (Width < lanes) {
    for (std::size_t i = 0; i < lanes; ++i)
      if ((i & Width) == 0) swap_lanes<Width>(square[i], square[i + Width], std::make_index_sequence<lanes>{});
    transpose_square<2 * Width, S>(square);
  }
}

/// One panel: `out[k R + r] = a(r, k)` for `rows <= R` rows, zero beyond; R = RegisterTile::rows.
template <class S>
void pack_panel(const Factor<S, false>& a, Index rows, Index depth, S* out) {
  constexpr Index width = RegisterTile<S>::rows;
  for (Index k = 0; k < depth; ++k, out += width) {
    const S* const column = a.view.col(k);
    if (rows == width) {
      std::memcpy(out, column, static_cast<std::size_t>(width) * sizeof(S));
    } else {
      std::copy_n(column, rows, out);
      std::fill(out + rows, out + width, S{});
    }
  }
}

template <class S>
void pack_panel(const Factor<S, true>& a, Index rows, Index depth, S* out) {
  using Tile = RegisterTile<S>;
  using Vector = typename Tile::Vector;
  const Index whole = depth / Tile::lanes * Tile::lanes;
  for (Index first = 0; first < Tile::rows; first += Tile::lanes) {
    const Index live = std::clamp<Index>(rows - first, 0, Tile::lanes);
    for (Index k = 0; k < whole; k += Tile::lanes) {
      Vector square[Tile::lanes];
      for (Index r = 0; r < Tile::lanes; ++r) {
        if (r < live) {
          std::memcpy(&square[r], a.view.col(first + r) + k, sizeof(Vector));
        } else {
          square[r] = Vector{};
        }
      }
      transpose_square<1, S>(square);
      for (Index r = 0; r < Tile::lanes; ++r)
        std::memcpy(out + (k + r) * Tile::rows + first, &square[r], sizeof(Vector));
    }
    for (Index k = whole; k < depth; ++k)
      for (Index r = 0; r < Tile::lanes; ++r)
        out[k * Tile::rows + first + r] = r < live ? a.view.col(first + r)[k] : S{};
  }
}

/// All panels of a `rows x depth` factor, one behind the other.
template <class S, bool Transposed>
void pack_panels(const Factor<S, Transposed>& a, Index rows, Index depth, S* out) {
  for (Index i = 0; i < rows; i += RegisterTile<S>::rows, out += RegisterTile<S>::rows * depth)
    pack_panel(a.rows_from(i), std::min(RegisterTile<S>::rows, rows - i), depth, out);
}

}  // namespace rnnscope::detail
