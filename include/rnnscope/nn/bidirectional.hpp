// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A layer that reads every sequence twice, from the first token on and from the last one back.
#pragma once

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "rnnscope/core/scratch.hpp"
#include "rnnscope/nn/gather.hpp"
#include "rnnscope/nn/recurrent.hpp"
#include "rnnscope/nn/stack.hpp"

namespace rnnscope {

namespace detail {

/// body(column, mirrored) for every column of a layout: token t of a sequence of length L, and token L-1-t.
template <class Body>
void for_mirrored_columns(const PackedLayout& layout, Body&& body) {
  for (Index slot = 0; slot < layout.batch(); ++slot) {
    const Index length = layout.length(layout.sequence(slot));
    for (Index t = 0; t < length; ++t) body(layout.offset(t) + slot, layout.offset(length - 1 - t) + slot);
  }
}

/// The columns of a projection in mirrored order; all of them are ready at once.
template <class Projection>
class MirroredProjection {
 public:
  MirroredProjection(Projection projection, std::span<const Index> mirror)
      : projection_(std::move(projection)), mirror_(mirror) {}

  void reach(Index, Index) { projection_.reach(0, static_cast<Index>(mirror_.size())); }
  [[nodiscard]] const auto* column(Index n) const {
    return projection_.column(mirror_[static_cast<std::size_t>(n)]);
  }

 private:
  Projection projection_;
  std::span<const Index> mirror_;
};

/// Collects the gradients of a mirrored projection, and gives them on in the order of the text.
template <class Scalar, class InputGradient>
class MirroredGradient {
 public:
  MirroredGradient(InputGradient gradient, std::span<const Index> mirror, Index rows, const Scratch& scratch)
      : gradient_(std::move(gradient)),
        mirror_(mirror),
        all_(scratch.matrix<Scalar>(rows, static_cast<Index>(mirror.size()))) {}

  void add(Index first, const MatrixMap<Scalar>& d_a) {
    const std::span<const Index> places = mirror_.subspan(static_cast<std::size_t>(first));
    for_columns_of(d_a, [&](Index n) { all_.col(places[static_cast<std::size_t>(n)]) = d_a.col(n); });
  }
  void finish() {
    gradient_.add(0, all_);
    gradient_.finish();
  }

 private:
  InputGradient gradient_;
  std::span<const Index> mirror_;
  MatrixMap<Scalar> all_;
};

/// Another input with its columns in mirrored order. It is the projections that are put in order, not what is
/// projected, so this serves every kind of input.
template <class Input, class Scalar>
class MirroredInput {
 public:
  MirroredInput(const Input& input, std::span<const Index> mirror) : input_(input), mirror_(mirror) {}

  [[nodiscard]] Index size() const { return input_.size(); }
  [[nodiscard]] Index columns() const { return input_.columns(); }
  [[nodiscard]] Index gradient_columns() const { return input_.gradient_columns(); }

  template <class Weight>
  [[nodiscard]] auto projection(const Weight& weight, Index, const Scratch& scratch) const {
    return MirroredProjection(input_.projection(weight, columns(), scratch), mirror_);
  }
  template <class Weight, class Gradient>
  [[nodiscard]] auto gradient(const Weight& weight, const Gradient& d_weight, MatrixRef<Scalar>* d_input,
                              const Scratch& scratch) const {
    using InputGradient = decltype(input_.gradient(weight, d_weight, d_input, scratch));
    return MirroredGradient<Scalar, InputGradient>(input_.gradient(weight, d_weight, d_input, scratch), mirror_,
                                                   weight.rows(), scratch);
  }

 private:
  const Input& input_;
  std::span<const Index> mirror_;
};

}  // namespace detail

/// The states of both directions, `H x B` each: before the first token they read, or after the last one. The
/// reverse direction begins at the end of every sequence and ends at its first token.
template <class Cell>
struct BidirectionalState {
  LayerState<Cell> forward;
  LayerState<Cell> reverse;
};

/// What a Bidirectional layer leaves behind. Backward reads it and never writes it.
template <class Cell>
struct BidirectionalTape {
  using Scalar = typename Cell::Scalar;

  Tape<Cell> forward;
  Tape<Cell> reverse;              ///< columns in the order this direction read them, see `mirror`
  std::vector<Index> mirror;       ///< token n of the batch is column mirror[n] of `reverse`
  Matrix<Scalar> output;           ///< `2H x N`: h_n of the forward direction above h_n of the reverse one
  BidirectionalState<Cell> final;  ///< of each direction, after the last token it read

  /// What the next run writes, in both directions.
  void keep(TapeContent wanted) {
    forward.keep(wanted);
    reverse.keep(wanted);
  }

  [[nodiscard]] const Matrix<Scalar>& hidden() const { return output; }

  /// A channel of the reverse direction with the columns in the order of the text, `H x N`.
  /// \throws ValueError naming the known channels if there is none of that name.
  [[nodiscard]] Matrix<Scalar> reverse_channel(std::string_view name) const {
    const Matrix<Scalar>& recorded = reverse.channel(name);
    Matrix<Scalar> ordered(recorded.rows(), recorded.cols());
    detail::gather_columns(recorded, mirror, ordered);
    return ordered;
  }
};

/// Two layers of one cell over the same input; the second one reads every sequence backwards. The output,
/// `2H x N`, has the forward hidden state in its first H rows and the reverse one, at the same token, below.
/// Tensors: those of Recurrent, and again with `_reverse` at the end of the name, as PyTorch calls them.
///
/// Ragged batches are exact: the reverse direction begins at the last token of each sequence. The object holds
/// sizes and handles only; all members are const and thread-safe on different tapes.
/// Source: M. Schuster and K. Paliwal, "Bidirectional recurrent neural networks", 1997; the form of PyTorch.
template <class Cell>
class Bidirectional {
 public:
  using Scalar = typename Cell::Scalar;
  using Config = typename Recurrent<Cell>::Config;
  using State = BidirectionalState<Cell>;
  using Record = BidirectionalTape<Cell>;
  static constexpr Index directions = 2;

  /// Registers eight tensors. \throws ValueError if a size is below 1.
  Bidirectional(Parameters<Scalar>& parameters, const Config& config, Cell cell = {})
      : forward_(parameters, config, cell), reverse_(parameters, reversed(config), cell) {}

  [[nodiscard]] const Recurrent<Cell>& forward_layer() const { return forward_; }
  [[nodiscard]] const Recurrent<Cell>& reverse_layer() const { return reverse_; }
  [[nodiscard]] Index input_size() const { return forward_.input_size(); }
  [[nodiscard]] Index hidden_size() const { return forward_.hidden_size(); }  ///< H, of one direction
  [[nodiscard]] Index output_size() const { return directions * hidden_size(); }
  [[nodiscard]] State zero_state(Index batch) const {
    return {forward_.zero_state(batch), reverse_.zero_state(batch)};
  }

  /// All tensors uniform in +-1/sqrt(H), as PyTorch does.
  void initialise(Parameters<Scalar>& parameters, Random& random) const {
    forward_.initialise(parameters, random);
    reverse_.initialise(parameters, random);
  }

  /// Runs both directions; see Recurrent::forward for shapes and errors. Cost: twice that of one direction,
  /// and the memory of one more `GH x N` matrix while the reverse direction runs.
  template <class Input>
  void forward(const Parameters<Scalar>& parameters, const PackedLayout& layout, const Input& input,
               const State& initial, Record& tape) const {
    tape.mirror.resize(static_cast<std::size_t>(layout.columns()));
    detail::for_mirrored_columns(layout, [&](Index column, Index mirrored) {
      tape.mirror[static_cast<std::size_t>(column)] = mirrored;
    });
    forward_.forward(parameters, layout, input, initial.forward, tape.forward);
    reverse_.forward(parameters, layout, detail::MirroredInput<Input, Scalar>(input, tape.mirror),
                     initial.reverse, tape.reverse);
    tape.output.resize(output_size(), layout.columns());
    tape.output.topRows(hidden_size()) = tape.forward.hidden();
    detail::gather_columns(tape.reverse.hidden(), tape.mirror, tape.output.bottomRows(hidden_size()));
    tape.final.forward = tape.forward.final;
    tape.final.reverse = tape.reverse.final;
  }

  /// Undoes `forward`: `d_hidden` is dL/d(output), `2H x N`; the rest as in Recurrent::backward, for both
  /// directions. \throws ShapeError.
  template <class Input>
  State backward(const Parameters<Scalar>& parameters, const PackedLayout& layout, const Input& input,
                 const Record& tape, const ConstMatrixRef<Scalar>& d_hidden, const State& d_final,
                 Parameters<Scalar>& gradient, MatrixRef<Scalar>* d_input) const {
    State d_state = d_final;
    backward_in_place(parameters, layout, input, tape, d_hidden, d_state, gradient, d_input);
    return d_state;
  }

  /// The same without allocating: `d_state` comes in as dL/d(final state) and leaves as dL/d(initial state).
  template <class Input>
  void backward_in_place(const Parameters<Scalar>& parameters, const PackedLayout& layout, const Input& input,
                         const Record& tape, const ConstMatrixRef<Scalar>& d_hidden, State& d_state,
                         Parameters<Scalar>& gradient, MatrixRef<Scalar>* d_input) const {
    const Index hidden = hidden_size(), columns = layout.columns();
    require_shape(d_hidden, output_size(), columns, "Bidirectional::backward: d_hidden");
    require_shape(tape.output, output_size(), columns, "Bidirectional::backward: tape");
    detail::for_mirrored_columns(layout, [&](Index column, Index mirrored) {
      require<ShapeError>(tape.mirror[static_cast<std::size_t>(column)] == mirrored,
                          "Bidirectional::backward: the tape was recorded under another layout");
    });
    forward_.backward_in_place(parameters, layout, input, tape.forward, d_hidden.topRows(hidden),
                               d_state.forward, gradient, d_input);
    const Scratch scratch;
    MatrixMap<Scalar> d_reverse = scratch.matrix<Scalar>(hidden, columns);
    detail::gather_columns(d_hidden.bottomRows(hidden), tape.mirror, d_reverse);
    reverse_.backward_in_place(parameters, layout, detail::MirroredInput<Input, Scalar>(input, tape.mirror),
                               tape.reverse, d_reverse, d_state.reverse, gradient, d_input);
  }

 private:
  [[nodiscard]] static Config reversed(Config config) {
    config.suffix += "_reverse";
    return config;
  }

  Recurrent<Cell> forward_, reverse_;
};

/// Layers that read in both directions on top of each other: PyTorch's `bidirectional=True`. Every layer above
/// the first reads both directions' outputs of the one below, so its input size is 2H.
template <class Cell>
using BidirectionalStack = Stack<Cell, Bidirectional>;

}  // namespace rnnscope
