// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A recurrent layer of any cell: the loop over time, all matrix products, and their gradients.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/parameters.hpp"
#include "rnnscope/core/random.hpp"
#include "rnnscope/core/scratch.hpp"
#include "rnnscope/nn/cell.hpp"
#include "rnnscope/nn/cell_pass.hpp"
#include "rnnscope/nn/input.hpp"
#include "rnnscope/nn/step_product.hpp"
#include "rnnscope/nn/tape.hpp"
#include "rnnscope/product/multiply.hpp"
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
  // What a stack asks of its layers: their state, what a run leaves behind, and how often they read the text.
  using State = LayerState<Cell>;
  using Record = Tape<Cell>;
  static constexpr Index directions = 1;

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
  /// TableInput with `layout.columns()` columns; its projection is done for some hundred columns at a time,
  /// just before use. W_hh is packed once; a thread computes all gates of a block of units and runs the cell on
  /// them at once. `initial` has one column per slot. Results go to `tape`, whose memory is reused.
  /// Cost: 2 G H (D + H) flop per column. \throws ShapeError on sizes that do not fit.
  template <class Input>
  void forward(const Parameters<Scalar>& parameters, const PackedLayout& layout, const Input& input,
               const LayerState<Cell>& initial, Tape<Cell>& tape) const;

  /// Undoes `forward`: given dL/dh_t of every column (`d_hidden`, `H x N`) and dL/d(final state) (`d_final`),
  /// adds dL/dW to `gradient` and, unless null, dL/dx to `d_input` (`D x N`, or `D x V` for a table), and
  /// returns dL/d(initial state). `input` must be the one that `forward` saw. `tape` is only read, so the
  /// call can be repeated. Backward through time:
  ///
  ///     (da, dq, d_previous) = cell.backward(d_state)        d_state <- d_previous + W_hh^T dq
  ///     dW_ih += sum_t da_t x_t^T    dW_hh += sum_t dq_t h_{t-1}^T    db_ih += sum da    db_hh += sum dq
  ///
  /// (A cell with `separate_bias_gradient` gives the terms of db_ih and db_hh itself.)
  /// The weight gradients are products over about a thousand columns at a time, whose gate gradients are then
  /// still in the cache. Cost: twice that of forward.
  template <class Input>
  LayerState<Cell> backward(const Parameters<Scalar>& parameters, const PackedLayout& layout,
                            const Input& input, const Tape<Cell>& tape, const ConstMatrixRef<Scalar>& d_hidden,
                            const LayerState<Cell>& d_final, Parameters<Scalar>& gradient,
                            MatrixRef<Scalar>* d_input) const;

  /// The same without allocating: `d_state` comes in as dL/d(final state) and leaves as dL/d(initial state).
  template <class Input>
  void backward_in_place(const Parameters<Scalar>& parameters, const PackedLayout& layout, const Input& input,
                         const Tape<Cell>& tape, const ConstMatrixRef<Scalar>& d_hidden,
                         LayerState<Cell>& d_state, Parameters<Scalar>& gradient,
                         MatrixRef<Scalar>* d_input) const;

 private:
  static constexpr Index chunk_columns = 1000;  // gate gradients of more columns fall out of the cache

  /// d_weight += sum over the steps [begin, end) of d_q_t h_{t-1}^T.
  template <class Gradient>
  void add_recurrent_gradient(const PackedLayout& layout, const Tape<Cell>& tape, Index begin, Index end,
                              const Scalar* d_q, Gradient& d_weight) const;

  /// Adds the sum of all columns to `sums` and, unless null, to `same_sums`.
  static void add_column_sums(const MatrixMap<Scalar>& columns, Scalar* sums, Scalar* same_sums);

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
void Recurrent<Cell>::forward(const Parameters<Scalar>& parameters, const PackedLayout& layout,
                              const Input& input, const LayerState<Cell>& initial, Tape<Cell>& tape) const {
  require<ShapeError>(input.size() == input_size_, "Recurrent::forward: the layer reads vectors of size ",
                      input_size_, ", found ", input.size());
  require<ShapeError>(input.columns() == layout.columns(), "Recurrent::forward: the layout has ",
                      layout.columns(), " columns, the input ", input.columns());
  check_state(initial, layout.batch(), "Recurrent::forward: initial state");

  const Index hidden = hidden_size_, columns = layout.columns(), steps = layout.steps();
  const Index width = gates * hidden, most_live = steps > 0 ? layout.live(0) : 0;
  for (std::size_t k = 0; k < tape.channels.size(); ++k)
    tape.channels[k].resize(hidden, tape.keeps(k) ? columns : 0);
  tape.initial = initial;
  tape.final = initial;
  const auto weight_ih = parameters[weight_ih_];
  const auto bias_ih = parameters[bias_ih_], bias_hh = parameters[bias_hh_];
  const Scratch scratch;
  const detail::GateProduct<Scalar> recurrent(parameters[weight_hh_], gates, columns >= detail::packing_pays,
                                              scratch);
  auto projection = input.projection(weight_ih, most_live, scratch);
  Scalar* const q = scratch.take<Scalar>(width * most_live);
  for (Index t = 0; t < steps; ++t) {
    const Index live = layout.live(t), offset = layout.offset(t);
    const StatePointers<Cell> previous =
        t == 0 ? state_pointers<Cell>(initial) : tape_state_pointers<Cell>(tape, layout.offset(t - 1));
    projection.reach(offset, offset + live);
    const auto& blocks = recurrent.blocks();
    blocks.for_each(live, t, width * hidden * live, [&](Index block, Index first_column, Index count) {
      const UnitRange range{blocks.first(block), blocks.size(block), first_column, count};
      Scalar* const q_block = q + gates * (range.first * live + range.count * first_column);
      recurrent.multiply(block, {previous[0] + first_column * hidden, hidden}, count, q_block);
      forward_pass(
          cell_, {hidden, live, t}, range, [&](Index b) { return projection.column(offset + b); }, q_block,
          bias_ih.data(), bias_hh.data(), previous, tape, offset);
    });
    // Sequences that end here keep their state.
    const Index still = t + 1 < steps ? layout.live(t + 1) : 0;
    for (std::size_t k = 0; k < tape.final.size(); ++k) {
      tape.final[k].middleCols(still, live - still) = tape.channels[k].middleCols(offset + still, live - still);
    }
  }
}

template <class Cell>
template <class Input>
LayerState<Cell> Recurrent<Cell>::backward(const Parameters<Scalar>& parameters, const PackedLayout& layout,
                                           const Input& input, const Tape<Cell>& tape,
                                           const ConstMatrixRef<Scalar>& d_hidden,
                                           const LayerState<Cell>& d_final, Parameters<Scalar>& gradient,
                                           MatrixRef<Scalar>* d_input) const {
  LayerState<Cell> d_state = d_final;
  backward_in_place(parameters, layout, input, tape, d_hidden, d_state, gradient, d_input);
  return d_state;
}

template <class Cell>
template <class Input>
void Recurrent<Cell>::backward_in_place(const Parameters<Scalar>& parameters, const PackedLayout& layout,
                                        const Input& input, const Tape<Cell>& tape,
                                        const ConstMatrixRef<Scalar>& d_hidden, LayerState<Cell>& d_state,
                                        Parameters<Scalar>& gradient, MatrixRef<Scalar>* d_input) const {
  const Index hidden = hidden_size_, columns = layout.columns(), steps = layout.steps();
  require_shape(tape.hidden(), hidden, columns, "Recurrent::backward: tape");
  require<ValueError>(tape.content == TapeContent::Everything,
                      "Recurrent::backward: the tape has no gates: the forward run kept states only");
  for (const auto& channel : tape.channels)
    require_shape(channel, hidden, columns, "Recurrent::backward: tape");
  require_shape(d_hidden, hidden, columns, "Recurrent::backward: d_hidden");
  check_state(d_state, layout.batch(), "Recurrent::backward: d_final");
  check_state(tape.initial, layout.batch(), "Recurrent::backward: initial state of the tape");
  require<ShapeError>(gradient.same_layout(parameters),
                      "Recurrent::backward: gradient and parameters hold different tensors");
  require<ShapeError>(input.columns() == columns && input.size() == input_size_,
                      "Recurrent::backward: expected an input of ", shape_text(input_size_, columns),
                      ", found ", shape_text(input.size(), input.columns()));
  if (d_input != nullptr) {
    require_shape(*d_input, input.size(), input.gradient_columns(), "Recurrent::backward: d_input");
  }
  if (columns == 0) return;

  using detail::MatrixView;
  const Index width = gates * hidden, most_live = layout.live(0);
  const Index chunk = std::min(columns, std::max(chunk_columns, most_live));
  const auto bias_ih = parameters[bias_ih_], bias_hh = parameters[bias_hh_];
  auto d_weight_hh = gradient[weight_hh_];
  const Scratch scratch;
  const detail::StateProduct<Scalar> recurrent(parameters[weight_hh_], columns >= detail::packing_pays,
                                               scratch);
  const detail::UnitBlocks<Scalar> blocks{hidden};
  auto input_gradient = input.gradient(parameters[weight_ih_], gradient[weight_ih_], d_input, scratch);
  // The gate gradients of a chunk of steps, and those of the first step of the chunk after it.
  Scalar* const d_a = scratch.take<Scalar>(width * chunk);
  Scalar* const d_q = Cell::shared_gradient ? d_a : scratch.take<Scalar>(width * chunk);
  Scalar* const d_q_later = scratch.take<Scalar>(width * most_live);
  // Bias gradients that are no sums of d_a and d_q: those of b_ih and b_hh, per column, summed over time.
  std::array<Scalar*, 2> d_bias{};
  if constexpr (separate_bias_gradient<Cell>) {
    for (auto& part : d_bias) {
      part = scratch.take<Scalar>(width * most_live);
      std::fill_n(part, width * most_live, Scalar(0));
    }
  }
  MatrixView<const Scalar> d_q_next{nullptr, width};  // of step t + 1
  Index live_next = 0;
  const auto through_time = [&](Index block, Index first_column, Index count) {
    count = std::min(count, live_next - first_column);
    if (count > 0)
      recurrent.add(block, {d_q_next.col(first_column), width}, count,
                    {d_state[0].data() + first_column * hidden, hidden});
  };

  for (Index end = steps, begin = steps; end > 0; end = begin) {
    Index count = 0;
    while (begin > 0 && count + layout.live(begin - 1) <= chunk) count += layout.live(--begin);
    const Index base = layout.offset(begin);
    for (Index t = end - 1; t >= begin; --t) {
      const Index live = layout.live(t), offset = layout.offset(t);
      const StatePointers<Cell> previous =
          t == 0 ? state_pointers<Cell>(tape.initial) : tape_state_pointers<Cell>(tape, layout.offset(t - 1));
      Scalar* const d_a_step = d_a + (offset - base) * width;
      Scalar* const d_q_step = d_q + (offset - base) * width;
      blocks.for_each(
          live, t, width * hidden * live, [&](Index block, Index first_column, Index block_columns) {
            const UnitRange range{blocks.first(block), blocks.size(block), first_column, block_columns};
            through_time(block, first_column, block_columns);
            d_state[0].block(range.first, first_column, range.count, block_columns) +=
                d_hidden.block(range.first, offset + first_column, range.count, block_columns);
            backward_pass(cell_, {hidden, live, t}, range, bias_ih.data(), bias_hh.data(), previous, tape,
                          offset, d_state, d_a_step, Cell::shared_gradient ? nullptr : d_q_step, d_bias);
          });
      d_q_next.data = d_q_step;
      live_next = live;
    }
    add_recurrent_gradient(layout, tape, begin, end, d_q, d_weight_hh);
    const MatrixMap<Scalar> d_a_chunk(d_a, width, count), d_q_chunk(d_q, width, count);
    input_gradient.add(base, d_a_chunk);
    if constexpr (!separate_bias_gradient<Cell>) {
      add_column_sums(d_a_chunk, gradient[bias_ih_].data(),
                      Cell::shared_gradient ? gradient[bias_hh_].data() : nullptr);
      if constexpr (!Cell::shared_gradient) add_column_sums(d_q_chunk, gradient[bias_hh_].data(), nullptr);
    }
    std::copy_n(d_q, width * live_next, d_q_later);
    d_q_next.data = d_q_later;
  }
  if constexpr (separate_bias_gradient<Cell>) {
    add_column_sums({d_bias[0], width, most_live}, gradient[bias_ih_].data(), nullptr);
    add_column_sums({d_bias[1], width, most_live}, gradient[bias_hh_].data(), nullptr);
  }
  input_gradient.finish();
  blocks.for_each(live_next, 0, width * hidden * live_next, through_time);
}

template <class Cell>
template <class Gradient>
void Recurrent<Cell>::add_recurrent_gradient(const PackedLayout& layout, const Tape<Cell>& tape, Index begin,
                                             Index end, const Scalar* d_q, Gradient& d_weight) const {
  const Index width = gates * hidden_size_, base = layout.offset(begin);
  const auto add = [&](Index first, Index count, const auto& previous) {
    multiply_add(ConstMatrixMap<Scalar>(d_q + (first - base) * width, width, count), previous.transpose(),
                 d_weight);
  };
  // Runs of steps whose previous block is as wide as their own are one product.
  for (Index t = begin; t < end;) {
    const Index live = layout.live(t);
    Index next = t + 1;
    if (t == 0) {
      add(0, live, tape.initial[0].leftCols(live));
    } else {
      if (layout.live(t - 1) == live)
        while (next < end && layout.live(next) == live) ++next;
      add(layout.offset(t), (next - t) * live,
          tape.hidden().middleCols(layout.offset(t - 1), (next - t) * live));
    }
    t = next;
  }
}

template <class Cell>
void Recurrent<Cell>::add_column_sums(const MatrixMap<Scalar>& columns, Scalar* sums, Scalar* same_sums) {
  const Partition rows{columns.rows(), std::clamp<Index>(columns.size() / 32768, 1, 8), 64};
  parallel_for(rows.pieces, [&](Index piece) {
    const Index first = rows.begin(piece), count = rows.end(piece) - first;
    if (count == 0) return;
    const Scratch scratch;
    Eigen::Map<Vector<Scalar>> sum(scratch.take<Scalar>(count), count);
    sum.setZero();
    for (Index n = 0; n < columns.cols(); ++n) sum += columns.col(n).segment(first, count);
    for (Scalar* const out : {sums, same_sums})
      if (out != nullptr) Eigen::Map<Vector<Scalar>>(out + first, count) += sum;
  });
}

}  // namespace rnnscope
