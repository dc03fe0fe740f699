// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/report/polarity_report.hpp"

#include <doctest/doctest.h>

using namespace rnnscope;

TEST_CASE_TEMPLATE("the n-grams that end at a token, and the tokens before it", Scalar, float, double) {
  PolarityScores<Scalar> scores;
  scores.resize(NgramIndex(4, 3, 1), Matrix<Scalar>::Zero(2, 1));  // 4 tokens, n-grams of up to 3, ends 1 to 3
  for (Index t = 1; t < 4; ++t) {
    for (Index i = scores.index.first(t); i <= t; ++i) {
      scores.ngram(1, scores.index.column(i, t)) = static_cast<Scalar>(10 * i + t);
    }
  }
  const auto ngrams = ngram_scores(scores, 3, 1);
  REQUIRE(ngrams.size() == 5);
  const NgramScore expected[] = {{1, 2, 11}, {2, 3, 22}, {3, 4, 33}, {2, 4, 23}, {1, 4, 13}};
  for (std::size_t k = 0; k < 5; ++k) {
    CHECK(ngrams[k].first == expected[k].first);
    CHECK(ngrams[k].last == expected[k].last);
    CHECK(ngrams[k].score == expected[k].score);
  }
  CHECK(ngram_scores(scores, 1).size() == 2);
  CHECK(ngram_scores(scores, 1)[0].score == 0);  // of label 0
  CHECK_THROWS_AS(static_cast<void>(ngram_scores(scores, 4)), ValueError);
  CHECK_THROWS_AS(static_cast<void>(ngram_scores(scores, 0)), ValueError);
  CHECK_THROWS_AS(static_cast<void>(ngram_scores(scores, 3, 2)), ValueError);
}

TEST_CASE("an account as a table") {
  const PolarityAccount<double> account{1, 2, 4, 8, 16, 32, 63.5, 10, 4};
  const Table table = account_table(account);
  REQUIRE(table.rows().size() == 10);
  CHECK(table.rows()[1] == std::vector<std::string>{"sequence", "2"});
  CHECK(table.rows()[4] == std::vector<std::string>{"residual, second order", "10"});
  CHECK(table.rows()[5] == std::vector<std::string>{"residual, third order", "4"});
  CHECK(table.rows()[6] == std::vector<std::string>{"residual, rest", "2"});
  CHECK(table.rows()[8] == std::vector<std::string>{"sum", "63"});
  CHECK(table.rows()[9] == std::vector<std::string>{"logit", "63.5"});
}

TEST_CASE("the bars of a bidirectional layer: both halves from their last token, in the order of reading") {
  const NgramIndex index(3, any_length, 0);
  BidirectionalScores<double> scores;
  for (PolarityScores<double>* half : {&scores.forward, &scores.backward}) {
    half->resize(index, Matrix<double>::Zero(2, 1));
    for (Index i = 0; i < 3; ++i)
      half->ngram(1, index.column(i, 2)) = static_cast<double>(half == &scores.forward ? i + 1 : -i - 1);
  }
  const auto panels = bidirectional_ngram_bars({"freedom", "to", "feel"}, scores, 1);
  REQUIRE(panels.size() == 2);
  const std::vector<std::string> forward{"feel", "to feel", "freedom to feel"},
      backward{"freedom", "to freedom", "feel to freedom"};
  for (std::size_t k = 0; k < 3; ++k) {
    CHECK(panels[0].bars[k].name == forward[k]);
    CHECK(panels[0].bars[k].score == 3.0 - static_cast<double>(k));
    CHECK(panels[1].bars[k].name == backward[k]);
    CHECK(panels[1].bars[k].score == static_cast<double>(k) - 3.0);
  }
  CHECK(scores.backward_at(0, 1, 1) == panels[1].bars[1].score);
  CHECK_THROWS_WITH_AS(static_cast<void>(bidirectional_ngram_bars({"freedom", "to"}, scores)),
                       "bidirectional_ngram_bars: 2 tokens, but scores of a sequence of 3", ShapeError);
}

TEST_CASE("the quality of an expansion as a table") {
  ExpansionQuality<double> quality;
  quality.step_error = Vector<double>::LinSpaced(5, 0, 0.4);
  quality.unrolled_error = Vector<double>::LinSpaced(5, 4, 0);
  quality.spectral_radius = Vector<double>::Constant(5, 1.5);
  CHECK(quality_table(quality).rows().size() == 3);
  quality.quadrature_nodes = {4, 4, 8, 16, 4};
  const Table table = quality_table(quality);
  REQUIRE(table.rows().size() == 4);
  CHECK(table.rows()[0] == std::vector<std::string>{"error of a step", "0.2", "0.4"});
  CHECK(table.rows()[1] == std::vector<std::string>{"error after unrolling", "2", "4"});
  CHECK(table.rows()[3] == std::vector<std::string>{"quadrature nodes", "4", "16"});
  CHECK(quality.diverges());
  CHECK(quality.growing() == 5);
  CHECK_THROWS_AS(static_cast<void>(quality_table(ExpansionQuality<double>{})), ValueError);
}
