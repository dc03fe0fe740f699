// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Parameters to and from arrays with PyTorch's names, shapes and row-major order.
///
/// Our matrices are column-major, so a weight `R x C` is transposed on the way to the row-major `[R, C]` of a
/// PyTorch state_dict. Two kinds of tensors differ: biases (the last part of the name begins with "bias") are
/// vectors `[R]`, and an embedding table `E x V` is PyTorch's `[V, E]`, number for number.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/parameters.hpp"
#include "rnnscope/format/named_arrays.hpp"

namespace rnnscope {

namespace detail {

[[nodiscard]] inline bool is_bias(const TensorInfo& tensor) {
  return tensor.cols == 1 && tensor.name.substr(tensor.name.rfind('.') + 1).starts_with("bias");
}

[[nodiscard]] inline std::vector<Index> torch_shape(const TensorInfo& tensor, std::string_view embedding_name) {
  if (is_bias(tensor)) return {tensor.rows};
  if (tensor.name == embedding_name) return {tensor.cols, tensor.rows};
  return {tensor.rows, tensor.cols};
}

/// The numbers of an array of that name and shape. \throws FormatError, ShapeError
template <class S>
[[nodiscard]] std::vector<S> finite_values(const NamedArrays& arrays, const std::string& name,
                                           const std::vector<Index>& shape) {
  require<FormatError>(arrays.contains(name), "weights: the file has no tensor '", name,
                       "'; the model needs it with shape ", shape_text(shape));
  std::vector<S> values = arrays.values<S>(name, shape);
  const Eigen::Map<const Vector<S>> flat(values.data(), static_cast<Index>(values.size()));
  require<FormatError>(flat.allFinite(), "weights: tensor '", name, "' holds a NaN or an infinity");
  return values;
}

template <class S>
using RowMajorMap = Eigen::Map<Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

}  // namespace detail

/// Fills every tensor of `parameters` from the array of the same name. Strict: nothing may be missing, left
/// over, of another shape, or not finite, and `parameters` changes only if all is well. F16, BF16, F32 and F64
/// arrays are converted. \throws FormatError or ShapeError naming the tensor, what was expected and what was
/// found.
template <class S>
void read_torch_weights(const NamedArrays& arrays, Parameters<S>& parameters, std::string_view embedding_name) {
  for (const NamedArray& array : arrays.arrays()) {
    require<FormatError>(parameters.contains(array.name), "weights: the model has no tensor '", array.name,
                         "', which the file holds; its shape there is ", shape_text(array.shape));
  }
  Parameters<S> result = parameters;
  for (const TensorInfo& tensor : parameters.tensors()) {
    std::vector<S> values =
        detail::finite_values<S>(arrays, tensor.name, detail::torch_shape(tensor, embedding_name));
    if (tensor.name == embedding_name) {
      result.at(tensor.name).reshaped() = Eigen::Map<Vector<S>>(values.data(), tensor.size());
    } else {
      result.at(tensor.name) = detail::RowMajorMap<S>(values.data(), tensor.rows, tensor.cols);
    }
  }
  parameters = std::move(result);
}

/// All tensors of `parameters` as PyTorch would name, shape and order them.
template <class S>
[[nodiscard]] NamedArrays torch_weights(const Parameters<S>& parameters, std::string_view embedding_name) {
  NamedArrays arrays;
  for (const TensorInfo& tensor : parameters.tensors()) {
    std::vector<S> values(static_cast<std::size_t>(tensor.size()));
    if (tensor.name == embedding_name) {
      Eigen::Map<Vector<S>>(values.data(), tensor.size()) = parameters.at(tensor.name).reshaped();
    } else {
      detail::RowMajorMap<S>(values.data(), tensor.rows, tensor.cols) = parameters.at(tensor.name);
    }
    arrays.add<S>(tensor.name, detail::torch_shape(tensor, embedding_name), values);
  }
  return arrays;
}

}  // namespace rnnscope
