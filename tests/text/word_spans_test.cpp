// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/text/word_spans.hpp"

#include <doctest/doctest.h>

using namespace rnnscope;

TEST_CASE("words keep inner apostrophes and hyphens; punctuation stands alone; positions count characters") {
  const std::string text =
      "\xEF\xBB\xBF\xE2\x80\x9CWell, don\xE2\x80\x99t\xE2\x80\x9D\xE2\x80\x94she half-\nsmiled 'Ann' "
      "caf\xC3\xA9.";
  std::vector<std::string> words;
  for (const auto& token : word_spans(text)) words.push_back(token.word);
  const std::vector<std::string> expected{"\xE2\x80\x9C",
                                          "Well",
                                          ",",
                                          "don\xE2\x80\x99t",
                                          "\xE2\x80\x9D",
                                          "\xE2\x80\x94",
                                          "she",
                                          "half",
                                          "-",
                                          "smiled",
                                          "'",
                                          "Ann",
                                          "'",
                                          "caf\xC3\xA9",
                                          "."};
  CHECK(words == expected);
  check_tokens(word_spans(text), text);  // every word is the text between its positions
  CHECK(word_spans(text)[0].first == 1);
  CHECK(word_spans("").empty());
  CHECK(word_spans(" \n\t").empty());
  CHECK_THROWS_AS(static_cast<void>(word_spans("a\xFF")), FormatError);
}
