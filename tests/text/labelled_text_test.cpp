// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/text/labelled_text.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "../real_data.hpp"
#include "../temporary_folder.hpp"

using namespace rnnscope;

TEST_CASE("labels and tokens") {
  const auto phrases = parse_labelled_tokens("1\tnot bad\n0\tbad\r\n-1\tso so .");
  REQUIRE(phrases.size() == 3);
  CHECK(phrases[0] == LabelledTokens{1, {"not", "bad"}});
  CHECK(phrases[1] == LabelledTokens{0, {"bad"}});
  CHECK(phrases[2] == LabelledTokens{-1, {"so", "so", "."}});
  const test::TemporaryFolder folder;
  write_file(folder / "p.tsv", {"1\tnot bad\n"});
  CHECK(read_labelled_tokens(folder / "p.tsv").front() == phrases[0]);
}

TEST_CASE("malformed lines are refused with their number") {
  const auto refused = [](const std::string& text, const std::string& reason) {
    CHECK_THROWS_WITH_AS(static_cast<void>(parse_labelled_tokens(text, "f.tsv")), ("f.tsv: " + reason).c_str(),
                         FormatError);
  };
  refused("1\ta\nb c\n", "line 2: expected 'label TAB tokens', found 'b c'");
  refused("1\ta\n\n1\tb\n", "line 2: expected 'label TAB tokens', found ''");
  refused("good\ta\n", "line 1: expected a whole number as label, found 'good'");
  refused("1.5\ta\n", "line 1: expected a whole number as label, found '1.5'");
  refused("\ta\n", "line 1: expected a whole number as label, found ''");
  refused("99999999999\ta\n", "line 1: expected a whole number as label, found '99999999999'");
  refused("1\ta  b\n", "line 1: empty token at byte 4; expected tokens separated by one blank");
  refused("1\ta \n", "line 1: empty token at byte 4; expected tokens separated by one blank");
  refused("1\t\n", "line 1: empty token at byte 2; expected tokens separated by one blank");
}

TEST_CASE("the phrases of the n-gram paper") {
  const auto train = test::data_file("sst/paper_binary/train.tsv");
  const auto dev = test::data_file("sst/paper_binary/dev.tsv");
  const auto held_out = test::data_file("sst/paper_binary/test.tsv");
  if (!train || !dev || !held_out) return;
  std::set<std::string> words;
  const auto count = [&](const std::filesystem::path& path, Id label) {
    Index number = 0;
    for (const LabelledTokens& phrase : read_labelled_tokens(path)) {
      number += phrase.label == label;
      words.insert(phrase.tokens.begin(), phrase.tokens.end());
    }
    return number;
  };
  CHECK(count(*train, 1) == 56187);
  CHECK(count(*train, 0) == 42607);
  CHECK(count(*dev, 1) + count(*dev, 0) == 872);
  CHECK(count(*held_out, 1) + count(*held_out, 0) == 1821);
  CHECK(words.size() == 17401);  // and three special symbols in the published vocabulary
}
