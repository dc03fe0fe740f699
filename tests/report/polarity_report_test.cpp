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
