// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/text/tokenizer.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "../real_data.hpp"
#include "rnnscope/text/plain_text.hpp"

using namespace rnnscope;
using Tokens = std::vector<std::string>;

static_assert(Tokenizer<CharacterTokenizer> && Tokenizer<WordTokenizer> && !Tokenizer<int>);

TEST_CASE("characters are code points") {
  CHECK(tokenize("a\u2014\r\nb", CharacterTokenizer{}) == Tokens{"a", "\u2014", "\r", "\n", "b"});
  CHECK(tokenize("\uFEFFx", CharacterTokenizer{}) == Tokens{"\uFEFF", "x"});
  CHECK(tokenize("", CharacterTokenizer{}).empty());
  CHECK_THROWS_AS(static_cast<void>(tokenize("a\x80", CharacterTokenizer{})), FormatError);
}

TEST_CASE("CR LF becomes LF on request, a lone CR stays") {
  const CharacterTokenizer tokenizer{.line_ends = LineEnds::CrLfToLf};
  CHECK(tokenize("a\r\n\r\nb\rc\r", tokenizer) == Tokens{"a", "\n", "\n", "b", "\r", "c", "\r"});
}

TEST_CASE("words lie between white space") {
  CHECK(tokenize("  The cat\tsat.\n\nOn\r\nit ", WordTokenizer{}) == Tokens{"The", "cat", "sat.", "On", "it"});
  CHECK(tokenize("", WordTokenizer{}).empty());
  CHECK(tokenize(" \n ", WordTokenizer{}).empty());
  CHECK(tokenize("The \u00C9T\u00C9", WordTokenizer{.letter_case = LetterCase::Lower}) ==
        Tokens{"the", "\u00E9t\u00E9"});
}

TEST_CASE("every line ends with <eos> on request") {
  const WordTokenizer tokenizer{.newline = Newline::EndOfSentence};
  CHECK(tokenize("a b\n\nc\n", tokenizer) == Tokens{"a", "b", "<eos>", "<eos>", "c", "<eos>"});
  CHECK(tokenize("a b", tokenizer) == Tokens{"a", "b", "<eos>"});
  CHECK(tokenize("a b ", tokenizer) == Tokens{"a", "b", "<eos>"});
  CHECK(tokenize("", tokenizer).empty());
  const WordTokenizer other{.newline = Newline::EndOfSentence, .end_of_sentence = "</s>"};
  CHECK(tokenize("a\n", other) == Tokens{"a", "</s>"});
}

TEST_CASE("WikiText-2 has its published number of tokens") {
  const WordTokenizer tokenizer{.newline = Newline::EndOfSentence};
  const auto count = [&](const std::filesystem::path& path) {
    Index tokens = 0;
    tokenizer.for_each(read_text(path), [&](std::string_view) { ++tokens; });
    return tokens;
  };
  const auto train = test::data_file("wikitext2/train.txt");
  const auto valid = test::data_file("wikitext2/valid.txt");
  const auto held_out = test::data_file("wikitext2/test.txt");
  if (!train || !valid || !held_out) return;
  CHECK(count(*train) == 2088628);
  CHECK(count(*valid) == 217646);
  CHECK(count(*held_out) == 245569);
}
