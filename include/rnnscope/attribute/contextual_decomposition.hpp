// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Contextual decomposition: the part of a logit that a phrase caused.
#pragma once

#include <span>
#include <vector>

#include "rnnscope/attribute/classifier_run.hpp"
#include "rnnscope/attribute/split_cell.hpp"
#include "rnnscope/attribute/token_scores.hpp"
#include "rnnscope/core/parallel.hpp"
#include "rnnscope/core/span.hpp"
#include "rnnscope/product/multiply.hpp"

namespace rnnscope {

/// What phrases of one sequence caused. For every phrase  relevant + irrelevant + bias = logit.
template <class Scalar>
struct PhraseDecomposition {
  Matrix<Scalar> relevant;    ///< `K x P`: what the tokens of the phrase caused
  Matrix<Scalar> irrelevant;  ///< `K x P`: all else, interactions with the other tokens included
  Vector<Scalar> bias;        ///< `K`: bias of the read-out
  Vector<Scalar> logit;       ///< `K`
};

namespace detail {

/// A part of the input or output of a layer per phrase: `rows x (T P)`, time-major.
template <class Scalar>
struct SplitColumns {
  Matrix<Scalar> relevant, irrelevant;
};

/// Runs one layer on split inputs. `in_phrase(t, p)` says whether token t is in phrase p.
template <class Cell, class InPhrase>
SplitColumns<typename Cell::Scalar> split_run(const Recurrent<Cell>& layer,
                                              const Parameters<typename Cell::Scalar>& parameters, Index steps,
                                              Index phrases, const SplitColumns<typename Cell::Scalar>& x,
                                              const InPhrase& in_phrase) {
  using Scalar = typename Cell::Scalar;
  constexpr std::size_t gates = Cell::gate_names.size(), states = static_cast<std::size_t>(Cell::states);
  const Index hidden = layer.hidden_size(), width = static_cast<Index>(gates) * hidden;
  const auto weight_ih = parameters[layer.weight_ih()], weight_hh = parameters[layer.weight_hh()],
             b_ih = parameters[layer.bias_ih()], b_hh = parameters[layer.bias_hh()];
  SplitColumns<Scalar> a{Matrix<Scalar>(width, steps * phrases), Matrix<Scalar>(width, steps * phrases)};
  multiply(weight_ih, x.relevant, a.relevant);
  multiply(weight_ih, x.irrelevant, a.irrelevant);
  SplitColumns<Scalar> h{Matrix<Scalar>(hidden, steps * phrases), Matrix<Scalar>(hidden, steps * phrases)};
  LayerState<Cell> relevant = zero_state<Cell>(hidden, phrases), irrelevant = relevant;
  SplitColumns<Scalar> q{Matrix<Scalar>(width, phrases), Matrix<Scalar>(width, phrases)};
  for (Index t = 0; t < steps; ++t) {
    multiply(weight_hh, relevant[0], q.relevant);
    multiply(weight_hh, irrelevant[0], q.irrelevant);
    parallel_for(phrases, [&, t](Index p) {
      const Index column = t * phrases + p;
      SplitInput<Cell> in;
      in.in_phrase = in_phrase(t, p);
      for (Index u = 0; u < hidden; ++u) {
        for (std::size_t k = 0; k < gates; ++k) {
          const Index row = static_cast<Index>(k) * hidden + u;
          in.a[k] = {a.relevant(row, column), a.irrelevant(row, column), b_ih(row, 0)};
          in.q[k] = {q.relevant(row, p), q.irrelevant(row, p), b_hh(row, 0)};
        }
        for (std::size_t s = 0; s < states; ++s)
          in.previous[s] = {relevant[s](u, p), irrelevant[s](u, p), Scalar(0)};
        const SplitState<Cell> next = split_step(in);
        for (std::size_t s = 0; s < states; ++s) {
          relevant[s](u, p) = next[s].relevant;
          irrelevant[s](u, p) = next[s].irrelevant;
        }
      }
    });
    h.relevant.middleCols(t * phrases, phrases) = relevant[0];
    h.irrelevant.middleCols(t * phrases, phrases) = irrelevant[0];
  }
  return h;
}

}  // namespace detail

/// Splits the logits after the last token of one sequence into what each phrase caused and the rest.
///
/// A phrase holds the tokens [first, last) of its Span (whose `sequence` is not read). Every gate is linearised
/// by split_apply, every product expanded, and the terms given to the phrase or to the rest (see
/// split_cell.hpp); of a stack, layer by layer. A phrase of all tokens causes everything, one of no token
/// nothing.
///
/// LSTM as published, GRU and Elman by the same rules. Evaluation mode. Cost: that of 2 P runs.
/// \throws ValueError for an empty sequence, an id outside the vocabulary or a span outside the sequence.
/// Source: W. J. Murdoch et al., "Beyond word importance: contextual decomposition to extract interactions from
/// LSTMs", ICLR 2018.
template <class Cell>
[[nodiscard]] PhraseDecomposition<typename Cell::Scalar> decompose_phrases(
    const SequenceClassifier<Cell>& model, std::span<const Id> ids, std::span<const Span> phrases) {
  using Scalar = typename Cell::Scalar;
  const auto steps = static_cast<Index>(ids.size()), count = static_cast<Index>(phrases.size());
  require<ValueError>(steps > 0, "decompose_phrases: the sequence is empty");
  for (const Span& phrase : phrases) {
    require<ValueError>(phrase.first >= 0 && phrase.first <= phrase.last && phrase.last <= steps,
                        "decompose_phrases: the phrase [", phrase.first, ", ", phrase.last,
                        ") does not lie in the ", steps, " tokens");
  }
  const auto in_phrase = [&](Index t, Index p) {
    const Span& phrase = phrases[static_cast<std::size_t>(p)];
    return t >= phrase.first && t < phrase.last;
  };
  const Matrix<Scalar> x = detail::embedded(model, ids);
  const auto columns = [&](Index rows) -> Matrix<Scalar> { return Matrix<Scalar>::Zero(rows, steps * count); };
  detail::SplitColumns<Scalar> split{columns(x.rows()), columns(x.rows())};
  for (Index t = 0; t < steps; ++t) {
    for (Index p = 0; p < count; ++p)
      (in_phrase(t, p) ? split.relevant : split.irrelevant).col(t * count + p) = x.col(t);
  }
  for (const auto& layer : model.stack().layers())
    split = detail::split_run(layer, model.parameters, steps, count, split, in_phrase);
  const auto weight = model.parameters[model.readout().weight()];
  const auto layout = PackedLayout::uniform(steps, 1);
  return {.relevant = weight * split.relevant.rightCols(count),
          .irrelevant = weight * split.irrelevant.rightCols(count),
          .bias = model.parameters[model.readout().bias()].col(0),
          .logit = ClassifierRun<Cell>(model, layout, x).logits().col(0)};
}

/// The score of token i for label k: what the phrase of this one token caused (see decompose_phrases). The
/// scores of single tokens do not add up to the logit; what is missing, their interactions, is the residual.
/// One PolarityScores per sequence (see token_scores). Cost: that of 2 T runs per sequence.
template <class Cell>
[[nodiscard]] std::vector<PolarityScores<typename Cell::Scalar>> contextual_decomposition(
    const SequenceClassifier<Cell>& model, const PackedBatch& batch) {
  using Scalar = typename Cell::Scalar;
  const PackedLayout& layout = batch.layout;
  const Index labels = model.config().labels;
  Matrix<Scalar> scores(labels, layout.columns()), logits(labels, layout.batch());
  for (Index s = 0; s < layout.batch(); ++s) {
    require<ValueError>(layout.length(s) > 0, "attribution: sequence ", s, " is empty");
    std::vector<Id> ids;
    std::vector<Span> tokens;
    for (Index t = 0; t < layout.length(s); ++t) {
      ids.push_back(batch.ids[static_cast<std::size_t>(layout.column(s, t))]);
      tokens.push_back({s, t, t + 1});
    }
    const auto parts = decompose_phrases<Cell>(model, ids, tokens);
    for (Index t = 0; t < layout.length(s); ++t) scores.col(layout.column(s, t)) = parts.relevant.col(t);
    logits.col(s) = parts.logit;
  }
  return token_scores<Scalar>(layout, scores, logits, Matrix<Scalar>::Zero(labels, layout.batch()),
                              model.parameters[model.readout().bias()]);
}

}  // namespace rnnscope
