// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/analysis/word_vectors.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "rnnscope/core/random.hpp"

using namespace rnnscope;

TEST_CASE_TEMPLATE("means of the vectors after each word, in order of appearance", Scalar, float, double) {
  Matrix<Scalar> vectors(2, 5);
  vectors << Scalar(1), Scalar(10), Scalar(3), Scalar(99), Scalar(5),  //
      Scalar(2), Scalar(20), Scalar(4), Scalar(99), Scalar(9);
  WordVectorSums<Scalar> sums(2);
  sums.add(vectors, std::vector<std::string>{"We", "ÉTÉ", "we", "", "WE"});
  const WordVectors<Scalar> words = sums.means();
  CHECK(words.words() == std::vector<std::string>{"we", "été"});
  CHECK(words.counts() == std::vector<Index>{3, 1});
  CHECK(sums.skipped() == 1);
  CHECK(words.vectors()(0, 0) == Scalar(3));
  CHECK(words.vectors()(1, 0) == Scalar(5));
  CHECK(words.vectors()(1, 1) == Scalar(20));
  CHECK(words.find("été") == 1);
  CHECK_FALSE(words.find("We"));

  WordVectorSums<Scalar> exact(2, LetterCase::Keep);
  exact.add(vectors, std::vector<std::string>{"We", "ÉTÉ", "we", "", "WE"});
  CHECK(exact.size() == 4);
}

TEST_CASE("chunks add up to the same means as one piece") {
  Random random(2);
  Matrix<double> vectors(7, 300);
  std::vector<std::string> words;
  for (Index j = 0; j < 300; ++j) {
    words.push_back(std::string(1, static_cast<char>('a' + random.below(9))));
    for (Index d = 0; d < 7; ++d) vectors(d, j) = random.normal();
  }
  WordVectorSums<double> once(7), pieces(7);
  once.add(vectors, words);
  for (Index first = 0; first < 300; first += 37) {
    const Index count = std::min<Index>(37, 300 - first);
    pieces.add(vectors.middleCols(first, count),
               std::span(words).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)));
  }
  CHECK(once.means().vectors() == pieces.means().vectors());
  CHECK(once.means().counts() == pieces.means().counts());

  // Against the definition, one word at a time.
  const auto means = once.means();
  for (Index w = 0; w < means.size(); ++w) {
    Vector<double> sum = Vector<double>::Zero(7);
    Index count = 0;
    for (Index j = 0; j < 300; ++j) {
      if (words[static_cast<std::size_t>(j)] != means.words()[static_cast<std::size_t>(w)]) continue;
      sum += vectors.col(j);
      ++count;
    }
    CHECK(means.counts()[static_cast<std::size_t>(w)] == count);
    CHECK((means.vectors().col(w) - sum / static_cast<double>(count)).norm() < 1e-13);
  }
}

TEST_CASE("points take the word before them, and words can be filtered") {
  const std::vector<TaggedToken> tokens{{0, 2, "to", "TO"}, {3, 5, "be", "VB"}, {6, 12, "or—not", "X"}};
  PointSet<float> points{Matrix<float>::Identity(3, 3), {{0, 2, 3}, {0, 5, 6}, {0, 12, 13}}};
  WordVectorSums<float> sums(3);
  sums.add(points, tokens);
  const auto words = sums.means();
  CHECK(words.words() == std::vector<std::string>{"to", "be", "or—not"});
  CHECK(words.vectors() == Matrix<float>::Identity(3, 3));
  const auto plain =
      words.filtered([](std::string_view word, Index) { return word.find("—") == std::string_view::npos; });
  CHECK(plain.words() == std::vector<std::string>{"to", "be"});
  CHECK(plain.vectors() == Matrix<float>::Identity(3, 2));
  CHECK(plain.find("be") == 1);
  CHECK(words.filtered([](std::string_view, Index count) { return count > 1; }).size() == 0);
  points.spans.pop_back();
  CHECK_THROWS_WITH_AS(sums.add(points, tokens), "PointSet: 3 vectors but 2 spans", ShapeError);
}

TEST_CASE("no words, and what does not fit") {
  WordVectorSums<double> sums(2);
  CHECK(sums.means().size() == 0);
  CHECK(sums.means().dimension() == 2);
  const std::vector<std::string> two{"a", "b"};
  CHECK_THROWS_WITH_AS(sums.add(Matrix<double>::Zero(3, 2), two),
                       "WordVectorSums::add: vectors of dimension 3, expected 2", ShapeError);
  CHECK_THROWS_WITH_AS(sums.add(Matrix<double>::Zero(2, 3), two), "WordVectorSums::add: 3 vectors but 2 words",
                       ShapeError);
  Matrix<double> bad = Matrix<double>::Zero(2, 2);
  bad(0, 1) = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH_AS(sums.add(bad, two),
                       "WordVectorSums::add: vector 1, after 'b', has a value that is not finite", ValueError);
  CHECK(sums.size() == 0);  // nothing was added
  CHECK_THROWS_AS(WordVectorSums<double>(-1), ValueError);
  CHECK_THROWS_WITH_AS(WordVectors<double>(Matrix<double>::Zero(1, 2), {"a", "a"}, {1, 1}),
                       "WordVectors: word 'a' appears twice, as 0 and 1", ValueError);
  CHECK_THROWS_AS(WordVectors<double>(Matrix<double>::Zero(1, 1), {""}, {1}), ValueError);
  CHECK_THROWS_AS(WordVectors<double>(Matrix<double>::Zero(1, 1), {"a"}, {}), ShapeError);
}
