// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The expansion that is exact in the token and of first order in the previous state.
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

/// The gates of the LSTM at zero state, and the rows of Origin.
template <class S>
RNNSCOPE_INLINE LstmGates<S> origin_gates(const TokenInput<Lstm<S>>& in) {
  return {.i = sigmoid(in.a[0] + in.b_ih[0] + in.b_hh[0]),
          .f = sigmoid(in.a[1] + in.b_ih[1] + in.b_hh[1]),
          .u = tanh_value(in.a[2] + in.b_ih[2] + in.b_hh[2]),
          .o = sigmoid(in.a[3] + in.b_ih[3] + in.b_hh[3])};
}
template <class S>
RNNSCOPE_INLINE LstmRows<S> origin_rows(const LstmGates<S>& at, S tau) {
  return {.g_h = at.o * tau,
          .g_c = at.i * at.u,
          .f = at.f,
          .d_i = at.u * at.i * (S(1) - at.i),
          .d_f = S(0),
          .d_g = at.i * (S(1) - at.u * at.u),
          .e = at.o * (S(1) - tau * tau),
          .phi = at.o * (S(1) - at.o) * tau};
}

}  // namespace detail

/// Value and Jacobian of the cell at zero state:  g = f(x, 0),  A = df/d(state)(x, 0).
///
/// The gates stay in (0, 1), so the error of a step is several times smaller than that of Maclaurin and the
/// unrolled sums diverge later. `backward` gives the gradient of `coefficients`, for training (NgramCell).
/// Source: X. Sun and W. Lu, "Implicit n-grams induced by recurrence", NAACL 2022, extended to both biases of
/// PyTorch.
struct Origin {
  static constexpr std::string_view name = "origin";

  /// With x = W_ih x_t + b_ih + b_hh:  g = tanh x, A = D(1 - g^2) W_hh.
  template <class S>
  [[nodiscard]] RNNSCOPE_INLINE UnitCoefficients<Elman<S>> coefficients(const TokenInput<Elman<S>>& in) const {
    const S h = tanh_value(in.a[0] + in.b_ih[0] + in.b_hh[0]);
    UnitCoefficients<Elman<S>> out;
    out.g[0] = h;
    out.recurrent[0] = {S(1) - h * h};
    return out;
  }
  template <class S>
  [[nodiscard]] RNNSCOPE_INLINE TokenGradient<Elman<S>> backward(const TokenInput<Elman<S>>& in,
                                                                 const UnitCoefficients<Elman<S>>& d) const {
    const S h = tanh_value(in.a[0] + in.b_ih[0] + in.b_hh[0]);
    return TokenGradient<Elman<S>>::of_sums({(S(1) - h * h) * (d.g[0] - S(2) * h * d.recurrent[0][0])});
  }

  /// With r, z, n the gates at h = 0, b = b_hn and m = (1 - z) * (1 - n^2):
  ///
  ///     g = (1 - z) * n
  ///     A = D(z) - D(n z (1 - z)) W_hz + D(m r) W_hn + D(m b r (1 - r)) W_hr
  template <class S>
  [[nodiscard]] RNNSCOPE_INLINE UnitCoefficients<Gru<S>> coefficients(const TokenInput<Gru<S>>& in) const {
    const S b = in.b_hh[2];
    const S r = sigmoid(in.a[0] + in.b_ih[0] + in.b_hh[0]);
    const S z = sigmoid(in.a[1] + in.b_ih[1] + in.b_hh[1]);
    const S n = tanh_value(in.a[2] + in.b_ih[2] + r * b);
    const S m = (S(1) - z) * (S(1) - n * n);
    UnitCoefficients<Gru<S>> out;
    out.g[0] = (S(1) - z) * n;
    out.diagonal[0] = {z};
    out.recurrent[0] = {m * b * r * (S(1) - r), -n * z * (S(1) - z), m * r};
    return out;
  }
  template <class S>
  [[nodiscard]] RNNSCOPE_INLINE TokenGradient<Gru<S>> backward(const TokenInput<Gru<S>>& in,
                                                               const UnitCoefficients<Gru<S>>& d) const {
    const S b = in.b_hh[2];
    const S r = sigmoid(in.a[0] + in.b_ih[0] + in.b_hh[0]);
    const S z = sigmoid(in.a[1] + in.b_ih[1] + in.b_hh[1]);
    const S n = tanh_value(in.a[2] + in.b_ih[2] + r * b);
    const S slope = S(1) - n * n, m = (S(1) - z) * slope;
    const auto& [d_r, d_z, d_n] = d.recurrent[0];  // at the coefficients of W_hr h, W_hz h, W_hn h
    const S d_m = r * d_n + b * r * (S(1) - r) * d_r;
    const S d_new = (S(1) - z) * d.g[0] - z * (S(1) - z) * d_z - S(2) * n * (S(1) - z) * d_m;
    const S d_update = d.diagonal[0][0] - n * d.g[0] - n * (S(1) - S(2) * z) * d_z - slope * d_m;
    const S d_sum = slope * d_new;  // before the tanh: x_n + r b
    const S d_reset = m * d_n + m * b * (S(1) - S(2) * r) * d_r + b * d_sum;
    auto out = TokenGradient<Gru<S>>::of_sums({r * (S(1) - r) * d_reset, z * (S(1) - z) * d_update, d_sum});
    out.b_hh[2] = m * r * (S(1) - r) * d_r + r * d_sum;
    return out;
  }

  /// With i, f, u, o the gates at h = c = 0 and tau = tanh(i * u):
  ///
  ///     g_c = i * u    g_h = o * tau    d_i = u i (1 - i)    d_g = i (1 - u^2)
  ///     e = o (1 - tau^2)    phi = o (1 - o) tau                                            (see LstmRows)
  template <class S>
  [[nodiscard]] RNNSCOPE_INLINE UnitCoefficients<Lstm<S>> coefficients(const TokenInput<Lstm<S>>& in) const {
    const LstmGates<S> at = detail::origin_gates(in);
    return detail::origin_rows(at, tanh_value(at.i * at.u)).coefficients();
  }
  template <class S>
  [[nodiscard]] RNNSCOPE_INLINE TokenGradient<Lstm<S>> backward(const TokenInput<Lstm<S>>& in,
                                                                const UnitCoefficients<Lstm<S>>& d) const {
    const LstmGates<S> at = detail::origin_gates(in);
    const S i = at.i, u = at.u, o = at.o, tau = tanh_value(i * u), slope = S(1) - tau * tau;
    const LstmRows<S> r = detail::origin_rows(at, tau).backward(d);
    const S d_tau = o * (r.g_h - S(2) * tau * r.e + (S(1) - o) * r.phi);
    const S d_g_c = r.g_c + slope * d_tau;
    const S d_o = tau * r.g_h + slope * r.e + (S(1) - S(2) * o) * tau * r.phi;
    const S d_i = u * d_g_c + u * (S(1) - S(2) * i) * r.d_i + (S(1) - u * u) * r.d_g;
    const S d_u = i * (d_g_c + (S(1) - i) * r.d_i - S(2) * u * r.d_g);
    return TokenGradient<Lstm<S>>::of_sums(
        {i * (S(1) - i) * d_i, at.f * (S(1) - at.f) * r.f, (S(1) - u * u) * d_u, o * (S(1) - o) * d_o});
  }

  /// The terms of second and third order of the cell's Taylor series at zero state. The rest of a residual is
  /// of fourth order.
  template <class Cell>
  [[nodiscard]] RNNSCOPE_INLINE HigherOrders<Cell> higher_orders(const CellInput<Cell>& in) const requires
      TokenExpansion<Origin, Cell> {
    return detail::orders_along_path<detail::ExactActivations>(in);
  }
};

}  // namespace rnnscope
