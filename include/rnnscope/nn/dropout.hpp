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

/// out = x * m / (1 - rate) with m = 0 at probability `rate` (rounded to a multiple of 1/65536), else 1.
/// Entry k (column-major) of call number `site` always has the same mask under the same key, so calling it
/// on a gradient is the backward pass. `out` may be `x`. \throws ValueError unless 0 <= rate < 1.
template <class Scalar>
void apply_dropout(const Matrix<Scalar>& x, double rate, const DropoutKey& key, std::uint32_t site,
                   Matrix<Scalar>& out) {
  require<ValueError>(rate >= 0 && rate < 1, "dropout: the rate must lie in [0, 1), found ", rate);
  out.resize(x.rows(), x.cols());
  const auto threshold = static_cast<std::uint32_t>(rate * 65536.0 + 0.5);
  const Scalar kept = Scalar(65536.0 / (65536.0 - threshold));
  const std::array<std::uint32_t, 2> philox_key{static_cast<std::uint32_t>(key.seed),
                                                static_cast<std::uint32_t>(key.seed >> 32) ^ site};
  const auto step_low = static_cast<std::uint32_t>(key.step),
             step_high = static_cast<std::uint32_t>(key.step >> 32);
  constexpr Index block = 8;        // one Philox call gives eight 16-bit numbers
  constexpr Index grain = 1 << 15;  // entries per piece
  const Scalar* from = x.data();
  Scalar* to = out.data();
  const Index size = x.size();
  parallel_for((size + grain - 1) / grain, [&](Index piece) {
    const Index last = std::min(size, (piece + 1) * grain);
    for (Index first = piece * grain; first < last; first += 64 * block) {
      std::array<std::uint32_t, 64 * 4> words;
      RNNSCOPE_SIMD_LOOP
      for (Index k = 0; k < 64; ++k) {
        const auto number = static_cast<std::uint64_t>(first / block + k);
        const auto random = philox(
            {static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(number >> 32), step_low, step_high},
            philox_key);
        for (std::size_t w = 0; w < 4; ++w) words[w * 64 + static_cast<std::size_t>(k)] = random[w];
      }
      const Index count = std::min(last - first, 64 * block);
      RNNSCOPE_SIMD_LOOP
      for (Index j = 0; j < count; ++j) {
        // Number j of this run: half h of word w of Philox call k, with j = (2 w + h) * 64 + k.
        const std::uint32_t word = words[static_cast<std::size_t>((j >> 7) * 64 + (j & 63))];
        const std::uint32_t number = (word >> (((j >> 6) & 1) * 16)) & 0xFFFFu;
        const Scalar factor = number >= threshold ? kept : Scalar(0);
        to[first + j] = from[first + j] * factor;
      }
    }
  });
}

}  // namespace rnnscope
