// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Inverted dropout whose mask is a function of counters, so it is never stored and does not depend on threads.
#pragma once

#include <array>
#include <cstdint>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/numeric.hpp"
#include "rnnscope/core/parallel.hpp"
#include "rnnscope/core/random.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

/// Where a stack drops activations.
enum class DropoutPlacement {
  BetweenLayers,  ///< after every layer but the last: PyTorch's `nn.LSTM(dropout=p)`
  AfterEach,      ///< after every layer
};

/// Which mask: equal keys give equal masks. One `step` per training step keeps masks fresh and repeatable.
struct DropoutKey {
  std::uint64_t seed = 0;
  std::uint64_t step = 0;
};

namespace detail {
/// Philox of the counters (n, low, high) for n = first ... first + 63, lane by lane so that compilers vectorise
/// it: word w of number k goes to words[64 w + k].
inline void philox_64(std::uint64_t first, std::uint32_t low, std::uint32_t high,
                      std::array<std::uint32_t, 2> key, std::uint32_t* __restrict words) {
  std::uint32_t *const c0 = words, *const c1 = words + 64, *const c2 = words + 128, *const c3 = words + 192;
  for (std::uint64_t k = 0; k < 64; ++k) {
    c0[k] = static_cast<std::uint32_t>(first + k);
    c1[k] = static_cast<std::uint32_t>((first + k) >> 32);
    c2[k] = low;
    c3[k] = high;
  }
  for (int round = 0; round < philox_rounds; ++round) {
    RNNSCOPE_SIMD_LOOP
    for (std::size_t k = 0; k < 64; ++k) {
      const std::uint64_t left = std::uint64_t{philox_multiplier[0]} * c0[k];
      const std::uint64_t right = std::uint64_t{philox_multiplier[1]} * c2[k];
      c0[k] = static_cast<std::uint32_t>(right >> 32) ^ c1[k] ^ key[0];
      c2[k] = static_cast<std::uint32_t>(left >> 32) ^ c3[k] ^ key[1];
      c1[k] = static_cast<std::uint32_t>(right);
      c3[k] = static_cast<std::uint32_t>(left);
    }
    key[0] += philox_weyl[0];
    key[1] += philox_weyl[1];
  }
}
/// out = x * m / (1 - rate) for `size` numbers; see apply_dropout. `out` may be `x`.
template <class Scalar>
void drop_values(const Scalar* from, Scalar* to, Index size, double rate, const DropoutKey& key,
                 std::uint32_t site) {
  require<ValueError>(rate >= 0 && rate < 1, "dropout: the rate must lie in [0, 1), found ", rate);
  const auto threshold = std::min(static_cast<std::uint32_t>(rate * 65536.0 + 0.5), std::uint32_t{65535});
  const Scalar kept = Scalar(65536.0 / (65536.0 - threshold));
  const std::array<std::uint32_t, 2> philox_key{static_cast<std::uint32_t>(key.seed),
                                                static_cast<std::uint32_t>(key.seed >> 32) ^ site};
  const auto step_low = static_cast<std::uint32_t>(key.step),
             step_high = static_cast<std::uint32_t>(key.step >> 32);
  constexpr Index block = 8;        // one Philox call gives eight 16-bit numbers
  constexpr Index grain = 1 << 15;  // entries per piece
  parallel_for((size + grain - 1) / grain, [&](Index piece) {
    const Index last = std::min(size, (piece + 1) * grain);
    for (Index first = piece * grain; first < last; first += 64 * block) {
      std::array<std::uint32_t, 4 * 64> words;
      detail::philox_64(static_cast<std::uint64_t>(first / block), step_low, step_high, philox_key,
                        words.data());
      // Run r = 2 w + half of 64 entries: that half of word w of the 64 calls.
      for (Index run = 0; run < block && first + 64 * run < last; ++run) {
        const std::uint32_t* const word = words.data() + run / 2 * 64;
        const auto shift = static_cast<std::uint32_t>(run % 2 * 16);
        const Scalar* const x_run = from + first + 64 * run;
        Scalar* const out_run = to + first + 64 * run;
        const Index count = std::min<Index>(64, last - first - 64 * run);
        RNNSCOPE_SIMD_LOOP
        for (Index k = 0; k < count; ++k) {
          // 0 or 1 without a branch, which half of the time would be mispredicted.
          const std::int32_t keep = ((word[k] >> shift) & 0xFFFFu) >= threshold;
          out_run[k] = x_run[k] * (kept * static_cast<Scalar>(keep));
        }
      }
    }
  });
}

}  // namespace detail

/// out = x * m / (1 - rate) with m = 0 at probability `rate` (rounded to a multiple of 1/65536), else 1.
/// Entry k (column-major) of call number `site` always has the same mask under the same key, so calling it
/// on a gradient is the backward pass. `out` may be `x`. \throws ValueError unless 0 <= rate < 1.
template <class Scalar>
void apply_dropout(const Matrix<Scalar>& x, double rate, const DropoutKey& key, std::uint32_t site,
                   Matrix<Scalar>& out) {
  out.resize(x.rows(), x.cols());
  detail::drop_values(x.data(), out.data(), x.size(), rate, key, site);
}

}  // namespace rnnscope
