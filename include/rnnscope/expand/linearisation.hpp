// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A run of a layer with every step written as a linear function of the state before it.
#pragma once

#include "rnnscope/expand/coefficients.hpp"
#include "rnnscope/nn/tape.hpp"

namespace rnnscope {

/// A run of the cell, written as  state_t = g_t + A_t state_{t-1} + xi_t  at every column; all `H x N`.
template <class Cell>
struct Linearisation {
  LayerState<Cell> state;           ///< h_t (and c_t) of the cell itself
  Coefficients<Cell> coefficients;  ///< g_t and A_t
  LayerState<Cell> residual;        ///< xi_t
  LayerState<Cell> second;          ///< the terms of xi_t of second order in state_{t-1}; empty unless the
                                    ///< expansion names them (OrderedExpansion)
  LayerState<Cell> third;           ///< likewise of third order; the rest of xi_t is what remains
};

}  // namespace rnnscope
