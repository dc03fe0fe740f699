// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Principal components: the directions in which vectors vary most.
#pragma once

#include <algorithm>

#include "rnnscope/compat/eigen_eigenvalues.hpp"
#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

/// The K leading eigenvectors of the covariance C = 1/N sum_j (x_j - mean)(x_j - mean)^T of the vectors it was
/// fitted to. Regular value; const members may run together.
/// Source: I. T. Jolliffe, "Principal component analysis", 2002.
template <class Scalar>
struct Pca {
  Vector<double> mean;        ///< D
  Matrix<double> axes;        ///< D x K, orthonormal columns; the entry of largest size in each is positive
  Vector<double> variances;   ///< K, along the axes, largest first
  double total_variance = 0;  ///< along all D axes

  /// `vectors` is `D x N`; all in double, with the same bits for any number of threads.
  /// Cost: O(N D^2 + D^3), memory O(D^2).
  /// \throws ValueError unless 1 <= components <= D and there are vectors, all finite.
  [[nodiscard]] static Pca fit(const ConstMatrixRef<Scalar>& vectors, Index components) {
    const Index dimension = vectors.rows(), count = vectors.cols();
    require<ValueError>(components >= 1 && components <= dimension, "Pca: components must be in [1, ",
                        dimension, "], found ", components);
    require<ValueError>(count > 0, "Pca: there are no vectors");
    Pca pca;
    pca.mean = Vector<double>::Zero(dimension);
    for (Index j = 0; j < count; ++j) {
      require<ValueError>(vectors.col(j).allFinite(), "Pca: vector ", j, " has a value that is not finite");
      pca.mean += vectors.col(j).template cast<double>();
    }
    pca.mean /= static_cast<double>(count);

    Matrix<double> covariance = Matrix<double>::Zero(dimension, dimension);  // its lower triangle
    constexpr Index chunk = 1024;
    Matrix<double> centred;
    for (Index first = 0; first < count; first += chunk) {
      const Index size = std::min(chunk, count - first);
      centred = vectors.middleCols(first, size).template cast<double>().colwise() - pca.mean;
      covariance.template selfadjointView<Eigen::Lower>().rankUpdate(centred, 1.0 / static_cast<double>(count));
    }
    pca.total_variance = covariance.trace();
    const Eigen::SelfAdjointEigenSolver<Matrix<double>> solver(covariance);
    pca.axes = solver.eigenvectors().rightCols(components).rowwise().reverse();
    pca.variances = solver.eigenvalues().tail(components).reverse().cwiseMax(0.0);
    for (Index k = 0; k < components; ++k) {
      Index largest = 0;
      pca.axes.col(k).cwiseAbs().maxCoeff(&largest);
      if (pca.axes(largest, k) < 0) pca.axes.col(k) = -pca.axes.col(k);
    }
    return pca;
  }

  [[nodiscard]] Index components() const { return axes.cols(); }

  /// The coordinates axes^T (x - mean), `K x N`.
  /// Cost: O(K D N).
  /// \throws ShapeError on another dimension.
  [[nodiscard]] Matrix<double> project(const ConstMatrixRef<Scalar>& vectors) const {
    require<ShapeError>(vectors.rows() == mean.size(), "Pca: vectors of dimension ", vectors.rows(),
                        ", fitted to dimension ", mean.size());
    Matrix<double> coordinates(components(), vectors.cols());
    for (Index j = 0; j < vectors.cols(); ++j) {
      coordinates.col(j).noalias() = axes.transpose() * (vectors.col(j).template cast<double>() - mean);
    }
    return coordinates;
  }
};

}  // namespace rnnscope
