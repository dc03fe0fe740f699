// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A run of a layer with every step written as a linear function of the state before it.
#pragma once

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/parameters.hpp"
#include "rnnscope/expand/coefficient_pass.hpp"
#include "rnnscope/expand/coefficients.hpp"
#include "rnnscope/expand/packed_links.hpp"
#include "rnnscope/expand/transition.hpp"
#include "rnnscope/nn/input.hpp"
#include "rnnscope/nn/recurrent.hpp"
#include "rnnscope/product/multiply.hpp"
#include "rnnscope/text/packed_layout.hpp"

namespace rnnscope {

/// A run of the cell, written as  state_t = g_t + A_t state_{t-1} + xi_t  at every column; all `H x N`.
template <class Cell>
struct Linearisation {
  LayerState<Cell> state;           ///< h_t (and c_t) of the cell itself
  Coefficients<Cell> coefficients;  ///< g_t and A_t
  LayerState<Cell> residual;        ///< xi_t
};

namespace detail {

/// The states of the cell itself after and before every column, `H x N`.
template <class Cell>
struct RealStates {
  LayerState<Cell> state, previous;
};

/// \throws ValueError naming t if a state is not finite.
template <class Cell>
RealStates<Cell> real_states(const Recurrent<Cell>& layer, const Parameters<typename Cell::Scalar>& parameters,
                             const PackedLayout& layout, const ConstMatrixRef<typename Cell::Scalar>& x,
                             const LayerState<Cell>& initial) {
  Tape<Cell> tape;
  layer.forward(parameters, layout, DenseInput<typename Cell::Scalar>(x), initial, tape);
  RealStates<Cell> result;
  for (std::size_t k = 0; k < initial.size(); ++k) {
    result.state[k] = std::move(tape.channels[k]);
    result.previous[k].resize(layer.hidden_size(), layout.columns());
    for (Index t = 0; t < layout.steps(); ++t) {
      const Index live = layout.live(t), here = layout.offset(t);
      require<ValueError>(result.state[k].middleCols(here, live).allFinite(),
                          "NgramUnroller: the state of the cell is not finite at t = ", t,
                          ": check the parameters");
      if (t == 0) {
        result.previous[k].leftCols(live) = initial[k].leftCols(live);
      } else {
        result.previous[k].middleCols(here, live) = result.state[k].middleCols(layout.offset(t - 1), live);
      }
    }
  }
  return result;
}

/// g and A of every column. `previous` holds the state before each column; token expansions do not read it.
template <class Cell, class Expansion>
Coefficients<Cell> expansion_coefficients(const Recurrent<Cell>& layer,
                                          const Parameters<typename Cell::Scalar>& parameters,
                                          const Expansion& expansion, const PackedLayout& layout,
                                          const ConstMatrixRef<typename Cell::Scalar>& x,
                                          const LayerState<Cell>* previous) {
  using Scalar = typename Cell::Scalar;
  constexpr Index chunk_columns = 1000;  // of W_ih x at a time
  constexpr bool sees_state = StateExpansion<Expansion, Cell>;
  eigen_assert(!sees_state || previous != nullptr);
  const auto weight_ih = parameters[layer.weight_ih()];
  const Index columns = layout.columns();
  Coefficients<Cell> result;
  result.resize(layer.hidden_size(), columns);
  std::vector<Index> steps;
  if constexpr (sees_state) {
    for (const auto& token : PackedLinks(layout).columns) steps.push_back(token.step);
  }
  Matrix<Scalar> a, q;
  for (Index first = 0; first < columns; first += chunk_columns) {
    const Index count = std::min(chunk_columns, columns - first);
    a.resize(weight_ih.rows(), count);
    multiply(weight_ih, x.middleCols(first, count), a);
    ExpansionInput<Cell> in{
        .a = a.data(), .b_ih = parameters[layer.bias_ih()].data(), .b_hh = parameters[layer.bias_hh()].data()};
    if constexpr (sees_state) {
      q.resize(weight_ih.rows(), count);
      multiply(parameters[layer.weight_hh()], (*previous)[0].middleCols(first, count), q);
      in.q = q.data();
      for (std::size_t k = 0; k < in.previous.size(); ++k) in.previous[k] = (*previous)[k].col(first).data();
      in.steps = std::span<const Index>(steps).subspan(static_cast<std::size_t>(first));
    }
    coefficient_pass<Cell>(expansion, in, count, result, first);
  }
  return result;
}

/// The run, its g and A, and what they miss.
template <class Cell, class Expansion>
Linearisation<Cell> linearised_run(const Recurrent<Cell>& layer,
                                   const Parameters<typename Cell::Scalar>& parameters,
                                   const Expansion& expansion, const PackedLayout& layout,
                                   const ConstMatrixRef<typename Cell::Scalar>& x,
                                   const LayerState<Cell>& initial) {
  RealStates<Cell> real = real_states(layer, parameters, layout, x, initial);
  Linearisation<Cell> result;
  result.coefficients = expansion_coefficients(layer, parameters, expansion, layout, x, &real.previous);
  result.state = std::move(real.state);
  result.residual = std::move(real.previous);
  std::vector<Index> each(static_cast<std::size_t>(layout.columns()));
  std::iota(each.begin(), each.end(), Index{0});
  Transition<Cell>(result.coefficients, parameters[layer.weight_hh()])
      .apply(each, StateBlock<Cell>(result.residual, 0, layout.columns()));
  for (std::size_t k = 0; k < result.state.size(); ++k)
    result.residual[k] = result.state[k] - result.coefficients.g[k] - result.residual[k];
  return result;
}

}  // namespace detail

}  // namespace rnnscope
