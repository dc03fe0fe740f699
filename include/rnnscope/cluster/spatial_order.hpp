// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// An order of points in which blocks of neighbours in the order are neighbours in space.
#pragma once

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "rnnscope/core/types.hpp"

namespace rnnscope::detail {

/// The columns of `image`, halved again and again along the coordinate that spreads most, down to blocks of
/// `block` (a border is always a multiple of it). Cost: O(N log(N / block)); no recursion.
[[nodiscard]] inline std::vector<Id> spatial_order(const Matrix<float>& image, Index block) {
  constexpr Index probes = 256;
  std::vector<Id> order(static_cast<std::size_t>(image.cols()));
  std::iota(order.begin(), order.end(), 0);
  std::vector<std::pair<Index, Index>> open{{0, image.cols()}};
  while (!open.empty()) {
    const auto [begin, end] = open.back();
    open.pop_back();
    const Index size = end - begin;
    if (size <= block) continue;
    Vector<float> low = Vector<float>::Constant(image.rows(), std::numeric_limits<float>::max());
    Vector<float> high = -low;
    const Index taken = std::min(size, probes);
    for (Index k = 0; k < taken; ++k) {
      const auto column = image.col(order[static_cast<std::size_t>(begin + k * size / taken)]);
      low = low.cwiseMin(column);
      high = high.cwiseMax(column);
    }
    Index axis = 0;
    (high - low).maxCoeff(&axis);
    const Index middle = begin + (size / block + 1) / 2 * block;
    std::nth_element(order.begin() + begin, order.begin() + middle, order.begin() + end, [&](Id a, Id b) {
      const float x = image(axis, a), y = image(axis, b);
      return x < y || (x == y && a < b);
    });
    open.emplace_back(begin, middle);
    open.emplace_back(middle, end);
  }
  return order;
}

}  // namespace rnnscope::detail
