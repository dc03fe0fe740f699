// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A picture of the points in few dimensions that never shows two of them farther apart than they are.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "rnnscope/core/parallel.hpp"
#include "rnnscope/core/random.hpp"
#include "rnnscope/metric/column_distances.hpp"
#include "rnnscope/product/multiply.hpp"

namespace rnnscope::detail {

/// The leading principal directions of a sample of the columns (nearly), `D x count`, orthonormal up to
/// `defect`. Which directions they are decides speed alone: any orthonormal ones are right.
struct Directions {
  Vector<double> mean;
  Matrix<double> axes;  ///< no columns: all D directions of space as they are
  double defect = 0.0;  ///< at least the spectral norm of axes^T axes - 1
};

/// Makes the columns of `m` orthonormal, by Gram and Schmidt twice over.
inline void orthonormalise(Matrix<double>& m) {
  for (Index k = 0; k < m.cols(); ++k) {
    for (int pass = 0; pass < 2; ++pass) {
      const Vector<double> part = m.leftCols(k).transpose() * m.col(k);
      m.col(k).noalias() -= m.leftCols(k) * part;
      const double norm = m.col(k).norm();
      if (norm > 0.0) m.col(k) /= norm;
    }
  }
}

template <class Source>
[[nodiscard]] Directions principal_directions(const Source& source, Index count) {
  constexpr Index sample_size = 1024;
  constexpr int iterations = 3;
  const Index n = source.size(), dimension = source.dimension();
  Directions result{Vector<double>::Zero(dimension), Matrix<double>(dimension, 0), 0.0};
  const Index taken = std::min(n, sample_size);
  Matrix<double> sample(dimension, taken);
  for (Index k = 0; k < taken; ++k) sample.col(k) = source.column_map(k * n / taken).template cast<double>();
  if (taken > 0) result.mean = sample.rowwise().mean();
  if (count >= dimension) return result;
  sample.colwise() -= result.mean;
  const double largest = sample.cwiseAbs().maxCoeff();
  if (largest > 0.0) sample *= std::ldexp(1.0, -std::ilogb(largest));
  [[maybe_unused]] const SingleThreadedEigen serial;
  const Matrix<float> rough = sample.cast<float>();  // the directions need not be good, only orthonormal
  Random random(1);
  Matrix<double> axes(dimension, count);
  for (double& each : axes.reshaped()) each = random.uniform(-1.0, 1.0);
  orthonormalise(axes);
  Matrix<float> images, moved(dimension, count);
  for (int k = 0; k < iterations; ++k) {
    const Matrix<float> from = axes.cast<float>();
    images.resize(taken, count);
    multiply(rough.transpose(), from, images);
    multiply(rough, images, moved);
    axes = moved.cast<double>();
    // A sample of few dimensions leaves zeros: fill up with anything.
    for (Index c = 0; c < count; ++c) {
      if (axes.col(c).norm() <= 1e-6) {
        for (double& each : axes.col(c)) each = random.uniform(-1.0, 1.0);
      }
    }
    orthonormalise(axes);
  }
  Matrix<double> gram = axes.transpose() * axes;
  gram.diagonal().array() -= 1.0;
  constexpr double unit = 0x1p-52;
  result.defect = 2.0 * gram.norm() + static_cast<double>(dimension + 8) * static_cast<double>(count) * unit;
  result.axes = std::move(axes);
  return result;
}

/// Images y(x) = (V^T (x - m), |(1 - V V^T)(x - m)|) in float, scaled by a power of two. For points i and j
/// with proxy s (the squared Euclidean distance as the canonical kernel computes it)
///
///     weight(i) + weight(j) - 2 <image(i), image(j)>  <=  threshold(s),
///
/// where the product may be a float sum in any order, with or without FMA, and both sides are computed in
/// float. So a pair whose left side is above threshold(t) has a proxy above t. With q rows in the image:
///
/// * V has orthonormal columns, hence |y(a) - y(b)| <= |a - b| (Pythagoras; the reverse triangle inequality in
///   the complement).
/// * A computed image is off by at most e(i): rounding to float, rounding in double, the defect of V. Then
///   |Y(i) - Y(j)|^2 <= (|a - b| + e(i) + e(j))^2 <= (1 + h) |a - b|^2 + 2 (1 + 1/h) (e(i)^2 + e(j)^2).
/// * A float product of q terms is off by at most g |Y(i)| |Y(j)| with g = q u / (1 - q u), u = 2^-24, and the
///   three terms of the left side by 8 u of their size: (g + 8 u) (|Y(i)|^2 + |Y(j)|^2) covers both.
///
/// weight(i) = |Y(i)|^2 (1 - g - 8 u) - 2 (1 + 1/h) e(i)^2, rounded down; threshold(s) = (1 + h) s and the
/// rounding of the kernel, rounded up; h = 1e-5. Source: N. Higham, Accuracy and stability of numerical
/// algorithms, 2002, ch. 3.
struct Contraction {
  static constexpr double stretch = 1e-5;  // h

  Matrix<float> image;
  std::vector<float> weight;
  std::vector<float> slack;  ///< 2 (1 + 1/h) e(i)^2, rounded up
  double scale = 1.0;        ///< of proxies
  double rounding = 0.0;     ///< of the canonical kernel, relative
  double underflow = 0.0;    ///< absolute, scaled

  /// Never falls as the proxy grows; at most the largest finite float.
  [[nodiscard]] float threshold(double proxy) const {
    const double scaled = proxy * scale * (1.0 + stretch + rounding) * (1.0 + 0x1p-22) + underflow;
    constexpr float largest = std::numeric_limits<float>::max();
    return scaled < static_cast<double>(largest) ? static_cast<float>(scaled) : largest;
  }
};

/// The contraction of all columns of a source along `directions`; empty if the coordinates are too large or too
/// small for it. Cost: O(N D q) in double, all threads.
template <class Source>
[[nodiscard]] std::optional<Contraction> contract(const Source& source, const Directions& directions) {
  constexpr double double_unit = 0x1p-53, float_unit = 0x1p-24;
  const Index n = source.size(), dimension = source.dimension();
  const bool whole = directions.axes.cols() == 0;
  const Index kept = whole ? dimension : directions.axes.cols();
  const Index rows = whole ? kept : kept + 1;
  constexpr Index chunk = 256;
  const Index chunks = (n + chunk - 1) / chunk;

  std::vector<double> length(static_cast<std::size_t>(n));  // |x - m|
  parallel_for(chunks, [&](Index c) {
    for (Index i = c * chunk; i < std::min(n, (c + 1) * chunk); ++i) {
      length[static_cast<std::size_t>(i)] =
          (source.column_map(i).template cast<double>() - directions.mean).stableNorm();
    }
  });
  double largest = 0.0;
  for (const double each : length) largest = std::max(largest, each);
  if (!(largest < 1e150) || (largest > 0.0 && largest < 1e-145)) return std::nullopt;
  const int exponent = largest > 0.0 ? -std::ilogb(largest) : 0;
  const double factor = std::ldexp(1.0, exponent);

  Contraction result;
  result.image.resize(rows, n);
  result.weight.resize(static_cast<std::size_t>(n));
  result.slack.resize(static_cast<std::size_t>(n));
  result.scale = factor * factor;
  result.rounding = 4.0 * double_unit * static_cast<double>(dimension + 16);
  result.underflow =
      1e-30 + 4.0 * static_cast<double>(dimension) * std::numeric_limits<double>::denorm_min() * result.scale;
  const double sum_rounding = 4.0 * double_unit * static_cast<double>(dimension + kept + 16);
  // Relative errors of V^T (x - m) in double, and of |x - m|^2 - |V^T (x - m)|^2.
  const double projection_error =
      whole ? sum_rounding : sum_rounding * std::sqrt(static_cast<double>(kept)) + directions.defect;
  const double square_error = 4.0 * projection_error;
  const double mean_length = directions.mean.stableNorm();
  const double terms = static_cast<double>(rows);
  const double product_error = terms * float_unit / (1.0 - terms * float_unit) + 8.0 * float_unit;

  parallel_for(chunks, [&](Index c) {
    const Index first = c * chunk, count = std::min(chunk, n - first);
    Matrix<double> centred(dimension, count), projected(kept, count);
    for (Index k = 0; k < count; ++k) {
      centred.col(k) = (source.column_map(first + k).template cast<double>() - directions.mean) * factor;
    }
    if (!whole) multiply(directions.axes.transpose(), centred, projected);
    for (Index k = 0; k < count; ++k) {
      const auto i = static_cast<std::size_t>(first + k);
      const double size = length[i] * factor;
      double error = projection_error * size + 8.0 * double_unit * (size + mean_length * factor);
      auto column = result.image.col(first + k);
      if (whole) {
        column = centred.col(k).template cast<float>();
      } else {
        column.head(kept) = projected.col(k).template cast<float>();
        const double rest = std::sqrt(std::max(0.0, size * size - projected.col(k).squaredNorm()));
        column[kept] = static_cast<float>(rest);
        const double off = square_error * size * size;
        error += rest > 0.0 ? std::min(std::sqrt(off), off / rest) : std::sqrt(off);
      }
      const double square = column.template cast<double>().squaredNorm();
      error += 1.01 * float_unit * std::sqrt(square) + static_cast<double>(rows) * 1e-38;
      const double slack = 2.0 * (1.0 + 1.0 / Contraction::stretch) * error * error * (1.0 + 1e-6);
      const double weight = square * (1.0 - product_error * (1.0 + 1e-6)) - slack;
      result.weight[i] = static_cast<float>(weight - std::abs(weight) * 0x1p-23 - 1e-37);
      result.slack[i] = static_cast<float>(slack * (1.0 + 0x1p-22) + 1e-37);
    }
  });
  return result;
}

}  // namespace rnnscope::detail
