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

/// Value and Jacobian of the cell at zero state:  g = f(x, 0),  A = df/d(state)(x, 0).
///
/// The gates stay in (0, 1), so the error of a step is several times smaller than that of Maclaurin and the
/// unrolled sums diverge later. Source: X. Sun and W. Lu, "Implicit n-grams induced by recurrence", NAACL
/// 2022, extended to both biases of PyTorch.
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

  /// With i, f, u, o the gates at h = c = 0 and tau = tanh(i * u):
  ///
  ///     g_c = i * u    g_h = o * tau    d_i = u i (1 - i)    d_g = i (1 - u^2)
  ///     e = o (1 - tau^2)    phi = o (1 - o) tau                                            (see LstmRows)
  template <class S>
  [[nodiscard]] RNNSCOPE_INLINE UnitCoefficients<Lstm<S>> coefficients(const TokenInput<Lstm<S>>& in) const {
    const S i = sigmoid(in.a[0] + in.b_ih[0] + in.b_hh[0]);
    const S f = sigmoid(in.a[1] + in.b_ih[1] + in.b_hh[1]);
    const S u = tanh_value(in.a[2] + in.b_ih[2] + in.b_hh[2]);
    const S o = sigmoid(in.a[3] + in.b_ih[3] + in.b_hh[3]);
    const S tau = tanh_value(i * u);
    const LstmRows<S> rows{.g_h = o * tau,
                           .g_c = i * u,
                           .f = f,
                           .d_i = u * i * (S(1) - i),
                           .d_f = S(0),
                           .d_g = i * (S(1) - u * u),
                           .e = o * (S(1) - tau * tau),
                           .phi = o * (S(1) - o) * tau};
    return rows.coefficients();
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
