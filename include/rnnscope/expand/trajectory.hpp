// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The expansion around the states that the layer really passes through.
#pragma once

#include <string_view>

#include "rnnscope/core/numeric.hpp"
#include "rnnscope/expand/coefficients.hpp"
#include "rnnscope/expand/lstm_rows.hpp"
#include "rnnscope/nn/elman.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"

namespace rnnscope {

namespace detail {
/// g = state_t - A state_{t-1}, so that nothing is left over.
template <class Cell>
RNNSCOPE_INLINE void complete_with_g(const CellInput<Cell>& in, const CellTape<Cell>& tape,
                                     UnitCoefficients<Cell>& out) {
  for (std::size_t s = 0; s < out.states; ++s) {
    out.g[s] = tape[s];
    for (std::size_t j = 0; j < out.states; ++j) out.g[s] -= out.diagonal[s][j] * in.previous[j];
    for (std::size_t k = 0; k < out.gates; ++k) out.g[s] -= out.recurrent[s][k] * in.q[k];
  }
}
}  // namespace detail

/// The exact Jacobian of the cell at the real previous state:  A = J_t = d state_t / d state_{t-1}, and
/// g = state_t - J_t state_{t-1}.
///
/// The sum of all n-grams is the state, whatever the weights: the residual is zero to rounding. The price is
/// that g and A of a token depend on everything before it. A state expansion: for the unroller only.
struct Trajectory {
  static constexpr std::string_view name = "trajectory";

  /// A = D(1 - h_t^2) W_hh.
  template <class S>
  [[nodiscard]] RNNSCOPE_INLINE UnitCoefficients<Elman<S>> coefficients(const CellInput<Elman<S>>& in) const {
    CellTape<Elman<S>> tape;
    Elman<S>{}.forward(in, tape);
    UnitCoefficients<Elman<S>> out;
    out.recurrent[0] = {S(1) - tape[0] * tape[0]};
    detail::complete_with_g(in, tape, out);
    return out;
  }

  /// With the gates r, z, n of the step, s = W_hn h_{t-1} + b_hn and m = (1 - z) * (1 - n^2):
  ///
  ///     A = D(z) + D((h_{t-1} - n) z (1 - z)) W_hz + D(m r) W_hn + D(m s r (1 - r)) W_hr
  template <class S>
  [[nodiscard]] RNNSCOPE_INLINE UnitCoefficients<Gru<S>> coefficients(const CellInput<Gru<S>>& in) const {
    CellTape<Gru<S>> tape;
    Gru<S>{}.forward(in, tape);
    const S r = tape[1], z = tape[2], n = tape[3], s = tape[4];
    const S m = (S(1) - z) * (S(1) - n * n);
    UnitCoefficients<Gru<S>> out;
    out.diagonal[0] = {z};
    out.recurrent[0] = {m * s * r * (S(1) - r), (in.previous[0] - n) * z * (S(1) - z), m * r};
    detail::complete_with_g(in, tape, out);
    return out;
  }

  /// With the gates i, f, u, o of the step and tau = tanh(c_t):
  ///
  ///     d_i = u i (1 - i)    d_f = c_{t-1} f (1 - f)    d_g = i (1 - u^2)
  ///     e = o (1 - tau^2)    phi = o (1 - o) tau                                            (see LstmRows)
  template <class S>
  [[nodiscard]] RNNSCOPE_INLINE UnitCoefficients<Lstm<S>> coefficients(const CellInput<Lstm<S>>& in) const {
    CellTape<Lstm<S>> tape;
    Lstm<S>{}.forward(in, tape);
    const S i = tape[2], f = tape[3], u = tape[4], o = tape[5], tau = tanh_value(tape[1]);
    const LstmRows<S> rows{.g_h = S(0),
                           .g_c = S(0),
                           .f = f,
                           .d_i = u * i * (S(1) - i),
                           .d_f = in.previous[1] * f * (S(1) - f),
                           .d_g = i * (S(1) - u * u),
                           .e = o * (S(1) - tau * tau),
                           .phi = o * (S(1) - o) * tau};
    UnitCoefficients<Lstm<S>> out = rows.coefficients();
    detail::complete_with_g(in, tape, out);
    return out;
  }
};

}  // namespace rnnscope
