// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/text/grammar_corpus.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace rnnscope;

namespace {

const TaggedText& corpus() {
  static const TaggedText text = grammar_corpus({.characters = 1'000'000});
  return text;
}

bool is(const TaggedToken& token, const std::set<std::string>& tags) { return tags.contains(token.tag); }
const std::set<std::string> verbs{"VB", "VBP", "VBZ", "VBD", "VBG", "VBN"};

/// Tokens between `k` and the first that is no adverb.
std::size_t behind_adverbs(const std::vector<TaggedToken>& tokens, std::size_t k) {
  while (k < tokens.size() && tokens[k].tag == "RB") ++k;
  return k;
}

}  // namespace

TEST_CASE("a million characters whose tokens fit the text") {
  const TaggedText& corpus_text = corpus();
  CHECK(corpus_text.text.size() >= 1'000'000);
  CHECK(corpus_text.text.size() < 1'001'000);
  CHECK_NOTHROW(check_tokens(corpus_text.tokens, corpus_text.text));
  CHECK(corpus_text.text.ends_with('\n'));
  std::size_t covered = 0;
  for (const TaggedToken& token : corpus_text.tokens) covered += token.word.size();
  const auto white = static_cast<std::size_t>(std::count_if(corpus_text.text.begin(), corpus_text.text.end(),
                                                            [](char c) { return c == ' ' || c == '\n'; }));
  CHECK(covered + white == corpus_text.text.size());  // every letter belongs to a token
}

TEST_CASE("equal options give the same text on every machine") {
  const TaggedText once = grammar_corpus({.characters = 5000, .seed = 3});
  const TaggedText again = grammar_corpus({.characters = 5000, .seed = 3});
  CHECK(once.text == again.text);
  CHECK(once.tokens == again.tokens);
  CHECK(grammar_corpus({.characters = 5000, .seed = 4}).text != once.text);
  std::uint64_t hash = 14695981039346656037u;  // FNV-1a
  for (const char c : corpus().text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  CHECK(hash == 10120212533404328172u);
}

TEST_CASE("a shorter text is the beginning of a longer one") {
  std::string shorter = grammar_corpus({.characters = 3000}).text;
  shorter.pop_back();
  CHECK(corpus().text.starts_with(shorter));
}

TEST_CASE("lines, paragraphs and sentences look like prose") {
  const std::string& text = corpus().text;
  std::size_t lines = 0, paragraphs = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    REQUIRE(end - at <= 70);
    paragraphs += end == at;
    ++lines;
    at = end + 1;
  }
  CHECK(lines > 14000);
  CHECK(paragraphs > 1500);
  CHECK(text.find("  ") == std::string::npos);
  CHECK(text.find("\n\n\n") == std::string::npos);
  CHECK(text.find(" \n") == std::string::npos);
  CHECK(text.find(" ,") == std::string::npos);
  CHECK(text.find(" .") == std::string::npos);
  CHECK(text.find(",,") == std::string::npos);
  CHECK(text.find(",.") == std::string::npos);

  const auto& tokens = corpus().tokens;
  Index wrong = 0;
  for (std::size_t k = 0; k + 1 < tokens.size(); ++k) {
    std::size_t next = k + 1;
    if (k > 0 && tokens[k].tag != ".") continue;
    while (next < tokens.size() && is(tokens[next], {"''", "``"})) ++next;
    if (next == tokens.size() || is(tokens[next], {"VBD", "PRP"})) continue;  // ..." said Anna
    wrong += tokens[next].word[0] < 'A' || tokens[next].word[0] > 'Z';
  }
  CHECK(wrong == 0);
}

TEST_CASE("the lexicon is large, all promised tags occur, and forms are ambiguous") {
  std::map<std::string, std::set<std::string>> tags_of;
  std::map<std::string, Index> count;
  for (const TaggedToken& token : corpus().tokens) {
    std::string lower = token.word;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    tags_of[lower].insert(token.tag);
    ++count[token.tag];
  }
  CHECK(tags_of.size() > 800);
  for (const std::string tag :
       {"DT",   "NN",  "NNS", "VBD", "VBZ", "VBP", "VB",  "VBG", "VBN", "MD",  "JJ", "RB", "IN", "CC", "PRP",
        "PRP$", "NNP", "CD",  "TO",  "WP",  "WDT", "WRB", "EX",  "UH",  "POS", ",",  ".",  "``", "''"}) {
    CAPTURE(tag);
    CHECK(count[tag] >= 100);
  }
  CHECK(count.size() == 29);
  using Tags = std::set<std::string>;
  CHECK(tags_of["her"] == Tags{"PRP", "PRP$"});
  CHECK(tags_of["that"] == Tags{"DT", "IN", "WDT"});
  CHECK(tags_of["saw"] == Tags{"NN", "VBD"});
  CHECK(tags_of["watch"] == Tags{"NN", "VB", "VBP"});
  CHECK(tags_of["light"] == Tags{"JJ", "NN", "VB"});
  CHECK(tags_of["left"] == Tags{"VBD", "VBN"});
  CHECK(tags_of["the"] == Tags{"DT"});
}

TEST_CASE("subjects and verbs agree") {
  const auto& tokens = corpus().tokens;
  const std::map<std::string, std::set<std::string>> forbidden{
      {"he", {"VBP"}}, {"she", {"VBP"}}, {"they", {"VBZ"}}, {"we", {"VBZ"}}, {"I", {"VBZ"}}};
  Index seen = 0, wrong = 0;
  for (std::size_t k = 0; k + 2 < tokens.size(); ++k) {
    const std::size_t verb = behind_adverbs(tokens, k + 1);
    const std::string before = k > 0 ? tokens[k - 1].tag : ".";
    if (tokens[k].tag == "PRP" && !is(tokens[k - (k > 0)], {"VBP", "VBZ", "VBD", "MD"})) {  // no question
      const auto rule = forbidden.find(tokens[k].word);
      if (rule == forbidden.end()) continue;
      seen += verbs.contains(tokens[verb].tag);
      wrong += is(tokens[verb], rule->second);
      const bool plural = tokens[k].word == "they" || tokens[k].word == "we";
      wrong += tokens[verb].word == (plural ? "was" : "were");
    }
    wrong += tokens[k].word == "am" && tokens[k - 1].word != "I" && tokens[k + 1].word != "I";
  }
  CHECK(seen > 3000);
  CHECK(wrong == 0);
}

TEST_CASE("auxiliaries rule the form of the verb behind them") {
  const auto& tokens = corpus().tokens;
  Index seen = 0, wrong = 0;
  for (std::size_t k = 0; k + 2 < tokens.size(); ++k) {
    const std::size_t next = behind_adverbs(tokens, k + 1);
    if (!verbs.contains(tokens[next].tag)) continue;  // a question or an adjective
    const std::string& word = tokens[k].word;
    const std::string& form = tokens[next].tag;
    const bool modal = tokens[k].tag == "MD" || tokens[k].tag == "TO";
    const bool support = word == "did" || word == "does";
    const bool have = word == "had" || word == "has" || word == "have";
    const bool be = word == "was" || word == "were" || word == "is" || word == "are";
    if (modal || support) wrong += form != "VB";
    if (have) wrong += form != "VBN";
    if (be) wrong += form != "VBG" && form != "VBN";
    seen += modal || support || have || be;
  }
  CHECK(seen > 10000);
  CHECK(wrong == 0);
}

TEST_CASE("a stands before consonants, an before vowels") {
  const auto& tokens = corpus().tokens;
  Index seen = 0, wrong = 0;
  for (std::size_t k = 0; k + 1 < tokens.size(); ++k) {
    if (tokens[k].tag != "DT") continue;
    const std::string& article = tokens[k].word;
    const std::string& next = tokens[k + 1].word;
    const bool vowel = next == "honest" || next == "hour" || next == "heir" ||
                       (next != "useful" && std::string("aeiouAEIOU").find(next[0]) != std::string::npos);
    if (article == "a" || article == "A") wrong += vowel;
    if (article == "an" || article == "An") wrong += !vowel;
    seen += article == "an";
  }
  CHECK(seen > 400);
  CHECK(wrong == 0);
}

TEST_CASE("quotation marks open and close in turn") {
  Index depth = 0, wrong = 0, quotes = 0;
  for (const TaggedToken& token : corpus().tokens) {
    if (token.tag == "``") ++depth, ++quotes;
    if (token.tag == "''") --depth;
    wrong += depth < 0 || depth > 1;
  }
  CHECK(quotes > 1000);
  CHECK(depth == 0);
  CHECK(wrong == 0);
}

TEST_CASE("lines of another width; bad options") {
  const std::string text = grammar_corpus({.characters = 20000, .line_width = 30}).text;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    REQUIRE(end - at <= 30);
    at = end + 1;
  }
  CHECK_THROWS_WITH_AS(static_cast<void>(grammar_corpus({.characters = 0})),
                       "GrammarOptions: characters must be at least 1, found 0", ValueError);
  CHECK_THROWS_AS(static_cast<void>(grammar_corpus({.line_width = 5})), ValueError);
}
