// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Polarity scores of an unrolled layer, and how far to trust them, ready for plots and tables.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/expand/bidirectional_scores.hpp"
#include "rnnscope/expand/expansion_quality.hpp"
#include "rnnscope/expand/polarity.hpp"
#include "rnnscope/report/ngram_bar_plot.hpp"
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

/// What Figures 4 and 5 of the same paper show, for `ngram_bar_plot`: the scores of all n-grams of a
/// bidirectional layer that end where its halves do, the forward half at the last token, the backward half at
/// the first, from the single token to the longest. The words are in the order in which the half reads them.
/// \throws ShapeError if there is not one token for every step; ValueError if it is empty or there is no such
/// label.
template <class Scalar>
[[nodiscard]] std::vector<NgramBars> bidirectional_ngram_bars(const std::vector<std::string>& tokens,
                                                              const BidirectionalScores<Scalar>& scores,
                                                              Index label = 0) {
  const Index length = scores.length();
  require<ShapeError>(static_cast<Index>(tokens.size()) == length, "bidirectional_ngram_bars: ", tokens.size(),
                      " tokens, but scores of a sequence of ", length);
  const auto panel = [&](const char* title, const PolarityScores<Scalar>& half, bool reversed) {
    NgramBars result{title, {}};
    for (Index i = length - 1; i >= half.index.first(length - 1); --i) {
      std::string words;
      for (Index t = i; t < length; ++t) {
        words += (t == i ? "" : " ") + tokens[static_cast<std::size_t>(reversed ? length - 1 - t : t)];
      }
      result.bars.push_back({words, static_cast<double>(half.at(i, length - 1, label))});
    }
    return result;
  };
  return {panel("forward", scores.forward, false), panel("backward", scores.backward, true)};
}

/// How an expansion does on a text: its errors, the growth of A, and, with quadrature, the nodes that it took.
/// \throws ValueError if there are no tokens.
template <class Scalar>
[[nodiscard]] Table quality_table(const ExpansionQuality<Scalar>& quality) {
  require<ValueError>(quality.step_error.size() > 0, "quality_table: there are no tokens");
  Table table({{"per token"}, {"median", ColumnKind::Number}, {"largest", ColumnKind::Number}});
  const auto add = [&](const char* name, std::vector<Scalar> values) {
    std::sort(values.begin(), values.end());
    table.add(name, values[(values.size() - 1) / 2], values.back());
  };
  const auto values = [](const Vector<Scalar>& v) {
    return std::vector<Scalar>(v.data(), v.data() + v.size());
  };
  add("error of a step", values(quality.step_error));
  add("error after unrolling", values(quality.unrolled_error));
  add("spectral radius of A", values(quality.spectral_radius));
  if (!quality.quadrature_nodes.empty()) {
    add("quadrature nodes",
        std::vector<Scalar>(quality.quadrature_nodes.begin(), quality.quadrature_nodes.end()));
  }
  return table;
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
