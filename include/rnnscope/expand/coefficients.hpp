// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A cell written as a linear function of its previous state, and what an expansion owes.
///
/// Every expansion replaces one step of a cell by
///
///     state_t = g + A state_{t-1}                                              state = h, or (h, c)
///
/// where A is never a dense matrix: it combines, unit by unit, the unit's own state and the rows of W_hh h.
/// With rows s and states j in the order of the cell's state (h first) and gates k in that of its weights:
///
///     s_t = g[s] + sum_j diagonal[s][j] * j_{t-1} + sum_k recurrent[s][k] * (W_hk h_{t-1})
///
/// So an expansion only has to give the vectors g, diagonal and recurrent. It is a small const value with one
/// overload of `coefficients` per cell, straight-line code like a cell's own `forward` (see nn/cell.hpp):
///
/// * a *token expansion* computes them from the token alone (`TokenInput`): Maclaurin, Origin;
/// * a *state expansion* also sees the previous state and W_hh h (`CellInput`).
///
/// A token expansion with a `backward` besides can be trained as a cell (NgramCell).
///
/// \code
///   struct Mine {
///     static constexpr std::string_view name = "mine";
///     template <class S>
///     UnitCoefficients<Elman<S>> coefficients(const TokenInput<Elman<S>>& in) const;
///   };
/// \endcode
#pragma once

#include <array>
#include <concepts>

#include "rnnscope/core/numeric.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/nn/cell.hpp"
#include "rnnscope/nn/tape.hpp"

namespace rnnscope {

/// What a token expansion sees of one unit of one column.
template <class Cell>
struct TokenInput {
  CellGates<Cell> a;     ///< W_ih x
  CellGates<Cell> b_ih;  ///< input bias
  CellGates<Cell> b_hh;  ///< recurrent bias
};

/// One `Value` per coefficient of a cell, zero where an expansion names none.
template <class Cell, class Value>
struct CoefficientSet {
  static constexpr std::size_t states = static_cast<std::size_t>(Cell::states);
  static constexpr std::size_t gates = Cell::gate_names.size();

  std::array<Value, states> g{};                             ///< [row]: zeroth order
  std::array<std::array<Value, states>, states> diagonal{};  ///< [row][state]: of the unit's own state
  std::array<std::array<Value, gates>, states> recurrent{};  ///< [row][gate]: of W_hh h
};

/// The coefficients of one unit of one column.
template <class Cell>
using UnitCoefficients = CoefficientSet<Cell, typename Cell::Scalar>;

/// dL/d(TokenInput) of one unit of one column.
template <class Cell>
struct TokenGradient {
  CellGates<Cell> a;
  CellGates<Cell> b_ih;
  CellGates<Cell> b_hh;

  /// Where only the sums a + b_ih + b_hh count: one gradient for all three.
  [[nodiscard]] RNNSCOPE_INLINE static TokenGradient of_sums(const CellGates<Cell>& d) { return {d, d, d}; }
};

/// The coefficients of N columns: every entry is an `H x N` matrix.
template <class Cell>
struct Coefficients : CoefficientSet<Cell, Matrix<typename Cell::Scalar>> {
  [[nodiscard]] Index hidden_size() const { return this->g[0].rows(); }
  [[nodiscard]] Index columns() const { return this->g[0].cols(); }

  void resize(Index hidden, Index columns) {
    for (std::size_t row = 0; row < this->states; ++row) {
      this->g[row].resize(hidden, columns);
      for (auto& matrix : this->diagonal[row]) matrix.resize(hidden, columns);
      for (auto& matrix : this->recurrent[row]) matrix.resize(hidden, columns);
    }
  }
};

/// An expansion of `Cell` whose coefficients depend on the token alone.
template <class E, class Cell>
concept TokenExpansion = requires(const E& expansion, const TokenInput<Cell>& in) {
  { expansion.coefficients(in) } -> std::same_as<UnitCoefficients<Cell>>;
};

/// A token expansion that can be trained: from dL/d(coefficients) its `backward` gives dL/d(token).
template <class E, class Cell>
concept TrainableExpansion = TokenExpansion<E, Cell> &&
    requires(const E& expansion, const TokenInput<Cell>& in, const UnitCoefficients<Cell>& d) {
  { expansion.backward(in, d) } -> std::same_as<TokenGradient<Cell>>;
};

/// An expansion of `Cell` whose coefficients also depend on the previous state.
template <class E, class Cell>
concept StateExpansion = requires(const E& expansion, const CellInput<Cell>& in) {
  { expansion.coefficients(in) } -> std::same_as<UnitCoefficients<Cell>>;
};

/// Either of the two, not both.
template <class E, class Cell>
concept ExpansionOf = (TokenExpansion<E, Cell> != StateExpansion<E, Cell>);

}  // namespace rnnscope
