// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Weights of recurrent layers in oneDNN's plain layout.
///
/// Source: oneDNN's documentation, "RNN": data layout `ldigo` of the weights and `ldgo` of the bias.
#pragma once

#include <string>
#include <vector>

#include "rnnscope/model/layer_weights.hpp"

namespace rnnscope {

/// The arrays prefix + "weights_layer" `[L, D, I, G, O]`, "weights_iter" `[L, D, O, G, O]` and "bias"
/// `[L, D, G, O]` of L layers with D directions each: `layers[l][d]`. The bias is the sum of our two; for the
/// GRU
/// (`lbr_gru`, linear before reset) it has a fourth part, b_hn, and the third is b_in alone. As in oneDNN, all
/// layers must read vectors of one size; give a first layer of another size in a call of its own.
/// \throws ShapeError, ValueError if the layers are not alike.
template <class Cell>
[[nodiscard]] NamedArrays onednn_weights(
    const std::vector<std::vector<LayerWeights<typename Cell::Scalar>>>& layers,
    const std::string& prefix = "") {
  using S = typename Cell::Scalar;
  constexpr Index gates = gate_count<Cell>;
  require<ValueError>(!layers.empty() && !layers[0].empty(), "onednn_weights: there are no layers");
  const auto count = static_cast<Index>(layers.size()), directions = static_cast<Index>(layers[0].size());
  const Index size = layers[0][0].weight_ih.cols(), hidden = layers[0][0].weight_hh.cols();
  std::vector<S> input, recurrent, bias;
  for (const auto& layer : layers) {
    require<ValueError>(static_cast<Index>(layer.size()) == directions, "onednn_weights: a layer has ",
                        layer.size(), " directions, expected ", directions);
    for (const auto& weights : layer) {
      weights.check(gates);
      require_shape(weights.weight_ih, gates * hidden, size, "onednn_weights: weight_ih of a layer");
      const auto reorder = [](const auto& ours) { return detail::to_framework<Cell>(Framework::OneDnn, ours); };
      // [I, G, O], row-major, is our GO x I.
      detail::append(input, reorder(weights.weight_ih));
      detail::append(recurrent, reorder(weights.weight_hh));
      Vector<S> sum = reorder(Vector<S>(weights.bias_ih + weights.bias_hh));
      if constexpr (Cell::name == "gru") {
        sum.tail(hidden) = weights.bias_ih.tail(hidden);  // n is the last gate on both sides
        detail::append(bias, sum);
        detail::append(bias, Vector<S>(weights.bias_hh.tail(hidden)));
      } else {
        detail::append(bias, sum);
      }
    }
  }
  NamedArrays arrays;
  arrays.add<S>(prefix + "weights_layer", {count, directions, size, gates, hidden}, input);
  arrays.add<S>(prefix + "weights_iter", {count, directions, hidden, gates, hidden}, recurrent);
  arrays.add<S>(prefix + "bias", {count, directions, gates + (Cell::name == "gru" ? 1 : 0), hidden}, bias);
  return arrays;
}

/// The way back. What is one number there becomes `bias_ih`, and zero in `bias_hh`. Strict: no array under
/// `prefix` may be missing, left over, of another shape, or not finite. \throws FormatError, ShapeError naming
/// it.
template <class Cell>
[[nodiscard]] std::vector<std::vector<LayerWeights<typename Cell::Scalar>>> weights_from_onednn(
    const NamedArrays& arrays, const std::string& prefix = "") {
  using S = typename Cell::Scalar;
  constexpr Index gates = gate_count<Cell>, parts = gates + (Cell::name == "gru" ? 1 : 0);
  detail::require_known(arrays, prefix, {"weights_layer", "weights_iter", "bias"});
  const std::vector<Index> shape = detail::require_dimensions(arrays, prefix + "weights_layer", 5);
  const Index count = shape[0], directions = shape[1], size = shape[2], hidden = shape[4],
              rows = gates * hidden;
  const auto values = [&](const char* name, const std::vector<Index>& expected) {
    return detail::finite_values<S>(arrays, prefix + name, expected);
  };
  const auto input = values("weights_layer", {count, directions, size, gates, hidden});
  const auto recurrent = values("weights_iter", {count, directions, hidden, gates, hidden});
  const auto bias = values("bias", {count, directions, parts, hidden});
  std::vector<std::vector<LayerWeights<S>>> layers(static_cast<std::size_t>(count));
  for (Index place = 0; place < count * directions; ++place) {
    const auto restore = [](const auto& theirs) {
      return detail::from_framework<Cell>(Framework::OneDnn, theirs);
    };
    const Matrix<S> input_here = ConstMatrixMap<S>(input.data() + place * rows * size, rows, size);
    const Matrix<S> recurrent_here = ConstMatrixMap<S>(recurrent.data() + place * rows * hidden, rows, hidden);
    const Vector<S> bias_here =
        Eigen::Map<const Vector<S>>(bias.data() + place * parts * hidden, parts * hidden);
    LayerWeights<S> weights{restore(input_here), restore(recurrent_here),
                            restore(Vector<S>(bias_here.head(rows))), Vector<S>::Zero(rows)};
    if constexpr (Cell::name == "gru") weights.bias_hh.tail(hidden) = bias_here.tail(hidden);
    layers[static_cast<std::size_t>(place / directions)].push_back(std::move(weights));
  }
  return layers;
}

}  // namespace rnnscope
