// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Several recurrent layers on top of each other, with dropout between them.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rnnscope/nn/dropout.hpp"
#include "rnnscope/nn/recurrent.hpp"

namespace rnnscope {

/// One state per layer, from the bottom.
template <class Cell, template <class> class Layer = Recurrent>
using StackState = std::vector<typename Layer<Cell>::State>;

/// What a stack leaves behind: one tape per layer and, where dropout was applied, the layer's dropped output.
template <class Cell, template <class> class Layer = Recurrent>
struct StackTape {
  std::vector<typename Layer<Cell>::Record> layers;
  std::vector<Matrix<typename Cell::Scalar>> dropped;  ///< `H x N`, empty where nothing was dropped

  /// What the next runs of a stack of `count` layers write.
  void keep(TapeContent wanted, std::size_t count) {
    layers.resize(count);
    for (auto& layer : layers) layer.keep(wanted);
  }

  /// What the part above layer l reads, `H x N`.
  [[nodiscard]] const Matrix<typename Cell::Scalar>& output(std::size_t l) const {
    return dropped[l].size() > 0 ? dropped[l] : layers[l].hidden();
  }
  /// What the stack gives, `H x N`.
  [[nodiscard]] const Matrix<typename Cell::Scalar>& output() const { return output(layers.size() - 1); }
  /// The state after the last token of every sequence.
  [[nodiscard]] StackState<Cell, Layer> final_state() const {
    StackState<Cell, Layer> state;
    for (const auto& layer : layers) state.push_back(layer.final);
    return state;
  }
};

/// `layers` recurrent layers of one cell, PyTorch's names (`weight_ih_l0`, `weight_ih_l1`, ...).
/// Holds sizes and handles only; all members are const and thread-safe on different tapes.
///
/// `Layer` is `Recurrent`, or `Bidirectional` (nn/bidirectional.hpp), whose output has 2H rows: read 2H for H
/// wherever an output is meant.
template <class Cell, template <class> class Layer = Recurrent>
class Stack {
 public:
  using Scalar = typename Cell::Scalar;
  using State = StackState<Cell, Layer>;
  using Record = StackTape<Cell, Layer>;
  static constexpr Index directions = Layer<Cell>::directions;

  struct Config {
    Index input_size = 0;
    Index hidden_size = 0;
    Index layers = 1;
    std::string prefix = "";
    double dropout = 0;
    DropoutPlacement placement = DropoutPlacement::BetweenLayers;
  };

  /// Registers all tensors. \throws ValueError on sizes below 1 or a dropout outside [0, 1).
  Stack(Parameters<Scalar>& parameters, const Config& config, Cell cell = {})
      : dropout_(config.dropout), placement_(config.placement) {
    require<ValueError>(config.layers > 0, "Stack: needs at least one layer, found ", config.layers);
    require<ValueError>(config.dropout >= 0 && config.dropout < 1, "Stack: dropout must lie in [0, 1), found ",
                        config.dropout);
    for (Index l = 0; l < config.layers; ++l) {
      layers_.emplace_back(parameters,
                           typename Layer<Cell>::Config{
                               .input_size = l == 0 ? config.input_size : directions * config.hidden_size,
                               .hidden_size = config.hidden_size,
                               .prefix = config.prefix,
                               .suffix = message("_l", l)},
                           cell);
    }
  }

  [[nodiscard]] const std::vector<Layer<Cell>>& layers() const { return layers_; }
  [[nodiscard]] Index hidden_size() const { return layers_.front().hidden_size(); }
  /// Rows of the output: H, or 2H if the layers read in both directions.
  [[nodiscard]] Index output_size() const { return directions * hidden_size(); }

  [[nodiscard]] State zero_state(Index batch) const {
    return State(layers_.size(), layers_.front().zero_state(batch));
  }

  void initialise(Parameters<Scalar>& parameters, Random& random) const {
    for (const auto& layer : layers_) layer.initialise(parameters, random);
  }

  /// Runs all layers. With a key (training) dropout is active; without one (evaluation) it is not.
  /// See Recurrent::forward for shapes and errors.
  template <class Input>
  void forward(const Parameters<Scalar>& parameters, const PackedLayout& layout, const Input& input,
               const State& initial, Record& tape, const std::optional<DropoutKey>& key = {}) const {
    require<ShapeError>(initial.size() == layers_.size(), "Stack::forward: ", layers_.size(), " layers but ",
                        initial.size(), " initial states");
    tape.layers.resize(layers_.size());
    tape.dropped.resize(layers_.size());
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      if (l == 0) {
        layers_[l].forward(parameters, layout, input, initial[l], tape.layers[l]);
      } else {
        layers_[l].forward(parameters, layout, DenseInput<Scalar>(tape.output(l - 1)), initial[l],
                           tape.layers[l]);
      }
      if (key && drops_after(l)) {
        apply_dropout(tape.layers[l].hidden(), dropout_, *key, static_cast<std::uint32_t>(l), tape.dropped[l]);
      } else {
        tape.dropped[l].resize(0, 0);
      }
    }
  }

  /// Undoes `forward` with the same key: `d_output` (`H x N`) is dL/d(output()) and is used as workspace. Adds
  /// to `gradient` and, unless null, to `d_input`; returns dL/d(initial state). See Recurrent::backward.
  template <class Input>
  State backward(const Parameters<Scalar>& parameters, const PackedLayout& layout, const Input& input,
                 const Record& tape, Matrix<Scalar>& d_output, const State& d_final,
                 Parameters<Scalar>& gradient, MatrixRef<Scalar>* d_input,
                 const std::optional<DropoutKey>& key = {}) const {
    State d_state = d_final;
    backward_in_place(parameters, layout, input, tape, d_output, d_state, gradient, d_input, key);
    return d_state;
  }

  /// The same without allocating: `d_state` comes in as dL/d(final state) and leaves as dL/d(initial state).
  template <class Input>
  void backward_in_place(const Parameters<Scalar>& parameters, const PackedLayout& layout, const Input& input,
                         const Record& tape, Matrix<Scalar>& d_output, State& d_state,
                         Parameters<Scalar>& gradient, MatrixRef<Scalar>* d_input,
                         const std::optional<DropoutKey>& key = {}) const {
    require<ShapeError>(d_state.size() == layers_.size() && tape.layers.size() == layers_.size(),
                        "Stack::backward: ", layers_.size(), " layers but ", d_state.size(),
                        " final gradients and ", tape.layers.size(), " tapes");
    require_shape(d_output, output_size(), layout.columns(), "Stack::backward: d_output");
    const Scratch scratch;
    const Index rows = d_output.rows(), columns = d_output.cols();
    Scalar* above = d_output.data();  // the gradient at what the layer gives, and at what it reads
    Scalar* below = layers_.size() > 1 ? scratch.take<Scalar>(rows * columns) : nullptr;
    for (std::size_t l = layers_.size(); l-- > 0; std::swap(above, below)) {
      if (key && drops_after(l))
        detail::drop_values(above, above, rows * columns, dropout_, *key, static_cast<std::uint32_t>(l));
      const MatrixMap<Scalar> d_hidden(above, rows, columns);
      if (l == 0) {
        layers_[l].backward_in_place(parameters, layout, input, tape.layers[l], d_hidden, d_state[l], gradient,
                                     d_input);
      } else {
        MatrixMap<Scalar> d_below(below, rows, columns);
        d_below.setZero();
        MatrixRef<Scalar> d_below_ref(d_below);
        layers_[l].backward_in_place(parameters, layout, DenseInput<Scalar>(tape.output(l - 1)), tape.layers[l],
                                     d_hidden, d_state[l], gradient, &d_below_ref);
      }
    }
  }

 private:
  [[nodiscard]] bool drops_after(std::size_t layer) const {
    return dropout_ > 0 && (placement_ == DropoutPlacement::AfterEach || layer + 1 < layers_.size());
  }

  std::vector<Layer<Cell>> layers_;
  double dropout_ = 0;
  DropoutPlacement placement_ = DropoutPlacement::BetweenLayers;
};

}  // namespace rnnscope
