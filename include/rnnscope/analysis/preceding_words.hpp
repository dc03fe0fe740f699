// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The word, or its tag, before every point of a text.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/span.hpp"
#include "rnnscope/text/tagged_text.hpp"

namespace rnnscope {

namespace detail {
[[nodiscard]] inline std::vector<std::string> preceding_fields(std::span<const Span> spans,
                                                               std::span<const TaggedToken> tokens,
                                                               std::string TaggedToken::*field) {
  std::vector<std::string> fields;
  fields.reserve(spans.size());
  for (const Span& span : spans) {
    const std::optional<Index> token = preceding_token(tokens, span.first);
    fields.push_back(token ? tokens[static_cast<std::size_t>(*token)].*field : std::string());
  }
  return fields;
}
}  // namespace detail

/// For every point the last word that ends at or before the character the point was read at, `span.first`;
/// empty if there is none. The points after white space are thus equated with the word before, as by A. Hiebert
/// et al., "Interpreting word-level hidden state behaviour of character-level LSTM language models", 2018,
/// section 4.3. Spans count characters of the tagged text.
/// Cost: O(points * log tokens).
[[nodiscard]] inline std::vector<std::string> preceding_words(std::span<const Span> spans,
                                                              std::span<const TaggedToken> tokens) {
  return detail::preceding_fields(spans, tokens, &TaggedToken::word);
}

/// The tags of the words of `preceding_words`; empty if there is none.
[[nodiscard]] inline std::vector<std::string> preceding_tags(std::span<const Span> spans,
                                                             std::span<const TaggedToken> tokens) {
  return detail::preceding_fields(spans, tokens, &TaggedToken::tag);
}

}  // namespace rnnscope
