// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/analysis/preceding_words.hpp"

#include <doctest/doctest.h>

#include "../real_data.hpp"

using namespace rnnscope;

TEST_CASE("a point is equated with the word that ends at or before it") {
  //                                       0123456789
  const std::vector<TaggedToken> tokens{{1, 3, "He", "PRP"}, {4, 6, "is", "VBZ"}, {6, 7, ".", "."}};
  const std::vector<Span> spans{{0, 0, 1}, {0, 3, 4}, {0, 4, 5}, {0, 7, 8}, {0, 90, 91}};
  CHECK(preceding_words(spans, tokens) == std::vector<std::string>{"", "He", "He", ".", "."});
  CHECK(preceding_tags(spans, tokens) == std::vector<std::string>{"", "PRP", "PRP", ".", "."});
  CHECK(preceding_words({}, tokens).empty());
  CHECK(preceding_words(spans, {}) == std::vector<std::string>(5));
}

TEST_CASE("War and Peace: the whitespace points of the first 250,000 characters") {
  const auto book = test::data_file("war_and_peace/war_and_peace.txt");
  const auto tagged = test::data_file("war_and_peace/war_and_peace.tagged.tsv");
  if (!book || !tagged) return;
  const std::u32string text = decode_utf8(read_text(*book));
  std::vector<Span> spans;
  for (Index at = 0; at < 250000; ++at) {
    const char32_t code = text[static_cast<std::size_t>(at)];
    if (code == ' ' || code == '\n') spans.push_back({0, at, at + 1});
  }
  REQUIRE(spans.size() == 45342);
  const std::vector<std::string> words = preceding_words(spans, read_tagged_tokens(*tagged));
  Index missing = 0, ending_elsewhere = 0;
  for (std::size_t j = 0; j < spans.size(); ++j) {
    if (words[j].empty()) ++missing;
    // Where the character before the point is no white space, the word ends right there.
    const auto at = static_cast<std::size_t>(spans[j].first);
    if (at == 0 || words[j].empty() || text[at - 1] == ' ' || text[at - 1] == '\n') continue;
    if (decode_utf8(words[j]).back() != text[at - 1]) ++ending_elsewhere;
  }
  CHECK(missing == 0);
  CHECK(ending_elsewhere == 0);
}
