// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The factored form that most expansions of the LSTM share.
#pragma once

#include "rnnscope/core/numeric.hpp"
#include "rnnscope/expand/coefficients.hpp"
#include "rnnscope/nn/lstm.hpp"

namespace rnnscope {

/// The gates of one LSTM unit as an expansion sees them; u is the candidate (gate g).
template <class S>
struct LstmGates {
  S i, f, u, o;
};

/// Both rows of one LSTM unit, with q_k = W_hk h_{t-1}:
///
///     s = f * c_{t-1} + d_i * q_i + d_f * q_f + d_g * q_g
///     c_t = g_c + s              h_t = g_h + e * s + phi * q_o
template <class S>
struct LstmRows {
  S g_h, g_c;       ///< zeroth order
  S f;              ///< of c_{t-1}
  S d_i, d_f, d_g;  ///< of q_i, q_f, q_g
  S e, phi;         ///< of s and of q_o in the h row

  /// The same as separate coefficients of the h row and the c row.
  [[nodiscard]] RNNSCOPE_INLINE UnitCoefficients<Lstm<S>> coefficients() const {
    UnitCoefficients<Lstm<S>> out;
    out.g = {g_h, g_c};
    out.diagonal[1] = {S(0), f};
    out.recurrent[1] = {d_i, d_f, d_g, S(0)};
    out.diagonal[0] = {S(0), e * f};
    out.recurrent[0] = {e * d_i, e * d_f, e * d_g, phi};
    return out;
  }

  /// The gradient of `coefficients`: dL/d(every member) from dL/d(its result).
  [[nodiscard]] RNNSCOPE_INLINE LstmRows backward(const UnitCoefficients<Lstm<S>>& d) const {
    const auto& h = d.recurrent[0];
    const auto& c = d.recurrent[1];
    return {.g_h = d.g[0],
            .g_c = d.g[1],
            .f = d.diagonal[1][1] + e * d.diagonal[0][1],
            .d_i = c[0] + e * h[0],
            .d_f = c[1] + e * h[1],
            .d_g = c[2] + e * h[2],
            .e = f * d.diagonal[0][1] + d_i * h[0] + d_f * h[1] + d_g * h[2],
            .phi = h[3]};
  }
};

}  // namespace rnnscope
