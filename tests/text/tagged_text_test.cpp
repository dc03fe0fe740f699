// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/text/tagged_text.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "../real_data.hpp"
#include "../temporary_folder.hpp"

using namespace rnnscope;

namespace {
const std::string text = "\u201CI don\u2019t\u201D, she said";
const std::string lines =
    "0\t1\t\u201C\t``\n1\t2\tI\tPRP\n3\t5\tdo\tVBP\n5\t8\tn\u2019t\tRB\n8\t9\t\u201D\t''\n9\t10\t,\t,\n"
    "11\t14\tshe\tPRP\n15\t19\tsaid\tVBD\n";

void refused(const std::string& bad, const std::string& reason) {
  CHECK_THROWS_WITH_AS(static_cast<void>(parse_tagged_tokens(bad, "f.tsv")), ("f.tsv: " + reason).c_str(),
                       FormatError);
}
}  // namespace

TEST_CASE("tokens with character offsets") {
  const auto tokens = parse_tagged_tokens(lines);
  REQUIRE(tokens.size() == 8);
  CHECK(tokens[0] == TaggedToken{0, 1, "\u201C", "``"});
  CHECK(tokens[3] == TaggedToken{5, 8, "n\u2019t", "RB"});
  CHECK(tokens[7] == TaggedToken{15, 19, "said", "VBD"});
  CHECK_NOTHROW(check_tokens(tokens, text));
  CHECK(parse_tagged_tokens("").empty());
  CHECK(parse_tagged_tokens("0\t1\ta\tDT\r\n2\t5\tcat\tNN").size() == 2);

  const test::TemporaryFolder folder;
  write_file(folder / "t.tsv", {lines});
  CHECK(read_tagged_tokens(folder / "t.tsv") == tokens);
}

TEST_CASE("malformed lines are refused with their number") {
  refused("0\t1\ta\tDT\n2\t3\tb", "line 2: expected 4 fields separated by tabs, found '2\t3\tb'");
  refused("0\t1\ta\tDT\n\n", "line 2: expected 4 fields separated by tabs, found ''");
  refused("0\t1\ta\tDT\tx", "line 1: expected 4 fields separated by tabs, found '0\t1\ta\tDT\tx'");
  refused("0\t1\t\tDT", "line 1: expected a word and a tag, found '0\t1\t\tDT'");
  refused("0\t1\ta\t", "line 1: expected a word and a tag, found '0\t1\ta\t'");
  refused("x\t1\ta\tDT", "line 1: expected a character offset, not 'x', found 'x\t1\ta\tDT'");
  refused("0\t1.5\ta\tDT", "line 1: expected a character offset, not '1.5', found '0\t1.5\ta\tDT'");
  refused("-1\t1\ta\tDT", "line 1: expected a character offset, not '-1', found '-1\t1\ta\tDT'");
  refused("\t1\ta\tDT", "line 1: expected a character offset, not '', found '\t1\ta\tDT'");
  refused("0\t99999999999999999999\ta\tDT",
          "line 1: expected a character offset, not '99999999999999999999', found "
          "'0\t99999999999999999999\ta\tDT'");
  refused("3\t3\ta\tDT", "line 1: expected first < last, found '3\t3\ta\tDT'");
  refused("0\t4\tfour\tNN\n3\t5\tab\tNN",
          "line 2: expected offsets in order, the token before ends at 4, found '3\t5\tab\tNN'");
}

TEST_CASE("tokens of another text are refused, the first mismatch told") {
  auto tokens = parse_tagged_tokens(lines);
  tokens[6].word = "he";
  CHECK_THROWS_WITH_AS(check_tokens(tokens, text),
                       "token 6 at [11, 14): expected 'he', found 'she' in the text; are the offsets in "
                       "characters, and is it the same edition?",
                       ValueError);
  tokens = parse_tagged_tokens(lines);
  CHECK_THROWS_WITH_AS(check_tokens(tokens, text.substr(0, text.size() - 1)),
                       "token 7, 'said' at [15, 19), is out of order or behind the end of the text",
                       ValueError);
  std::swap(tokens[1], tokens[2]);
  CHECK_THROWS_AS(check_tokens(tokens, text), ValueError);
  CHECK_NOTHROW(check_tokens({}, text));
}

TEST_CASE("the token before a position") {
  const auto tokens = parse_tagged_tokens(lines);
  CHECK_FALSE(preceding_token(tokens, 0).has_value());
  CHECK(preceding_token(tokens, 1) == 0);
  CHECK(preceding_token(tokens, 2) == 1);  // the blank behind "I"
  CHECK(preceding_token(tokens, 3) == 1);
  CHECK(preceding_token(tokens, 4) == 1);  // inside "do"
  CHECK(preceding_token(tokens, 5) == 2);
  CHECK(preceding_token(tokens, 10) == 5);
  CHECK(preceding_token(tokens, 1000) == 7);
  CHECK_FALSE(preceding_token({}, 5).has_value());
}

TEST_CASE("War and Peace: the tags fit the text, white space has its word") {
  const auto book = test::data_file("war_and_peace/war_and_peace.txt");
  const auto tagged = test::data_file("war_and_peace/war_and_peace.tagged.tsv");
  if (!book || !tagged) return;
  const auto tokens = read_tagged_tokens(*tagged);
  CHECK(tokens.size() == 668128);
  const std::string bytes = read_text(*book);
  CHECK_NOTHROW(check_tokens(tokens, bytes));
  const std::u32string characters = decode_utf8(bytes);
  Index points = 0, wrong = 0;
  for (std::size_t p = 0; p < 250000; ++p) {
    if (characters[p] != U' ' && characters[p] != U'\n') continue;
    ++points;
    const auto word = preceding_token(tokens, static_cast<Index>(p));
    if (!word) continue;
    const std::size_t k = static_cast<std::size_t>(*word);
    wrong += tokens[k].last > static_cast<Index>(p) || tokens[k + 1].last <= static_cast<Index>(p);
  }
  CHECK(points == 45342);  // the number of points that the paper on character LSTMs clusters
  CHECK(wrong == 0);
}
