// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The GRU cell, reset after the product (PyTorch's form), with both biases.
#pragma once

#include "rnnscope/core/numeric.hpp"
#include "rnnscope/nn/cell.hpp"

namespace rnnscope {

/// Gates r, z, n (rows in this order):
///
///     r = sigmoid(W_ir x_t + b_ir + W_hr h_{t-1} + b_hr)
///     z = sigmoid(W_iz x_t + b_iz + W_hz h_{t-1} + b_hz)
///     s = W_hn h_{t-1} + b_hn                             (the reset gate multiplies this whole sum)
///     n = tanh(W_in x_t + b_in + r * s)
///     h_t = (1 - z) * n + z * h_{t-1}
///
/// Tape: h, r, z, n, s. So b_in and b_hn are different parameters: dL/db_hn passes through r.
/// Source: K. Cho et al., 2014, in the form of PyTorch's `nn.GRU` (Keras: `reset_after=True`).
template <class S>
struct Gru {
  using Scalar = S;
  template <class Other>
  using rebind = Gru<Other>;
  static constexpr std::string_view name = "gru";
  static constexpr int states = 1;
  static constexpr std::array<std::string_view, 3> gate_names{"r", "z", "n"};
  static constexpr std::array<std::string_view, 5> channel_names{"h", "r", "z", "n", "s"};
  static constexpr bool shared_gradient = false;

  RNNSCOPE_INLINE void forward(const CellInput<Gru>& in, CellTape<Gru>& tape) const {
    const S r = sigmoid(in.a[0] + in.b_ih[0] + in.q[0] + in.b_hh[0]);
    const S z = sigmoid(in.a[1] + in.b_ih[1] + in.q[1] + in.b_hh[1]);
    const S s = in.q[2] + in.b_hh[2];
    const S n = tanh_value(in.a[2] + in.b_ih[2] + r * s);
    tape[0] = n + z * (in.previous[0] - n);
    tape[1] = r;
    tape[2] = z;
    tape[3] = n;
    tape[4] = s;
  }

  RNNSCOPE_INLINE void backward(const CellInput<Gru>& in, const CellTape<Gru>& tape,
                                const CellState<Gru>& d_state, CellGradient<Gru>& d) const {
    const S r = tape[1], z = tape[2], n = tape[3], s = tape[4];
    const S d_h = d_state[0];
    // h = n + z * (h_{t-1} - n)
    const S d_n = d_h * (S(1) - z) * (S(1) - n * n);  // before the tanh: W_in x + b_in + r * s
    const S d_z = d_h * (in.previous[0] - n) * z * (S(1) - z);
    const S d_r = d_n * s * r * (S(1) - r);
    d.a[0] = d.q[0] = d_r;
    d.a[1] = d.q[1] = d_z;
    d.a[2] = d_n;
    d.q[2] = d_n * r;
    d.previous[0] = d_h * z;
  }
};

}  // namespace rnnscope
