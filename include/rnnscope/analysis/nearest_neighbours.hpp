// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Nearest neighbours by the cosine of the angle.
#pragma once

#include <algorithm>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/parallel.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/points/scaling.hpp"

namespace rnnscope {

struct Neighbour {
  Index index = 0;        ///< column
  double similarity = 0;  ///< cosine, in [-1, 1]
  friend bool operator==(const Neighbour&, const Neighbour&) = default;
};

/// Answers queries for the columns with the largest cosine x.y / (|x| |y|).
///
/// All columns are compared: 64 queries at a time by one matrix product in `Scalar`, whose best candidates are
/// then ranked by the cosine in double, so results depend neither on the number of threads nor on how a product
/// is cut.
/// Memory: one normalised copy of the vectors, and 64 N scalars a thread. Threading: all members are const.
template <class Scalar>
class CosineNeighbours {
 public:
  /// `vectors` is `D x N`.
  /// \throws ValueError naming a column that is zero or not finite.
  explicit CosineNeighbours(const ConstMatrixRef<Scalar>& vectors)
      : units_(unit_columns<Scalar>(vectors, "CosineNeighbours: vector")) {}

  [[nodiscard]] Index size() const { return units_.cols(); }
  [[nodiscard]] Index dimension() const { return units_.rows(); }

  /// The k nearest columns of the columns `queries`, nearest first, ties by index, each query itself left out.
  /// Fewer if there are fewer.
  /// Cost: O(D N) a query.
  /// \throws ValueError on k < 0 or a query outside [0, N).
  [[nodiscard]] std::vector<std::vector<Neighbour>> of_columns(std::span<const Index> queries, Index k) const {
    Matrix<Scalar> chosen(dimension(), static_cast<Index>(queries.size()));
    for (std::size_t q = 0; q < queries.size(); ++q) {
      require<ValueError>(queries[q] >= 0 && queries[q] < size(), "CosineNeighbours: query ", q, " is column ",
                          queries[q], " of ", size());
      chosen.col(static_cast<Index>(q)) = units_.col(queries[q]);
    }
    return search(chosen, queries, k);
  }

  /// The k nearest columns of one column, itself left out.
  [[nodiscard]] std::vector<Neighbour> of_column(Index query, Index k) const {
    return of_columns(std::span<const Index>(&query, 1), k).front();
  }

  /// The k nearest columns of other vectors, `D x Q`.
  /// \throws ShapeError on another dimension, ValueError as above.
  [[nodiscard]] std::vector<std::vector<Neighbour>> of_vectors(const ConstMatrixRef<Scalar>& queries,
                                                               Index k) const {
    require<ShapeError>(queries.rows() == dimension(), "CosineNeighbours: queries of dimension ",
                        queries.rows(), ", expected ", dimension());
    return search(unit_columns<Scalar>(queries, "CosineNeighbours: query"), {}, k);
  }

 private:
  static constexpr Index block_ = 64;

  [[nodiscard]] double cosine(const Matrix<Scalar>& queries, Index q, Index j) const {
    double sum = 0;
    for (Index d = 0; d < dimension(); ++d) {
      sum += static_cast<double>(queries(d, q)) * static_cast<double>(units_(d, j));
    }
    return std::clamp(sum, -1.0, 1.0);
  }

  /// `own[q]`, if given, is the column to leave out for query q.
  [[nodiscard]] std::vector<std::vector<Neighbour>> search(const Matrix<Scalar>& queries,
                                                           std::span<const Index> own, Index k) const {
    require<ValueError>(k >= 0, "CosineNeighbours: k must not be negative, found ", k);
    std::vector<std::vector<Neighbour>> results(static_cast<std::size_t>(queries.cols()));
    parallel_for((queries.cols() + block_ - 1) / block_, [&](Index piece) {
      const Index first = piece * block_, count = std::min(block_, queries.cols() - first);
      const Matrix<Scalar> products = units_.transpose() * queries.middleCols(first, count);  // N x count
      for (Index q = 0; q < count; ++q) {
        const auto place = static_cast<std::size_t>(first + q);
        results[place] = best(products.col(q), queries, first + q, own.empty() ? -1 : own[place], k);
      }
    });
    return results;
  }

  [[nodiscard]] std::vector<Neighbour> best(const Eigen::Ref<const Vector<Scalar>>& products,
                                            const Matrix<Scalar>& queries, Index q, Index own, Index k) const {
    std::vector<Scalar> ordered;
    ordered.reserve(static_cast<std::size_t>(size()));
    for (Index j = 0; j < size(); ++j) {
      if (j != own) ordered.push_back(products(j));
    }
    const auto wanted = static_cast<std::size_t>(std::min(k, static_cast<Index>(ordered.size())));
    if (wanted == 0) return {};
    std::nth_element(ordered.begin(), ordered.begin() + static_cast<std::ptrdiff_t>(wanted - 1), ordered.end(),
                     std::greater<>());
    // Two sums of D products of unit vectors are compared; each is rounded by less than D epsilon.
    const Scalar rounding = Scalar(2 * (dimension() + 2)) * std::numeric_limits<Scalar>::epsilon();
    const Scalar threshold = ordered[wanted - 1] - rounding;
    std::vector<Neighbour> candidates;
    for (Index j = 0; j < size(); ++j) {
      if (j != own && products(j) >= threshold) candidates.push_back({j, cosine(queries, q, j)});
    }
    std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(wanted),
                      candidates.end(), [](const Neighbour& a, const Neighbour& b) {
                        return a.similarity != b.similarity ? a.similarity > b.similarity : a.index < b.index;
                      });
    candidates.resize(wanted);
    return candidates;
  }

  Matrix<Scalar> units_;
};

}  // namespace rnnscope
