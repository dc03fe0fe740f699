// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The scores of the n-grams of one phrase, drawn over its tokens.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/report/colours.hpp"
#include "rnnscope/report/figure.hpp"
#include "rnnscope/report/svg.hpp"

namespace rnnscope {

/// The score of the tokens `[first, last)`.
struct NgramScore {
  Index first = 0;
  Index last = 0;
  double score = 0;
};

struct NgramPyramidParameters {
  std::string title{};
  std::string legend = "score";
  int decimals = 2;
  double strongest = 0;  ///< the absolute score of the darkest colour; 0: the largest in the plot

  /// \throws ValueError unless decimals is in [0, 20] and strongest is finite and not negative.
  void check() const {
    require<ValueError>(decimals >= 0 && decimals <= 20,
                        "NgramPyramidParameters: decimals must be in [0, 20], found ", decimals);
    require<ValueError>(std::isfinite(strongest) && strongest >= 0,
                        "NgramPyramidParameters: strongest must be finite and not negative, found ", strongest);
  }
};

namespace detail {

[[nodiscard]] inline std::string ngram_text(const std::vector<std::string>& tokens, const NgramScore& ngram) {
  std::string text;
  for (Index t = ngram.first; t < ngram.last; ++t) {
    text += (t == ngram.first ? "" : " ") + tokens[static_cast<std::size_t>(t)];
  }
  return text;
}

/// Where the bars lie: `height[k]` pixels from the base line to the bottom of bar k, short n-grams below long
/// ones, as low as possible, none over another. Lengths that need several lanes stand a little apart.
struct NgramLayout {
  static constexpr double lane = 24, bar = 20, gap = 8;
  std::vector<double> height{};
  double top = 0;

  explicit NgramLayout(const std::vector<NgramScore>& ngrams) : height(ngrams.size(), 0.0) {
    const auto size = [&](std::size_t k) { return ngrams[k].last - ngrams[k].first; };
    std::vector<std::size_t> order(ngrams.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return size(a) != size(b) ? size(a) < size(b) : ngrams[a].first < ngrams[b].first;
    });
    for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
      std::vector<Index> ends;  // for every lane of this length, where its last bar ends
      for (; end < order.size() && size(order[end]) == size(order[begin]); ++end) {
        const NgramScore& ngram = ngrams[order[end]];
        std::size_t k = 0;
        while (k < ends.size() && ends[k] > ngram.first) ++k;
        if (k == ends.size()) ends.push_back(0);
        ends[k] = ngram.last;
        height[order[end]] = top + static_cast<double>(k) * lane + (lane - bar) / 2;
      }
      top += static_cast<double>(ends.size()) * lane + (ends.size() > 1 ? gap : 0);
    }
  }
};

/// A strip of the colours between the texts of their ends, centred at x.
inline void draw_diverging_legend(Svg& svg, double x, double y, const std::string& name, double strongest) {
  constexpr double strip = 110, font = 11;
  constexpr int pieces = 41;
  const std::string end = significant(strongest, 3);
  const double left = x - strip / 2 + text_width(name, font) / 2;
  for (int k = 0; k < pieces; ++k) {
    svg.rect(left + k * strip / pieces, y, strip / pieces + (k + 1 < pieces ? 0.5 : 0), 10,
             {.fill = diverging_colour(2.0 * k / (pieces - 1) - 1).hex()});
  }
  svg.rect(left, y, strip, 10, {.stroke = "#555555", .stroke_width = 0.6});
  svg.text(left - 6, y + 9, "\u2212" + end, {.size = font, .anchor = TextAnchor::End});
  svg.text(left + strip + 6, y + 9, "+" + end, {.size = font});
  svg.text(left - text_width("\u2212" + end, font) - 16, y + 9, name,
           {.size = font, .anchor = TextAnchor::End});
}

}  // namespace detail

/// Tokens along the bottom; above them one bar for every n-gram, from the left end of its first to the right
/// end of its last token, short n-grams below long ones. Negative scores are red, positive ones blue, the
/// darker the stronger; the score with its sign stands on the bar, so the plot can be read in grey. As Figures
/// 2 and 10 of "Sequence-level features: how GRU and LSTM cells capture n-grams", submission to ICLR 2021.
///
/// Table: first, last, ngram, score.
/// Cost: O(n log n + n * lanes).
/// \throws ValueError if there are no tokens, an n-gram is empty or outside the phrase, or a score is not
/// finite.
[[nodiscard]] inline Figure ngram_pyramid_plot(const std::vector<std::string>& tokens,
                                               const std::vector<NgramScore>& ngrams,
                                               const NgramPyramidParameters& parameters = {}) {
  parameters.check();
  require<ValueError>(!tokens.empty(), "ngram_pyramid_plot: there are no tokens");
  constexpr double font = 12, small = 11, margin = 16;
  const auto count = static_cast<Index>(tokens.size());
  Figure figure{{},
                Table({{"first", ColumnKind::Number},
                       {"last", ColumnKind::Number},
                       {"ngram"},
                       {"score", ColumnKind::Number}})};
  double strongest = parameters.strongest, widest = 42;
  std::vector<std::string> labels;
  for (std::size_t k = 0; k < ngrams.size(); ++k) {
    const auto& [first, last, score] = ngrams[k];
    require<ValueError>(first >= 0 && first < last && last <= count, "ngram_pyramid_plot: n-gram ", k,
                        " covers tokens [", first, ", ", last, ") of a phrase of ", count);
    require<ValueError>(std::isfinite(score), "ngram_pyramid_plot: the score of n-gram ", k, ", tokens [",
                        first, ", ", last, "), is ", score);
    if (parameters.strongest == 0) strongest = std::max(strongest, std::abs(score));
    labels.push_back(with_minus_sign(fixed(score, parameters.decimals)));
    widest = std::max(widest, text_width(labels.back(), small));
    figure.table.add(first, last, detail::ngram_text(tokens, ngrams[k]), score);
  }
  if (strongest == 0) strongest = 1;

  const detail::NgramLayout layout(ngrams);
  std::vector<double> edges{0};  // left ends of the tokens, and the right end of the last
  for (const std::string& token : tokens) {
    edges.push_back(edges.back() + std::max(widest + 10, text_width(token, font) + 14));
  }
  const double content = std::max(
      {edges.back(), text_width(parameters.title, 13) * 1.08, 220 + 2 * text_width(parameters.legend, small)});
  const double width = content + 2 * margin;
  const double shift = (width - edges.back()) / 2;
  for (double& edge : edges) edge += shift;
  const double top = parameters.title.empty() ? margin : 36;
  const double bottom = top + layout.top;
  const double height = bottom + 64;

  Svg svg(width, height, parameters.title);
  svg.text(width / 2, 22, parameters.title, {.size = 13, .anchor = TextAnchor::Middle, .bold = true});
  for (const double edge : edges) {
    svg.line(edge, top, edge, bottom + 20, {.stroke = "#d0d0d0", .dash = "2 3"});
  }
  for (std::size_t k = 0; k < ngrams.size(); ++k) {
    const double left = edges[static_cast<std::size_t>(ngrams[k].first)] + 2;
    const double right = edges[static_cast<std::size_t>(ngrams[k].last)] - 2;
    const double y = bottom - layout.height[k] - layout.bar;
    const Colour colour = diverging_colour(ngrams[k].score / strongest);
    svg.rounded_rect(left, y, right - left, layout.bar, 3,
                     {.fill = colour.hex(), .stroke = "#555555", .stroke_width = 0.6},
                     detail::ngram_text(tokens, ngrams[k]) + ": " + labels[k]);
    svg.text((left + right) / 2, y + layout.bar / 2 + 4, labels[k],
             {.size = small, .colour = readable_on(colour).hex(), .anchor = TextAnchor::Middle});
  }
  svg.line(edges.front(), bottom + 2, edges.back(), bottom + 2, {.stroke = "#333333"});
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    svg.text((edges[t] + edges[t + 1]) / 2, bottom + 18, tokens[t],
             {.size = font, .anchor = TextAnchor::Middle});
  }
  detail::draw_diverging_legend(svg, width / 2, height - 24, parameters.legend, strongest);
  figure.svg = svg.str();
  return figure;
}

}  // namespace rnnscope
