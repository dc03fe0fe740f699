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

/// A point and orthonormal directions, `D x q`. Which ones they are decides speed alone: any are right.
struct Directions {
  Vector<double> mean;
  Matrix<double> axes;  ///< no columns: all D directions of space as they are
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

/// `count` evenly spaced columns of the source, as they are.
template <class Source>
[[nodiscard]] Matrix<double> sample_columns(const Source& source, Index count) {
  Matrix<double> sample(source.dimension(), count);
  for (Index k = 0; k < count; ++k) {
    sample.col(k) = source.column_map(k * source.size() / count).template cast<double>();
  }
  return sample;
}

/// The first `count` principal directions, nearly; all of space if that many there are not. At least one point.
template <class Source>
[[nodiscard]] Directions principal_directions(const Source& source, Index count) {
  constexpr Index sample_size = 1024;
  constexpr int iterations = 3;
  const Index n = source.size(), dimension = source.dimension();
  Matrix<double> sample = sample_columns(source, std::min(n, sample_size));
  Directions result{sample.rowwise().mean(), Matrix<double>(dimension, 0)};
  if (count >= dimension) return result;
  sample.colwise() -= result.mean;
  const double largest = sample.cwiseAbs().maxCoeff();
  if (largest > 0.0) sample *= std::ldexp(1.0, -std::ilogb(largest));
  const Matrix<float> rough = sample.cast<float>();  // the directions need not be good, only orthonormal
  Random random(1);
  Matrix<double> axes(dimension, count);
  for (double& each : axes.reshaped()) each = random.uniform(-1.0, 1.0);
  orthonormalise(axes);
  Matrix<float> images(rough.cols(), count), moved(dimension, count);
  for (int k = 0; k < iterations; ++k) {
    const Matrix<float> from = axes.cast<float>();
    multiply(rough.transpose(), from, images);
    multiply(rough, images, moved);
    axes = moved.cast<double>();
    for (Index c = 0; c < count; ++c) {  // points of few dimensions leave zeros: fill up with anything
      if (axes.col(c).norm() > 1e-6) continue;
      for (double& each : axes.col(c)) each = random.uniform(-1.0, 1.0);
    }
    orthonormalise(axes);
  }
  result.axes = std::move(axes);
  return result;
}

/// As many of the directions as make tiles cheapest, by a trial: how many pairs would be left over for the
/// canonical kernel if `rank` neighbours were wanted. Costs in nanoseconds, measured; they decide on speed
/// alone.
template <class Source>
[[nodiscard]] Directions best_directions(const Source& source, Index rank) {
  constexpr Index query_count = 32, target_count = 2048, many = 32768;
  const Index n = source.size(), dimension = source.dimension(), most = n < many ? 64 : 128;
  if (dimension <= 16) return principal_directions(source, dimension);
  Directions all = principal_directions(source, std::min(most, dimension - 1));

  const Index queries = std::min(n, query_count), targets = std::min(n, target_count);
  Matrix<double> from = sample_columns(source, queries).colwise() - all.mean;
  Matrix<double> to = sample_columns(source, targets).colwise() - all.mean;
  const double largest = std::max(from.cwiseAbs().maxCoeff(), to.cwiseAbs().maxCoeff());
  const double factor = largest > 0.0 ? std::ldexp(1.0, -std::ilogb(largest)) : 1.0;
  from *= factor;
  to *= factor;
  // The squared distance of the wanted neighbour of every query, roughly.
  const Matrix<float> rough = from.cast<float>();
  std::vector<std::vector<float>> nearest(static_cast<std::size_t>(queries));
  for (auto& each : nearest) each.resize(static_cast<std::size_t>(n));
  constexpr Index chunk = 1024;
  parallel_for((n + chunk - 1) / chunk, [&](Index c) {
    const Index first = c * chunk, count = std::min(chunk, n - first);
    Matrix<float> part(dimension, count), products(queries, count);
    for (Index k = 0; k < count; ++k) {
      part.col(k) =
          ((source.column_map(first + k).template cast<double>() - all.mean) * factor).template cast<float>();
    }
    multiply(rough.transpose(), part, products);
    for (Index k = 0; k < count; ++k) {
      const float square = part.col(k).squaredNorm();
      for (Index q = 0; q < queries; ++q) {
        nearest[static_cast<std::size_t>(q)][static_cast<std::size_t>(first + k)] =
            square + rough.col(q).squaredNorm() - 2.0f * products(q, k);
      }
    }
  });
  std::vector<double> reach;
  for (auto& each : nearest) {
    const auto place = each.begin() + std::min(rank, n - 1);  // the query itself is the nearest
    std::nth_element(each.begin(), place, each.end());
    reach.push_back(static_cast<double>(*place));
  }

  const Matrix<double> from_image = all.axes.transpose() * from, to_image = all.axes.transpose() * to;
  const auto pair_cost = [](Index rows) { return 0.15 + 0.0085 * static_cast<double>(rows); };
  const double evaluation_cost = 10.0 + 0.08 * static_cast<double>(dimension);
  Index best = dimension;
  double least = 0.5 * static_cast<double>(n) * pair_cost(dimension);
  for (Index count = 16; count <= all.axes.cols(); count += count / 2) {
    Index left = 0;
    for (Index q = 0; q < queries; ++q) {
      const auto x = from_image.col(q).head(count);
      const double x_rest = std::sqrt(std::max(0.0, from.col(q).squaredNorm() - x.squaredNorm()));
      for (Index t = 0; t < targets; ++t) {
        const auto y = to_image.col(t).head(count);
        const double y_rest = std::sqrt(std::max(0.0, to.col(t).squaredNorm() - y.squaredNorm()));
        if ((x - y).squaredNorm() + (x_rest - y_rest) * (x_rest - y_rest) <= reach[static_cast<std::size_t>(q)])
          ++left;
      }
    }
    const double share = static_cast<double>(left) / static_cast<double>(queries * targets);
    const double cost =
        0.5 * static_cast<double>(n) * pair_cost(count + 1) + share * static_cast<double>(n) * evaluation_cost;
    if (cost < least) {
      least = cost;
      best = count;
    }
  }
  if (best == dimension) {
    all.axes.resize(dimension, 0);
  } else {
    all.axes = all.axes.leftCols(best).eval();
  }
  return all;
}

/// At least the spectral norm of axes^T axes - 1, rounding included.
[[nodiscard]] inline double orthonormality_defect(const Matrix<double>& axes) {
  if (axes.cols() == 0) return 0.0;
  Matrix<double> gram(axes.cols(), axes.cols());
  multiply(axes.transpose(), axes, gram);
  gram.diagonal().array() -= 1.0;
  return 2.0 * gram.norm() + static_cast<double>((axes.rows() + 8) * axes.cols()) * 0x1p-52;
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

  /// Some of its points, [first, first + count).
  [[nodiscard]] Contraction part(Index first, Index count) const {
    Contraction result{image.middleCols(first, count), {}, {}, scale, rounding, underflow};
    result.weight.assign(weight.begin() + first, weight.begin() + first + count);
    result.slack.assign(slack.begin() + first, slack.begin() + first + count);
    return result;
  }

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
      whole ? sum_rounding
            : sum_rounding * std::sqrt(static_cast<double>(kept)) + orthonormality_defect(directions.axes);
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
