// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The expansion of the n-gram paper: activations linearised at zero, first order in the previous state.
#pragma once

#include <string_view>

#include "rnnscope/core/numeric.hpp"
#include "rnnscope/expand/coefficients.hpp"
#include "rnnscope/expand/lstm_rows.hpp"
#include "rnnscope/expand/path_series.hpp"
#include "rnnscope/nn/elman.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"

namespace rnnscope {

namespace detail {

/// The gates of the LSTM as Maclaurin sees them, and its rows.
template <class S>
RNNSCOPE_INLINE LstmGates<S> maclaurin_gates(const TokenInput<Lstm<S>>& in) {
  return {.i = S(0.5) + S(0.25) * (in.a[0] + in.b_ih[0] + in.b_hh[0]),
          .f = S(0.5) + S(0.25) * (in.a[1] + in.b_ih[1] + in.b_hh[1]),
          .u = in.a[2] + in.b_ih[2] + in.b_hh[2],
          .o = S(0.5) + S(0.25) * (in.a[3] + in.b_ih[3] + in.b_hh[3])};
}
template <class S>
RNNSCOPE_INLINE LstmRows<S> maclaurin_rows(const LstmGates<S>& at) {
  const S g_c = at.i * at.u;
  return {.g_h = at.o * g_c,
          .g_c = g_c,
          .f = at.f,
          .d_i = S(0.25) * at.u,
          .d_f = S(0),
          .d_g = at.i,
          .e = at.o,
          .phi = S(0.25) * g_c};
}

}  // namespace detail

/// sigmoid u -> 1/2 + u/4 and tanh u -> u; then the terms of order 0 and 1 in the previous state.
///
/// Good near zero only: the linearised gates leave (0, 1), so with large weights A grows beyond the unit ball
/// and the unrolled sums diverge although the cell does not. The residual tells.
/// `backward` gives the gradient of `coefficients`, for training (NgramCell).
/// Source: "Sequence-level features: how GRU and LSTM cells capture n-grams", equations (5), (10) and (15),
/// extended to both biases of PyTorch.
struct Maclaurin {
  static constexpr std::string_view name = "maclaurin";

  /// With x = W_ih x_t + b_ih + b_hh:  g = x, A = W_hh.
  template <class S>
  [[nodiscard]] RNNSCOPE_INLINE UnitCoefficients<Elman<S>> coefficients(const TokenInput<Elman<S>>& in) const {
    UnitCoefficients<Elman<S>> out;
    out.g[0] = in.a[0] + in.b_ih[0] + in.b_hh[0];
    out.recurrent[0] = {S(1)};
    return out;
  }
  template <class S>
  [[nodiscard]] RNNSCOPE_INLINE TokenGradient<Elman<S>> backward(const TokenInput<Elman<S>>&,
                                                                 const UnitCoefficients<Elman<S>>& d) const {
    return TokenGradient<Elman<S>>::of_sums({d.g[0]});
  }

  /// With x_r, x_z holding both biases, x_n only b_in, and b = b_hn, which stays inside r * (W_hn h + b):
  ///
  ///     zeta = 1/2 + x_z/4    rho = 1/2 + x_r/4    nu = x_n + rho * b
  ///     g = (1 - zeta) * nu
  ///     A = D(zeta) - D(nu/4) W_hz + D((1 - zeta) * rho) W_hn + D((1 - zeta) * b/4) W_hr
  template <class S>
  [[nodiscard]] RNNSCOPE_INLINE UnitCoefficients<Gru<S>> coefficients(const TokenInput<Gru<S>>& in) const {
    const S rho = S(0.5) + S(0.25) * (in.a[0] + in.b_ih[0] + in.b_hh[0]);
    const S zeta = S(0.5) + S(0.25) * (in.a[1] + in.b_ih[1] + in.b_hh[1]);
    const S nu = in.a[2] + in.b_ih[2] + rho * in.b_hh[2];
    UnitCoefficients<Gru<S>> out;
    out.g[0] = (S(1) - zeta) * nu;
    out.diagonal[0] = {zeta};
    out.recurrent[0] = {S(0.25) * (S(1) - zeta) * in.b_hh[2], S(-0.25) * nu, (S(1) - zeta) * rho};
    return out;
  }
  template <class S>
  [[nodiscard]] RNNSCOPE_INLINE TokenGradient<Gru<S>> backward(const TokenInput<Gru<S>>& in,
                                                               const UnitCoefficients<Gru<S>>& d) const {
    const S b = in.b_hh[2];
    const S rho = S(0.5) + S(0.25) * (in.a[0] + in.b_ih[0] + in.b_hh[0]);
    const S zeta = S(0.5) + S(0.25) * (in.a[1] + in.b_ih[1] + in.b_hh[1]);
    const S nu = in.a[2] + in.b_ih[2] + rho * b;
    const auto& [d_r, d_z, d_n] = d.recurrent[0];  // at the coefficients of W_hr h, W_hz h, W_hn h
    const S d_nu = (S(1) - zeta) * d.g[0] - S(0.25) * d_z;
    const S d_zeta = d.diagonal[0][0] - nu * d.g[0] - rho * d_n - S(0.25) * b * d_r;
    const S d_rho = (S(1) - zeta) * d_n + b * d_nu;
    auto out = TokenGradient<Gru<S>>::of_sums({S(0.25) * d_rho, S(0.25) * d_zeta, d_nu});
    out.b_hh[2] = rho * d_nu + S(0.25) * (S(1) - zeta) * d_r;
    return out;
  }

  /// With x_k = W_ik x_t + b_ik + b_hk, gates i, f, o = 1/2 + x_k/4 and u = x_g:
  ///
  ///     g_c = i * u    g_h = o * g_c    d_i = u/4    d_g = i    e = o    phi = g_c/4        (see LstmRows)
  template <class S>
  [[nodiscard]] RNNSCOPE_INLINE UnitCoefficients<Lstm<S>> coefficients(const TokenInput<Lstm<S>>& in) const {
    return detail::maclaurin_rows(detail::maclaurin_gates(in)).coefficients();
  }
  template <class S>
  [[nodiscard]] RNNSCOPE_INLINE TokenGradient<Lstm<S>> backward(const TokenInput<Lstm<S>>& in,
                                                                const UnitCoefficients<Lstm<S>>& d) const {
    const LstmGates<S> at = detail::maclaurin_gates(in);
    const LstmRows<S> r = detail::maclaurin_rows(at).backward(d);
    const S d_g_c = r.g_c + at.o * r.g_h + S(0.25) * r.phi;
    const S d_i = at.u * d_g_c + r.d_g;
    const S d_u = at.i * d_g_c + S(0.25) * r.d_i;
    const S d_o = at.i * at.u * r.g_h + r.e;
    return TokenGradient<Lstm<S>>::of_sums({S(0.25) * d_i, S(0.25) * r.f, d_u, S(0.25) * d_o});
  }

  /// What the linearised activations leave beyond g + A state. With h_k = W_hk h, for the GRU
  ///
  ///     2nd: h_z h / 4 + (1 - zeta) h_r h_n / 4 - rho h_z h_n / 4 - b h_z h_r / 16      3rd: -h_z h_r h_n / 16
  ///
  /// and for the LSTM, with s the first-order part of c,
  ///
  ///     2nd, c: h_f c / 4 + h_i h_g / 4       h: o (2nd of c) + h_o s / 4     3rd, h: h_o (h_f c + h_i h_g) /
  ///     16
  ///
  /// Elman: none. The rest of a residual is what linear activations cost. Equation (7).
  template <class Cell>
  [[nodiscard]] RNNSCOPE_INLINE HigherOrders<Cell> higher_orders(const CellInput<Cell>& in) const requires
      TokenExpansion<Maclaurin, Cell> {
    return detail::orders_along_path<detail::LinearisedActivations>(in);
  }
};

}  // namespace rnnscope
