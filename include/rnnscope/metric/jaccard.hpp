// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The Jaccard distance.
#pragma once

#include <iterator>

#include "rnnscope/core/error.hpp"
#include "rnnscope/metric/concept.hpp"

namespace rnnscope::metric {

/// d(A, B) = 1 - |A and B| / |A or B|, of two sets; 0 if both are empty. A callable on two columns, which stand
/// for the sets of the places where they are not zero, or on two strictly ascending sequences of the members
/// (`std::set`, a sorted `std::vector<Id>`).
struct Jaccard {
  static constexpr bool is_metric = true;

  /// \throws ShapeError if columns differ in size; ValueError if a sequence does not ascend.
  template <class X, class Y>
  [[nodiscard]] double operator()(const X& x, const Y& y) const {
    Index common = 0, either = 0;
    if constexpr (EigenPoints<X>) {
      require<ShapeError>(x.size() == y.size(), "Jaccard distance: columns of ", x.size(), " and ", y.size(),
                          " rows");
      for (Index k = 0; k < x.size(); ++k) {
        const bool in_x = x(k) != 0, in_y = y(k) != 0;
        common += in_x && in_y ? 1 : 0;
        either += in_x || in_y ? 1 : 0;
      }
    } else {
      auto a = std::begin(x);
      auto b = std::begin(y);
      for (; a != std::end(x) && b != std::end(y); ++either) {
        const bool from_x = !(*b < *a), from_y = !(*a < *b);
        common += from_x && from_y ? 1 : 0;
        if (from_x) advance(a, x);
        if (from_y) advance(b, y);
      }
      for (; a != std::end(x); ++either) advance(a, x);
      for (; b != std::end(y); ++either) advance(b, y);
    }
    return either == 0 ? 0.0 : static_cast<double>(either - common) / static_cast<double>(either);
  }

 private:
  template <class Iterator, class Set>
  static void advance(Iterator& at, const Set& set) {
    const Iterator before = at++;
    require<ValueError>(at == std::end(set) || *before < *at,
                        "Jaccard distance: the members of a set must be strictly ascending; sort them and "
                        "remove repetitions");
  }
};

}  // namespace rnnscope::metric
