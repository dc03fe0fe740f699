// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Scores of n-grams as horizontal bars, in one panel or several side by side.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/report/colours.hpp"
#include "rnnscope/report/figure.hpp"
#include "rnnscope/report/svg.hpp"

namespace rnnscope {

/// The score of an n-gram under its own words.
struct NamedScore {
  std::string name{};
  double score = 0;
};

/// A column of bars, from top to bottom.
struct NgramBars {
  std::string title{};
  std::vector<NamedScore> bars{};
};

struct NgramBarParameters {
  std::string title{};
  int decimals = 2;

  /// \throws ValueError unless decimals is in [0, 20].
  void check() const {
    require<ValueError>(decimals >= 0 && decimals <= 20,
                        "NgramBarParameters: decimals must be in [0, 20], found ", decimals);
  }
};

/// One panel beside the other, all on one scale: in each a line for every n-gram with its words, and a bar from
/// zero to the left in red for a negative score, to the right in blue for a positive one, the number at its
/// end. As Figures 4 and 5 of "Sequence-level features: how GRU and LSTM cells capture n-grams" (left panel the
/// forward cell, right panel the backward cell).
///
/// Table: panel, ngram, score.
/// \throws ValueError if there are no panels, a panel has no bars, or a score is not finite.
[[nodiscard]] inline Figure ngram_bar_plot(const std::vector<NgramBars>& panels,
                                           const NgramBarParameters& parameters = {}) {
  constexpr double font = 12, small = 11, margin = 16, line = 24, bar = 16, room = 110, gap = 34;
  parameters.check();
  require<ValueError>(!panels.empty(), "ngram_bar_plot: there are no panels");
  Figure figure{{}, Table({{"panel"}, {"ngram"}, {"score", ColumnKind::Number}})};
  double strongest = 0, number = 0;
  std::size_t lines = 0;
  for (const NgramBars& panel : panels) {
    require<ValueError>(!panel.bars.empty(), "ngram_bar_plot: panel '", panel.title, "' has no bars");
    lines = std::max(lines, panel.bars.size());
    for (const NamedScore& entry : panel.bars) {
      require<ValueError>(std::isfinite(entry.score), "ngram_bar_plot: the score of '", entry.name, "' is ",
                          entry.score);
      strongest = std::max(strongest, std::abs(entry.score));
      number = std::max(number, text_width(with_minus_sign(fixed(entry.score, parameters.decimals)), small));
      figure.table.add(panel.title, entry.name, entry.score);
    }
  }
  if (strongest == 0) strongest = 1;

  // A panel: its words, then zero in the middle of the room for bars and numbers on both sides.
  std::vector<double> words, left{margin};
  for (const NgramBars& panel : panels) {
    double widest = 0;
    for (const NamedScore& entry : panel.bars) widest = std::max(widest, text_width(entry.name, font));
    words.push_back(widest);
    const double side = room + number + 6;  // the title is centred on zero
    left.push_back(left.back() + widest + 10 + side + std::max(side, text_width(panel.title, font) * 0.54) +
                   gap);
  }
  const double content = left.back() - gap - margin;
  const double width = std::max(content, text_width(parameters.title, 13) * 1.08) + 2 * margin;
  const double shift = (width - 2 * margin - content) / 2;
  const double top = (parameters.title.empty() ? margin : 40) + line;
  const double height = top + static_cast<double>(lines) * line + margin;

  Svg svg(width, height, parameters.title);
  svg.text(width / 2, 22, parameters.title, {.size = 13, .anchor = TextAnchor::Middle, .bold = true});
  for (std::size_t p = 0; p < panels.size(); ++p) {
    const NgramBars& panel = panels[p];
    const double begin = left[p] + shift, zero = begin + words[p] + 10 + number + 6 + room;
    svg.text(zero, top - 10, panel.title, {.size = font, .anchor = TextAnchor::Middle, .bold = true});
    for (std::size_t k = 0; k < panel.bars.size(); ++k) {
      const NamedScore& entry = panel.bars[k];
      const double y = top + static_cast<double>(k) * line, length = std::abs(entry.score) / strongest * room;
      const std::string text = with_minus_sign(fixed(entry.score, parameters.decimals));
      const bool negative = entry.score < 0;
      svg.text(begin + words[p], y + line / 2 + 4, entry.name, {.size = font, .anchor = TextAnchor::End});
      svg.rect(
          negative ? zero - length : zero, y + (line - bar) / 2, length, bar,
          {.fill = diverging_colour(negative ? -0.8 : 0.8).hex(), .stroke = "#555555", .stroke_width = 0.6},
          entry.name + ": " + text);
      svg.text(negative ? zero - length - 6 : zero + length + 6, y + line / 2 + 4, text,
               {.size = small, .anchor = negative ? TextAnchor::End : TextAnchor::Start});
    }
    svg.line(zero, top - 4, zero, top + static_cast<double>(panel.bars.size()) * line + 4,
             {.stroke = "#333333"});
  }
  figure.svg = svg.str();
  return figure;
}

}  // namespace rnnscope
