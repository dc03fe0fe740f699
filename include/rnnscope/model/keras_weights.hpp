// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Weights of a recurrent layer as Keras keeps them.
///
/// Source: the layers `LSTM`, `GRU` and `SimpleRNN` of Keras, their `kernel`, `recurrent_kernel` and `bias`.
#pragma once

#include <string>
#include <vector>

#include "rnnscope/model/layer_weights.hpp"

namespace rnnscope {

/// The arrays prefix + "kernel" `[D, GH]`, "recurrent_kernel" `[H, GH]` and "bias": `[GH]`, the sum of our two,
/// or, for the GRU (`reset_after=True`), `[2, 3H]`, input bias and recurrent bias. A layer takes them by
/// `layer.set_weights([kernel, recurrent_kernel, bias])`; its recurrent activation must be "sigmoid".
/// \throws ShapeError if the weights do not fit together.
template <class Cell>
[[nodiscard]] NamedArrays keras_weights(const LayerWeights<typename Cell::Scalar>& weights,
                                        const std::string& prefix = "") {
  using S = typename Cell::Scalar;
  weights.check(gate_count<Cell>);
  const Index rows = weights.weight_hh.rows();
  const auto reorder = [](const auto& ours) { return detail::to_framework<Cell>(Framework::Keras, ours); };
  NamedArrays arrays;
  // A column-major GH x D matrix is a row-major [D, GH] array.
  const auto add = [&](const char* name, const Matrix<S>& ours) {
    std::vector<S> values;
    detail::append(values, reorder(ours));
    arrays.add<S>(prefix + name, {ours.cols(), rows}, values);
  };
  add("kernel", weights.weight_ih);
  add("recurrent_kernel", weights.weight_hh);
  std::vector<S> bias;
  if constexpr (Cell::name == "gru") {
    detail::append(bias, reorder(weights.bias_ih));
    detail::append(bias, reorder(weights.bias_hh));
    arrays.add<S>(prefix + "bias", {2, rows}, bias);
  } else {
    detail::append(bias, reorder(Vector<S>(weights.bias_ih + weights.bias_hh)));
    arrays.add<S>(prefix + "bias", {rows}, bias);
  }
  return arrays;
}

/// The way back. A single bias becomes `bias_ih`, and `bias_hh` zero. Strict: no array under `prefix` may be
/// missing, left over, of another shape, or not finite. \throws FormatError, ShapeError naming it.
template <class Cell>
[[nodiscard]] LayerWeights<typename Cell::Scalar> weights_from_keras(const NamedArrays& arrays,
                                                                     const std::string& prefix = "") {
  using S = typename Cell::Scalar;
  detail::require_known(arrays, prefix, {"kernel", "recurrent_kernel", "bias"});
  const Index size = detail::require_dimensions(arrays, prefix + "kernel", 2)[0];
  const Index hidden = detail::require_dimensions(arrays, prefix + "recurrent_kernel", 2)[0];
  const Index rows = gate_count<Cell> * hidden;
  const auto read = [&](const char* name, const std::vector<Index>& shape, Index cols) {
    const std::vector<S> values = detail::finite_values<S>(arrays, prefix + name, shape);
    const Matrix<S> theirs = ConstMatrixMap<S>(values.data(), rows, cols);
    return detail::from_framework<Cell>(Framework::Keras, theirs);
  };
  LayerWeights<S> weights;
  weights.weight_ih = read("kernel", {size, rows}, size);
  weights.weight_hh = read("recurrent_kernel", {hidden, rows}, hidden);
  if constexpr (Cell::name == "gru") {
    const std::string name = prefix + "bias";
    require<FormatError>(!arrays.contains(name) || arrays.at(name).shape.size() != 1, "weights: '", name,
                         "' has one dimension: that of a GRU with reset_after=False, which is another cell");
    const Matrix<S> both = read("bias", {2, rows}, 2);
    weights.bias_ih = both.col(0);
    weights.bias_hh = both.col(1);
  } else {
    weights.bias_ih = read("bias", {rows}, 1);
    weights.bias_hh.setZero(rows);
  }
  return weights;
}

}  // namespace rnnscope
