// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// How well a language model predicts a text, measured in the two usual ways.
#pragma once

#include <cmath>
#include <span>

#include "rnnscope/core/progress.hpp"
#include "rnnscope/model/language_model.hpp"
#include "rnnscope/text/stream.hpp"

namespace rnnscope {

/// Total cross-entropy of a number of predictions.
struct Evaluation {
  double total_nats = 0;
  Index predictions = 0;

  [[nodiscard]] double nats() const {
    return total_nats / static_cast<double>(predictions);
  }                                                                     ///< per prediction
  [[nodiscard]] double bits() const { return nats() / std::log(2.0); }  ///< bits per character, or per word
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

}  // namespace rnnscope
