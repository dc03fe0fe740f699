// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/model/sample.hpp"

#include <doctest/doctest.h>

#include "rnnscope/model/evaluation.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"
#include "rnnscope/text/tokenizer.hpp"

using namespace rnnscope;

namespace {

template <class Cell>
LanguageModel<Cell> some_model() {
  LanguageModel<Cell> model(
      {.vocabulary_size = 5, .embedding_size = 3, .hidden_size = 6, .layers = 2, .dropout = 0.5});
  Random random(21);
  for (Index k = 0; k < model.parameters.size(); ++k)
    model.parameters.flat()(k) = static_cast<typename Cell::Scalar>(random.uniform(-1, 1));
  return model;
}

const std::vector<Id> text{3, 1, 4, 1, 0, 2, 2, 4, 3, 0, 1};

}  // namespace

TEST_CASE_TEMPLATE("a stream expects what the whole text says, token by token", Cell, Lstm<double>,
                   Gru<float>) {
  const auto model = some_model<Cell>();
  const double tolerance = std::is_same_v<typename Cell::Scalar, double> ? 1e-13 : 1e-5;
  const std::vector<double> expected = surprisals(model, text);
  REQUIRE(expected.size() == text.size() - 1);
  double sum = 0;
  for (const double nats : expected) sum += nats;
  CHECK(sum == doctest::Approx(evaluate(model, text).total_nats).epsilon(tolerance));

  LanguageModelStream<Cell> stream(model);
  CHECK_THROWS_WITH_AS(static_cast<void>(stream.log_probabilities()),
                       "LanguageModelStream: nothing was read yet", ValueError);
  for (std::size_t t = 0; t + 1 < text.size(); ++t) {
    stream.read(text[t]);
    CHECK(stream.log_probabilities().array().exp().sum() == doctest::Approx(1).epsilon(1e-12));
    CHECK(-stream.log_probabilities()(text[t + 1]) == doctest::Approx(expected[t]).epsilon(tolerance));
  }
  CHECK(stream.tokens() == 10);
  // A copy goes its own way; a bad id changes nothing; reset forgets.
  LanguageModelStream<Cell> fork = stream;
  const Vector<double> before = stream.log_probabilities();
  fork.read(2);
  CHECK(fork.log_probabilities() != before);
  CHECK_THROWS_WITH_AS(stream.read(5), "LanguageModelStream: id 5 is outside the vocabulary of 5", ValueError);
  CHECK(stream.log_probabilities() == before);
  stream.reset();
  stream.read(std::span<const Id>(text).first(10));
  CHECK((stream.log_probabilities() - before).cwiseAbs().maxCoeff() < tolerance);
}

TEST_CASE("the perplexity of a text") {
  const auto model = some_model<Lstm<double>>();
  const Vocabulary vocabulary({"a", "b", "c", "d", "e"});
  const Evaluation result = evaluate_text(model, vocabulary, CharacterTokenizer(), "dbebaccedab");
  CHECK(result.predictions == 10);
  CHECK(result.total_nats == evaluate(model, text).total_nats);
  CHECK(result.perplexity() == doctest::Approx(std::exp(result.total_nats / 10)));
  CHECK(result.bits() == doctest::Approx(result.total_nats / 10 / std::log(2.0)));
  CHECK_THROWS_AS(static_cast<void>(evaluate_text(model, vocabulary, CharacterTokenizer(), "abx")), ValueError);
}

TEST_CASE("symbols are drawn with the probabilities they should have") {
  Vector<double> p(5);
  p << 0.05, 0.4, 0.1, 0.25, 0.2;
  const Vector<double> log_p = p.array().log();
  const auto expected_of = [&](const SampleOptions& options) {
    Vector<double> expected = p.array().pow(1 / options.temperature);
    if (options.top_k == 2) expected(0) = expected(2) = expected(4) = 0;
    return Vector<double>(expected / expected.sum());
  };
  const int draws = 20000;
  for (const auto& options :
       {SampleOptions{}, SampleOptions{.temperature = 0.5}, SampleOptions{.temperature = 3},
        SampleOptions{.temperature = 2, .top_k = 2}, SampleOptions{.top_k = 9}}) {
    Random random(3);
    Vector<double> counts = Vector<double>::Zero(5);
    for (int k = 0; k < draws; ++k) counts(sample_id(log_p, options, random)) += 1;
    const Vector<double> expected = expected_of(options);
    for (Index id = 0; id < 5; ++id) {
      const double deviation = std::sqrt(expected(id) * (1 - expected(id)) / draws);
      CHECK(std::abs(counts(id) / draws - expected(id)) <= 4.5 * deviation);
    }
  }
  Random random(4);
  for (int k = 0; k < 100; ++k) {
    CHECK(sample_id(log_p, {.temperature = 0}, random) == 1);
    CHECK(sample_id(log_p, {.top_k = 1}, random) == 1);
  }
  CHECK(random.position() == 0);
  const Vector<double> even = Vector<double>::Constant(4, std::log(0.25));
  CHECK(sample_id(even, {.temperature = 0}, random) == 0);
  // Temperatures near 0 do not overflow.
  CHECK(sample_id(log_p, {.temperature = 1e-300}, random) == 1);
}

TEST_CASE("what cannot be drawn from is named") {
  Random random;
  Vector<double> bad(2);
  bad << std::log(0.5), std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH_AS(static_cast<void>(sample_id(bad, {}, random)),
                       "sample_id: the probability of id 1 is NaN", ValueError);
  bad.setConstant(-std::numeric_limits<double>::infinity());
  CHECK_THROWS_WITH_AS(static_cast<void>(sample_id(bad, {}, random)), "sample_id: no symbol is possible",
                       ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(sample_id(Vector<double>(), {}, random)),
                       "sample_id: there are no symbols", ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(sample_id(bad, {.temperature = -1}, random)),
                       "SampleOptions: temperature must not be negative, found -1", ValueError);
  const auto model = some_model<Lstm<double>>();
  CHECK_THROWS_WITH_AS(static_cast<void>(sample(model, std::vector<Id>{})),
                       "sample: the prompt needs at least one token to begin with", ValueError);
}

TEST_CASE("equal seeds write equal texts") {
  const auto model = some_model<Gru<float>>();
  const Vocabulary vocabulary({"a", "b", "c", "d", "e"});
  const CharacterTokenizer characters;
  const std::string one = sample_text(model, vocabulary, characters, "abc", {.length = 60, .seed = 5});
  CHECK(one.size() == 60);
  CHECK(sample_text(model, vocabulary, characters, "abc", {.length = 60, .seed = 5}) == one);
  CHECK(sample_text(model, vocabulary, characters, "abc", {.length = 60, .seed = 6}) != one);
  CHECK(sample_text(model, vocabulary, characters, "abc", {.length = 3, .seed = 5}, "-") ==
        std::string{one[0], '-', one[1], '-', one[2]});
  // Greedily: each token is the likeliest after those before.
  const std::vector<Id> greedy = sample(model, text, {.length = 5, .temperature = 0});
  LanguageModelStream<Gru<float>> stream(model);
  stream.read(text);
  for (const Id id : greedy) {
    Index best = 0;
    stream.log_probabilities().maxCoeff(&best);
    CHECK(id == best);
    stream.read(id);
  }
}
