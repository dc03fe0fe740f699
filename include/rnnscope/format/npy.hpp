// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// NumPy's `.npy` files, through xtensor.
///
/// By the layout rule of the library (columns are things, rows are features) a column-major `H x N` matrix *is*
/// a row-major `[N, H]` array, and `H x (T*B)` is `[T, B, H]`: the numbers stand in the same order, so nothing
/// is transposed. The axis of features is the last axis of the array.
#pragma once

#include <concepts>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "rnnscope/compat/xtensor.hpp"
#include "rnnscope/core/error.hpp"
#include "rnnscope/core/file.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/format/named_arrays.hpp"
#include "rnnscope/format/npy_header.hpp"

namespace rnnscope {

/// What a `.npy` file can hold here.
template <class T>
concept NpyScalar = std::same_as<T, float> || std::same_as<T, double> || std::same_as<T, std::int32_t> ||
    std::same_as<T, std::int64_t>;

namespace detail {

template <NpyScalar T>
[[nodiscard]] constexpr std::string_view npy_dtype() {
  if constexpr (std::floating_point<T>) return sizeof(T) == 8 ? "<f8" : "<f4";
  return sizeof(T) == 8 ? "<i8" : "<i4";
}

}  // namespace detail

/// The array in `.npy` bytes. Fortran order is rearranged; any other dtype than `T` is refused, and nothing is
/// converted. \throws FormatError
template <NpyScalar T>
[[nodiscard]] xt::xarray<T> parse_npy(const std::string& bytes, std::string_view source = "npy") {
  const NpyHeader header = npy_header(bytes, source);
  require<FormatError>(header.dtype == detail::npy_dtype<T>(), source, ": expected dtype ",
                       detail::npy_dtype<T>(), ", found ", header.dtype,
                       "; convert it with astype() or read it as what it is");
  try {
    std::istringstream stream(bytes);
    return xt::load_npy<T>(stream);
  } catch (const std::exception& error) {
    throw FormatError(message(source, ": xtensor cannot read this .npy file: ", error.what()));
  }
}

/// Reads a `.npy` file as an xtensor array. \throws IoError, and FormatError with the path.
template <NpyScalar T>
[[nodiscard]] xt::xarray<T> load_npy(const std::filesystem::path& path) {
  return parse_npy<T>(read_file(path), path.string());
}

/// Reads a `.npy` file of shape `[..., H]` as an `H x N` matrix, N the product of the other sizes (1 if there
/// are none). \throws IoError, FormatError, and ShapeError on an array without an axis.
template <NpyScalar T>
[[nodiscard]] Matrix<T> load_npy_matrix(const std::filesystem::path& path) {
  const xt::xarray<T> array = load_npy<T>(path);
  require<ShapeError>(array.dimension() >= 1, path.string(),
                      ": expected shape [..., H], found a single number");
  const auto rows = static_cast<Index>(array.shape().back());
  Index columns = 1;
  for (std::size_t axis = 0; axis + 1 < array.dimension(); ++axis)
    columns *= static_cast<Index>(array.shape(axis));
  return ConstMatrixMap<T>(array.data(), rows, columns);
}

/// Reads a `.npy` file of shape `[N]`, for instance labels. \throws IoError, FormatError, ShapeError.
template <NpyScalar T>
[[nodiscard]] std::vector<T> load_npy_vector(const std::filesystem::path& path) {
  const xt::xarray<T> array = load_npy<T>(path);
  require<ShapeError>(array.dimension() == 1, path.string(), ": expected shape [N], found one with ",
                      array.dimension(), " axes");
  return std::vector<T>(array.begin(), array.end());
}

/// Writes an xtensor expression, in row-major order. \throws IoError
template <class E>
void save_npy(const std::filesystem::path& path, const xt::xexpression<E>& expression) {
  using T = typename E::value_type;
  static_assert(NpyScalar<T>, "save_npy writes float, double, std::int32_t and std::int64_t");
  const xt::xarray<T> array = expression.derived_cast();
  write_file(path, {xt::dump_npy(array)});
}

/// Writes an `H x N` matrix as `[N, H]`, or in a `shape` that ends with H, such as `{T, B, H}` for N = T*B.
/// \throws ShapeError if the shape does not fit, IoError
template <class Derived>
void save_npy(const std::filesystem::path& path, const Eigen::MatrixBase<Derived>& matrix,
              std::vector<Index> shape = {}) {
  using T = typename Derived::Scalar;
  const Matrix<T> dense = matrix;
  if (shape.empty()) shape = {dense.cols(), dense.rows()};
  require<ShapeError>(shape.back() == dense.rows() && checked_product(shape) == dense.size(),
                      "save_npy: shape ", shape_text(shape), " does not fit a matrix of ",
                      shape_text(dense.rows(), dense.cols()));
  const std::vector<std::size_t> sizes(shape.begin(), shape.end());
  save_npy(path, xt::adapt(dense.data(), static_cast<std::size_t>(dense.size()), xt::no_ownership(), sizes));
}

/// Writes numbers as `[N]`. \throws IoError
template <NpyScalar T>
void save_npy_vector(const std::filesystem::path& path, std::span<const T> values) {
  const std::vector<std::size_t> sizes{values.size()};
  save_npy(path, xt::adapt(values.data(), values.size(), xt::no_ownership(), sizes));
}

}  // namespace rnnscope
