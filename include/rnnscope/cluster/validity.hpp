// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// How well two clusterings agree.
#pragma once

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

/// The Rand index of two labellings of the same points, adjusted for chance: 1 if they are the same up to
/// renaming, about 0 if they are independent. Every label, noise too, counts as a cluster.
///
///     (sum_ij C(n_ij, 2) - E) / ((A + B) / 2 - E)    E = A B / C(n, 2)
///
/// with A = sum_i C(a_i, 2) and B = sum_j C(b_j, 2) over the cluster sizes. 1 where both are trivial alike.
/// \throws ShapeError unless both label equally many points. Cost: O(N log N).
/// Source: L. Hubert and P. Arabie, "Comparing partitions", 1985.
[[nodiscard]] inline double adjusted_rand_index(std::span<const Id> a, std::span<const Id> b) {
  require<ShapeError>(a.size() == b.size(), "adjusted Rand index: ", a.size(), " labels against ", b.size());
  const auto pairs_of = [](std::size_t count) {
    return 0.5 * static_cast<double>(count) * (static_cast<double>(count) - 1.0);
  };
  const auto pairs_within = [&](auto labels) {
    std::sort(labels.begin(), labels.end());
    double sum = 0.0;
    for (auto run = labels.begin(); run != labels.end();) {
      const auto end = std::upper_bound(run, labels.end(), *run);
      sum += pairs_of(static_cast<std::size_t>(end - run));
      run = end;
    }
    return sum;
  };
  std::vector<std::pair<Id, Id>> both;
  for (std::size_t p = 0; p < a.size(); ++p) both.emplace_back(a[p], b[p]);
  const double in_both = pairs_within(std::move(both));
  const double in_a = pairs_within(std::vector<Id>(a.begin(), a.end()));
  const double in_b = pairs_within(std::vector<Id>(b.begin(), b.end()));
  if (in_both == in_a && in_both == in_b) return 1.0;
  const double expected = in_a * in_b / pairs_of(a.size());
  return (in_both - expected) / (0.5 * (in_a + in_b) - expected);
}

}  // namespace rnnscope
