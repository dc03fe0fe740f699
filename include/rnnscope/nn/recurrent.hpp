// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A recurrent layer of any cell: the loop over time, all matrix products, and their gradients.
#pragma once

#include <string>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/parameters.hpp"
#include "rnnscope/core/random.hpp"
#include "rnnscope/nn/cell.hpp"
#include "rnnscope/nn/cell_pass.hpp"
#include "rnnscope/nn/input.hpp"
#include "rnnscope/product/multiply.hpp"
#include "rnnscope/nn/tape.hpp"
#include "rnnscope/text/packed_layout.hpp"

namespace rnnscope {

/// One layer of `Cell` with PyTorch's parameters: `weight_ih` (GH x D), `weight_hh` (GH x H), `bias_ih` and
/// `bias_hh` (GH), gates stacked by rows in the order of `Cell::gate_names`.
///
/// The object holds sizes and handles only; weights, state and tape are arguments. All members are const and
/// may run in many threads at once on different tapes.
///
/// \code
///   rnnscope::Parameters<float> weights;
///   const rnnscope::Recurrent<rnnscope::Lstm<float>> lstm(weights, {.input_size = 8, .hidden_size = 16});
///   rnnscope::Random random(1);
///   lstm.initialise(weights, random);
///   const auto layout = rnnscope::PackedLayout::uniform(20, 4);        // 20 steps, 4 sequences
///   rnnscope::Tape<rnnscope::Lstm<float>> tape;
///   lstm.forward(weights, layout, rnnscope::DenseInput<float>(x), lstm.zero_state(4), tape);   // x: 8 x 80
///   tape.channel("f");                                                 // every forget gate, 16 x 80
/// \endcode
template <class Cell>
class Recurrent {
 public:
  using Scalar = typename Cell::Scalar;
  static constexpr Index gates = gate_count<Cell>;

  struct Config {
    Index input_size = 0;
    Index hidden_size = 0;
    std::string prefix = "";     ///< tensors are called prefix + "weight_ih" + suffix, ...
    std::string suffix = "_l0";  ///< PyTorch's ending for layer 0
  };

  /// Registers the four tensors in `parameters`. \throws ValueError if a size is below 1.
  Recurrent(Parameters<Scalar>& parameters, const Config& config, Cell cell = {})
      : cell_(cell), input_size_(config.input_size), hidden_size_(config.hidden_size) {
    require_cell<Cell>();
    require<ValueError>(input_size_ > 0 && hidden_size_ > 0,
                        "Recurrent: input and hidden size must be at least 1, found ", input_size_, " and ",
                        hidden_size_);
    const auto add = [&](const char* name, Index rows, Index cols) {
      return parameters.add(config.prefix + name + config.suffix, rows, cols);
    };
    weight_ih_ = add("weight_ih", gates * hidden_size_, input_size_);
    weight_hh_ = add("weight_hh", gates * hidden_size_, hidden_size_);
    bias_ih_ = add("bias_ih", gates * hidden_size_, 1);
    bias_hh_ = add("bias_hh", gates * hidden_size_, 1);
  }

  [[nodiscard]] const Cell& cell() const { return cell_; }
  [[nodiscard]] Index input_size() const { return input_size_; }
  [[nodiscard]] Index hidden_size() const { return hidden_size_; }
  [[nodiscard]] Tensor weight_ih() const { return weight_ih_; }
  [[nodiscard]] Tensor weight_hh() const { return weight_hh_; }
  [[nodiscard]] Tensor bias_ih() const { return bias_ih_; }
  [[nodiscard]] Tensor bias_hh() const { return bias_hh_; }
  [[nodiscard]] LayerState<Cell> zero_state(Index batch) const {
    return rnnscope::zero_state<Cell>(hidden_size_, batch);
  }

  /// All four tensors uniform in +-1/sqrt(H), as PyTorch does.
  void initialise(Parameters<Scalar>& parameters, Random& random) const;

  /// Runs the layer over all columns of a packed batch.
  ///
  /// For each step:  a = W_ih x_t,  q = W_hh h_{t-1},  then the cell, unit by unit. `input` is a DenseInput or
  /// TableInput with `layout.columns()` columns; its projection is done for about 1,000 columns at a time,
  /// just before use. `initial` has one column per slot. Results go to `tape`, whose memory is reused.
  /// Cost: 2 G H (D + H) flop per column. \throws ShapeError on sizes that do not fit.
  template <class Input>
  void forward(const Parameters<Scalar>& parameters, const PackedLayout& layout, Input input,
               const LayerState<Cell>& initial, Tape<Cell>& tape) const;

  /// Undoes `forward`: given dL/dh_t of every column (`d_hidden`, `H x N`) and dL/d(final state) (`d_final`),
  /// adds dL/dW to `gradient` and, unless null, dL/dx to `d_input` (`D x N`, or `D x V` for a table), and
  /// returns dL/d(initial state). `input` must be the one that `forward` saw. `tape` is only read, so the
  /// call can be repeated. Backward through time:
  ///
  ///     (da, dq, d_previous) = cell.backward(d_state)        d_state <- d_previous + W_hh^T dq
  ///     dW_ih += sum_t da_t x_t^T    dW_hh += sum_t dq_t h_{t-1}^T    db_ih += sum da    db_hh += sum dq
  ///
  /// The weight gradients are single products over the whole window. Cost: twice that of forward.
  template <class Input>
  LayerState<Cell> backward(const Parameters<Scalar>& parameters, const PackedLayout& layout, Input input,
                            const Tape<Cell>& tape, const ConstMatrixRef<Scalar>& d_hidden,
                            const LayerState<Cell>& d_final, Parameters<Scalar>& gradient,
                            MatrixRef<Scalar>* d_input) const;

 private:
  static constexpr Index projection_columns = 1000;  // larger projections fall out of the cache before use

  void check_state(const LayerState<Cell>& state, Index batch, const char* what) const {
    for (const auto& part : state) require_shape(part, hidden_size_, batch, what);
  }

  Cell cell_;
  Index input_size_ = 0;
  Index hidden_size_ = 0;
  Tensor weight_ih_{}, weight_hh_{}, bias_ih_{}, bias_hh_{};
};

template <class Cell>
void Recurrent<Cell>::initialise(Parameters<Scalar>& parameters, Random& random) const {
  const double bound = 1.0 / std::sqrt(static_cast<double>(hidden_size_));
  for (const Tensor tensor : {weight_ih_, weight_hh_, bias_ih_, bias_hh_}) {
    auto values = parameters[tensor];
    for (Index k = 0; k < values.size(); ++k)
      values.data()[k] = static_cast<Scalar>(random.uniform(-bound, bound));
  }
}

template <class Cell>
template <class Input>
void Recurrent<Cell>::forward(const Parameters<Scalar>& parameters, const PackedLayout& layout, Input input,
                              const LayerState<Cell>& initial, Tape<Cell>& tape) const {
  require<ShapeError>(input.size() == input_size_, "Recurrent::forward: the layer reads vectors of size ",
                      input_size_, ", found ", input.size());
  require<ShapeError>(input.columns() == layout.columns(), "Recurrent::forward: the layout has ",
                      layout.columns(), " columns, the input ", input.columns());
  check_state(initial, layout.batch(), "Recurrent::forward: initial state");

  const Index hidden = hidden_size_, columns = layout.columns();
  for (auto& channel : tape.channels) channel.resize(hidden, columns);
  tape.initial = initial;
  tape.final = initial;
  const auto weight_ih = parameters[weight_ih_];
  const auto weight_hh = parameters[weight_hh_];
  input.prepare(weight_ih);

  Matrix<Scalar> a(gates * hidden,
                   std::min(columns, std::max(projection_columns, layout.steps() > 0 ? layout.live(0) : 0)));
  Matrix<Scalar> q(gates * hidden, layout.steps() > 0 ? layout.live(0) : 0);
  Index projected_from = 0, projected_to = 0;  // the columns that `a` holds
  for (Index t = 0; t < layout.steps(); ++t) {
    const Index live = layout.live(t), offset = layout.offset(t);
    if (offset + live > projected_to) {
      projected_from = offset;
      projected_to = std::min(columns, offset + a.cols());
      input.project(weight_ih, projected_from, a.leftCols(projected_to - projected_from));
    }
    const StatePointers<Cell> previous =
        t == 0 ? state_pointers<Cell>(initial) : tape_state_pointers<Cell>(tape, layout.offset(t - 1));
    multiply(weight_hh, ConstMatrixMap<Scalar>(previous[0], hidden, live), q.leftCols(live));
    forward_pass(cell_, {hidden, live, t}, a.col(offset - projected_from).data(), q.data(),
                 parameters[bias_ih_].data(), parameters[bias_hh_].data(), previous, tape, offset);
    // Sequences that end here keep their state.
    const Index still = t + 1 < layout.steps() ? layout.live(t + 1) : 0;
    for (std::size_t k = 0; k < tape.final.size(); ++k) {
      tape.final[k].middleCols(still, live - still) = tape.channels[k].middleCols(offset + still, live - still);
    }
  }
}

template <class Cell>
template <class Input>
LayerState<Cell> Recurrent<Cell>::backward(const Parameters<Scalar>& parameters, const PackedLayout& layout,
                                           Input input, const Tape<Cell>& tape,
                                           const ConstMatrixRef<Scalar>& d_hidden,
                                           const LayerState<Cell>& d_final, Parameters<Scalar>& gradient,
                                           MatrixRef<Scalar>* d_input) const {
  const Index hidden = hidden_size_, columns = layout.columns();
  require_shape(tape.hidden(), hidden, columns, "Recurrent::backward: tape");
  require_shape(d_hidden, hidden, columns, "Recurrent::backward: d_hidden");
  check_state(d_final, layout.batch(), "Recurrent::backward: d_final");
  check_state(tape.initial, layout.batch(), "Recurrent::backward: initial state of the tape");
  require<ShapeError>(gradient.same_layout(parameters),
                      "Recurrent::backward: gradient and parameters hold different tensors");
  require<ShapeError>(input.columns() == columns && input.size() == input_size_,
                      "Recurrent::backward: expected an input of ", shape_text(input_size_, columns),
                      ", found ", shape_text(input.size(), input.columns()));
  if (d_input != nullptr) {
    require_shape(*d_input, input.size(), input.gradient_columns(), "Recurrent::backward: d_input");
  }

  const auto weight_hh = parameters[weight_hh_];
  Matrix<Scalar> d_a(gates * hidden, columns);
  Matrix<Scalar> d_q(Cell::shared_gradient ? 0 : gates * hidden, Cell::shared_gradient ? 0 : columns);
  const Matrix<Scalar>& d_recurrent = Cell::shared_gradient ? d_a : d_q;

  LayerState<Cell> d_state = d_final;  // column b: the gradient at the state of slot b after step t
  for (Index t = layout.steps() - 1; t >= 0; --t) {
    const Index live = layout.live(t), offset = layout.offset(t);
    d_state[0].leftCols(live) += d_hidden.middleCols(offset, live);
    const StatePointers<Cell> previous =
        t == 0 ? state_pointers<Cell>(tape.initial) : tape_state_pointers<Cell>(tape, layout.offset(t - 1));
    backward_pass(cell_, {hidden, live, t}, parameters[bias_ih_].data(), parameters[bias_hh_].data(), previous,
                  tape, offset, d_state, d_a.col(offset).data(),
                  Cell::shared_gradient ? nullptr : d_q.col(offset).data());
    multiply_add(weight_hh.transpose(), d_recurrent.middleCols(offset, live), d_state[0].leftCols(live));
  }

  // dW_hh: runs of steps whose previous block is as wide as their own are one product.
  auto d_weight_hh = gradient[weight_hh_];
  for (Index t = 0; t < layout.steps();) {
    const Index live = layout.live(t);
    Index end = t + 1;
    if (t == 0) {
      multiply_add(d_recurrent.leftCols(live), tape.initial[0].leftCols(live).transpose(), d_weight_hh);
    } else {
      if (layout.live(t - 1) == live) {
        while (end < layout.steps() && layout.live(end) == live) ++end;
      }
      const Index count = (end - t) * live;
      multiply_add(d_recurrent.middleCols(layout.offset(t), count),
                   tape.hidden().middleCols(layout.offset(t - 1), count).transpose(), d_weight_hh);
    }
    t = end;
  }
  input.backward(parameters[weight_ih_], d_a, gradient[weight_ih_], d_input);
  gradient[bias_ih_].col(0) += d_a.rowwise().sum();
  gradient[bias_hh_].col(0) += d_recurrent.rowwise().sum();
  return d_state;
}

}  // namespace rnnscope
