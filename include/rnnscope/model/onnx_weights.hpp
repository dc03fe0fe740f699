// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Weights of a recurrent layer as the inputs of an ONNX operator.
///
/// Source: https://onnx.ai/onnx/operators, `LSTM`, `GRU` and `RNN`.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "rnnscope/model/layer_weights.hpp"

namespace rnnscope {

/// The inputs W `[directions, GH, D]`, R `[directions, GH, H]` and B `[directions, 2 GH]` (input biases, then
/// recurrent ones) of one layer, under `prefix`; `directions` has the forward direction, then the reverse one
/// if there is one. The GRU's operator needs `linear_before_reset = 1`. \throws ValueError unless there are one
/// or two directions, ShapeError unless they are alike.
template <class Cell>
[[nodiscard]] NamedArrays onnx_weights(std::span<const LayerWeights<typename Cell::Scalar>> directions,
                                       const std::string& prefix = "") {
  using S = typename Cell::Scalar;
  require<ValueError>(directions.size() == 1 || directions.size() == 2,
                      "onnx_weights: expected one direction or two, found ", directions.size());
  const auto count = static_cast<Index>(directions.size());
  const Index rows = directions[0].weight_hh.rows(), size = directions[0].weight_ih.cols(),
              hidden = directions[0].weight_hh.cols();
  std::vector<S> w, r, b;
  for (const auto& weights : directions) {
    weights.check(gate_count<Cell>);
    require_shape(weights.weight_ih, rows, size, "onnx_weights: weight_ih of a direction");
    const auto reorder = [](const auto& ours) { return detail::to_framework<Cell>(Framework::Onnx, ours); };
    detail::append(w, Matrix<S>(reorder(weights.weight_ih).transpose()));
    detail::append(r, Matrix<S>(reorder(weights.weight_hh).transpose()));
    detail::append(b, reorder(weights.bias_ih));
    detail::append(b, reorder(weights.bias_hh));
  }
  NamedArrays arrays;
  arrays.add<S>(prefix + "W", {count, rows, size}, w);
  arrays.add<S>(prefix + "R", {count, rows, hidden}, r);
  arrays.add<S>(prefix + "B", {count, 2 * rows}, b);
  return arrays;
}

/// The way back: one LayerWeights a direction. Strict: no array under `prefix` may be missing, left over (such
/// as the peepholes P), of another shape, or not finite. \throws FormatError, ShapeError naming it.
template <class Cell>
[[nodiscard]] std::vector<LayerWeights<typename Cell::Scalar>> weights_from_onnx(
    const NamedArrays& arrays, const std::string& prefix = "") {
  using S = typename Cell::Scalar;
  detail::require_known(arrays, prefix, {"W", "R", "B"});
  const Index size = detail::require_dimensions(arrays, prefix + "W", 3)[2];
  const std::vector<Index> shape = detail::require_dimensions(arrays, prefix + "R", 3);
  const Index count = shape[0], hidden = shape[2], rows = gate_count<Cell> * hidden;
  require<ShapeError>(count <= 2, "weights: '", prefix, "R' has ", count, " directions");
  const auto w = detail::finite_values<S>(arrays, prefix + "W", std::vector<Index>{count, rows, size});
  const auto r = detail::finite_values<S>(arrays, prefix + "R", std::vector<Index>{count, rows, hidden});
  const auto b = detail::finite_values<S>(arrays, prefix + "B", std::vector<Index>{count, 2 * rows});
  std::vector<LayerWeights<S>> directions;
  for (Index d = 0; d < count; ++d) {
    const auto restore = [](const auto& theirs) {
      return detail::from_framework<Cell>(Framework::Onnx, theirs);
    };
    const Matrix<S> w_d = ConstMatrixMap<S>(w.data() + d * rows * size, size, rows).transpose();
    const Matrix<S> r_d = ConstMatrixMap<S>(r.data() + d * rows * hidden, hidden, rows).transpose();
    const Matrix<S> b_d = ConstMatrixMap<S>(b.data() + d * 2 * rows, rows, 2);
    const Matrix<S> biases = restore(b_d);
    directions.push_back({restore(w_d), restore(r_d), biases.col(0), biases.col(1)});
  }
  return directions;
}

}  // namespace rnnscope
