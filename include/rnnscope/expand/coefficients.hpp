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
/// * a *token expansion* computes them from the token alone (`TokenInput`): Maclaurin, Origin, Simplified;
/// * a *state expansion* also sees the previous state and W_hh h (`CellInput`): Trajectory. With a member
///   `quadrature` it is averaged along the line from the zero state to the real one: PathIntegrated.
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
///
/// An expansion may also name the terms of second and third order in the state; the residual is then split.
/// See `HigherOrders`.
#pragma once

#include <array>
#include <concepts>
#include <string_view>
#include <type_traits>
#include <vector>

#include "rnnscope/core/numeric.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/expand/gauss_legendre.hpp"
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
  std::vector<Index> nodes;  ///< of the quadrature of every column; empty unless the expansion is averaged

  using Scalar = typename Cell::Scalar;

  [[nodiscard]] Index hidden_size() const { return this->g[0].rows(); }
  [[nodiscard]] Index columns() const { return this->g[0].cols(); }

  /// Where the entries of a column begin.
  [[nodiscard]] CoefficientSet<Cell, Scalar*> pointers(Index column) {
    return pointers_to<Scalar*>(*this, column);
  }
  [[nodiscard]] CoefficientSet<Cell, const Scalar*> pointers(Index column) const {
    return pointers_to<const Scalar*>(*this, column);
  }

  void resize(Index hidden, Index columns) {
    for (std::size_t row = 0; row < this->states; ++row) {
      this->g[row].resize(hidden, columns);
      for (auto& matrix : this->diagonal[row]) matrix.resize(hidden, columns);
      for (auto& matrix : this->recurrent[row]) matrix.resize(hidden, columns);
    }
  }

 private:
  template <class Pointer, class Self>
  [[nodiscard]] static CoefficientSet<Cell, Pointer> pointers_to(Self& self, Index column) {
    eigen_assert(column >= 0 && column < self.columns());
    const Index offset = column * self.hidden_size();
    CoefficientSet<Cell, Pointer> out;
    for (std::size_t s = 0; s < out.states; ++s) {
      out.g[s] = self.g[s].data() + offset;
      for (std::size_t j = 0; j < out.states; ++j) out.diagonal[s][j] = self.diagonal[s][j].data() + offset;
      for (std::size_t k = 0; k < out.gates; ++k) out.recurrent[s][k] = self.recurrent[s][k].data() + offset;
    }
    return out;
  }
};

/// Terms of one unit of one column beyond the first order in the previous state, per row.
template <class Cell>
struct HigherOrders {
  CellState<Cell> second{};
  CellState<Cell> third{};
};

namespace detail {
template <class E, class Input>
concept HasCoefficients = requires(const E& expansion, const Input& in) {
  expansion.coefficients(in);
};
template <class E, class Input, class Result>
concept GivesCoefficients = requires(const E& expansion, const Input& in) {
  { expansion.coefficients(in) } -> std::same_as<Result>;
};
}  // namespace detail

/// An expansion of `Cell` whose coefficients depend on the token alone.
template <class E, class Cell>
concept TokenExpansion = detail::GivesCoefficients<E, TokenInput<Cell>, UnitCoefficients<Cell>>;

/// A token expansion that can be trained: from dL/d(coefficients) its `backward` gives dL/d(token).
template <class E, class Cell>
concept TrainableExpansion = TokenExpansion<E, Cell> &&
    requires(const E& expansion, const TokenInput<Cell>& in, const UnitCoefficients<Cell>& d) {
  { expansion.backward(in, d) } -> std::same_as<TokenGradient<Cell>>;
};

/// An expansion of `Cell` whose coefficients also depend on the previous state.
template <class E, class Cell>
concept StateExpansion = detail::GivesCoefficients<E, CellInput<Cell>, UnitCoefficients<Cell>>;

/// A state expansion whose A is averaged over the states s * state_{t-1}, 0 <= s <= 1, and whose g is that of
/// the zero state. If it gives Jacobians, g + A state_{t-1} is the new state exactly.
template <class E, class Cell>
concept AveragedExpansion = StateExpansion<E, Cell> && requires(const E& expansion) {
  { expansion.quadrature } -> std::convertible_to<Quadrature>;
};

/// An expansion that names its terms of second and third order.
template <class E, class Cell>
concept OrderedExpansion = requires(const E& expansion, const CellInput<Cell>& in) {
  { expansion.higher_orders(in) } -> std::same_as<HigherOrders<Cell>>;
};

/// A token expansion or a state expansion, not both.
template <class E, class Cell>
concept ExpansionOf = detail::HasName<E> && std::is_copy_constructible_v<E> &&
    (TokenExpansion<E, Cell> != StateExpansion<E, Cell>);

/// Stops the compilation with the name of the first duty that `E` misses for `Cell`.
template <class E, class Cell>
constexpr void require_expansion() {
  constexpr bool of_token = detail::HasCoefficients<E, TokenInput<Cell>>;
  constexpr bool of_state = detail::HasCoefficients<E, CellInput<Cell>>;
  static_assert(of_token || of_state,
                "rnnscope: this expansion has no `coefficients(const TokenInput<Cell>&) const`, nor one of "
                "CellInput<Cell>, for this cell (docs/expansions.md)");
  static_assert(!(of_token && of_state),
                "rnnscope: this expansion has `coefficients` of TokenInput<Cell> and of CellInput<Cell>; an "
                "expansion sees the token alone or the state too, not both (docs/expansions.md)");
  static_assert(
      (!of_token && !of_state) || TokenExpansion<E, Cell> || StateExpansion<E, Cell>,
      "rnnscope: `coefficients` of an expansion must return UnitCoefficients<Cell> (docs/expansions.md)");
  static_assert(detail::HasName<E>,
                "rnnscope: an expansion needs `static constexpr std::string_view name` (docs/expansions.md)");
  static_assert(std::is_copy_constructible_v<E>,
                "rnnscope: an expansion is copied into what uses it (docs/expansions.md)");
}

}  // namespace rnnscope
