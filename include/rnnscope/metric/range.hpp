// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Which metrics need points that are neither too large nor too small (see range_exponent).
#pragma once

#include "rnnscope/metric/mahalanobis.hpp"
#include "rnnscope/metric/manhattan.hpp"
#include "rnnscope/metric/range_exponent.hpp"
#include "rnnscope/metric/squared_euclidean.hpp"

namespace rnnscope::metric {

/// h if d(a x, a y) = a^h d(x, y) for all a > 0 and powers of such distances are at stake; 0 otherwise. Metrics
/// that take care of the range themselves (Cosine, Minkowski, ...) have 0.
template <class Metric>
inline constexpr int degree_of = 0;
template <>
inline constexpr int degree_of<Euclidean> = 1;
template <>
inline constexpr int degree_of<Manhattan> = 1;
template <>
inline constexpr int degree_of<Mahalanobis> = 1;
template <>
inline constexpr int degree_of<SquaredEuclidean> = 2;

}  // namespace rnnscope::metric
