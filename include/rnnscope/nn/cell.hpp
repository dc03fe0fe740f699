// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// What a recurrent cell owes: two elementwise functions.
///
/// The layer (`Recurrent<Cell>`) owns the matrix products. For every unit u of every column it computes, per
/// gate k,  `a[k] = (W_ih x)_{kH+u}`  and  `q[k] = (W_hh h)_{kH+u}`,  both without bias, and hands them to the
/// cell together with the biases and the previous state of that unit. The cell returns the new state and
/// whatever backward will want to see again: its tape, which is also the trace that the analyst reads.
///
/// A cell is a small const value; it is called from many threads at once, and vectorised by the compiler, so
/// its two functions must be straight-line code on the arrays they are given (no `if` on values, no calls
/// that the compiler cannot inline).
///
/// Duties, for `struct MyCell` (docs/cells.md has a complete one):
///
/// * `using Scalar`: float, double, or std::complex for derivative checks
/// * `static constexpr std::string_view name`: what model files call the cell
/// * `static constexpr int states`: how many vectors of state, 1 (h) or 2 (h, c)
/// * `static constexpr std::array<std::string_view, G> gate_names`: the row blocks of W_ih and W_hh, H rows
/// each
/// * `static constexpr std::array<std::string_view, C> channel_names`: the tape, states first
/// * `static constexpr bool shared_gradient`: true if dL/da == dL/dq always
/// * optional, `static constexpr bool separate_bias_gradient`: true if dL/db is not the sum of dL/da and dL/dq;
///   then backward also gives `b_ih` and `b_hh` of CellGradient
/// * `void forward(const CellInput<MyCell>& in, CellTape<MyCell>& tape) const`
/// * `void backward(const CellInput<MyCell>& in, const CellTape<MyCell>& tape, const CellState<MyCell>&
/// d_state,
///   CellGradient<MyCell>& d) const`
///
/// `template <class Other> using rebind = MyCell<Other>` is not required; our own checks use it to run the cell
/// in complex arithmetic.
#pragma once

#include <array>
#include <concepts>
#include <string_view>

#include "rnnscope/core/types.hpp"

namespace rnnscope {

/// Number of gate blocks of a cell: 1 Elman, 3 GRU, 4 LSTM.
template <class Cell>
inline constexpr int gate_count = static_cast<int>(Cell::gate_names.size());
/// Number of tape channels of a cell; the first `Cell::states` of them are its state.
template <class Cell>
inline constexpr int channel_count = static_cast<int>(Cell::channel_names.size());

/// One value per gate.
template <class Cell>
using CellGates = std::array<typename Cell::Scalar, Cell::gate_names.size()>;
/// One value per state vector: h, or h and c.
template <class Cell>
using CellState = std::array<typename Cell::Scalar, static_cast<std::size_t>(Cell::states)>;
/// One value per tape channel: the new state, then what backward needs.
template <class Cell>
using CellTape = std::array<typename Cell::Scalar, Cell::channel_names.size()>;

/// What a cell sees of one unit of one column in one step. In backward, `a` and `q` are zero: what is needed
/// of them belongs on the tape.
template <class Cell>
struct CellInput {
  CellGates<Cell> a;         ///< W_ih x
  CellGates<Cell> q;         ///< W_hh h_{t-1}
  CellGates<Cell> b_ih;      ///< input bias
  CellGates<Cell> b_hh;      ///< recurrent bias
  CellState<Cell> previous;  ///< h_{t-1} (and c_{t-1})
  Index step;                ///< t, counted from 0 in the sequence that is run
};

/// What backward returns for one unit of one column in one step.
template <class Cell>
struct CellGradient {
  CellGates<Cell> a;         ///< dL/d(W_ih x); its sum over columns is dL/d b_ih
  CellGates<Cell> q;         ///< dL/d(W_hh h); its sum over columns is dL/d b_hh
  CellState<Cell> previous;  ///< dL/d h_{t-1} (and c_{t-1}) except through W_hh h
  CellGates<Cell> b_ih;      ///< dL/d b_ih, read only with `separate_bias_gradient`
  CellGates<Cell> b_hh;      ///< dL/d b_hh, likewise
};

/// True for cells whose biases act beside W_ih x and W_hh h: their backward gives dL/d b itself.
template <class Cell>
inline constexpr bool separate_bias_gradient = [] {
  if constexpr (requires { Cell::separate_bias_gradient; }) {
    return Cell::separate_bias_gradient;
  } else {
    return false;
  }
}();

namespace detail {
template <class C>
concept HasScalar = requires {
  typename C::Scalar;
};
template <class C>
concept HasName = requires {
  { C::name } -> std::convertible_to<std::string_view>;
};
template <class C>
concept HasStates = requires {
  { C::states } -> std::convertible_to<int>;
};
template <class C>
concept HasGateNames = requires {
  { C::gate_names[0] } -> std::convertible_to<std::string_view>;
};
template <class C>
concept HasChannelNames = requires {
  { C::channel_names[0] } -> std::convertible_to<std::string_view>;
};
template <class C>
concept HasSharedGradient = requires {
  { C::shared_gradient } -> std::convertible_to<bool>;
};
template <class C>
concept HasForward = requires(const C& cell, const CellInput<C>& in, CellTape<C>& tape) {
  cell.forward(in, tape);
};
template <class C>
concept HasBackward = requires(const C& cell, const CellInput<C>& in, const CellTape<C>& tape,
                               const CellState<C>& d_state, CellGradient<C>& d) {
  cell.backward(in, tape, d_state, d);
};
}  // namespace detail

/// A type with all duties of a cell.
template <class C>
concept RecurrentCell = detail::HasScalar<C> && detail::HasName<C> && detail::HasStates<C> &&
    detail::HasGateNames<C> && detail::HasChannelNames<C> && detail::HasSharedGradient<C> &&
    detail::HasForward<C> && detail::HasBackward<C>;

/// Stops the compilation with the name of the first duty that `C` misses.
template <class C>
constexpr void require_cell() {
  static_assert(detail::HasScalar<C>, "rnnscope: a cell needs `using Scalar = ...;` (docs/cells.md)");
  static_assert(detail::HasName<C>,
                "rnnscope: a cell needs `static constexpr std::string_view name` (docs/cells.md)");
  static_assert(detail::HasStates<C>, "rnnscope: a cell needs `static constexpr int states` (docs/cells.md)");
  static_assert(detail::HasGateNames<C>, "rnnscope: a cell needs an array `gate_names` (docs/cells.md)");
  static_assert(detail::HasChannelNames<C>, "rnnscope: a cell needs an array `channel_names` (docs/cells.md)");
  static_assert(detail::HasSharedGradient<C>,
                "rnnscope: a cell needs `static constexpr bool shared_gradient` (docs/cells.md)");
  if constexpr (detail::HasScalar<C> && detail::HasStates<C> && detail::HasGateNames<C> &&
                detail::HasChannelNames<C>) {
    static_assert(C::channel_names.size() >= static_cast<std::size_t>(C::states),
                  "rnnscope: the first `states` channels of a cell are its state (docs/cells.md)");
    static_assert(detail::HasForward<C>,
                  "rnnscope: a cell needs `void forward(in, tape) const` (docs/cells.md)");
    static_assert(detail::HasBackward<C>,
                  "rnnscope: a cell needs `void backward(in, tape, d_state, d) const` (docs/cells.md)");
  }
}

}  // namespace rnnscope
