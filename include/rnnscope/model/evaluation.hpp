// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// How well a language model predicts a text, measured in the two usual ways.
#pragma once

#include <cmath>
#include <span>
#include <string_view>
#include <vector>

#include "rnnscope/core/progress.hpp"
#include "rnnscope/model/language_model.hpp"
#include "rnnscope/text/stream.hpp"
#include "rnnscope/text/vocabulary.hpp"

namespace rnnscope {

/// Total cross-entropy of a number of predictions.
struct Evaluation {
  double total_nats = 0;
  Index predictions = 0;

  /// Per prediction.
  [[nodiscard]] double nats() const { return total_nats / static_cast<double>(predictions); }
  /// Bits per character, or per word.
  [[nodiscard]] double bits() const { return nats() / std::log(2.0); }
  [[nodiscard]] double perplexity() const { return std::exp(nats()); }
};

/// Cuts the text into `options.batch` columns that each start from a zero state ("cold"), and reads them side
/// by side with the state carried along each column. Fast; a little pessimistic. With batch = 1 the text is one
/// continuous stream, the figure papers usually report. Evaluation mode (no dropout).
/// \throws ValueError if a column would have fewer than 2 ids. Progress counts windows.
template <class Cell>
[[nodiscard]] Evaluation evaluate(const LanguageModel<Cell>& model, std::span<const Id> ids,
                                  const StreamOptions& options = {.batch = 1, .steps = 1000},
                                  const ProgressCallback& progress = {}) {
  const TokenStream stream(ids, options);
  typename LanguageModel<Cell>::Workspace workspace;
  workspace.tape.keep(TapeContent::States, model.stack().layers().size());
  auto state = model.zero_state(stream.batch());
  Evaluation result;
  for (Index k = 0; k < stream.windows(); ++k) {
    const StreamWindow window = stream.window(k);
    const auto layout = PackedLayout::uniform(window.steps, stream.batch());
    result.total_nats +=
        static_cast<double>(model.loss(layout, window.inputs, window.targets, state, workspace));
    result.predictions += layout.columns();
    report_progress(progress, {.stage = "evaluation", .done = k + 1, .total = stream.windows(), .detail = {}});
  }
  return result;
}

/// -log p(ids[t + 1] | ids[0..t]) in nats for every t: how surprising each token but the first is, read as one
/// continuous stream. Their sum is `evaluate(model, ids).total_nats`. \throws ValueError for fewer than 2 ids
/// or an id outside the vocabulary.
template <class Cell>
[[nodiscard]] std::vector<double> surprisals(const LanguageModel<Cell>& model, std::span<const Id> ids) {
  const TokenStream stream(ids, {.batch = 1, .steps = 1000});
  typename LanguageModel<Cell>::Workspace workspace;
  workspace.tape.keep(TapeContent::States, model.stack().layers().size());
  auto state = model.zero_state(1);
  std::vector<double> result;
  result.reserve(ids.size() - 1);
  for (Index k = 0; k < stream.windows(); ++k) {
    const StreamWindow window = stream.window(k);
    model.run(PackedLayout::uniform(window.steps, 1), window.inputs, state, workspace);
    model.score(workspace);
    detail::require_targets(window.targets, workspace.scores.rows(), workspace.scores.cols(), "surprisals");
    for (Index t = 0; t < window.steps; ++t) {
      const Vector<double> scores = workspace.scores.col(t).template cast<double>();
      result.push_back(log_sum_exp(scores) - scores(window.targets[static_cast<std::size_t>(t)]));
    }
  }
  return result;
}

/// What `evaluate` says of a text as one continuous stream: `evaluate_text(model, vocabulary, tokenizer,
/// text).perplexity()`. \throws ValueError for fewer than 2 tokens, or an unknown one if the vocabulary does
/// not replace those.
template <class Cell, class Tokenizer>
[[nodiscard]] Evaluation evaluate_text(const LanguageModel<Cell>& model, const Vocabulary& vocabulary,
                                       const Tokenizer& tokenizer, std::string_view text) {
  return evaluate(model, vocabulary.encode(text, tokenizer));
}

}  // namespace rnnscope
