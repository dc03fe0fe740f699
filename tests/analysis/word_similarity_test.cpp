// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/analysis/word_similarity.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "../real_data.hpp"

using namespace rnnscope;

TEST_CASE("ranks and correlation with ties, against NumPy") {
  const std::vector<double> a{1, 2, 2, 3, 5, 8, 8, 8, 0.5}, b{2, 1, 4, 4, 9, 7, 7, 10, 3};
  CHECK(average_ranks(a) == std::vector<double>{2, 3.5, 3.5, 5, 6, 8, 8, 8, 1});
  CHECK(average_ranks(b) == std::vector<double>{2, 1, 4.5, 4.5, 8, 6.5, 6.5, 9, 3});
  // numpy.corrcoef of the ranks, NumPy 1.24.2
  CHECK(spearman(a, b) == doctest::Approx(0.8198104459451383).epsilon(1e-14));
  CHECK(spearman(b, a) == doctest::Approx(0.8198104459451383).epsilon(1e-14));
  CHECK(spearman(std::vector<double>{1, 2, 3}, std::vector<double>{-1, 10, 1e300}) == 1.0);
  CHECK(spearman(std::vector<double>{1, 2, 3}, std::vector<double>{5, 4, 3}) == -1.0);
}

TEST_CASE("where a correlation is not defined") {
  CHECK(std::isnan(spearman({}, {})));
  CHECK(std::isnan(spearman(std::vector<double>{1}, std::vector<double>{2})));
  CHECK(std::isnan(spearman(std::vector<double>{1, 2}, std::vector<double>{3, 3})));
  CHECK_THROWS_WITH_AS(static_cast<void>(spearman(std::vector<double>{1}, {})),
                       "spearman: 1 values on one side, 0 on the other", ShapeError);
  const std::vector<double> bad{1, std::numeric_limits<double>::quiet_NaN()};
  CHECK_THROWS_WITH_AS(static_cast<void>(spearman(bad, bad)), "average_ranks: value 1 of 2 is NaN", ValueError);
}

TEST_CASE("word pairs: case, white space, line ends, repeated pairs") {
  const auto pairs =
      parse_word_pairs("Tiger\tCat 7.35\r\n\r\n  king   QUEEN\t8.58  \ntiger cat 1\ncat tiger 2\nÉté hiver .5");
  REQUIRE(pairs.size() == 4);
  CHECK(pairs[0].first == "tiger");
  CHECK(pairs[0].second == "cat");
  CHECK(pairs[0].score == 1.0);  // the last line counts, in the first one's place
  CHECK(pairs[0].lines == 2);
  CHECK(pairs[1].second == "queen");
  CHECK(pairs[1].score == 8.58);
  CHECK(pairs[2].first == "cat");  // the other order is another pair
  CHECK(pairs[3].first == "été");
  CHECK(pairs[3].score == 0.5);
  CHECK(parse_word_pairs("").empty());
  CHECK_THROWS_WITH_AS(static_cast<void>(parse_word_pairs("a b 1\na b", "x.txt")),
                       "x.txt: line 2: expected two words and a score, found 2 fields in 'a b'", FormatError);
  CHECK_THROWS_WITH_AS(static_cast<void>(parse_word_pairs("a b 1,5")),
                       "word pairs: line 1: expected a number as score, found '1,5'", FormatError);
  CHECK_THROWS_AS(static_cast<void>(parse_word_pairs("a b nan")), FormatError);
}

TEST_CASE_TEMPLATE("scores against cosines", Scalar, float, double) {
  Matrix<Scalar> vectors(2, 4);
  vectors << Scalar(1), Scalar(2), Scalar(0), Scalar(-1),  //
      Scalar(0), Scalar(1), Scalar(3), Scalar(0.5);
  const WordVectors<Scalar> words(vectors, {"east", "ene", "north", "wnw"}, {1, 1, 1, 1});
  // Cosines: east-ene 0.894, ene-north 0.447, east-north 0, east-wnw -0.894.
  const auto same = parse_word_pairs("east ene 9\nene north 7\neast north 3\neast wnw 1\neast south 8");
  const WordSimilarity result = word_similarity(words, same);
  CHECK(result.rho == doctest::Approx(1.0));
  CHECK(result.lines == 5);
  CHECK(result.found == 4);
  CHECK(result.used == 4);
  CHECK(result.skipped == 1);
  const auto swapped = parse_word_pairs("east ene 7\nene north 9\neast north 3\neast wnw 1");
  CHECK(word_similarity(words, swapped).rho == doctest::Approx(0.8));  // 1 - 6 * 2 / (4 * 15)
  CHECK(std::isnan(word_similarity(words, parse_word_pairs("up down 1")).rho));
}

TEST_CASE("the thirteen tasks of wordvectors.org have the published sizes") {
  struct Task {
    const char* file;
    Index lines, distinct;
  };
  const Task tasks[] = {{"MC-30", 30, 30},        {"MEN-TR-3k", 3000, 3000},
                        {"MTurk-287", 287, 287},  {"MTurk-771", 771, 771},
                        {"RG-65", 65, 65},        {"RW-STANFORD", 2034, 2034},
                        {"SIMLEX-999", 999, 999}, {"SimVerb-3500", 3500, 3500},
                        {"VERB-143", 144, 144},   {"WS-353-ALL", 353, 352},
                        {"WS-353-REL", 252, 252}, {"WS-353-SIM", 203, 203},
                        {"YP-130", 130, 130}};
  for (const Task& task : tasks) {
    const auto path = test::data_file("word_similarity/EN-" + std::string(task.file) + ".txt");
    if (!path) return;
    CAPTURE(task.file);
    const auto pairs = read_word_pairs(*path);
    CHECK(static_cast<Index>(pairs.size()) == task.distinct);
    Index lines = 0;
    for (const WordPair& pair : pairs) lines += pair.lines;
    CHECK(lines == task.lines);
  }
}

TEST_CASE("GloVe vectors: the correlations that NumPy finds") {
  const auto glove = test::data_file("glove/glove.6B.100d.sst_vocab.txt");
  const auto men = test::data_file("word_similarity/EN-MEN-TR-3k.txt");
  const auto ws = test::data_file("word_similarity/EN-WS-353-ALL.txt");
  if (!glove || !men || !ws) return;
  std::vector<std::string> words;
  std::vector<double> numbers;
  for (const std::string& line : read_lines(*glove)) {
    const auto fields = tokenize(line, WordTokenizer{});
    REQUIRE(fields.size() == 101);
    words.push_back(fields[0]);
    for (std::size_t d = 1; d < 101; ++d) numbers.push_back(std::stod(fields[d]));
  }
  const auto count = static_cast<Index>(words.size());
  const Eigen::Map<const Matrix<double>> vectors(numbers.data(), 100, count);
  const WordVectors<double> known(vectors, words, std::vector<Index>(words.size(), 1));

  const WordSimilarity first = word_similarity(known, read_word_pairs(*men));
  CHECK(first.found == 1608);
  CHECK(first.rho == doctest::Approx(0.6965648946542491).epsilon(1e-12));
  const WordSimilarity second = word_similarity(known, read_word_pairs(*ws));
  CHECK(second.lines == 353);
  CHECK(second.found == 231);
  CHECK(second.used == 230);  // one pair stands there twice
  CHECK(second.rho == doctest::Approx(0.5692131218968776).epsilon(1e-12));
}
