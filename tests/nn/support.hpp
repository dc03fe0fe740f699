// SPDX-License-Identifier: BSD-3-Clause
// Helpers of the nn tests: random values and a layer whose loss touches every step and the final state.
#pragma once

#include <complex>

#include "rnnscope/core/random.hpp"
#include "rnnscope/nn/gradcheck.hpp"
#include "rnnscope/nn/recurrent.hpp"

namespace rnnscope::test {

template <class S>
Matrix<S> random_matrix(Index rows, Index cols, Random& random, double scale = 1) {
  Matrix<S> m(rows, cols);
  for (Index k = 0; k < m.size(); ++k) m.data()[k] = static_cast<S>(random.uniform(-scale, scale));
  return m;
}

template <class Cell>
LayerState<Cell> random_state(Index hidden, Index batch, Random& random) {
  LayerState<Cell> state;
  for (auto& part : state) part = random_matrix<typename Cell::Scalar>(hidden, batch, random);
  return state;
}

template <class S>
void randomise(Parameters<S>& parameters, Random& random, double scale = 1) {
  for (Index k = 0; k < parameters.size(); ++k)
    parameters.flat()(k) = static_cast<S>(random.uniform(-scale, scale));
}

template <class Cell, class Other>
LayerState<Cell> cast_state(const LayerState<Other>& state) {
  LayerState<Cell> result;
  for (std::size_t k = 0; k < state.size(); ++k) result[k] = state[k].template cast<typename Cell::Scalar>();
  return result;
}

/// All inputs of a layer's loss  sum(h * upstream) + sum(final * upstream_final)  in one column, so that a
/// derivative check can move each of them: parameters, x, initial state.
template <class Cell>
struct LayerProblem {
  Index input_size, hidden_size;
  PackedLayout layout;
  Matrix<double> x, upstream;
  LayerState<Cell> initial, upstream_final;
  Parameters<double> parameters;
  Cell cell;

  LayerProblem(Index input, Index hidden, PackedLayout packed, Random& random, Cell with_options = Cell{})
      : input_size(input), hidden_size(hidden), layout(std::move(packed)), cell(with_options) {
    const Recurrent<Cell> layer(parameters, {.input_size = input, .hidden_size = hidden}, cell);
    randomise(parameters, random);
    x = random_matrix<double>(input, layout.columns(), random);
    upstream = random_matrix<double>(hidden, layout.columns(), random);
    initial = random_state<Cell>(hidden, layout.batch(), random);
    upstream_final = random_state<Cell>(hidden, layout.batch(), random);
  }

  Vector<double> pack_inputs() const {
    Vector<double> all(parameters.size() + x.size() + static_cast<Index>(initial.size()) * initial[0].size());
    Index at = 0;
    const auto put = [&](const double* values, Index count) {
      all.segment(at, count) = Eigen::Map<const Vector<double>>(values, count);
      at += count;
    };
    put(parameters.flat().data(), parameters.size());
    put(x.data(), x.size());
    for (const auto& part : initial) put(part.data(), part.size());
    return all;
  }

  /// The loss in scalar type Z (double or complex) at the packed inputs.
  template <class Z>
  Z loss(const Vector<Z>& all) const {
    using ZCell = typename Cell::template rebind<Z>;
    Parameters<Z> p;
    ZCell z_cell;
    if constexpr (requires { ZCell(cell.options()); }) z_cell = ZCell(cell.options());
    const Recurrent<ZCell> layer(p, {.input_size = input_size, .hidden_size = hidden_size}, z_cell);
    p.flat() = all.head(p.size());
    Index at = p.size();
    const Matrix<Z> moved_x = all.segment(at, x.size()).reshaped(x.rows(), x.cols());
    at += x.size();
    LayerState<ZCell> state;
    for (auto& part : state) {
      part = all.segment(at, initial[0].size()).reshaped(initial[0].rows(), initial[0].cols());
      at += part.size();
    }
    Tape<ZCell> tape;
    layer.forward(p, layout, DenseInput<Z>(moved_x), state, tape);
    Z sum = tape.hidden().cwiseProduct(upstream.template cast<Z>()).sum();
    for (std::size_t k = 0; k < upstream_final.size(); ++k) {
      sum += tape.final[k].cwiseProduct(upstream_final[k].template cast<Z>()).sum();
    }
    return sum;
  }

  /// The handwritten gradient of the same loss, packed alike.
  Vector<double> gradient() const {
    Parameters<double> p;
    const Recurrent<Cell> layer(p, {.input_size = input_size, .hidden_size = hidden_size}, cell);
    p = parameters;
    Tape<Cell> tape;
    const DenseInput<double> input(x);
    layer.forward(p, layout, input, initial, tape);
    LayerProblem result = *this;
    result.parameters.set_zero();
    result.x.setZero();
    MatrixRef<double> d_x(result.x);
    result.initial = layer.backward(p, layout, input, tape, upstream, upstream_final, result.parameters, &d_x);
    return result.pack_inputs();
  }
};

}  // namespace rnnscope::test
