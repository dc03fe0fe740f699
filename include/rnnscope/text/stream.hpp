// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// One long text as windows for truncated backpropagation through time.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

struct StreamOptions {
  Index batch = 1;    ///< B, columns that are read side by side
  Index steps = 100;  ///< T, steps of a window

  void check() const {
    require<ValueError>(batch >= 1, "StreamOptions: batch must be at least 1, found ", batch);
    require<ValueError>(steps >= 1, "StreamOptions: steps must be at least 1, found ", steps);
  }
};

/// `steps` steps of all columns, time-major: index `t * B + b`. Views into the stream.
struct StreamWindow {
  Index first = 0;              ///< step of the column where the window begins
  Index steps = 0;              ///< T, or fewer in the last window
  std::span<const Id> inputs;   ///< `steps * B` ids
  std::span<const Id> targets;  ///< the id that follows each input
};

/// Cuts n ids into B columns of L = floor(n / B) consecutive ids each; the last `n - B * L` ids are dropped. A
/// column of L ids gives L - 1 predictions (nobody predicts the first one), in `windows()` windows of T steps,
/// the last one shorter where needed. Windows follow one another without gap or overlap, so a state carried
/// from window k to k + 1 sees column b as one text. The batching of PyTorch's word language model example.
///
/// Threading: const after construction. Memory: the ids once, interleaved; windows copy nothing and live as
/// long as the stream.
class TokenStream {
 public:
  /// \throws ValueError on bad options, or if a column would have fewer than 2 ids.
  explicit TokenStream(std::span<const Id> ids, const StreamOptions& options = {})
      : batch_(options.batch), steps_(options.steps) {
    options.check();
    const auto n = static_cast<Index>(ids.size());
    length_ = n / batch_;
    require<ValueError>(length_ >= 2, "TokenStream: ", n, " ids in ", batch_,
                        " columns leave fewer than 2 ids a column; use a smaller batch or a longer text");
    interleaved_.resize(static_cast<std::size_t>(length_ * batch_));
    for (Index t = 0; t < length_; ++t) {
      for (Index b = 0; b < batch_; ++b) {
        interleaved_[static_cast<std::size_t>(t * batch_ + b)] = ids[static_cast<std::size_t>(b * length_ + t)];
      }
    }
  }

  [[nodiscard]] Index batch() const { return batch_; }
  [[nodiscard]] Index column_length() const { return length_; }                        ///< L
  [[nodiscard]] Index predictions() const { return (length_ - 1) * batch_; }           ///< (L - 1) * B
  [[nodiscard]] Index windows() const { return (length_ - 1 + steps_ - 1) / steps_; }  ///< ceil((L - 1) / T)

  /// Window k. \throws ValueError if there is none.
  [[nodiscard]] StreamWindow window(Index k) const {
    require<ValueError>(k >= 0 && k < windows(), "TokenStream: window ", k, " of ", windows());
    const Index first = k * steps_;
    const Index steps = std::min(steps_, length_ - 1 - first);
    const auto count = static_cast<std::size_t>(steps * batch_);
    const std::span<const Id> all(interleaved_);
    return {first, steps, all.subspan(static_cast<std::size_t>(first * batch_), count),
            all.subspan(static_cast<std::size_t>((first + 1) * batch_), count)};
  }

  /// Where in the ids given to the constructor the token at step `step` of column `column` stands.
  /// \throws ValueError if there is no such token.
  [[nodiscard]] Index position(Index column, Index step) const {
    require<ValueError>(column >= 0 && column < batch_ && step >= 0 && step < length_, "TokenStream: step ",
                        step, " of column ", column, " in ", batch_, " columns of ", length_);
    return column * length_ + step;
  }

 private:
  Index batch_;
  Index steps_;
  Index length_ = 0;
  std::vector<Id> interleaved_;
};

}  // namespace rnnscope
