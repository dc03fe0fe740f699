// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Polarity scores of an unrolled layer, ready for a pyramid or a table.
#pragma once

#include <vector>

#include "rnnscope/expand/polarity.hpp"
#include "rnnscope/report/ngram_pyramid_plot.hpp"
#include "rnnscope/report/table.hpp"

namespace rnnscope {

/// What Figures 2 and 10 of "Sequence-level features: how GRU and LSTM cells capture n-grams" show: the scores
/// of all n-grams of two or more tokens that end at token `end`, and of the single tokens up to it, where there
/// are scores for them.
/// \throws ValueError if no n-gram ends at `end` or there is no such label.
template <class Scalar>
[[nodiscard]] std::vector<NgramScore> ngram_scores(const PolarityScores<Scalar>& scores, Index end,
                                                   Index label = 0) {
  static_cast<void>(scores.index.end(end));  // there must be one
  std::vector<NgramScore> result;
  const auto add = [&](Index i, Index t) {
    result.push_back({i, t + 1, static_cast<double>(scores.at(i, t, label))});
  };
  for (Index t = scores.index.first_end(); t <= end; ++t) add(t, t);
  for (Index i = end - 1; i >= scores.index.first(end); --i) add(i, end);
  return result;
}

/// The terms of an account in the order of its equation, their sum, and the logit that it explains.
template <class Scalar>
[[nodiscard]] Table account_table(const PolarityAccount<Scalar>& account) {
  Table table({{"term"}, {"value", ColumnKind::Number}});
  table.add("token", account.token);
  table.add("sequence", account.sequence);
  table.add("longer", account.longer);
  table.add("initial state", account.initial);
  table.add("residual, second order", account.second_order);
  table.add("residual, third order", account.third_order);
  table.add("residual, rest", account.rest());
  table.add("bias", account.bias);
  table.add("sum", account.sum());
  table.add("logit", account.logit);
  return table;
}

}  // namespace rnnscope
