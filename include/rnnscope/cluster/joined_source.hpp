// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The points of a clustering and further points as one set of things with distances.
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <string_view>

#include "rnnscope/metric/distance_source.hpp"
#include "rnnscope/metric/range.hpp"

namespace rnnscope::detail {

/// One container after the other, as one.
template <class Container>
class JoinedObjects {
 public:
  JoinedObjects(const Container& first, const Container& second) : first_(first), second_(second) {}
  [[nodiscard]] std::size_t size() const { return first_.size() + second_.size(); }
  [[nodiscard]] decltype(auto) operator[](std::size_t i) const {
    return i < first_.size() ? first_[i] : second_[i - first_.size()];
  }

 private:
  const Container& first_;
  const Container& second_;
};

/// The DistanceSource of N points with M more: `matrix` is N x N, `cross` N x M. Distances between two of the
/// M are not known and not asked for.
template <class Scalar>
class JoinedPrecomputed {
 public:
  static constexpr bool is_metric = false;

  /// \throws ShapeError unless cross has N rows; ValueError unless its entries are finite and at least 0.
  JoinedPrecomputed(const ConstMatrixRef<Scalar>& matrix, const ConstMatrixRef<Scalar>& cross)
      : matrix_(matrix), cross_(cross) {
    require<ShapeError>(
        matrix.rows() == matrix.cols() && cross.rows() == matrix.cols(),
        "precomputed distances: expected an N x N matrix and one of N x M to the new points, found ",
        shape_text(matrix.rows(), matrix.cols()), " and ", shape_text(cross.rows(), cross.cols()));
    require<ValueError>(cross.allFinite() && (cross.array() >= Scalar(0)).all(),
                        "precomputed distances to new points: expected finite numbers >= 0");
  }
  [[nodiscard]] Index size() const { return matrix_.cols() + cross_.cols(); }
  [[nodiscard]] double lift(double proxy) const { return proxy; }
  [[nodiscard]] double lower(double distance) const { return distance; }
  void proxies(Index i, const Id* others, Index count, double* out) const {
    for (Index q = 0; q < count; ++q) {
      out[q] = static_cast<double>(i < matrix_.cols() ? matrix_(others[q], i)
                                                      : cross_(others[q], i - matrix_.cols()));
    }
  }

 private:
  const ConstMatrixRef<Scalar>& matrix_;
  const ConstMatrixRef<Scalar>& cross_;
};

/// Calls use(source, exponent) with the distances among `points` and `more`, numbered one after the other; true
/// distances are the lifted ones times 2^exponent. Columns that are not finite count as
/// columns of ones; their owner must know them. \throws as metric::distance_source, ShapeError at other
/// features; messages call one of `more` as `what` says.
template <class Metric, class Points, class More, class Use>
void with_joined_source(const Metric& metric, const Points& points, const More& more, Use&& use,
                        std::string_view what = "new point") {
  if constexpr (std::integral<Points>) {
    use(metric::distance_source(metric, static_cast<Index>(points) + static_cast<Index>(more)), 0);
  } else if constexpr (!metric::EigenPoints<Points>) {
    static_assert(std::same_as<Points, More>, "new points must come in the same container as the old");
    const JoinedObjects<Points> joined(points, more);
    use(metric::distance_source(metric, joined), 0);
  } else {
    using Scalar = typename Points::Scalar;
    static_assert(std::same_as<Scalar, typename More::Scalar>,
                  "new points must hold the same numbers as the old");
    const ConstMatrixRef<Scalar> first(points.derived()), second(more.derived());
    if constexpr (std::same_as<Metric, metric::Precomputed>) {
      use(JoinedPrecomputed<Scalar>(first, second), 0);
    } else {
      require<ShapeError>(first.rows() == second.rows() || second.cols() == 0, "new points: expected ",
                          first.rows(), " features, found ", second.rows());
      Matrix<Scalar> joined(first.rows(), first.cols() + second.cols());
      joined.leftCols(first.cols()) = first;
      if (second.cols() > 0) joined.rightCols(second.cols()) = second;
      for (Index j = 0; j < joined.cols(); ++j) {
        if (!joined.col(j).allFinite()) joined.col(j).setOnes();
      }
      if constexpr (requires { metric.template check<Scalar>(second, what); }) {
        metric.template check<Scalar>(joined.rightCols(second.cols()), what);
      }
      int exponent = 0;
      if constexpr (metric::degree_of < Metric >> 0 && std::same_as<Scalar, double>) {
        exponent = metric::range_exponent<Scalar>(joined);
        if (exponent != 0)
          joined = joined.unaryExpr([exponent](double x) { return std::ldexp(x, exponent); }).eval();
        // One coordinate far beyond those of the old points would scale their differences to nothing.
        require<ValueError>(
            exponent == 0 || second.cols() == 0 || metric::range_exponent<Scalar>(first) != 0 ||
                joined.rightCols(second.cols()).cwiseAbs().maxCoeff() <=
                    std::ldexp(1.0, metric::highest_safe_exponent + exponent),
            "new points: a coordinate is beyond the range in which it can be squared beside those of "
            "the old points");
      }
      use(metric::distance_source(metric, joined), -exponent * metric::degree_of<Metric>);
    }
  }
}

/// Calls use(source, exponent) with the points of a clustering alone, by the same rules.
template <class Metric, class Points, class Use>
void with_source(const Metric& metric, const Points& points, Use&& use) {
  if constexpr (metric::EigenPoints<Points> && !std::same_as<Metric, metric::Precomputed>) {
    using Scalar = typename Points::Scalar;
    const ConstMatrixRef<Scalar> columns(points.derived());
    if (columns.allFinite() &&
        (metric::degree_of<Metric> == 0 || metric::range_exponent<Scalar>(columns) == 0)) {
      use(metric::distance_source(metric, columns), 0);  // no copy
    } else {
      with_joined_source(metric, columns, Matrix<Scalar>(columns.rows(), 0), use);
    }
  } else {
    use(metric::distance_source(metric, points), 0);
  }
}

/// `with_source` that refuses columns that are not finite.
template <class Metric, class Points, class Use>
void with_finite_source(const Metric& metric, const Points& points, Use&& use) {
  if constexpr (metric::EigenPoints<Points> && !std::same_as<Metric, metric::Precomputed>) {
    metric::detail::check_scalar<Points>();
    metric::check_points<typename Points::Scalar>(points.derived());
  }
  with_source(metric, points, use);
}

/// The distance of scaled points as one of the points themselves; `what` begins the message. \throws ValueError
/// where that is beyond the range in which distances have reciprocals.
[[nodiscard]] inline double scaled_back(double distance, int exponent, std::string_view what) {
  const double result = std::ldexp(distance, exponent);
  require<ValueError>(exponent == 0 || distance == 0.0 || (result > 1e-290 && result < 1e290), what,
                      ": a distance of about ", result, " is beyond the range of double; scale the points");
  return result;
}

/// Between scaled points, distances below this have lost digits, or vanished.
template <class Metric>
[[nodiscard]] double smallest_scaled() {
  return std::ldexp(1.0, -480 * metric::degree_of<Metric>);
}

}  // namespace rnnscope::detail
