// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Distances that the user has already computed.
#pragma once

#include <limits>

#include "rnnscope/core/error.hpp"
#include "rnnscope/metric/concept.hpp"

namespace rnnscope::metric {

/// Says that the `N x N` matrix given as points holds the distances themselves. Nothing is known about the
/// triangle inequality.
struct Precomputed {
  static constexpr bool is_metric = false;
};

/// The DistanceSource of a symmetric matrix of distances. It refers to the matrix, which must outlive it.
template <class Scalar>
class PrecomputedDistances {
 public:
  static constexpr bool is_metric = false;

  /// \throws ShapeError unless the matrix is square; ValueError if an entry is NaN, infinite or negative, if
  /// the diagonal is not zero, or if it is not symmetric to the last bit. O(N^2).
  template <class Derived>
  explicit PrecomputedDistances(const Eigen::MatrixBase<Derived>& matrix) : matrix_(matrix.derived()) {
    require<ShapeError>(matrix_.rows() == matrix_.cols(),
                        "precomputed distances: expected a square matrix, found ",
                        shape_text(matrix_.rows(), matrix_.cols()));
    for (Index j = 0; j < size(); ++j) {
      require<ValueError>(matrix_(j, j) == Scalar(0), "precomputed distances: entry (", j, ", ", j, ") is ",
                          matrix_(j, j), ", expected 0; are these similarities?");
      for (Index i = 0; i < j; ++i) {
        const Scalar value = matrix_(i, j);
        require<ValueError>(value >= Scalar(0) && value <= std::numeric_limits<Scalar>::max(),
                            "precomputed distances: entry (", i, ", ", j, ") is ", value,
                            "; expected a finite number >= 0");
        require<ValueError>(value == matrix_(j, i), "precomputed distances: not symmetric: (", i, ", ", j,
                            ") is ", value, " but (", j, ", ", i, ") is ", matrix_(j, i),
                            "; symmetrise with (D + D^T) / 2");
      }
    }
  }
  PrecomputedDistances(const PrecomputedDistances&) = delete;
  PrecomputedDistances& operator=(const PrecomputedDistances&) = delete;

  [[nodiscard]] Index size() const { return matrix_.cols(); }
  [[nodiscard]] double lift(double proxy) const { return proxy; }
  [[nodiscard]] double lower(double distance) const { return distance; }

  void proxies(Index i, const Id* others, Index count, double* out) const {
    for (Index q = 0; q < count; ++q) out[q] = static_cast<double>(matrix_(others[q], i));
  }

 private:
  ConstMatrixRef<Scalar> matrix_;
};

}  // namespace rnnscope::metric
