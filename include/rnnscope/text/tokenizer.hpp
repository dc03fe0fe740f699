// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// From a text to its tokens. A tokenizer is a small const value that hands every token to a visitor.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rnnscope/text/utf8.hpp"

namespace rnnscope {

namespace detail {
struct TokenSink {
  void operator()(std::string_view) const {}
};
}  // namespace detail

/// Duties of a tokenizer: `tokenizer.for_each(text, visit)` calls `visit(std::string_view token)` for every
/// token in order. The view is valid during the call only.
template <class T>
concept Tokenizer = requires(const T& tokenizer, std::string_view text, detail::TokenSink visit) {
  tokenizer.for_each(text, visit);
};

/// What happens to the line ends of files from Windows.
enum class LineEnds { Keep, CrLfToLf };
enum class LetterCase { Keep, Lower };
/// What a line feed is to a WordTokenizer: white space, or white space and one `<eos>` token.
enum class Newline { Space, EndOfSentence };

/// One token per code point, as character models take them. A byte order mark is a character.
/// \throws FormatError on invalid UTF-8.
struct CharacterTokenizer {
  LineEnds line_ends = LineEnds::Keep;

  template <class Visit>
  void for_each(std::string_view text, Visit&& visit) const {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t start = at;
      static_cast<void>(next_code_point(text, at));
      const bool dropped = line_ends == LineEnds::CrLfToLf && text.substr(start, 2) == "\r\n";
      if (!dropped) visit(text.substr(start, at - start));
    }
  }
};

/// Tokens are what lies between white space (blank, tab, CR, LF, VT, FF). With Newline::EndOfSentence every
/// line, also an empty one and a last one without a line feed, ends with the token `<eos>`: the rule of
/// torchtext's LanguageModelingDataset, by which WikiText-2 has 2,088,628 training tokens. \throws FormatError
/// on invalid UTF-8, if it has to find letters (LetterCase::Lower).
struct WordTokenizer {
  LetterCase letter_case = LetterCase::Keep;
  Newline newline = Newline::Space;
  std::string end_of_sentence = "<eos>";

  template <class Visit>
  void for_each(std::string_view text, Visit&& visit) const {
    if (letter_case == LetterCase::Lower) {
      const std::string lowered = lower_case(text);
      split(lowered, visit);
    } else {
      split(text, visit);
    }
  }

 private:
  template <class Visit>
  void split(std::string_view text, Visit& visit) const {
    const bool ends_lines = newline == Newline::EndOfSentence;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find_first_of(" \t\r\n\v\f", at), text.size());
      if (end > at) visit(text.substr(at, end - at));
      if (ends_lines && end < text.size() && text[end] == '\n') visit(std::string_view(end_of_sentence));
      at = end + 1;
    }
    if (ends_lines && !text.empty() && text.back() != '\n') visit(std::string_view(end_of_sentence));
  }
};

/// All tokens of a text.
template <Tokenizer T>
[[nodiscard]] std::vector<std::string> tokenize(std::string_view text, const T& tokenizer) {
  std::vector<std::string> tokens;
  tokenizer.for_each(text, [&](std::string_view token) { tokens.emplace_back(token); });
  return tokens;
}

}  // namespace rnnscope
