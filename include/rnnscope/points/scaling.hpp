// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Vectors made comparable before clustering: unit length, or zero mean and unit variance in every dimension.
#pragma once

#include <string_view>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

/// Every column divided by its Euclidean length, computed in double; Euclidean distances between the results
/// order like angles. `name` goes into messages.
/// Cost: O(D N).
/// \throws ValueError naming a column that is zero or has a value that is not finite.
template <class Scalar>
[[nodiscard]] Matrix<Scalar> unit_columns(const ConstMatrixRef<Scalar>& vectors,
                                          std::string_view name = "vector") {
  Matrix<Scalar> units(vectors.rows(), vectors.cols());
  for (Index j = 0; j < vectors.cols(); ++j) {
    require<ValueError>(vectors.col(j).allFinite(), name, " ", j, " has a value that is not finite");
    const double length = vectors.col(j).template cast<double>().stableNorm();
    require<ValueError>(length > 0, name, " ", j, " is zero and has no direction");
    units.col(j) = (vectors.col(j).template cast<double>() / length).template cast<Scalar>();
  }
  return units;
}

/// z = (x - mean) / deviation in every dimension, with the numbers of the vectors it was fitted to. A dimension
/// in which all were equal has deviation 0 and becomes 0 for them.
template <class Scalar>
struct Standardisation {
  Vector<double> mean;       ///< D
  Vector<double> deviation;  ///< D, square root of the mean squared distance from the mean

  /// Cost: O(D N).
  /// \throws ValueError if there are no vectors or one has a value that is not finite.
  [[nodiscard]] static Standardisation fit(const ConstMatrixRef<Scalar>& vectors) {
    require<ValueError>(vectors.cols() > 0, "Standardisation: there are no vectors");
    Standardisation result{Vector<double>::Zero(vectors.rows()), Vector<double>::Zero(vectors.rows())};
    for (Index j = 0; j < vectors.cols(); ++j) {
      require<ValueError>(vectors.col(j).allFinite(), "Standardisation: vector ", j,
                          " has a value that is not finite");
      result.mean += vectors.col(j).template cast<double>();
    }
    result.mean /= static_cast<double>(vectors.cols());
    for (Index j = 0; j < vectors.cols(); ++j) {
      result.deviation += (vectors.col(j).template cast<double>() - result.mean).cwiseAbs2();
    }
    result.deviation = (result.deviation / static_cast<double>(vectors.cols())).cwiseSqrt();
    return result;
  }

  /// Cost: O(D N).
  /// \throws ShapeError on another dimension.
  [[nodiscard]] Matrix<Scalar> apply(const ConstMatrixRef<Scalar>& vectors) const {
    require<ShapeError>(vectors.rows() == mean.size(), "Standardisation: vectors of dimension ", vectors.rows(),
                        ", fitted to dimension ", mean.size());
    const Vector<double> divisor = (deviation.array() > 0).select(deviation, 1.0);
    Matrix<Scalar> result(vectors.rows(), vectors.cols());
    for (Index j = 0; j < vectors.cols(); ++j) {
      result.col(j) =
          (vectors.col(j).template cast<double>() - mean).cwiseQuotient(divisor).template cast<Scalar>();
    }
    return result;
  }
};

}  // namespace rnnscope
