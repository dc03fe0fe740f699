// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// How layer-wise relevance propagation divides relevance among the terms of a sum.
#pragma once

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/numeric.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

/// Options of relevance_propagation.
struct RelevanceOptions {
  double epsilon = 1e-3;  ///< keeps small sums from blowing relevance up; it absorbs some
  double bias_factor =
      0;  ///< share of biases and epsilon that is spread over the inputs: 1 conserves all, 0 none

  void check() const {
    require<ValueError>(epsilon >= 0, "RelevanceOptions: epsilon must not be negative, found ", epsilon);
    require<ValueError>(bias_factor >= 0 && bias_factor <= 1,
                        "RelevanceOptions: bias_factor must lie in [0, 1], found ", bias_factor);
  }
};

/// The epsilon rule for one sum  z = terms + bias  of N terms with relevance R:
///
///     a term receives  (term + bias_factor (bias + e) / N) * R / (z + e),      e = epsilon * sign(z)
///
/// `per_unit` is R / (z + e); `spread` is what all N terms share of bias and e, already times per_unit.
template <class S>
struct RelevanceShare {
  S per_unit, spread;

  RNNSCOPE_INLINE RelevanceShare(S relevance, S sum, S bias, const RelevanceOptions& options) {
    const S e = sum < S(0) ? S(-options.epsilon) : S(options.epsilon);
    per_unit = relevance / (sum + e);
    spread = S(options.bias_factor) * (bias + e) * per_unit;
  }
};

}  // namespace rnnscope
