// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Disjoint sets of points, as every algorithm over edges needs them.
#pragma once

#include <numeric>
#include <vector>

#include "rnnscope/core/types.hpp"

namespace rnnscope::detail {

/// Sets of the numbers 0 ... n - 1, at first one each. Every set has a representative, chosen by the caller who
/// joins. Cost: O(log n) an operation on average, by halving paths; no recursion. Not for several threads.
class UnionFind {
 public:
  explicit UnionFind(std::size_t n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), Id{0}); }

  /// The representative of the set of v.
  [[nodiscard]] Id find(Id v) {
    while (parent_[static_cast<std::size_t>(v)] != v) {
      Id& up = parent_[static_cast<std::size_t>(v)];
      up = parent_[static_cast<std::size_t>(up)];
      v = up;
    }
    return v;
  }

  /// Puts the set that `representative` stands for into the one that `into` stands for.
  void join(Id representative, Id into) { parent_[static_cast<std::size_t>(representative)] = into; }

  [[nodiscard]] std::size_t size() const { return parent_.size(); }

 private:
  std::vector<Id> parent_;
};

}  // namespace rnnscope::detail
