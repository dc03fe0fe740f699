// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The Elman cell (simple recurrent network).
#pragma once

#include "rnnscope/core/numeric.hpp"
#include "rnnscope/nn/cell.hpp"

namespace rnnscope {

/// h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh).
///
/// PyTorch's `nn.RNN(nonlinearity='tanh')`. Source: J. Elman, "Finding structure in time", 1990.
template <class S>
struct Elman {
  using Scalar = S;
  template <class Other>
  using rebind = Elman<Other>;
  static constexpr std::string_view name = "elman";
  static constexpr int states = 1;
  static constexpr std::array<std::string_view, 1> gate_names{"h"};
  static constexpr std::array<std::string_view, 1> channel_names{"h"};
  static constexpr bool shared_gradient = true;

  RNNSCOPE_INLINE void forward(const CellInput<Elman>& in, CellTape<Elman>& tape) const {
    tape[0] = tanh_value(in.a[0] + in.b_ih[0] + in.q[0] + in.b_hh[0]);
  }

  RNNSCOPE_INLINE void backward(const CellInput<Elman>&, const CellTape<Elman>& tape,
                                const CellState<Elman>& d_state, CellGradient<Elman>& d) const {
    const S h = tape[0];
    d.a[0] = d.q[0] = d_state[0] * (S(1) - h * h);
    d.previous[0] = S(0);
  }
};

}  // namespace rnnscope
