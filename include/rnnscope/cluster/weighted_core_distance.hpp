// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Core distances of points that count more or less than one.
#pragma once

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "rnnscope/cluster/core_distance.hpp"

namespace rnnscope::detail {

/// \throws ShapeError unless there is one weight for every point; ValueError unless they are positive and
/// finite.
inline void check_weights(Index points, std::span<const double> weights) {
  require<ShapeError>(static_cast<Index>(weights.size()) == points, "sample weights: expected ", points,
                      ", one for every point, found ", weights.size());
  for (std::size_t p = 0; p < weights.size(); ++p) {
    require<ValueError>(weights[p] > 0.0 && std::isfinite(weights[p]), "sample weights: weight ", p, " is ",
                        weights[p], "; expected a finite number above 0");
  }
}

/// The smallest value up to which the weights of the pairs (value, weight) sum to `target` or more, or the
/// largest value if they never do; 0 without pairs. Reorders the pairs. Cost: O(n) on average.
[[nodiscard]] inline double weighted_quantile(std::vector<std::pair<double, double>>& pairs, double target) {
  auto begin = pairs.begin(), end = pairs.end();
  if (begin == end) return 0.0;
  while (end - begin > 1) {
    const auto middle = begin + (end - begin) / 2;
    std::nth_element(begin, middle, end);
    const double below =
        std::accumulate(begin, middle, 0.0, [](double sum, const auto& each) { return sum + each.second; });
    if (below >= target) {
      end = middle;
    } else {
      target -= below;
      begin = middle;
    }
  }
  return begin->first;
}

/// The proxy of every point's core distance: the smallest within which lies a weight of rank + 1, its own
/// included (so a point of weight m counts as m copies). O(N^2) distances, O(N) memory a thread.
template <metric::DistanceSource Source>
[[nodiscard]] std::vector<double> weighted_core_proxies(const Source& source, Index rank,
                                                        std::span<const double> weights,
                                                        const ProgressCallback& progress) {
  const Index n = source.size();
  constexpr Index block = 16;
  const Index blocks = (n + block - 1) / block;
  const Index stride = std::max<Index>(64, blocks / 64);
  std::vector<double> result(static_cast<std::size_t>(n));
  for (Index first = 0; first < blocks; first += stride) {
    report_progress(progress, {.stage = "core distances", .done = first, .total = blocks, .detail = {}});
    parallel_for(std::min(stride, blocks - first), [&](Index piece) {
      const Index row = (first + piece) * block, rows = std::min(block, n - row);
      std::vector<Id> others;
      std::vector<double> proxies(static_cast<std::size_t>(n));
      std::vector<std::pair<double, double>> pairs;
      for (Index i = row; i < row + rows; ++i) {
        const double target = static_cast<double>(rank) + 1.0 - weights[static_cast<std::size_t>(i)];
        if (target <= 0.0) continue;  // its own copies suffice
        others.clear();
        for (Id j = 0; j < n; ++j) {
          if (j != i) others.push_back(j);
        }
        source.proxies(i, others.data(), n - 1, proxies.data());
        pairs.clear();
        for (std::size_t k = 0; k < others.size(); ++k) {
          pairs.emplace_back(proxies[k], weights[static_cast<std::size_t>(others[k])]);
        }
        result[static_cast<std::size_t>(i)] = weighted_quantile(pairs, target);
      }
    });
  }
  return result;
}

}  // namespace rnnscope::detail
