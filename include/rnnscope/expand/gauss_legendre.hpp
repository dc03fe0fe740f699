// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Gauss-Legendre quadrature on [0, 1].
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <numbers>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

/// integral of f over [0, 1]  ~  sum_k weights[k] * f(nodes[k]).
struct QuadratureRule {
  std::vector<double> nodes;    ///< ascending, inside (0, 1)
  std::vector<double> weights;  ///< positive, sum 1
};

/// The rule of `count` nodes: exact for polynomials of degree 2 count - 1. Nodes are the roots of the Legendre
/// polynomial, by Newton's method from the usual cosine guess. Cost: O(count^2).
/// \throws ValueError if count < 1.
[[nodiscard]] inline QuadratureRule gauss_legendre(Index count) {
  require<ValueError>(count >= 1, "gauss_legendre: needs at least 1 node, found ", count);
  QuadratureRule rule{std::vector<double>(static_cast<std::size_t>(count)),
                      std::vector<double>(static_cast<std::size_t>(count))};
  const auto n = static_cast<double>(count);
  for (Index k = 0; k < count; ++k) {
    double x = -std::cos(std::numbers::pi * (static_cast<double>(k) + 0.75) / (n + 0.5)), slope = 0;
    for (int iteration = 0; iteration < 10; ++iteration) {
      double before = 1, value = x;  // P_{j-1}, P_j
      for (Index j = 1; j < count; ++j) {
        const auto order = static_cast<double>(j);
        const double next = ((2 * order + 1) * x * value - order * before) / (order + 1);
        before = value;
        value = next;
      }
      slope = n * (before - x * value) / (1 - x * x);
      const double step = value / slope;
      x -= step;
      if (std::abs(step) < 1e-15) break;
    }
    rule.nodes[static_cast<std::size_t>(k)] = (1 + x) / 2;
    rule.weights[static_cast<std::size_t>(k)] = 1 / ((1 - x * x) * slope * slope);
  }
  return rule;
}

/// How an integral is refined: the nodes are doubled until the error is within the tolerance.
struct Quadrature {
  static constexpr Index limit = 256;

  double tolerance = 1e-10;  ///< of |g + A state - new state|, relative to max(1, |new state|)
  Index first = 4;           ///< nodes of the first attempt, a power of two
  Index most = 128;          ///< nodes of the last attempt, a power of two

  void check() const {
    const auto power_of_two = [](Index n) {
      return n >= 1 && std::has_single_bit(static_cast<std::size_t>(n));
    };
    require<ValueError>(std::isfinite(tolerance) && tolerance >= 0,
                        "Quadrature: the tolerance must not be negative, found ", tolerance);
    require<ValueError>(power_of_two(first) && power_of_two(most) && first <= most && most <= limit,
                        "Quadrature: first and most must be powers of two with first <= most <= ", limit,
                        ", found ", first, " and ", most);
  }

  /// The rule of `count` nodes, a power of two up to the limit; made at the first call, then shared.
  [[nodiscard]] static const QuadratureRule& rule(Index count) {
    static const std::array<QuadratureRule, 9> rules = [] {
      std::array<QuadratureRule, 9> all;
      for (std::size_t k = 0; k < all.size(); ++k) all[k] = gauss_legendre(Index{1} << k);
      return all;
    }();
    return rules[static_cast<std::size_t>(std::countr_zero(static_cast<std::size_t>(count)))];
  }
};

}  // namespace rnnscope
