// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// How fast products of one A grow.
#pragma once

#include <cmath>
#include <numeric>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/random.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/expand/transition.hpp"

namespace rnnscope {

/// Estimates the spectral radius of A for every column of `coefficients`: a random vector is multiplied by A
/// `iterations` times; the estimate is its mean growth over the second half. (The mean, because a pair of
/// complex eigenvalues makes the growth of single steps oscillate.) Relative error about 1 / iterations, often
/// far less; deterministic. Cost: 2 G H^2 flop per column and iteration. \throws ValueError if iterations < 2.
template <class Cell>
[[nodiscard]] Vector<typename Cell::Scalar> estimate_spectral_radius(const Coefficients<Cell>& coefficients,
                                                                     Transition<Cell>& transition,
                                                                     Index iterations) {
  using Scalar = typename Cell::Scalar;
  require<ValueError>(iterations >= 2, "spectral_radius: at least 2 iterations are needed, found ", iterations);
  const Index hidden = coefficients.hidden_size(), columns = coefficients.columns();
  LayerState<Cell> block = zero_state<Cell>(hidden, columns);
  Random random(1);
  for (auto& part : block) {
    for (Index k = 0; k < part.size(); ++k) part.data()[k] = static_cast<Scalar>(random.normal());
  }
  std::vector<Index> each(static_cast<std::size_t>(columns));
  std::iota(each.begin(), each.end(), Index{0});
  Vector<Scalar> log_growth = Vector<Scalar>::Zero(columns);
  const Index warm_up = iterations / 2;
  for (Index iteration = 0; iteration < iterations; ++iteration) {
    transition.apply(each, StateBlock<Cell>(block, 0, columns));
    for (Index n = 0; n < columns; ++n) {
      Scalar square(0);
      for (const auto& part : block) square += part.col(n).squaredNorm();
      const Scalar norm = std::sqrt(square);
      if (iteration >= warm_up) log_growth(n) += std::log(norm);
      if (norm > Scalar(0)) {
        for (auto& part : block) part.col(n) /= norm;
      }
    }
  }
  Vector<Scalar> radius(columns);
  for (Index n = 0; n < columns; ++n)
    radius(n) = std::exp(log_growth(n) / static_cast<Scalar>(iterations - warm_up));
  return radius;
}

}  // namespace rnnscope
