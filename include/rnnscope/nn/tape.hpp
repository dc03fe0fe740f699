// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The state of a layer, and the record of a run: every state and gate of every step.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/nn/cell.hpp"

namespace rnnscope {

/// The state of one layer for B sequences: `Cell::states` matrices `H x B`, the hidden state first. Column =
/// slot of the packed layout (for uniform batches, the sequence itself).
template <class Cell>
using LayerState = std::array<Matrix<typename Cell::Scalar>, static_cast<std::size_t>(Cell::states)>;

/// Zeros of the right shape.
template <class Cell>
[[nodiscard]] LayerState<Cell> zero_state(Index hidden_size, Index batch) {
  LayerState<Cell> state;
  for (auto& part : state) part.setZero(hidden_size, batch);
  return state;
}

/// What a run writes to its tape.
enum class TapeContent {
  Everything,  ///< all states and gates: what backward and the analyst need
  States,      ///< hidden and cell states only: for evaluation, which then moves a third of the memory
};

/// What one layer leaves behind when it runs over N packed columns. Backward reads it and never writes it.
template <class Cell>
struct Tape {
  using Scalar = typename Cell::Scalar;

  TapeContent content = TapeContent::Everything;  ///< see keep

  /// One `H x N` matrix per name in `Cell::channel_names`, states first.
  std::array<Matrix<Scalar>, Cell::channel_names.size()> channels;
  LayerState<Cell> initial;  ///< the state before the first step, `H x B`
  LayerState<Cell> final;    ///< the state of every sequence after its own last token, `H x B`

  /// What the next run writes.
  void keep(TapeContent wanted) { content = wanted; }
  /// Whether channel k is written.
  [[nodiscard]] bool keeps(std::size_t k) const {
    return content == TapeContent::Everything || k < static_cast<std::size_t>(Cell::states);
  }

  /// The hidden states h_t of all columns, `H x N`.
  [[nodiscard]] const Matrix<Scalar>& hidden() const { return channels[0]; }

  /// The channel of that name. \throws ValueError naming the known ones if there is none.
  [[nodiscard]] const Matrix<Scalar>& channel(std::string_view name) const {
    std::string known;
    for (std::size_t k = 0; k < channels.size(); ++k) {
      if (Cell::channel_names[k] == name) {
        require<ValueError>(channels[k].cols() == channels[0].cols(), "Tape::channel: '", name,
                            "' was not recorded: the run kept states only");
        return channels[k];
      }
      known += message(" ", Cell::channel_names[k]);
    }
    throw ValueError(message("Tape::channel: no channel '", name, "'; known:", known));
  }
};

}  // namespace rnnscope
