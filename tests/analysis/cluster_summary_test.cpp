// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/analysis/cluster_summary.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <set>

using namespace rnnscope;

TEST_CASE("excerpts keep whole words around the brackets") {
  const std::u32string text = U"Prince Andrew, who was\nabroad; explains everything";
  CHECK(bracketed_excerpt(text, 18, 4) == "who[ ]was");
  CHECK(bracketed_excerpt(text, 18, 7) == "who[ ]was");  // "w," and "abr" would be pieces of words
  CHECK(bracketed_excerpt(text, 18, 15) == "Andrew, who[ ]was abroad;");
  CHECK(bracketed_excerpt(text, 32, 7) == "e[x]plains");
  CHECK(bracketed_excerpt(text, 32, 3) == "e[x]pla");  // the word itself is longer than the window
  CHECK(bracketed_excerpt(text, 22, 4) == "was[ ]abro");
  CHECK(bracketed_excerpt(text, 22, 7, "/") == "who was[/]abroad;");
  CHECK(bracketed_excerpt(text, 18, 0) == "[ ]");
  CHECK(bracketed_excerpt(text, 0, 100) == "[P]rince Andrew, who was abroad; explains everything");
  CHECK(bracketed_excerpt(text, static_cast<Index>(text.size()) - 1, 12, "") == "everythin[g]");
  CHECK(bracketed_excerpt(U"«Été\t— déjà»", 4, 9) == "«Été[ ]— déjà»");
  CHECK(bracketed_excerpt(U"\n", 0, 5, "↵") == "[↵]");
  CHECK_THROWS_WITH_AS(static_cast<void>(bracketed_excerpt(text, 50, 3)),
                       "bracketed_excerpt: character 50 of a text of 50", ValueError);
}

namespace {
/// 26 words, each followed by a blank; the point of word w is at character 2 w + 1.
struct Alphabet {
  std::u32string text;
  std::vector<Span> spans;
  std::vector<Id> labels;
  std::vector<std::string> words;
  std::vector<double> probabilities;

  Alphabet() {
    for (Index w = 0; w < 26; ++w) {
      text += std::u32string{static_cast<char32_t>('a' + w), U' '};
      spans.push_back({0, 2 * w + 1, 2 * w + 2});
      labels.push_back(w < 3 ? Id{-1} : w < 20 ? Id{4} : Id{1});
      words.push_back(w == 25 ? "" : w % 2 == 0 ? "even" : "odd");
      probabilities.push_back(static_cast<double>(w) / 26);
    }
  }
  [[nodiscard]] ClusteredPoints points() const {
    return {.labels = labels, .spans = spans, .words = words, .probabilities = probabilities};
  }
};
}  // namespace

TEST_CASE("sizes, words and probabilities of every cluster") {
  const Alphabet alphabet;
  const auto summaries = summarise_clusters(alphabet.points(), alphabet.text, {.members = 100, .window = 3});
  REQUIRE(summaries.size() == 3);
  CHECK(summaries[0].label == -1);
  CHECK(summaries[1].label == 1);
  CHECK(summaries[2].label == 4);
  CHECK(summaries[0].size == 3);
  CHECK(summaries[1].size == 6);
  CHECK(summaries[2].size == 17);
  CHECK(summaries[0].mean_probability == doctest::Approx(1.0 / 26));

  REQUIRE(summaries[2].words.size() == 2);
  CHECK(summaries[2].words[0].word == "odd");  // 3, 5, ..., 19
  CHECK(summaries[2].words[0].count == 9);
  CHECK(summaries[2].words[0].share == doctest::Approx(9.0 / 17));
  CHECK(summaries[2].words[1].count == 8);
  CHECK(summaries[2].distinct_words == 2);
  CHECK(summaries[1].without_word == 1);
  CHECK(summaries[0].words[0].word == "even");

  for (const ClusterSummary& summary : summaries) {  // all members, each once, and truly of the cluster
    std::set<Index> points;
    for (const ClusterMember& member : summary.members) {
      points.insert(member.point);
      const auto j = static_cast<std::size_t>(member.point);
      CHECK(alphabet.labels[j] == summary.label);
      CHECK(member.character == alphabet.spans[j].first);
      CHECK(member.word == alphabet.words[j]);
      CHECK(member.probability == alphabet.probabilities[j]);
      CHECK(member.excerpt.find(static_cast<char>('a' + member.point) + std::string("[ ]")) !=
            std::string::npos);
    }
    CHECK(static_cast<Index>(points.size()) == summary.size);
  }
}

TEST_CASE("draws depend on seed and label alone, and are uniform") {
  const Alphabet alphabet;
  const auto drawn = [&](const ClusteredPoints& points, Index members, std::uint64_t seed) {
    std::vector<Index> result;
    const auto summaries = summarise_clusters(points, alphabet.text, {.members = members, .seed = seed});
    for (const ClusterMember& member : summaries.back().members) result.push_back(member.point);
    return result;
  };
  const auto eight = drawn(alphabet.points(), 8, 1);
  CHECK(drawn(alphabet.points(), 8, 1) == eight);
  CHECK(drawn(alphabet.points(), 8, 2) != eight);
  CHECK(drawn(alphabet.points(), 3, 1) == std::vector<Index>(eight.begin(), eight.begin() + 3));
  std::vector<Id> without_noise = alphabet.labels;
  for (Id& label : without_noise) label = label < 0 ? 1 : label;
  CHECK(drawn({.labels = without_noise, .spans = alphabet.spans}, 8, 1) == eight);

  std::vector<int> counts(26);
  for (std::uint64_t seed = 0; seed < 3400; ++seed)
    ++counts[static_cast<std::size_t>(drawn(alphabet.points(), 1, seed)[0])];
  for (std::size_t w = 3; w < 20; ++w) CHECK(std::abs(counts[w] - 200) < 70);  // 5 standard deviations
}

TEST_CASE("words and probabilities may be left out; no points give no clusters") {
  const Alphabet alphabet;
  const auto summaries =
      summarise_clusters({.labels = alphabet.labels, .spans = alphabet.spans}, alphabet.text);
  CHECK(summaries[2].without_word == 17);
  CHECK(summaries[2].words.empty());
  CHECK(summaries[2].mean_probability == 1.0);
  CHECK(summaries[2].members.size() == 8);
  CHECK(summarise_clusters({.labels = {}, .spans = {}}, U"").empty());
}

TEST_CASE("lists that do not fit are refused by name") {
  Alphabet alphabet;
  const auto summarise = [&] { static_cast<void>(summarise_clusters(alphabet.points(), alphabet.text)); };
  alphabet.words.pop_back();
  CHECK_THROWS_WITH_AS(
      summarise(),
      "ClusteredPoints: 26 labels, 26 spans, 25 words, 26 probabilities; words and probabilities may "
      "be left out",
      ShapeError);
  alphabet = {};
  alphabet.labels[5] = -2;
  CHECK_THROWS_WITH_AS(summarise(), "ClusteredPoints: the label of point 5 is -2", ValueError);
  alphabet = {};
  alphabet.spans[6].first = 52;
  CHECK_THROWS_WITH_AS(summarise(), "ClusteredPoints: point 6 is at character 52 of a text of 52", ValueError);
  alphabet = {};
  alphabet.spans[7].sequence = 1;
  CHECK_THROWS_AS(summarise(), ValueError);
  alphabet = {};
  alphabet.probabilities[8] = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH_AS(summarise(), "ClusteredPoints: the probability of point 8 is not finite", ValueError);
  alphabet = {};
  CHECK_THROWS_AS(static_cast<void>(summarise_clusters(alphabet.points(), alphabet.text, {.members = -1})),
                  ValueError);
}
