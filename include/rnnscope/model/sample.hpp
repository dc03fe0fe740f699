// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Reads a text token by token, and writes one.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rnnscope/core/numeric.hpp"
#include "rnnscope/core/random.hpp"
#include "rnnscope/model/language_model.hpp"
#include "rnnscope/text/vocabulary.hpp"

namespace rnnscope {

/// A language model in the middle of a text: its state, and what it expects next. A plain value: a copy goes on
/// from the same place. The model must outlive it and may serve many streams, one thread each.
template <class Cell>
class LanguageModelStream {
 public:
  explicit LanguageModelStream(const LanguageModel<Cell>& model)
      : model_(&model), state_(model.zero_state(1)) {}

  /// Reads on. The result does not depend on how a text is cut into calls, up to rounding. Evaluation mode. A
  /// single token calls no allocator once the memory has its size.
  /// \throws ValueError for an id outside the vocabulary; the stream is then where it was.
  void read(std::span<const Id> ids) {
    for (const Id id : ids) {
      require<ValueError>(id >= 0 && id < model_->config().vocabulary_size, "LanguageModelStream: id ", id,
                          " is outside the vocabulary of ", model_->config().vocabulary_size);
    }
    if (ids.size() == 1) {
      model_->run(single_, ids, state_, workspace_);
    } else if (!ids.empty()) {
      model_->run(PackedLayout::uniform(static_cast<Index>(ids.size()), 1), ids, state_, workspace_);
    }
    tokens_ += static_cast<Index>(ids.size());
  }
  void read(Id id) { read(std::span<const Id>(&id, 1)); }

  /// log p(next = v | all that was read), one number a symbol, into `out`; calls no allocator once that has its
  /// size. \throws ValueError if nothing was read.
  void log_probabilities(Vector<double>& out) {
    require<ValueError>(tokens_ > 0, "LanguageModelStream: nothing was read yet");
    model_->readout().forward(model_->parameters, state_.back()[0], workspace_.scores);
    out = workspace_.scores.col(0).template cast<double>();
    out.array() -= log_sum_exp(out);
  }
  /// The same as a value.
  [[nodiscard]] Vector<double> log_probabilities() {
    Vector<double> result;
    log_probabilities(result);
    return result;
  }

  [[nodiscard]] Index tokens() const { return tokens_; }  ///< how many were read
  [[nodiscard]] const StackState<Cell>& state() const { return state_; }
  /// Back before the first token.
  void reset() {
    state_ = model_->zero_state(1);
    tokens_ = 0;
  }

 private:
  const LanguageModel<Cell>* model_;
  StackState<Cell> state_;
  LanguageModelWorkspace<Cell> workspace_;
  PackedLayout single_ = PackedLayout::uniform(1, 1);
  Index tokens_ = 0;
};

struct SampleOptions {
  Index length = 200;  ///< tokens
  double temperature =
      1;            ///< p^(1/temperature): below 1 likelier symbols win more often; 0: the likeliest always
  Index top_k = 0;  ///< choose among the k likeliest symbols only; 0: among all
  std::uint64_t seed = 1;

  void check() const {
    require<ValueError>(length >= 0, "SampleOptions: length must not be negative, found ", length);
    require<ValueError>(temperature >= 0 && std::isfinite(temperature),
                        "SampleOptions: temperature must not be negative, found ", temperature);
    require<ValueError>(top_k >= 0, "SampleOptions: top_k must not be negative, found ", top_k);
  }
};

/// Draws a symbol with probability proportional to p^(1/temperature) among the `top_k` likeliest ones (ties:
/// the lower id). One draw of `random`, none at temperature 0. \throws ValueError on a NaN, or if nothing is
/// possible.
[[nodiscard]] inline Id sample_id(const Vector<double>& log_probabilities, const SampleOptions& options,
                                  Random& random) {
  options.check();
  const Index count = log_probabilities.size();
  std::vector<Id> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), Id{0});
  for (const Id id : order)
    require<ValueError>(!std::isnan(log_probabilities(id)), "sample_id: the probability of id ", id, " is NaN");
  const auto likelier = [&](Id a, Id b) {
    return log_probabilities(a) != log_probabilities(b) ? log_probabilities(a) > log_probabilities(b) : a < b;
  };
  const Index wanted = options.temperature == 0 ? 1 : options.top_k == 0 ? count : options.top_k;
  const auto kept = static_cast<std::size_t>(std::min(wanted, count));
  require<ValueError>(kept > 0, "sample_id: there are no symbols");
  if (kept < order.size()) {
    std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept) - 1, order.end(),
                     likelier);
    order.resize(kept);
    std::sort(order.begin(), order.end());
  }
  if (kept == 1) return order[0];
  const Id top = *std::min_element(order.begin(), order.end(), likelier);
  require<ValueError>(std::isfinite(log_probabilities(top)), "sample_id: no symbol is possible");
  std::vector<double> sums(kept);
  double sum = 0;
  for (std::size_t k = 0; k < kept; ++k) {
    sum += std::exp((log_probabilities(order[k]) - log_probabilities(top)) / options.temperature);
    sums[k] = sum;
  }
  const auto place = std::upper_bound(sums.begin(), sums.end(), random.uniform() * sum);
  return order[std::min(kept - 1, static_cast<std::size_t>(place - sums.begin()))];
}

/// `options.length` tokens that follow `prompt`. Equal seeds give equal tokens. Cost: one step of the model a
/// token. \throws ValueError on an empty prompt, bad options, or an id outside the vocabulary.
template <class Cell>
[[nodiscard]] std::vector<Id> sample(const LanguageModel<Cell>& model, std::span<const Id> prompt,
                                     const SampleOptions& options = {}) {
  options.check();
  require<ValueError>(!prompt.empty(), "sample: the prompt needs at least one token to begin with");
  LanguageModelStream<Cell> stream(model);
  Random random(options.seed);
  stream.read(prompt);
  std::vector<Id> ids;
  for (Index k = 0; k < options.length; ++k) {
    ids.push_back(sample_id(stream.log_probabilities(), options, random));
    stream.read(ids.back());
  }
  return ids;
}

/// The same for text: what follows `prompt`, its symbols joined by `separator`. \throws ValueError likewise.
template <class Cell, class Tokenizer>
[[nodiscard]] std::string sample_text(const LanguageModel<Cell>& model, const Vocabulary& vocabulary,
                                      const Tokenizer& tokenizer, std::string_view prompt,
                                      const SampleOptions& options = {}, std::string_view separator = "") {
  return vocabulary.decode(sample(model, vocabulary.encode(prompt, tokenizer), options), separator);
}

}  // namespace rnnscope
