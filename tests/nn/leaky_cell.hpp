// SPDX-License-Identifier: BSD-3-Clause
// The user's cell of docs/cells.md.
#pragma once

#include <rnnscope/nn/recurrent.hpp>

/// h_t = 0.7 h_{t-1} + 0.3 tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)
template <class S>
struct LeakyCell {
  using Scalar = S;
  template <class Other>
  using rebind = LeakyCell<Other>;                                           // for derivative checks
  static constexpr std::string_view name = "leaky";                          // in model files
  static constexpr int states = 1;                                           // h
  static constexpr std::array<std::string_view, 1> gate_names{"u"};          // one block of H rows
  static constexpr std::array<std::string_view, 2> channel_names{"h", "u"};  // the tape, states first
  static constexpr bool shared_gradient = true;                              // dL/da == dL/dq

  void forward(const rnnscope::CellInput<LeakyCell>& in, rnnscope::CellTape<LeakyCell>& tape) const {
    const S u = rnnscope::tanh_value(in.a[0] + in.b_ih[0] + in.q[0] + in.b_hh[0]);
    tape[0] = S(0.7) * in.previous[0] + S(0.3) * u;
    tape[1] = u;
  }

  void backward(const rnnscope::CellInput<LeakyCell>&, const rnnscope::CellTape<LeakyCell>& tape,
                const rnnscope::CellState<LeakyCell>& d_state, rnnscope::CellGradient<LeakyCell>& d) const {
    d.a[0] = d.q[0] = d_state[0] * S(0.3) * (S(1) - tape[1] * tape[1]);
    d.previous[0] = S(0.7) * d_state[0];  // except through W_hh h, which the layer adds
  }
};
