// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/report/ngram_pyramid_plot.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <map>

#include "plot_checks.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

namespace {
/// The bars: rounded rectangles, with their tooltips in the same order.
std::vector<XmlElement> bars(const XmlReader& xml) {
  std::vector<XmlElement> result;
  for (const XmlElement& rect : xml.named("rect")) {
    if (rect.attributes.count("rx") != 0) result.push_back(rect);
  }
  return result;
}
/// Left ends of the tokens, and the right end of the last.
std::vector<double> edges(const XmlReader& xml) {
  std::vector<double> result;
  for (const XmlElement& line : xml.named("line")) {
    if (line.attributes.count("stroke-dasharray") != 0) result.push_back(number(line, "x1"));
  }
  return result;
}
}  // namespace

TEST_CASE("the phrase of Figure 2: every bar covers its tokens, short below long, coloured by its score") {
  const std::vector<std::string> tokens{"hardly", "an", "objective", "documentary"};
  const std::vector<NgramScore> ngrams{{0, 1, -2.31}, {1, 2, 0},   {2, 3, 0.61}, {3, 4, 1.2},
                                       {2, 4, 1.9},   {1, 4, 2.4}, {0, 4, -6.2}};
  const Figure figure = ngram_pyramid_plot(tokens, ngrams, {.title = "GRU", .legend = "polarity"});
  const XmlReader xml(figure.svg);
  check_inside(xml);
  const auto bar = bars(xml);
  const auto edge = edges(xml);
  REQUIRE(bar.size() == 7);
  REQUIRE(edge.size() == 5);
  for (std::size_t k = 0; k < 7; ++k) {
    CHECK(number(bar[k], "x") == doctest::Approx(edge[static_cast<std::size_t>(ngrams[k].first)] + 2));
    CHECK(number(bar[k], "x") + number(bar[k], "width") ==
          doctest::Approx(edge[static_cast<std::size_t>(ngrams[k].last)] - 2));
  }
  for (std::size_t k = 0; k < 3; ++k) CHECK(number(bar[k], "y") == number(bar[k + 1], "y"));
  for (std::size_t k = 3; k < 6; ++k) CHECK(number(bar[k], "y") > number(bar[k + 1], "y"));
  CHECK(bar[6].attributes.at("fill") == "#b2182b");  // the strongest of all, negative
  CHECK(bar[1].attributes.at("fill") == "#f7f7f7");
  CHECK(bar[5].attributes.at("fill") == diverging_colour(2.4 / 6.2).hex());
  for (const char* label : {"hardly", "an", "objective", "documentary", "\u22122.31", "0.00", "0.61", "1.20",
                            "1.90", "2.40", "\u22126.20", "GRU", "polarity", "\u22126.2", "+6.2"}) {
    CAPTURE(label);
    CHECK(has_text(xml, label));
  }
  CHECK(xml.texts("title").back() == "hardly an objective documentary: \u22126.20");
  REQUIRE(figure.table.rows().size() == 7);
  CHECK(figure.table.rows()[4] == std::vector<std::string>{"2", "4", "objective documentary", "1.9"});
}

TEST_CASE("all 78 n-grams of twelve tokens: none over another, lengths in order") {
  std::vector<std::string> tokens;
  std::vector<NgramScore> ngrams;
  for (Index i = 0; i < 12; ++i) {
    tokens.push_back(i == 3 ? "incomprehensibilities" : "<" + std::to_string(i) + ">");
    for (Index t = i + 1; t <= 12; ++t) ngrams.push_back({i, t, static_cast<double>(t - 2 * i)});
  }
  const Figure figure = ngram_pyramid_plot(tokens, ngrams);
  const XmlReader xml(figure.svg);
  check_inside(xml);
  const auto bar = bars(xml);
  REQUIRE(bar.size() == 78);
  for (std::size_t a = 0; a < 78; ++a) {
    const Index size_a = ngrams[a].last - ngrams[a].first;
    for (std::size_t b = 0; b < 78; ++b) {
      if (a == b) continue;
      const bool apart_y = std::abs(number(bar[a], "y") - number(bar[b], "y")) >= 20;
      const bool apart_x = number(bar[a], "x") >= number(bar[b], "x") + number(bar[b], "width") ||
                           number(bar[b], "x") >= number(bar[a], "x") + number(bar[a], "width");
      CHECK((apart_x || apart_y));
      if (size_a < ngrams[b].last - ngrams[b].first) CHECK(number(bar[a], "y") > number(bar[b], "y"));
    }
  }
  for (std::size_t t = 0; t < 12; ++t) {  // a token is not wider than its column
    CHECK(edges(xml)[t + 1] - edges(xml)[t] > text_width(tokens[t], 12));
  }
}

TEST_CASE("a fixed strongest score makes plots comparable; no scores give a plot of tokens") {
  const Figure pale = ngram_pyramid_plot({"good"}, {{0, 1, 1}}, {.decimals = 0, .strongest = 4});
  CHECK(bars(XmlReader(pale.svg))[0].attributes.at("fill") == diverging_colour(0.25).hex());
  CHECK(has_text(XmlReader(pale.svg), "1"));
  const Figure zero = ngram_pyramid_plot({"good"}, {{0, 1, 0}});
  CHECK(bars(XmlReader(zero.svg))[0].attributes.at("fill") == "#f7f7f7");
  const Figure bare =
      ngram_pyramid_plot({"a", "b"}, {}, {.title = "a title that is much longer than the plot is wide"});
  check_inside(XmlReader(bare.svg));
  CHECK(bars(XmlReader(bare.svg)).empty());
  CHECK(bare.table.empty());
}

TEST_CASE("what cannot be drawn is refused by name") {
  CHECK_THROWS_WITH_AS(static_cast<void>(ngram_pyramid_plot({}, {})), "ngram_pyramid_plot: there are no tokens",
                       ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(ngram_pyramid_plot({"a", "b"}, {{0, 1, 1}, {1, 3, 1}})),
                       "ngram_pyramid_plot: n-gram 1 covers tokens [1, 3) of a phrase of 2", ValueError);
  CHECK_THROWS_AS(static_cast<void>(ngram_pyramid_plot({"a"}, {{0, 0, 1}})), ValueError);
  CHECK_THROWS_WITH_AS(
      static_cast<void>(ngram_pyramid_plot({"a"}, {{0, 1, std::numeric_limits<double>::quiet_NaN()}})),
      "ngram_pyramid_plot: the score of n-gram 0, tokens [0, 1), is nan", ValueError);
  CHECK_THROWS_AS(static_cast<void>(ngram_pyramid_plot({"a"}, {}, {.strongest = -1})), ValueError);
  CHECK_THROWS_AS(static_cast<void>(ngram_pyramid_plot({"a"}, {}, {.decimals = 21})), ValueError);
}
