// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Vectors together with the tokens they came from: what recorders and unrollers give and clustering takes.
#pragma once

#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/span.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

/// N vectors of dimension D as the columns of `vectors` (`D x N`); column j came from the tokens `spans[j]`.
template <class Scalar>
struct PointSet {
  Matrix<Scalar> vectors;
  std::vector<Span> spans;

  [[nodiscard]] Index size() const { return vectors.cols(); }
  [[nodiscard]] Index dimension() const { return vectors.rows(); }
  /// \throws ShapeError unless there is one span for every column.
  void check() const {
    require<ShapeError>(static_cast<Index>(spans.size()) == vectors.cols(), "PointSet: ", vectors.cols(),
                        " vectors but ", spans.size(), " spans");
  }
};

}  // namespace rnnscope
