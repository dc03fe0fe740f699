// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Runs a model over a text and keeps the gates and states that were asked for.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "rnnscope/core/progress.hpp"
#include "rnnscope/model/language_model.hpp"
#include "rnnscope/trace/selectors.hpp"
#include "rnnscope/trace/trace.hpp"

namespace rnnscope {

struct RecordOptions {
  std::vector<Index> layers = {};          ///< empty: all
  std::vector<std::string> channels = {};  ///< names such as "h" or "o"; empty: all of the cell
  StepSelector select = {};                ///< empty: every step
  Index window = 1000;                     ///< steps in memory at once; changes the result by rounding at most
};

/// Reads `ids` as one continuous stream from a zero state, in evaluation mode, and records the wanted channels
/// after each selected token.
///
/// Deterministic: no dropout, whatever the model was trained with. Memory: the selected columns, and one
/// window of the whole tape. Threading: const in the model. Progress counts tokens.
/// \throws ValueError for a layer or channel that the model does not have, an id outside the vocabulary, or a
/// window below 1.
template <class Cell>
[[nodiscard]] Trace<typename Cell::Scalar> record(const LanguageModel<Cell>& model, std::span<const Id> ids,
                                                  const RecordOptions& options = {},
                                                  const ProgressCallback& progress = {}) {
  require<ValueError>(options.window >= 1, "record: window must be at least 1, found ", options.window);
  const auto length = static_cast<Index>(ids.size());
  const StepSelector select = options.select ? options.select : every_step();

  Trace<typename Cell::Scalar> trace;
  for (Index t = 0; t < length; ++t) {
    if (select(ids, t)) trace.positions.push_back(t);
  }

  // Which tape channel fills which trace channel.
  std::vector<std::size_t> source;
  const Index layers = model.config().layers;
  for (const Index layer : options.layers) {
    require<ValueError>(layer >= 0 && layer < layers, "record: layer ", layer, " of a model of ", layers,
                        " layers");
  }
  const std::vector<std::string_view> known(Cell::channel_names.begin(), Cell::channel_names.end());
  for (const std::string& name : options.channels) {
    std::string list;
    for (const auto each : known) list += message(" ", each);
    require<ValueError>(std::find(known.begin(), known.end(), name) != known.end(),
                        "record: the cell has no channel '", name, "'; it has:", list);
  }
  const auto wanted = [](const auto& list, const auto& value) {
    return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
  };
  for (Index layer = 0; layer < layers; ++layer) {
    for (std::size_t k = 0; k < known.size(); ++k) {
      if (!wanted(options.layers, layer) || !wanted(options.channels, known[k])) continue;
      trace.channels.push_back({layer, std::string(known[k]), {}});
      trace.channels.back().values.resize(model.config().hidden_size, trace.size());
      source.push_back(k);
    }
  }

  typename LanguageModel<Cell>::Workspace workspace;
  auto state = model.zero_state(1);
  std::size_t column = 0;
  for (Index first = 0; first < length; first += options.window) {
    const Index steps = std::min(options.window, length - first);
    model.run(PackedLayout::uniform(steps, 1),
              ids.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(steps)), state, workspace);
    for (; column < trace.positions.size() && trace.positions[column] < first + steps; ++column) {
      const Index step = trace.positions[column] - first;
      for (std::size_t c = 0; c < trace.channels.size(); ++c) {
        const auto& tape = workspace.tape.layers[static_cast<std::size_t>(trace.channels[c].layer)];
        trace.channels[c].values.col(static_cast<Index>(column)) = tape.channels[source[c]].col(step);
      }
    }
    report_progress(progress, {.stage = "recording", .done = first + steps, .total = length, .detail = {}});
  }
  return trace;
}

}  // namespace rnnscope
