// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The types every other header speaks, and the one layout rule of the library:
/// *columns are things, rows are features.*
///
/// A batch of N hidden states is a column-major `H x N` matrix. Stored like that, a channel over time
/// (`H x (T*B)`, time-major) is bit for bit a row-major `[T, B, H]` array of NumPy, PyTorch or xtensor.
#pragma once

#include <cstdint>

#include "rnnscope/compat/eigen.hpp"

namespace rnnscope {

using Index = Eigen::Index;  ///< sizes and positions
using Id = std::int32_t;     ///< symbols of a vocabulary, cluster labels, classes

template <class Scalar>
using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
template <class Scalar>
using Vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;

/// Read-only argument: binds to matrices, column blocks, row blocks and maps without copying.
template <class Scalar>
using ConstMatrixRef = Eigen::Ref<const Matrix<Scalar>, 0, Eigen::OuterStride<>>;
/// Output argument: binds to matrices, column blocks, row blocks and maps.
template <class Scalar>
using MatrixRef = Eigen::Ref<Matrix<Scalar>, 0, Eigen::OuterStride<>>;

template <class Scalar>
using MatrixMap = Eigen::Map<Matrix<Scalar>>;
template <class Scalar>
using ConstMatrixMap = Eigen::Map<const Matrix<Scalar>>;

}  // namespace rnnscope
