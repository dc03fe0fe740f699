// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Words with their place in a text and a tag each, for instance parts of speech.
#pragma once

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/text/plain_text.hpp"
#include "rnnscope/text/utf8.hpp"

namespace rnnscope {

/// The characters (code points) `[first, last)` of a text are `word`, tagged `tag`.
struct TaggedToken {
  Index first = 0;
  Index last = 0;
  std::string word;
  std::string tag;

  friend bool operator==(const TaggedToken&, const TaggedToken&) = default;
};

/// A text with its tokens in order.
struct TaggedText {
  std::string text;
  std::vector<TaggedToken> tokens;
};

/// Reads lines `first TAB last TAB word TAB tag`: character offsets, `last` exclusive, tokens in order and not
/// overlapping. `name` goes into messages. \throws FormatError with the line number.
[[nodiscard]] inline std::vector<TaggedToken> parse_tagged_tokens(std::string_view text,
                                                                  std::string_view name = "tagged text") {
  std::vector<TaggedToken> tokens;
  const std::vector<std::string> lines = split_lines(text);
  tokens.reserve(lines.size());
  for (std::size_t number = 1; number <= lines.size(); ++number) {
    const std::string_view line = lines[number - 1];
    const auto fail = [&](const auto&... parts) {
      throw FormatError(message(name, ": line ", number, ": ", parts..., ", found '", line, "'"));
    };
    std::string_view fields[4];
    std::size_t at = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const std::size_t tab = k < 3 ? line.find('\t', at) : line.size();
      if (tab == std::string_view::npos) fail("expected 4 fields separated by tabs");
      fields[k] = line.substr(at, tab - at);
      at = tab + 1;
    }
    if (fields[3].find('\t') != std::string_view::npos) fail("expected 4 fields separated by tabs");
    if (fields[2].empty() || fields[3].empty()) fail("expected a word and a tag");
    const auto offset = [&](std::string_view field) {
      Index value = 0;
      const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
      if (error != std::errc{} || end != field.data() + field.size() || value < 0) {
        fail("expected a character offset, not '", field, "'");
      }
      return value;
    };
    const Index first = offset(fields[0]);
    const Index last = offset(fields[1]);
    if (last <= first) fail("expected first < last");
    if (!tokens.empty() && first < tokens.back().last) {
      fail("expected offsets in order, the token before ends at ", tokens.back().last);
    }
    tokens.push_back({first, last, std::string(fields[2]), std::string(fields[3])});
  }
  return tokens;
}

/// Reads such a file. \throws IoError, FormatError with path and line number.
[[nodiscard]] inline std::vector<TaggedToken> read_tagged_tokens(const std::filesystem::path& path) {
  return parse_tagged_tokens(read_text(path), path.string());
}

/// Makes sure that every token's word stands at its place in `text`. Cost: O(text).
/// \throws ValueError telling the first token that does not fit and what stands there instead.
inline void check_tokens(std::span<const TaggedToken> tokens, std::string_view text) {
  std::size_t byte = 0;
  Index character = 0;
  const auto advance_to = [&](Index target) {
    while (character < target && byte < text.size()) {
      static_cast<void>(next_code_point(text, byte));
      ++character;
    }
    return character == target;
  };
  for (std::size_t k = 0; k < tokens.size(); ++k) {
    const TaggedToken& token = tokens[k];
    const bool begins = character <= token.first && advance_to(token.first);
    const std::size_t start = byte;
    const bool ends = begins && advance_to(token.last);
    require<ValueError>(ends, "token ", k, ", '", token.word, "' at [", token.first, ", ", token.last,
                        "), is out of order or behind the end of the text");
    require<ValueError>(text.substr(start, byte - start) == token.word, "token ", k, " at [", token.first, ", ",
                        token.last, "): expected '", token.word, "', found '", text.substr(start, byte - start),
                        "' in the text; are the offsets in characters, and is it the same edition?");
  }
}

/// The index of the last token that ends at or before character `position` (for the state after the blank at
/// character p, that is the word before it), or nothing. Cost: O(log tokens).
[[nodiscard]] inline std::optional<Index> preceding_token(std::span<const TaggedToken> tokens, Index position) {
  const auto next = std::partition_point(tokens.begin(), tokens.end(),
                                         [&](const TaggedToken& token) { return token.last <= position; });
  if (next == tokens.begin()) return std::nullopt;
  return static_cast<Index>(next - tokens.begin()) - 1;
}

}  // namespace rnnscope
