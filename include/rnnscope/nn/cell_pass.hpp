// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// One step of a cell over all units of a block of columns: the loop that the compiler vectorises.
#pragma once

#include <array>

#include "rnnscope/core/numeric.hpp"
#include "rnnscope/core/scratch.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/nn/cell.hpp"
#include "rnnscope/nn/tape.hpp"

namespace rnnscope {

/// Where the states of a step begin: `Cell::states` pointers to column-major `H x B` blocks.
template <class Cell>
using StatePointers = std::array<const typename Cell::Scalar*, static_cast<std::size_t>(Cell::states)>;

template <class Cell>
[[nodiscard]] StatePointers<Cell> state_pointers(const LayerState<Cell>& state) {
  StatePointers<Cell> result{};
  for (std::size_t k = 0; k < result.size(); ++k) result[k] = state[k].data();
  return result;
}

/// The states that begin at column `column` of a tape.
template <class Cell>
[[nodiscard]] StatePointers<Cell> tape_state_pointers(const Tape<Cell>& tape, Index column) {
  StatePointers<Cell> result{};
  for (std::size_t k = 0; k < result.size(); ++k)
    result[k] = tape.channels[k].data() + column * tape.channels[k].rows();
  return result;
}

/// Size of a step: H units, `live` columns, time t.
struct StepShape {
  Index hidden = 0;
  Index live = 0;
  Index step = 0;
};

namespace detail {
/// Calls `body(column)` for all live columns; columns are independent, so the cut does not change bits.
template <class Body>
void for_columns(const StepShape& shape, Index work_per_unit, Body&& body) {
  const Index grain = std::max<Index>(1, 32768 / std::max<Index>(1, shape.hidden * work_per_unit));
  const Index pieces = (shape.live + grain - 1) / grain;
  parallel_for(pieces, [&](Index piece) {
    for (Index b = piece * grain; b < std::min(shape.live, (piece + 1) * grain); ++b) body(b);
  });
}
}  // namespace detail

/// A rectangle of a step: which units, and which of the live columns.
struct UnitRange {
  Index first = 0;
  Index count = 0;
  Index first_column = 0;
  Index columns = 0;
};

namespace detail {
/// Asks for `count` numbers that a later column will read: columns lie too far apart for the processor to
/// guess.
template <class S>
RNNSCOPE_INLINE void prefetch(const S* numbers, Index count) {
#if defined(__GNUC__)
  for (Index k = 0; k < count; k += 64 / static_cast<Index>(sizeof(S))) __builtin_prefetch(numbers + k);
#endif
}
}  // namespace detail

/// Runs `cell.forward` for a rectangle of a step. `a_column(b)` points to the `GH` numbers W_ih x of live
/// column b; `q` holds W_hh h of the rectangle, `G count x columns`, gate by gate; the biases are `GH`. Results
/// are written to `tape`, whose column `offset` is the step's first.
template <class Cell, class Columns>
void forward_pass(const Cell& cell, const StepShape& shape, const UnitRange& range, const Columns& a_column,
                  const typename Cell::Scalar* q, const typename Cell::Scalar* b_ih,
                  const typename Cell::Scalar* b_hh, const StatePointers<Cell>& previous, Tape<Cell>& tape,
                  Index offset) {
  using Scalar = typename Cell::Scalar;
  constexpr std::size_t gates = Cell::gate_names.size(), states = std::size_t(Cell::states),
                        channels = Cell::channel_names.size();
  const Index hidden = shape.hidden, count = range.count, step = shape.step;
  b_ih += range.first;
  b_hh += range.first;
  const Scratch scratch;
  Scalar* const dropped =  // where the channels go that the tape does not keep
      tape.content == TapeContent::Everything ? nullptr
                                              : scratch.take<Scalar>(static_cast<Index>(channels) * count);
  for (Index column = 0; column < range.columns; ++column) {
    const Index b = range.first_column + column;
    const Scalar* const a_b = a_column(b) + range.first;
    const Scalar* const q_b = q + column * static_cast<Index>(gates) * count;
    std::array<const Scalar*, states> p{};
    std::array<Scalar*, channels> out{};
    for (std::size_t k = 0; k < states; ++k) p[k] = previous[k] + b * hidden + range.first;
    for (std::size_t k = 0; k < channels; ++k) {
      out[k] = tape.keeps(k) ? tape.channels[k].data() + (offset + b) * hidden + range.first
                             : dropped + static_cast<Index>(k) * count;
    }
    if (column + 1 < range.columns) {
      for (std::size_t k = 0; k < states; ++k) detail::prefetch(p[k] + hidden, count);
      for (std::size_t k = 0; k < gates; ++k)
        detail::prefetch(a_column(b + 1) + range.first + static_cast<Index>(k) * hidden, count);
    }
    RNNSCOPE_SIMD_LOOP
    for (Index u = 0; u < count; ++u) {
      CellInput<Cell> in;
      CellTape<Cell> record;
      for (std::size_t k = 0; k < gates; ++k) {
        const Index row = static_cast<Index>(k) * hidden + u;
        in.a[k] = a_b[row];
        in.q[k] = q_b[static_cast<Index>(k) * count + u];
        in.b_ih[k] = b_ih[row];
        in.b_hh[k] = b_hh[row];
      }
      for (std::size_t k = 0; k < states; ++k) in.previous[k] = p[k][u];
      in.step = step;
      cell.forward(in, record);
      for (std::size_t k = 0; k < channels; ++k) out[k][u] = record[k];
    }
  }
}

/// Runs `cell.backward` for a rectangle of a step. `d_state` (`H x B` each) holds the gradients at the new
/// state and receives those at the previous one (without the part through W_hh h). `d_a` and `d_q` are `GH x
/// live`; a null `d_q` is not written. `d_bias` (`GH x live` for b_ih and for b_hh) grows by the step's bias
/// gradients, column by column; only cells with `separate_bias_gradient` have it.
template <class Cell>
void backward_pass(const Cell& cell, const StepShape& shape, const UnitRange& range,
                   const typename Cell::Scalar* b_ih, const typename Cell::Scalar* b_hh,
                   const StatePointers<Cell>& previous, const Tape<Cell>& tape, Index offset,
                   LayerState<Cell>& d_state, typename Cell::Scalar* d_a, typename Cell::Scalar* d_q,
                   const std::array<typename Cell::Scalar*, 2>& d_bias = {}) {
  using Scalar = typename Cell::Scalar;
  constexpr std::size_t gates = Cell::gate_names.size(), states = std::size_t(Cell::states),
                        channels = Cell::channel_names.size();
  const Index hidden = shape.hidden, width = static_cast<Index>(gates) * hidden, count = range.count,
              step = shape.step;
  b_ih += range.first;
  b_hh += range.first;
  for (Index b = range.first_column; b < range.first_column + range.columns; ++b) {
    std::array<const Scalar*, states> p{};
    std::array<const Scalar*, channels> recorded{};
    std::array<Scalar*, states> d_s{};
    for (std::size_t k = 0; k < states; ++k) {
      p[k] = previous[k] + b * hidden + range.first;
      d_s[k] = d_state[k].data() + b * hidden + range.first;
    }
    for (std::size_t k = 0; k < channels; ++k)
      recorded[k] = tape.channels[k].data() + (offset + b) * hidden + range.first;
    if (b + 1 < range.first_column + range.columns) {
      for (std::size_t k = 0; k < states; ++k) {
        detail::prefetch(p[k] + hidden, count);
        detail::prefetch(d_s[k] + hidden, count);
      }
      for (std::size_t k = 0; k < channels; ++k) detail::prefetch(recorded[k] + hidden, count);
    }
    Scalar* d_a_b = d_a + b * width + range.first;
    Scalar* d_q_b = Cell::shared_gradient ? nullptr : d_q + b * width + range.first;
    constexpr bool separate = separate_bias_gradient<Cell>;
    Scalar* d_b_ih = separate ? d_bias[0] + b * width + range.first : nullptr;
    Scalar* d_b_hh = separate ? d_bias[1] + b * width + range.first : nullptr;
    RNNSCOPE_SIMD_LOOP
    for (Index u = 0; u < count; ++u) {
      CellInput<Cell> in{};
      CellTape<Cell> record;
      CellState<Cell> d;
      CellGradient<Cell> result;
      for (std::size_t k = 0; k < gates; ++k) {
        const Index row = static_cast<Index>(k) * hidden + u;
        in.b_ih[k] = b_ih[row];
        in.b_hh[k] = b_hh[row];
      }
      for (std::size_t k = 0; k < states; ++k) {
        in.previous[k] = p[k][u];
        d[k] = d_s[k][u];
      }
      in.step = step;
      for (std::size_t k = 0; k < channels; ++k) record[k] = recorded[k][u];
      cell.backward(in, record, d, result);
      for (std::size_t k = 0; k < gates; ++k) {
        const Index row = static_cast<Index>(k) * hidden + u;
        d_a_b[row] = result.a[k];
        if constexpr (!Cell::shared_gradient) d_q_b[row] = result.q[k];
        if constexpr (separate) {
          d_b_ih[row] += result.b_ih[k];
          d_b_hh[row] += result.b_hh[k];
        }
      }
      for (std::size_t k = 0; k < states; ++k) d_s[k][u] = result.previous[k];
    }
  }
}

}  // namespace rnnscope
