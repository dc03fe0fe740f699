// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The weights of one recurrent layer in one direction, and the orders in which other programs stack its gates.
#pragma once

#include <array>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/parameters.hpp"
#include "rnnscope/format/named_arrays.hpp"
#include "rnnscope/model/torch_weights.hpp"
#include "rnnscope/nn/cell.hpp"

namespace rnnscope {

/// Four tensors with the gates in the order of the cell (and of PyTorch).
template <class S>
struct LayerWeights {
  Matrix<S> weight_ih;  ///< `GH x D`
  Matrix<S> weight_hh;  ///< `GH x H`
  Vector<S> bias_ih;    ///< `GH`
  Vector<S> bias_hh;    ///< `GH`

  /// \throws ShapeError unless all fit a cell of `gates` gates.
  void check(Index gates) const {
    require_shape(weight_hh, gates * weight_hh.cols(), weight_hh.cols(), "LayerWeights: weight_hh");
    require_shape(weight_ih, weight_hh.rows(), weight_ih.cols(), "LayerWeights: weight_ih");
    require_shape(bias_ih, weight_hh.rows(), 1, "LayerWeights: bias_ih");
    require_shape(bias_hh, weight_hh.rows(), 1, "LayerWeights: bias_hh");
  }
};

/// The tensors prefix + "weight_ih" + suffix and so on, with PyTorch's suffixes: "_l0", "_l1_reverse".
/// \throws ValueError if there are none of these names.
template <class S>
[[nodiscard]] LayerWeights<S> layer_weights(const Parameters<S>& parameters, const std::string& prefix,
                                            const std::string& suffix) {
  const auto tensor = [&](const char* name) { return parameters.at(prefix + name + suffix); };
  return {tensor("weight_ih"), tensor("weight_hh"), tensor("bias_ih"), tensor("bias_hh")};
}

/// Writes them there. \throws ValueError as above, ShapeError naming the tensor; then nothing was written.
template <class S>
void set_layer_weights(Parameters<S>& parameters, const std::string& prefix, const std::string& suffix,
                       const LayerWeights<S>& weights) {
  const auto visit = [&](auto&& body) {
    body("weight_ih", weights.weight_ih);
    body("weight_hh", weights.weight_hh);
    body("bias_ih", weights.bias_ih);
    body("bias_hh", weights.bias_hh);
  };
  visit([&](const char* name, const auto& values) {
    const std::string tensor = prefix + name + suffix;
    const auto there = parameters.at(tensor);
    require_shape(values, there.rows(), there.cols(), tensor);
  });
  visit([&](const char* name, const auto& values) { parameters.at(prefix + name + suffix) = values; });
}

/// Whose way of stacking gates.
enum class Framework { Keras, Onnx, OneDnn };

/// The order of gates: block k of that framework's weights is gate `gate_order[k]` of the cell.
///
/// | cell | here and PyTorch | Keras | ONNX | oneDNN |
/// |---|---|---|---|---|
/// | lstm | i f g o | i f c o | i o f c | i f c o |
/// | gru | r z n | z r h | z r h | u r o |
/// | elman | h | h | i | - |
///
/// Other cells do not compile.
template <class Cell>
[[nodiscard]] constexpr std::array<std::size_t, Cell::gate_names.size()> gate_order(Framework framework) {
  static_assert(Cell::name == "lstm" || Cell::name == "gru" || Cell::name == "elman",
                "rnnscope: other frameworks have no weights for this cell");
  std::string_view theirs = "h";  // by our names
  if (Cell::name == "gru") theirs = "zrn";
  if (Cell::name == "lstm") theirs = framework == Framework::Onnx ? "iofg" : "ifgo";
  std::array<std::size_t, Cell::gate_names.size()> order{};
  for (std::size_t k = 0; k < order.size(); ++k) {
    while (Cell::gate_names[order[k]] != theirs.substr(k, 1)) ++order[k];
  }
  return order;
}

namespace detail {

/// Blocks of H rows in the framework's order.
template <class Cell, class M>
[[nodiscard]] M to_framework(Framework framework, const M& ours) {
  const auto order = gate_order<Cell>(framework);
  const Index hidden = ours.rows() / static_cast<Index>(order.size());
  M theirs(ours.rows(), ours.cols());
  for (std::size_t k = 0; k < order.size(); ++k) {
    theirs.middleRows(static_cast<Index>(k) * hidden, hidden) =
        ours.middleRows(static_cast<Index>(order[k]) * hidden, hidden);
  }
  return theirs;
}

/// And back in ours.
template <class Cell, class M>
[[nodiscard]] M from_framework(Framework framework, const M& theirs) {
  const auto order = gate_order<Cell>(framework);
  const Index hidden = theirs.rows() / static_cast<Index>(order.size());
  M ours(theirs.rows(), theirs.cols());
  for (std::size_t k = 0; k < order.size(); ++k) {
    ours.middleRows(static_cast<Index>(order[k]) * hidden, hidden) =
        theirs.middleRows(static_cast<Index>(k) * hidden, hidden);
  }
  return ours;
}

/// Refuses arrays under `prefix` that are none of `names`.
inline void require_known(const NamedArrays& arrays, const std::string& prefix,
                          std::initializer_list<std::string_view> names) {
  for (const NamedArray& array : arrays.arrays()) {
    if (!array.name.starts_with(prefix)) continue;
    bool known = false;
    std::string list;
    for (const std::string_view name : names) {
      known = known || array.name == prefix + std::string(name);
      list += message(" ", prefix, name);
    }
    require<FormatError>(known, "weights: there is no place for the tensor '", array.name, "' with shape ",
                         shape_text(array.shape), "; expected:", list);
  }
}

/// The shape of an array that must have that many dimensions, all above 0.
[[nodiscard]] inline std::vector<Index> require_dimensions(const NamedArrays& arrays, const std::string& name,
                                                           std::size_t dimensions) {
  require<FormatError>(arrays.contains(name), "weights: there is no tensor '", name, "'");
  const std::vector<Index>& shape = arrays.at(name).shape;
  bool positive = shape.size() == dimensions;
  for (const Index size : shape) positive = positive && size > 0;
  require<ShapeError>(positive, "weights: '", name, "' must have ", dimensions,
                      " dimensions above 0, found shape ", shape_text(shape));
  return shape;
}

/// Appends the numbers of a matrix, column by column.
template <class S, class M>
void append(std::vector<S>& values, const M& matrix) {
  values.insert(values.end(), matrix.data(), matrix.data() + matrix.size());
}

}  // namespace detail

}  // namespace rnnscope
