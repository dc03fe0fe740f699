// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The inner loop of tiles: a small matrix product whose results are compared in the registers and not stored.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "rnnscope/core/numeric.hpp"
#include "rnnscope/product/micro_kernel.hpp"

namespace rnnscope::detail {

/// One side of a tile: what is known of the points of a block. A pair of points p and q is a hit if they differ
/// in `group` and max(bound(p, q), floor(p), floor(q)) <= max(limit(p), limit(q)), where
/// bound(p, q) = weight(p) + weight(q) - 2 <image(p), image(q)>.
struct TileSide {
  static constexpr Index size = 256;
  static constexpr float lowest = std::numeric_limits<float>::lowest();
  template <class T>
  using PerPoint = std::array<T, std::size_t{size}>;

  Index count = 0;
  alignas(64) PerPoint<float> weight, floor, limit;
  alignas(64) PerPoint<Id> group;

  /// Points that are no points, behind the last, are never hit.
  void fill_up() {
    for (auto k = static_cast<std::size_t>(count); k < weight.size(); ++k) {
      weight[k] = std::numeric_limits<float>::infinity();
      floor[k] = limit[k] = lowest;
      group[k] = -1;
    }
  }
  [[nodiscard]] float largest_limit() const {
    float result = lowest;
    for (std::size_t k = 0; k < static_cast<std::size_t>(count); ++k)
      result = limit[k] > result ? limit[k] : result;
    return result;
  }
};

/// A strip of a tile: some columns against all rows.
struct TileStrip {
  static constexpr std::size_t columns = 4;

  std::array<const float*, columns> image;
  std::array<float, columns> weight, floor, limit;
  std::array<Id, columns> group;
  // Results: the rows that each column hits.
  std::array<TileSide::PerPoint<Id>, columns> hit;
  std::array<std::size_t, columns> hits;
};

/// Bit l of the result says whether lane l of a comparison holds.
template <class Comparison>
[[nodiscard]] RNNSCOPE_INLINE std::uint32_t lane_bits(const Comparison& comparison) {
#if defined(__AVX512DQ__)
  return static_cast<std::uint32_t>(_mm512_movepi32_mask(reinterpret_cast<__m512i>(comparison)));
#elif defined(__AVX512F__)
  const auto lanes = reinterpret_cast<__m512i>(comparison);
  return static_cast<std::uint32_t>(_mm512_test_epi32_mask(lanes, lanes));
#elif defined(__AVX__)
  return static_cast<std::uint32_t>(_mm256_movemask_ps(reinterpret_cast<__m256>(comparison)));
#elif defined(__SSE__)
  return static_cast<std::uint32_t>(_mm_movemask_ps(reinterpret_cast<__m128>(comparison)));
#else
  std::uint32_t bits = 0;
  for (std::size_t l = 0; l < sizeof(comparison) / 4; ++l) bits |= (comparison[l] != 0 ? 1u : 0u) << l;
  return bits;
#endif
}

/// Finds the hits of a strip with the `RegisterTile<float>::rows` rows from `first` on, whose images are the
/// packed `panel`; lowers `smallest` to the bounds of pairs of different groups. Without `Grouped` all points
/// differ in group and have no floor.
template <bool Grouped>
void tile_kernel(const float* __restrict panel, Index depth, const TileSide& rows, Index first,
                 TileStrip& strip, float* __restrict smallest) {
  using Tile = RegisterTile<float>;
  using Vector = typename Tile::Vector;
  using Ids __attribute__((vector_size(simd_bytes))) = Id;
  constexpr auto vectors = static_cast<std::size_t>(Tile::vectors);
  constexpr std::size_t columns = TileStrip::columns;
  const auto load = [](const auto* from, auto& to) { std::memcpy(&to, from, sizeof to); };

  Vector sums[columns][vectors];
#pragma GCC unroll 4
  for (auto& column : sums) {
#pragma GCC unroll 4
    for (Vector& sum : column) sum = Vector{};
  }
  for (Index k = 0; k < depth; ++k) {
    Vector left[vectors];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < vectors; ++v) load(panel + static_cast<Index>(v) * Tile::lanes, left[v]);
    panel += Tile::rows;
#pragma GCC unroll 4
    for (std::size_t j = 0; j < columns; ++j) {
      const Vector factor = Vector{} + strip.image[j][k];
#pragma GCC unroll 4
      for (std::size_t v = 0; v < vectors; ++v) sums[j][v] += left[v] * factor;
    }
  }
  const Vector infinite = Vector{} + std::numeric_limits<float>::infinity();
#pragma GCC unroll 4
  for (std::size_t v = 0; v < vectors; ++v) {
    const auto at = static_cast<std::size_t>(first + static_cast<Index>(v) * Tile::lanes);
    Vector weight, limit, low, floor{};
    Ids group{};
    load(&rows.weight[at], weight);
    load(&rows.limit[at], limit);
    load(smallest + at, low);
    if constexpr (Grouped) {
      load(&rows.floor[at], floor);
      load(&rows.group[at], group);
    }
    std::array<std::uint32_t, columns> bits;
#pragma GCC unroll 4
    for (std::size_t j = 0; j < columns; ++j) {
      Vector bound = (weight + strip.weight[j]) - (sums[j][v] + sums[j][v]);
      if constexpr (Grouped) {
        const Vector other = Vector{} + strip.floor[j];
        bound = bound < floor ? floor : bound;
        bound = bound < other ? other : bound;
        bound = group == strip.group[j] ? infinite : bound;
      }
      const Vector other = Vector{} + strip.limit[j];
      const Vector most = limit < other ? other : limit;
      low = bound < low ? bound : low;
      bits[j] = lane_bits(bound <= most);
    }
    std::memcpy(smallest + at, &low, sizeof low);
#pragma GCC unroll 4
    for (std::size_t j = 0; j < columns; ++j) {
      for (std::uint32_t left = bits[j]; left != 0; left &= left - 1) {
        strip.hit[j][strip.hits[j]++] = static_cast<Id>(at) + static_cast<Id>(std::countr_zero(left));
      }
    }
  }
}

}  // namespace rnnscope::detail
