// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The expansion that is exact, and whose token-level features depend on the token alone.
#pragma once

#include <string_view>

#include "rnnscope/core/numeric.hpp"
#include "rnnscope/expand/coefficients.hpp"
#include "rnnscope/expand/trajectory.hpp"

namespace rnnscope {

/// The value of the cell at zero state, and its Jacobian averaged on the way from there to the real state:
///
///     g = f(x_t, 0)        A = integral over s in [0, 1] of J(x_t, s * state_{t-1})
///
/// By the fundamental theorem of calculus, state_t = g + A state_{t-1} exactly. So token- and sequence-level
/// features alone sum to h_t, for any weights, and g is a function of the token as in Origin. A depends on the
/// state: this is a state expansion, for the unroller only.
///
/// J is linear in its coefficient vectors, so it is they that are averaged: no product beyond W_hh h_{t-1}. The
/// c row and the h row of an LSTM are averaged separately (products of averages are not averages of products).
/// The integral is a Gauss-Legendre rule whose nodes are doubled, token by token, until |g + A state_{t-1} -
/// state_t| is within `quadrature.tolerance` times max(1, |state_t|) (and, in single precision, within what
/// rounding allows) or
/// `quadrature.most` nodes are used; `Coefficients::nodes` tells how many were, and the residual what is left.
struct PathIntegrated {
  static constexpr std::string_view name = "path_integrated";

  Quadrature quadrature{};

  /// At one state; averaged by the unroller.
  template <class Cell>
  requires StateExpansion<Trajectory, Cell>
  [[nodiscard]] RNNSCOPE_INLINE UnitCoefficients<Cell> coefficients(const CellInput<Cell>& in) const {
    return Trajectory{}.coefficients(in);
  }
};

}  // namespace rnnscope
