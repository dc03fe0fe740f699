// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// An expansion over all units of a block of columns: the loops that the compiler vectorises.
#pragma once

#include <algorithm>
#include <limits>

#include "rnnscope/core/numeric.hpp"
#include "rnnscope/expand/coefficients.hpp"
#include "rnnscope/nn/cell_pass.hpp"

namespace rnnscope {

/// Where the inputs of an expansion begin. Token expansions read the first three only.
template <class Cell>
struct ExpansionInput {
  using Scalar = typename Cell::Scalar;
  const Scalar* a = nullptr;       ///< W_ih x, `GH x n`
  const Scalar* b_ih = nullptr;    ///< `GH`
  const Scalar* b_hh = nullptr;    ///< `GH`
  const Scalar* q = nullptr;       ///< W_hh h_{t-1}, `GH x n`
  StatePointers<Cell> previous{};  ///< state before the step, `H x n`
  StatePointers<Cell> state{};     ///< state after it, `H x n`
  Index step = 0;                  ///< t
};

namespace detail {

/// One column of an ExpansionInput.
template <class Cell>
struct ColumnInput {
  using Scalar = typename Cell::Scalar;
  static constexpr std::size_t gates = Coefficients<Cell>::gates, states = Coefficients<Cell>::states;

  ColumnInput(const ExpansionInput<Cell>& in, Index hidden_size, Index column)
      : hidden(hidden_size),
        a(in.a + column * static_cast<Index>(gates) * hidden),
        b_ih(in.b_ih),
        b_hh(in.b_hh),
        step(in.step) {
    if (in.q == nullptr) return;
    q = in.q + column * static_cast<Index>(gates) * hidden;
    for (std::size_t j = 0; j < states; ++j) previous[j] = in.previous[j] + column * hidden;
  }

  [[nodiscard]] RNNSCOPE_INLINE TokenInput<Cell> token(Index u) const {
    TokenInput<Cell> out;
    for (std::size_t k = 0; k < gates; ++k) {
      const Index row = static_cast<Index>(k) * hidden + u;
      out.a[k] = a[row];
      out.b_ih[k] = b_ih[row];
      out.b_hh[k] = b_hh[row];
    }
    return out;
  }

  /// With the previous state (and so W_hh h) times `scale`.
  [[nodiscard]] RNNSCOPE_INLINE CellInput<Cell> unit(Index u, Scalar scale = Scalar(1)) const {
    CellInput<Cell> out;
    for (std::size_t k = 0; k < gates; ++k) {
      const Index row = static_cast<Index>(k) * hidden + u;
      out.a[k] = a[row];
      out.q[k] = scale * q[row];
      out.b_ih[k] = b_ih[row];
      out.b_hh[k] = b_hh[row];
    }
    for (std::size_t j = 0; j < states; ++j) out.previous[j] = scale * previous[j][u];
    out.step = step;
    return out;
  }

  Index hidden;
  const Scalar *a, *b_ih, *b_hh, *q = nullptr;
  StatePointers<Cell> previous{};
  Index step;
};

template <class Cell, class Pointer>
RNNSCOPE_INLINE void store_unit(const UnitCoefficients<Cell>& unit, const CoefficientSet<Cell, Pointer>& to,
                                Index u) {
  for (std::size_t s = 0; s < unit.states; ++s) {
    to.g[s][u] = unit.g[s];
    for (std::size_t j = 0; j < unit.states; ++j) to.diagonal[s][j][u] = unit.diagonal[s][j];
    for (std::size_t k = 0; k < unit.gates; ++k) to.recurrent[s][k][u] = unit.recurrent[s][k];
  }
}

/// A of one unit times its previous state, row s.
template <class Cell, class Pointer>
RNNSCOPE_INLINE typename Cell::Scalar linear_part(const CoefficientSet<Cell, Pointer>& a,
                                                  const ColumnInput<Cell>& in, std::size_t s, Index u) {
  typename Cell::Scalar sum(0);
  for (std::size_t j = 0; j < a.states; ++j) sum += a.diagonal[s][j][u] * in.previous[j][u];
  for (std::size_t k = 0; k < a.gates; ++k)
    sum += a.recurrent[s][k][u] * in.q[static_cast<Index>(k) * in.hidden + u];
  return sum;
}

/// The coefficients of one column averaged along the path to its previous state; returns the nodes used.
template <class Cell, class Expansion>
Index averaged_column(const Expansion& expansion, const ColumnInput<Cell>& in,
                      const std::array<const typename Cell::Scalar*, Coefficients<Cell>::states>& state,
                      const CoefficientSet<Cell, typename Cell::Scalar*>& to) {
  using Scalar = typename Cell::Scalar;
  const Quadrature quadrature = expansion.quadrature;
  // In single precision the sum of a few rounded terms is all that can be asked for.
  const Scalar tolerance =
      std::max(static_cast<Scalar>(quadrature.tolerance), 32 * std::numeric_limits<Scalar>::epsilon());
  const Index hidden = in.hidden;
  for (Index count = quadrature.first;; count *= 2) {
    const QuadratureRule& rule = Quadrature::rule(count);
    RNNSCOPE_SIMD_LOOP
    for (Index u = 0; u < hidden; ++u) {
      UnitCoefficients<Cell> at_zero;
      at_zero.g = expansion.coefficients(in.unit(u, Scalar(0))).g;
      store_unit<Cell>(at_zero, to, u);
    }
    for (std::size_t node = 0; node < rule.nodes.size(); ++node) {
      const Scalar place = static_cast<Scalar>(rule.nodes[node]);
      const Scalar weight = static_cast<Scalar>(rule.weights[node]);
      RNNSCOPE_SIMD_LOOP
      for (Index u = 0; u < hidden; ++u) {
        const UnitCoefficients<Cell> unit = expansion.coefficients(in.unit(u, place));
        for (std::size_t s = 0; s < unit.states; ++s) {
          for (std::size_t j = 0; j < unit.states; ++j) to.diagonal[s][j][u] += weight * unit.diagonal[s][j];
          for (std::size_t k = 0; k < unit.gates; ++k) to.recurrent[s][k][u] += weight * unit.recurrent[s][k];
        }
      }
    }
    bool within = true;
    for (std::size_t s = 0; s < to.states; ++s) {
      for (Index u = 0; u < hidden; ++u) {
        const Scalar error = std::abs(to.g[s][u] + linear_part<Cell>(to, in, s, u) - state[s][u]);
        within = within && error <= tolerance * std::max(Scalar(1), std::abs(state[s][u]));
      }
    }
    if (within || count >= quadrature.most) return count;
  }
}

}  // namespace detail

/// Writes the coefficients of `count` columns to the columns of `out` from `first` on.
template <class Cell, class Expansion>
void coefficient_pass(const Expansion& expansion, const ExpansionInput<Cell>& in, Index count,
                      Coefficients<Cell>& out, Index first) {
  using Scalar = typename Cell::Scalar;
  const Index hidden = out.hidden_size();
  detail::for_columns({hidden, count, 0}, 4, [&, hidden](Index b) {
    const detail::ColumnInput<Cell> column(in, hidden, b);
    const CoefficientSet<Cell, Scalar*> to = out.pointers(first + b);
    if constexpr (AveragedExpansion<Expansion, Cell>) {
      StatePointers<Cell> state = in.state;
      for (auto& part : state) part += b * hidden;
      out.nodes[static_cast<std::size_t>(first + b)] =
          detail::averaged_column<Cell>(expansion, column, state, to);
    } else {
      RNNSCOPE_SIMD_LOOP
      for (Index u = 0; u < hidden; ++u) {
        if constexpr (TokenExpansion<Expansion, Cell>) {
          detail::store_unit<Cell>(expansion.coefficients(column.token(u)), to, u);
        } else {
          detail::store_unit<Cell>(expansion.coefficients(column.unit(u)), to, u);
        }
      }
    }
  });
}

/// Where the parts of a step that an expansion misses go, `H x n`. Null: not wanted.
template <class Cell>
struct MissedPointers {
  std::array<typename Cell::Scalar*, static_cast<std::size_t>(Cell::states)> all{}, second{}, third{};
};

/// Writes xi = state - g - A previous for `count` columns, whose coefficients are columns of `all` from `first`
/// on, and those of its terms that the expansion names. Needs all of `in`.
template <class Cell, class Expansion>
void missed_pass(const Expansion& expansion, const ExpansionInput<Cell>& in, Index count,
                 Coefficients<Cell>& all, Index first, const MissedPointers<Cell>& missed) {
  using Scalar = typename Cell::Scalar;
  constexpr std::size_t states = Coefficients<Cell>::states;
  const Index hidden = all.hidden_size();
  detail::for_columns({hidden, count, 0}, 4, [&, hidden](Index b) {
    const detail::ColumnInput<Cell> column(in, hidden, b);
    const CoefficientSet<Cell, Scalar*> a = all.pointers(first + b);
    std::array<const Scalar*, states> state = in.state;
    MissedPointers<Cell> to = missed;
    for (std::size_t s = 0; s < states; ++s) {
      state[s] += b * hidden;
      to.all[s] += b * hidden;
    }
    RNNSCOPE_SIMD_LOOP
    for (Index u = 0; u < hidden; ++u) {
      for (std::size_t s = 0; s < states; ++s)
        to.all[s][u] = state[s][u] - a.g[s][u] - detail::linear_part<Cell>(a, column, s, u);
    }
    if constexpr (OrderedExpansion<Expansion, Cell>) {
      for (std::size_t s = 0; s < states; ++s) {
        to.second[s] += b * hidden;
        to.third[s] += b * hidden;
      }
      RNNSCOPE_SIMD_LOOP
      for (Index u = 0; u < hidden; ++u) {
        const HigherOrders<Cell> orders = expansion.higher_orders(column.unit(u));
        for (std::size_t s = 0; s < states; ++s) {
          to.second[s][u] = orders.second[s];
          to.third[s][u] = orders.third[s];
        }
      }
    }
  });
}

}  // namespace rnnscope
