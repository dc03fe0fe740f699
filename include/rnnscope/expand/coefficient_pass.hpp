// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// An expansion over all units of a block of columns: the loop that the compiler vectorises.
#pragma once

#include <span>

#include "rnnscope/core/numeric.hpp"
#include "rnnscope/expand/coefficients.hpp"
#include "rnnscope/nn/cell_pass.hpp"

namespace rnnscope {

/// Where the inputs of an expansion begin. `q`, `previous` and `steps` are read for state expansions only.
template <class Cell>
struct ExpansionInput {
  using Scalar = typename Cell::Scalar;
  const Scalar* a = nullptr;       ///< W_ih x, `GH x n`
  const Scalar* b_ih = nullptr;    ///< `GH`
  const Scalar* b_hh = nullptr;    ///< `GH`
  const Scalar* q = nullptr;       ///< W_hh h_{t-1}, `GH x n`
  StatePointers<Cell> previous{};  ///< state before the step, `H x n`
  std::span<const Index> steps{};  ///< t of each column
};

/// Where the entries of a column begin.
template <class Cell>
[[nodiscard]] CoefficientSet<Cell, typename Cell::Scalar*> coefficient_pointers(Coefficients<Cell>& all,
                                                                                Index column) {
  CoefficientSet<Cell, typename Cell::Scalar*> out;
  const Index offset = column * all.hidden_size();
  for (std::size_t row = 0; row < out.states; ++row) {
    out.g[row] = all.g[row].data() + offset;
    for (std::size_t j = 0; j < out.states; ++j) out.diagonal[row][j] = all.diagonal[row][j].data() + offset;
    for (std::size_t k = 0; k < out.gates; ++k) out.recurrent[row][k] = all.recurrent[row][k].data() + offset;
  }
  return out;
}

/// Writes the coefficients of `count` columns to the columns of `out` from `first` on.
template <class Cell, class Expansion>
void coefficient_pass(const Expansion& expansion, const ExpansionInput<Cell>& in, Index count,
                      Coefficients<Cell>& out, Index first) {
  using Scalar = typename Cell::Scalar;
  constexpr std::size_t gates = Coefficients<Cell>::gates, states = Coefficients<Cell>::states;
  const Index hidden = out.hidden_size(), width = static_cast<Index>(gates) * hidden;
  detail::for_columns({hidden, count, 0}, 4, [&, hidden, width](Index b) {
    const ExpansionInput<Cell> from = in;
    const Scalar* a = from.a + b * width;
    const CoefficientSet<Cell, Scalar*> to = coefficient_pointers(out, first + b);
    RNNSCOPE_SIMD_LOOP
    for (Index u = 0; u < hidden; ++u) {
      UnitCoefficients<Cell> unit;
      if constexpr (TokenExpansion<Expansion, Cell>) {
        TokenInput<Cell> token;
        for (std::size_t k = 0; k < gates; ++k) {
          const Index row = static_cast<Index>(k) * hidden + u;
          token.a[k] = a[row];
          token.b_ih[k] = from.b_ih[row];
          token.b_hh[k] = from.b_hh[row];
        }
        unit = expansion.coefficients(token);
      } else {
        CellInput<Cell> step;
        for (std::size_t k = 0; k < gates; ++k) {
          const Index row = static_cast<Index>(k) * hidden + u;
          step.a[k] = a[row];
          step.q[k] = from.q[b * width + row];
          step.b_ih[k] = from.b_ih[row];
          step.b_hh[k] = from.b_hh[row];
        }
        for (std::size_t j = 0; j < states; ++j) step.previous[j] = from.previous[j][b * hidden + u];
        step.step = from.steps[static_cast<std::size_t>(b)];
        unit = expansion.coefficients(step);
      }
      for (std::size_t s = 0; s < states; ++s) {
        to.g[s][u] = unit.g[s];
        for (std::size_t j = 0; j < states; ++j) to.diagonal[s][j][u] = unit.diagonal[s][j];
        for (std::size_t k = 0; k < gates; ++k) to.recurrent[s][k][u] = unit.recurrent[s][k];
      }
    }
  });
}

}  // namespace rnnscope
