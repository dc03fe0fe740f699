// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Counter-based random numbers: the n-th number is a function of (seed, stream, n), so results do not
/// depend on threads, and saving the state is saving three integers.
///
/// Source: Philox4x32-10, J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

namespace detail {
inline constexpr int philox_rounds = 10;
inline constexpr std::array<std::uint32_t, 2> philox_multiplier{0xD2511F53u, 0xCD9E8D57u};
inline constexpr std::array<std::uint32_t, 2> philox_weyl{0x9E3779B9u, 0xBB67AE85u};
}  // namespace detail

/// Ten Philox rounds: 128 random bits for the 128-bit counter `counter` under the 64-bit key `key`.
[[nodiscard]] constexpr std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                                            std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < detail::philox_rounds; ++round) {
    const std::uint64_t left = std::uint64_t{detail::philox_multiplier[0]} * counter[0];
    const std::uint64_t right = std::uint64_t{detail::philox_multiplier[1]} * counter[2];
    counter = {static_cast<std::uint32_t>(right >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(right),
               static_cast<std::uint32_t>(left >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(left)};
    key[0] += detail::philox_weyl[0];
    key[1] += detail::philox_weyl[1];
  }
  return counter;
}

/// A stream of random numbers. Equal (seed, stream, position) give equal numbers on every machine
/// (`normal` up to the rounding of the platform's log and cos). A plain value: copy it to fork it.
/// Not shared between threads; give each thread its own `stream`.
class Random {
 public:
  explicit Random(std::uint64_t seed = 0, std::uint64_t stream = 0) : seed_(seed), stream_(stream) {}

  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  [[nodiscard]] std::uint64_t stream() const { return stream_; }
  /// How many 64-bit words have been drawn; with seed and stream, the whole state.
  [[nodiscard]] std::uint64_t position() const { return position_; }
  void seek(std::uint64_t position) { position_ = position; }

  /// 64 random bits.
  std::uint64_t bits() {
    const std::uint64_t block = position_ / 2;
    const auto words = philox({static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32),
                               static_cast<std::uint32_t>(stream_), static_cast<std::uint32_t>(stream_ >> 32)},
                              {static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32)});
    const std::size_t half = (position_++ % 2) * 2;
    return (std::uint64_t{words[half]} << 32) | words[half + 1];
  }

  /// Uniform in [0, 1), 53 bits.
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
  /// Uniform in [low, high).
  double uniform(double low, double high) { return low + (high - low) * uniform(); }

  /// Uniform in {0, ..., count - 1}, without bias. \throws ValueError if count < 1.
  Index below(Index count) {
    require<ValueError>(count > 0, "Random::below: count must be at least 1, found ", count);
    const auto n = static_cast<std::uint64_t>(count);
    const std::uint64_t limit = UINT64_MAX - UINT64_MAX % n;
    std::uint64_t draw = bits();
    while (draw >= limit) draw = bits();
    return static_cast<Index>(draw % n);
  }

  /// Standard normal (Box and Muller; two draws each).
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(6.283185307179586477 * uniform());
  }

 private:
  std::uint64_t seed_;
  std::uint64_t stream_;
  std::uint64_t position_ = 0;
};

}  // namespace rnnscope
