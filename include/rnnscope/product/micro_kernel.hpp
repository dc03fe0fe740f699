// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The inner loop of every large product: one tile of the result, kept in registers.
///
/// Written with the vector types of g++ and clang, so the same source becomes AVX-512, AVX2, SSE or NEON. With
/// AVX-512 a tile is 64 x 6 floats in 24 registers: each step of the inner dimension loads 4 vectors of the
/// left factor and 6 numbers of the right one for 24 multiply-adds, which keeps both multipliers of a core
/// busy.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

#include "rnnscope/core/types.hpp"
#include "rnnscope/product/matrix_view.hpp"

namespace rnnscope::detail {

// Loops over registers must vanish, at -O2 too.
#if defined(__clang__)
#define RNNSCOPE_UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define RNNSCOPE_UNROLL _Pragma("GCC unroll 16")
#else
#define RNNSCOPE_UNROLL
#endif

#if defined(__AVX512F__)
inline constexpr int simd_bytes = 64, simd_registers = 32;
#elif defined(__AVX__)
inline constexpr int simd_bytes = 32, simd_registers = 16;
#elif defined(__aarch64__)
inline constexpr int simd_bytes = 16, simd_registers = 32;
#else
inline constexpr int simd_bytes = 16, simd_registers = 16;
#endif

/// Scalars that the micro-kernel knows; others (complex numbers, in derivative checks) take Eigen's products.
template <class S>
inline constexpr bool has_micro_kernel = std::is_same_v<S, float> || std::is_same_v<S, double>;

/// Sizes of a tile for this processor.
template <class S>
struct RegisterTile {
  using Vector __attribute__((vector_size(simd_bytes))) = std::conditional_t<has_micro_kernel<S>, S, float>;
  static constexpr Index lanes = simd_bytes / static_cast<Index>(sizeof(S));
  static constexpr Index vectors = simd_registers == 32 ? 4 : 2;
  static constexpr Index rows = lanes * vectors;
  static constexpr Index columns = 6;
};

/// The right factor of a product: element (k, j) is `data[k + j stride]` or, by rows, `data[k stride + j]`.
template <class S, bool ByRows>
struct RightFactor {
  const S* data;
  Index stride;

  [[nodiscard]] RightFactor at(Index k, Index j) const {
    return {data + (ByRows ? k * stride + j : k + j * stride), stride};
  }
};

/// The right factor behind a matrix or a transpose.
template <class S, bool Transposed>
[[nodiscard]] RightFactor<S, Transposed> right_factor(const Factor<S, Transposed>& b) {
  return {b.view.data, b.view.stride};
}

/// c (tile rows x Columns, columns `c_stride` apart) = a b, or += if `add`. `a` is a packed panel: for each of
/// the `depth` steps one column of `RegisterTile::rows` numbers, aligned. Every element is one chain of
/// multiply-adds over k, so its bits do not depend on the tile that it lies in.
template <std::size_t Columns, class S, bool ByRows>
inline void micro_kernel(const S* __restrict a, RightFactor<S, ByRows> b, Index depth, S* __restrict c,
                         Index c_stride, bool add) {
  using Tile = RegisterTile<S>;
  using Vector = typename Tile::Vector;
  constexpr auto vectors = static_cast<std::size_t>(Tile::vectors);
  Vector sums[Columns][vectors];
  const S* right[Columns];
  RNNSCOPE_UNROLL
  for (std::size_t j = 0; j < Columns; ++j) {
    RNNSCOPE_UNROLL
    for (std::size_t v = 0; v < vectors; ++v) sums[j][v] = Vector{};
    right[j] = b.at(0, static_cast<Index>(j)).data;
  }
  for (Index k = 0; k < depth; ++k) {
    Vector left[vectors];
    RNNSCOPE_UNROLL
    for (std::size_t v = 0; v < vectors; ++v)
      std::memcpy(&left[v], __builtin_assume_aligned(a + static_cast<Index>(v) * Tile::lanes, simd_bytes),
                  sizeof(Vector));
    a += Tile::rows;
    RNNSCOPE_UNROLL
    for (std::size_t j = 0; j < Columns; ++j) {
      const Vector factor = Vector{} + (ByRows ? b.data[static_cast<Index>(j)] : right[j][k]);
      RNNSCOPE_UNROLL
      for (std::size_t v = 0; v < vectors; ++v) sums[j][v] += left[v] * factor;
    }
    if constexpr (ByRows) b.data += b.stride;
  }
  RNNSCOPE_UNROLL
  for (std::size_t j = 0; j < Columns; ++j) {
    RNNSCOPE_UNROLL
    for (std::size_t v = 0; v < vectors; ++v) {
      S* const out = c + static_cast<Index>(j) * c_stride + static_cast<Index>(v) * Tile::lanes;
      if (add) {
        Vector before;
        std::memcpy(&before, out, sizeof(Vector));
        sums[j][v] += before;
      }
      std::memcpy(out, &sums[j][v], sizeof(Vector));
    }
  }
}

template <class S, bool ByRows>
using MicroKernel = void (*)(const S*, RightFactor<S, ByRows>, Index, S*, Index, bool);

/// micro_kernel for 1, 2, ... columns.
template <class S, bool ByRows>
inline constexpr auto micro_kernels = []<std::size_t... N>(std::index_sequence<N...>) {
  return std::array<MicroKernel<S, ByRows>, sizeof...(N)>{&micro_kernel<N + 1, S, ByRows>...};
}
(std::make_index_sequence<static_cast<std::size_t>(RegisterTile<S>::columns)>{});

/// One tile of any size up to `RegisterTile`: rows beyond `rows` are computed and dropped.
template <class S, bool ByRows>
void product_tile(const S* a, RightFactor<S, ByRows> b, Index depth, MatrixView<S> c, Index rows, Index columns,
                  bool add) {
  using Tile = RegisterTile<S>;
  const MicroKernel<S, ByRows> kernel = micro_kernels<S, ByRows>[static_cast<std::size_t>(columns - 1)];
  if (rows == Tile::rows) {
    kernel(a, b, depth, c.data, c.stride, add);
    return;
  }
  alignas(simd_bytes) S whole[Tile::rows * Tile::columns];
  kernel(a, b, depth, whole, Tile::rows, false);
  for (Index j = 0; j < columns; ++j) {
    for (Index i = 0; i < rows; ++i) {
      S& out = c.col(j)[i];
      out = add ? out + whole[j * Tile::rows + i] : whole[j * Tile::rows + i];
    }
  }
}

/// c (rows x cols) = a b, or += if `add`, for a left factor packed into panels `panel_stride` numbers apart.
template <class S, bool ByRows>
void product_of_panels(const S* panels, Index panel_stride, RightFactor<S, ByRows> b, MatrixView<S> c,
                       Index rows, Index cols, Index depth, bool add) {
  using Tile = RegisterTile<S>;
  const auto tile = [&](Index i, Index j) {
    product_tile(panels + i / Tile::rows * panel_stride, b.at(0, j), depth,
                 MatrixView<S>{c.col(j) + i, c.stride}, std::min(Tile::rows, rows - i),
                 std::min(Tile::columns, cols - j), add);
  };
  // The factor that fits into the second-level cache is the one to be read again and again.
  constexpr Index cached = 262144 / static_cast<Index>(sizeof(S));
  if (cols * depth <= cached) {
    for (Index i = 0; i < rows; i += Tile::rows)
      for (Index j = 0; j < cols; j += Tile::columns) tile(i, j);
  } else {
    for (Index j = 0; j < cols; j += Tile::columns)
      for (Index i = 0; i < rows; i += Tile::rows) tile(i, j);
  }
}

}  // namespace rnnscope::detail
