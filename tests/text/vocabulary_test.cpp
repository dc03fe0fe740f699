// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/text/vocabulary.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "../real_data.hpp"
#include "../temporary_folder.hpp"
#include "rnnscope/text/plain_text.hpp"

using namespace rnnscope;
using Symbols = std::vector<std::string>;
using Ids = std::vector<Id>;

namespace {
const std::string sentence = "the cat saw the dog and the cat ran";

Symbols words(const VocabularyOptions& options) {
  return Vocabulary::from_text(sentence, WordTokenizer{}, options).symbols();
}
}  // namespace

TEST_CASE("symbols and ids are inverse to each other") {
  const Vocabulary vocabulary({"b", "a", "\u2014", "\n"});
  CHECK(vocabulary.size() == 4);
  CHECK(vocabulary.id("a") == 1);
  CHECK(vocabulary.id(std::string("\u2014")) == 2);
  CHECK(vocabulary.symbol(3) == "\n");
  CHECK(vocabulary.find("b") == 0);
  CHECK_FALSE(vocabulary.find("x").has_value());
  CHECK(vocabulary.encode("ab\u2014\na", CharacterTokenizer{}) == Ids{1, 0, 2, 3, 1});
  CHECK(vocabulary.decode(Ids{1, 0, 2, 3, 1}) == "ab\u2014\na");
  CHECK(vocabulary.decode(Ids{0, 1}, " ") == "b a");
  CHECK(vocabulary.decode({}).empty());
  CHECK(vocabulary.encode(Symbols{"a", "a"}) == Ids{1, 1});
  CHECK(Vocabulary().size() == 0);
}

TEST_CASE("ids by code point, by first appearance and by frequency") {
  const std::string text = "b\u2014aab\u00E9";
  CHECK(Vocabulary::from_text(text, CharacterTokenizer{}).symbols() == Symbols{"a", "b", "\u00E9", "\u2014"});
  CHECK(Vocabulary::from_text(text, CharacterTokenizer{}, {.order = SymbolOrder::FirstAppearance}).symbols() ==
        Symbols{"b", "\u2014", "a", "\u00E9"});
  CHECK(words({.order = SymbolOrder::Frequency}) == Symbols{"the", "cat", "and", "dog", "ran", "saw"});
}

TEST_CASE("rare symbols count as the unknown symbol") {
  const VocabularyOptions options{
      .order = SymbolOrder::Frequency, .min_count = 2, .unknown = UnknownPolicy::Replace};
  CHECK(words(options) == Symbols{"<unk>", "the", "cat"});  // 4 rare words, 3 the, 2 cat
  VocabularyOptions first = options;
  first.order = SymbolOrder::FirstAppearance;
  CHECK(words(first) == Symbols{"the", "cat", "<unk>"});
  first.unknown_symbol = "dog";
  CHECK(words(first) == Symbols{"the", "cat", "dog"});
  CHECK(words({.unknown = UnknownPolicy::Replace}) ==
        Symbols{"<unk>", "and", "cat", "dog", "ran", "saw", "the"});

  const Vocabulary vocabulary = Vocabulary::from_text(sentence, WordTokenizer{}, options);
  CHECK(vocabulary.unknown_policy() == UnknownPolicy::Replace);
  CHECK(vocabulary.unknown_id() == 0);
  CHECK(vocabulary.encode("a cat ran", WordTokenizer{}) == Ids{0, 2, 0});
  CHECK(vocabulary.decode(Ids{0, 2, 0}, " ") == "<unk> cat <unk>");
}

TEST_CASE("unknown symbols, bad ids and bad options are refused") {
  const Vocabulary vocabulary({"a", "b"});
  CHECK(vocabulary.unknown_policy() == UnknownPolicy::Throw);
  CHECK_THROWS_WITH_AS(
      static_cast<void>(vocabulary.encode("abxa", CharacterTokenizer{})),
      "Vocabulary: token 2, 'x', is none of the 2 symbols; build the vocabulary from all of the "
      "text, or with UnknownPolicy::Replace",
      ValueError);
  CHECK_THROWS_AS(static_cast<void>(vocabulary.id("x")), ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(vocabulary.symbol(2)), "Vocabulary: id 2 is outside [0, 2)",
                       ValueError);
  CHECK_THROWS_AS(static_cast<void>(vocabulary.symbol(-1)), ValueError);
  CHECK_THROWS_AS(static_cast<void>(vocabulary.decode(Ids{0, 7})), ValueError);
  CHECK_THROWS_WITH_AS(Vocabulary({"a", "b", "a"}), "Vocabulary: symbol 'a' appears twice, as id 0 and as id 2",
                       ValueError);
  CHECK_THROWS_WITH_AS(Vocabulary({"a", ""}), "Vocabulary: symbol 1 is empty", ValueError);
  CHECK_THROWS_WITH_AS(Vocabulary({"a"}, UnknownPolicy::Replace),
                       "Vocabulary: the unknown symbol '<unk>' is not among the 1 symbols", ValueError);
  CHECK_THROWS_AS(static_cast<void>(words({.min_count = 0})), ValueError);
  CHECK_THROWS_AS(static_cast<void>(words({.min_count = 2})), ValueError);
}

TEST_CASE("a vocabulary is a regular type and survives saving") {
  const test::TemporaryFolder folder;
  const Vocabulary plain({"\n", "\r", "\\", "\\n", " ", "\u2014", "n"});
  plain.save(folder / "plain.txt");
  const Vocabulary loaded = Vocabulary::load(folder / "plain.txt");
  CHECK(loaded == plain);
  CHECK(loaded.encode("n\n\\", CharacterTokenizer{}) == Ids{6, 0, 2});

  const Vocabulary replacing({"throw", "\n?"}, UnknownPolicy::Replace, "\n?");
  replacing.save(folder / "replacing.txt");
  CHECK(Vocabulary::load(folder / "replacing.txt") == replacing);
  CHECK(replacing != Vocabulary({"throw", "\n?"}));

  Vocabulary copy = plain;
  CHECK(copy == plain);
  const Vocabulary moved = std::move(copy);
  CHECK(moved.id("\u2014") == 5);
  copy = moved;
  CHECK(copy == moved);
}

TEST_CASE("damaged vocabulary files are refused with path and line") {
  const test::TemporaryFolder folder;
  const auto path = folder / "v.txt";
  const auto refused = [&](const std::string& text, const std::string& reason) {
    write_file(path, {text});
    CHECK_THROWS_WITH_AS(static_cast<void>(Vocabulary::load(path)), (path.string() + reason).c_str(),
                         FormatError);
  };
  refused("", ": expected the first line 'rnnscope vocabulary 1'");
  refused("the\nof\n", ": expected the first line 'rnnscope vocabulary 1'");
  refused("rnnscope vocabulary 1\nthrow\na", ": line 3 has no line feed; the file is cut off");
  refused("rnnscope vocabulary 1\nask\na\n", ": line 2: expected 'throw' or 'replace <symbol>', found 'ask'");
  refused("rnnscope vocabulary 1\nthrow\na\\t\n",
          ": line 3: a backslash must be followed by n, r or a backslash");
  refused("rnnscope vocabulary 1\nthrow\na\\\n",
          ": line 3: a backslash must be followed by n, r or a backslash");
  CHECK_THROWS_AS(static_cast<void>(Vocabulary::load(folder / "none")), IoError);
}

TEST_CASE("War and Peace has 3,201,616 characters of 105 kinds, quickly") {
  const auto path = test::data_file("war_and_peace/war_and_peace.txt");
  if (!path) return;
  const std::string text = read_text(*path);
  const Vocabulary vocabulary = Vocabulary::from_text(text, CharacterTokenizer{});
  CHECK(vocabulary.size() == 105);
  CHECK(vocabulary.symbols().back() == "\uFEFF");
  const auto start = std::chrono::steady_clock::now();
  const Ids ids = vocabulary.encode(text, CharacterTokenizer{});
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  CHECK(ids.size() == 3201616);
  CHECK(ids.front() == 104);
  CHECK(time.count() < 5.0);
  MESSAGE("encoded 3.2 million characters in " << time.count() << " s");
  CHECK(vocabulary.decode(ids) == text);
  if (const auto charset = test::reference_file("wap_lstm3x512/charset.json")) {
    const auto symbols = nlohmann::json::parse(read_file(*charset)).get<Symbols>();
    CHECK(Vocabulary(symbols) == vocabulary);
  }
}

TEST_CASE("WikiText-2 has 33,278 types") {
  const auto path = test::data_file("wikitext2/train.txt");
  if (!path) return;
  const WordTokenizer tokenizer{.newline = Newline::EndOfSentence};
  const Vocabulary vocabulary = Vocabulary::from_text(
      read_text(*path), tokenizer, {.order = SymbolOrder::Frequency, .unknown = UnknownPolicy::Replace});
  CHECK(vocabulary.size() == 33278);
  CHECK(vocabulary.symbol(0) == "the");
}
