// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The Hamming distance.
#pragma once

#include <iterator>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope::metric {

/// d(x, y) = the share of places at which x and y differ, in [0, 1]. A callable on two columns, strings or
/// other sequences of one length.
struct Hamming {
  static constexpr bool is_metric = true;

  /// \throws ShapeError if the lengths differ. Two empty sequences have distance 0.
  template <class X, class Y>
  [[nodiscard]] double operator()(const X& x, const Y& y) const {
    const auto size = static_cast<Index>(std::size(x));
    require<ShapeError>(size == static_cast<Index>(std::size(y)), "Hamming distance: sequences of length ",
                        size, " and ", std::size(y), "; expected equal lengths");
    Index differing = 0;
    auto other = std::begin(y);
    for (auto each = std::begin(x); each != std::end(x); ++each, ++other) differing += *each == *other ? 0 : 1;
    return size == 0 ? 0.0 : static_cast<double>(differing) / static_cast<double>(size);
  }
};

}  // namespace rnnscope::metric
