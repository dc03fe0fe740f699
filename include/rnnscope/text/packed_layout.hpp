// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// How a batch of sequences of different lengths lies in memory: time-major, longest first, without padding.
#pragma once

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

/// Places the tokens of B sequences in the columns of one matrix. The sequences are ordered longest first
/// (ties keep their order); step t holds the t-th token of the `live(t)` sequences that are that long, in
/// columns `[offset(t), offset(t) + live(t))`. So h_{t-1} of step t is always the first `live(t)` columns of
/// the block before: no masks, no padding, exact gradients. The layout of PyTorch's PackedSequence.
///
/// Sequences are named by their place in the list the caller gave; `slot` is the place after sorting, which
/// is the column of that sequence in states of shape `H x B`.
class PackedLayout {
 public:
  PackedLayout() = default;

  /// All `batch` sequences have `steps` tokens. Slots equal sequence numbers.
  [[nodiscard]] static PackedLayout uniform(Index steps, Index batch) {
    require<ValueError>(steps >= 0 && batch >= 0, "PackedLayout: negative size: ", steps, " steps, batch of ",
                        batch);
    return PackedLayout(std::vector<Index>(static_cast<std::size_t>(batch), steps));
  }

  /// Sequence s has `lengths[s]` tokens (0 is allowed). \throws ValueError on a negative length.
  [[nodiscard]] static PackedLayout ragged(std::vector<Index> lengths) {
    return PackedLayout(std::move(lengths));
  }

  [[nodiscard]] Index steps() const { return static_cast<Index>(live_.size()); }     ///< the longest length
  [[nodiscard]] Index batch() const { return static_cast<Index>(lengths_.size()); }  ///< number of sequences
  [[nodiscard]] Index columns() const { return columns_; }                           ///< number of tokens
  [[nodiscard]] Index live(Index step) const { return live_[static_cast<std::size_t>(step)]; }
  [[nodiscard]] Index offset(Index step) const { return offset_[static_cast<std::size_t>(step)]; }
  [[nodiscard]] Index length(Index sequence) const { return lengths_[static_cast<std::size_t>(sequence)]; }
  [[nodiscard]] Index slot(Index sequence) const { return slot_[static_cast<std::size_t>(sequence)]; }
  [[nodiscard]] Index sequence(Index slot) const { return sequence_[static_cast<std::size_t>(slot)]; }

  /// The column of token `step` of a sequence. \throws ValueError if there is no such token.
  [[nodiscard]] Index column(Index sequence, Index step) const {
    require<ValueError>(sequence >= 0 && sequence < batch(), "PackedLayout::column: sequence ", sequence,
                        " of a batch of ", batch());
    require<ValueError>(step >= 0 && step < length(sequence), "PackedLayout::column: step ", step,
                        " of sequence ", sequence, ", which has ", length(sequence), " tokens");
    return offset(step) + slot(sequence);
  }

  /// True if all sequences have the same length.
  [[nodiscard]] bool is_uniform() const { return steps() == 0 || live(steps() - 1) == batch(); }

  friend bool operator==(const PackedLayout&, const PackedLayout&) = default;

 private:
  explicit PackedLayout(std::vector<Index> lengths) : lengths_(std::move(lengths)) {
    for (std::size_t s = 0; s < lengths_.size(); ++s) {
      require<ValueError>(lengths_[s] >= 0, "PackedLayout: sequence ", s, " has length ", lengths_[s]);
    }
    sequence_.resize(lengths_.size());
    std::iota(sequence_.begin(), sequence_.end(), Index{0});
    std::stable_sort(sequence_.begin(), sequence_.end(),
                     [&](Index a, Index b) { return length(a) > length(b); });
    slot_.resize(lengths_.size());
    for (std::size_t place = 0; place < sequence_.size(); ++place) {
      slot_[static_cast<std::size_t>(sequence_[place])] = static_cast<Index>(place);
    }
    const Index longest = lengths_.empty() ? 0 : length(sequence_.front());
    Index alive = batch();
    for (Index t = 0; t < longest; ++t) {
      while (length(sequence_[static_cast<std::size_t>(alive - 1)]) <= t) --alive;
      offset_.push_back(columns_);
      live_.push_back(alive);
      columns_ += alive;
    }
  }

  std::vector<Index> lengths_, sequence_, slot_, live_, offset_;
  Index columns_ = 0;
};

/// A batch of sequences of ids in packed order: `ids[layout.column(s, t)]` is token t of sequence s.
struct PackedBatch {
  PackedLayout layout;
  std::vector<Id> ids;
};

/// Packs sequences of ids. Cost: O(tokens + B log B).
[[nodiscard]] inline PackedBatch pack(std::span<const std::vector<Id>> sequences) {
  std::vector<Index> lengths;
  for (const auto& sequence : sequences) lengths.push_back(static_cast<Index>(sequence.size()));
  PackedBatch batch{PackedLayout::ragged(std::move(lengths)), {}};
  batch.ids.resize(static_cast<std::size_t>(batch.layout.columns()));
  for (Index s = 0; s < batch.layout.batch(); ++s) {
    const auto& sequence = sequences[static_cast<std::size_t>(s)];
    for (Index t = 0; t < batch.layout.length(s); ++t) {
      batch.ids[static_cast<std::size_t>(batch.layout.column(s, t))] = sequence[static_cast<std::size_t>(t)];
    }
  }
  return batch;
}

}  // namespace rnnscope
