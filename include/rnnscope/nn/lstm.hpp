// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The LSTM cell with PyTorch's gate order and both biases.
#pragma once

#include "rnnscope/core/numeric.hpp"
#include "rnnscope/nn/cell.hpp"

namespace rnnscope {

/// With p_k = W_ik x_t + b_ik + W_hk h_{t-1} + b_hk for the gates k = i, f, g, o (rows in this order):
///
///     i = sigmoid(p_i)   f = sigmoid(p_f)   g = tanh(p_g)   o = sigmoid(p_o)
///     c_t = f * c_{t-1} + i * g             h_t = o * tanh(c_t)
///
/// Tape: h, c, i, f, g, o (tanh c is cheaper to compute again than to store).
/// Source: S. Hochreiter and J. Schmidhuber, 1997; F. Gers et al., 2000; the form of PyTorch's `nn.LSTM`.
template <class S>
struct Lstm {
  using Scalar = S;
  template <class Other>
  using rebind = Lstm<Other>;
  static constexpr std::string_view name = "lstm";
  static constexpr int states = 2;
  static constexpr std::array<std::string_view, 4> gate_names{"i", "f", "g", "o"};
  static constexpr std::array<std::string_view, 6> channel_names{"h", "c", "i", "f", "g", "o"};
  static constexpr bool shared_gradient = true;

  RNNSCOPE_INLINE void forward(const CellInput<Lstm>& in, CellTape<Lstm>& tape) const {
    const S i = sigmoid(in.a[0] + in.b_ih[0] + in.q[0] + in.b_hh[0]);
    const S f = sigmoid(in.a[1] + in.b_ih[1] + in.q[1] + in.b_hh[1]);
    const S g = tanh_value(in.a[2] + in.b_ih[2] + in.q[2] + in.b_hh[2]);
    const S o = sigmoid(in.a[3] + in.b_ih[3] + in.q[3] + in.b_hh[3]);
    const S c = f * in.previous[1] + i * g;
    tape[0] = o * tanh_value(c);
    tape[1] = c;
    tape[2] = i;
    tape[3] = f;
    tape[4] = g;
    tape[5] = o;
  }

  RNNSCOPE_INLINE void backward(const CellInput<Lstm>& in, const CellTape<Lstm>& tape,
                                const CellState<Lstm>& d_state, CellGradient<Lstm>& d) const {
    const S i = tape[2], f = tape[3], g = tape[4], o = tape[5];
    const S tanh_c = tanh_value(tape[1]);
    // h = o * tanh(c), so both d_h and the gradient arriving at c reach c.
    const S d_c = d_state[1] + d_state[0] * o * (S(1) - tanh_c * tanh_c);
    // c = f * c_{t-1} + i * g
    d.a[0] = d.q[0] = d_c * g * i * (S(1) - i);
    d.a[1] = d.q[1] = d_c * in.previous[1] * f * (S(1) - f);
    d.a[2] = d.q[2] = d_c * i * (S(1) - g * g);
    d.a[3] = d.q[3] = d_state[0] * tanh_c * o * (S(1) - o);
    d.previous[0] = S(0);
    d.previous[1] = d_c * f;
  }
};

}  // namespace rnnscope
