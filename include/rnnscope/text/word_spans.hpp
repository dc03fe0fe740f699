// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Where the words of a plain text stand, for texts that come without tags.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rnnscope/text/tagged_text.hpp"
#include "rnnscope/text/utf8.hpp"

namespace rnnscope {

/// Words and punctuation of a UTF-8 text in order, with empty tags. A word is a run of characters that are
/// neither white space nor punctuation, with apostrophes and hyphens inside it; every punctuation character is
/// a token of its own. Positions count characters. Cost: O(text). \throws FormatError on invalid UTF-8.
[[nodiscard]] inline std::vector<TaggedToken> word_spans(std::string_view text) {
  const std::u32string characters = decode_utf8(text);
  const std::u32string_view spaces = U" \t\n\v\f\r\u00A0\uFEFF";
  const std::u32string_view marks =
      U"!\"#$%&()*+,./:;<=>?@[\\]^_`{|}~\u00A1\u00AB\u00BB\u00BF\u2013\u2014\u201C\u201D\u201E\u2026";
  const std::u32string_view joiners = U"'-\u2018\u2019";  // punctuation only at the border of a word
  const auto is = [](std::u32string_view set, char32_t c) { return set.find(c) != std::u32string_view::npos; };
  const auto inside_word = [&](std::size_t at) {
    const char32_t c = characters[at];
    return !is(spaces, c) && !is(marks, c) && !is(joiners, c);
  };
  std::vector<TaggedToken> tokens;
  for (std::size_t first = 0; first < characters.size();) {
    if (is(spaces, characters[first])) {
      ++first;
      continue;
    }
    std::size_t last = first + 1;
    if (inside_word(first)) {
      while (last < characters.size() &&
             (inside_word(last) ||
              (is(joiners, characters[last]) && last + 1 < characters.size() && inside_word(last + 1)))) {
        ++last;
      }
    }
    tokens.push_back({static_cast<Index>(first), static_cast<Index>(last),
                      encode_utf8(std::u32string_view(characters).substr(first, last - first)), ""});
    first = last;
  }
  return tokens;
}

}  // namespace rnnscope
