// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// What may be changed about an n-gram cell.
#pragma once

#include <limits>

#include "rnnscope/core/error.hpp"

namespace rnnscope {

/// Which n-grams make up the state of an NgramCell.
enum class NgramTerms {
  All,     ///< every n-gram that ends here: g(x_t) joins at every step (MVMA in Sun and Lu, 2022)
  Longest  ///< only the one of all tokens, Phi(1..t): g joins at the first step, then A alone (MVM)
};

/// Options of an NgramCell.
struct NgramCellOptions {
  /// Every element of the state is cut to [-clamp, clamp] after each step (the n-gram paper: 3 on
  /// WikiText-103). Elements that were cut pass no gradient. Infinity: never.
  double clamp = std::numeric_limits<double>::infinity();
  /// `Longest` counts steps from the beginning of a run: for whole sequences, not for windows of a stream.
  NgramTerms terms = NgramTerms::All;

  void check() const {
    require<ValueError>(clamp > 0, "NgramCellOptions: the clamp must be positive, found ", clamp);
  }
};

}  // namespace rnnscope
