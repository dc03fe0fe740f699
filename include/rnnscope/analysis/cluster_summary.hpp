// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// What is in a cluster: its size, some members in their context, its most frequent words.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/random.hpp"
#include "rnnscope/core/span.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/text/utf8.hpp"

namespace rnnscope {

/// N clustered points of one text. `words` and `probabilities` may be empty.
struct ClusteredPoints {
  std::span<const Id> labels;               ///< -1 is noise
  std::span<const Span> spans;              ///< `first` is the character that was read at the point
  std::span<const std::string> words{};     ///< the word before each point, as of preceding_words; may be empty
  std::span<const double> probabilities{};  ///< strength of membership

  /// \throws ShapeError unless all lists have N items or are left out; ValueError on a label below -1, on spans
  /// of different sequences or outside a text of `characters`, or on a probability that is not finite.
  void check(Index characters) const {
    const auto fits = [this](std::size_t size) { return size == labels.size(); };
    require<ShapeError>(fits(spans.size()) && (words.empty() || fits(words.size())) &&
                            (probabilities.empty() || fits(probabilities.size())),
                        "ClusteredPoints: ", labels.size(), " labels, ", spans.size(), " spans, ", words.size(),
                        " words, ", probabilities.size(),
                        " probabilities; words and probabilities may be left out");
    for (std::size_t j = 0; j < labels.size(); ++j) {
      require<ValueError>(labels[j] >= -1, "ClusteredPoints: the label of point ", j, " is ", labels[j]);
      require<ValueError>(spans[j].sequence == spans[0].sequence, "ClusteredPoints: point ", j,
                          " is of sequence ", spans[j].sequence, ", point 0 of sequence ", spans[0].sequence,
                          "; summarise the sequences one by one");
      require<ValueError>(spans[j].first >= 0 && spans[j].first < characters, "ClusteredPoints: point ", j,
                          " is at character ", spans[j].first, " of a text of ", characters);
      require<ValueError>(probabilities.empty() || std::isfinite(probabilities[j]),
                          "ClusteredPoints: the probability of point ", j, " is not finite");
    }
  }
};

/// One point of a cluster, shown in its context.
struct ClusterMember {
  Index point = 0;        ///< its place among all points
  Index character = 0;    ///< where it was read
  std::string excerpt{};  ///< with the character in brackets: `who[ ]was`
  std::string word{};     ///< the word before it, if words were given
  double probability = 1;
};

struct WordCount {
  std::string word{};
  Index count = 0;
  double share = 0;  ///< of the points of the cluster
};

struct ClusterSummary {
  Id label = 0;
  Index size = 0;
  double mean_probability = 1;
  std::vector<ClusterMember> members{};  ///< drawn uniformly at random without repetition, in the order drawn
  std::vector<WordCount> words{};        ///< most frequent first, ties in the order of bytes
  Index distinct_words = 0;
  Index without_word = 0;  ///< points with an empty word, or all if no words were given
};

struct ClusterSummaryParameters {
  Index members = 8;          ///< examples of each cluster
  Index window = 14;          ///< characters of context on each side at most
  Index words = 10;           ///< words of each cluster
  std::string newline = " ";  ///< shown for a line feed
  std::uint64_t seed = 0;     ///< of the draw; a cluster's draw does not depend on the other clusters

  /// \throws ValueError on a negative number.
  void check() const {
    require<ValueError>(members >= 0 && window >= 0 && words >= 0,
                        "ClusterSummaryParameters: members, window and words must not be negative, found ",
                        members, ", ", window, ", ", words);
  }
};

namespace detail {
[[nodiscard]] constexpr bool is_blank(char32_t code) {
  return code == ' ' || (code >= '\t' && code <= '\r') || code == 0xA0;
}
}  // namespace detail

/// The character at `position` in brackets, with at most `window` characters on either side. Words are not cut,
/// but for one next to the bracket that is longer than the window; blanks at the ends are dropped, line feeds
/// are shown as `newline` and other white space as a blank.
/// \throws ValueError unless position is in the text.
[[nodiscard]] inline std::string bracketed_excerpt(std::u32string_view text, Index position, Index window,
                                                   std::string_view newline = " ") {
  const auto size = static_cast<Index>(text.size());
  require<ValueError>(position >= 0 && position < size, "bracketed_excerpt: character ", position,
                      " of a text of ", size);
  const auto blank = [&](Index at) { return detail::is_blank(text[static_cast<std::size_t>(at)]); };
  Index first = std::max<Index>(0, position - window), last = std::min(size, position + 1 + window);
  // Where an end may cut a word, move it to the next blank towards the bracket, if there is one.
  if (first > 0 && first < position && !blank(first - 1)) {
    Index at = first;
    while (at < position && !blank(at)) ++at;
    if (at < position) first = at;
  }
  if (last < size && last > position + 1 && !blank(last)) {
    Index at = last;
    while (at > position + 1 && !blank(at - 1)) --at;
    if (at > position + 1) last = at;
  }
  while (first < position && blank(first)) ++first;
  while (last > position + 1 && blank(last - 1)) --last;
  std::string excerpt;
  for (Index at = first; at < last; ++at) {
    if (at == position) excerpt += '[';
    const char32_t code = text[static_cast<std::size_t>(at)];
    if (code == '\n') {
      excerpt += newline;
    } else {
      append_utf8(excerpt, detail::is_blank(code) ? U' ' : code);
    }
    if (at == position) excerpt += ']';
  }
  return excerpt;
}

namespace detail {
inline void count_words(ClusterSummary& summary, const std::vector<Index>& members,
                        std::span<const std::string> words, Index most) {
  std::unordered_map<std::string_view, Index> counts;
  for (const Index j : members) {
    const std::string_view word = words.empty() ? std::string_view() : words[static_cast<std::size_t>(j)];
    if (word.empty()) {
      ++summary.without_word;
    } else {
      ++counts[word];
    }
  }
  summary.distinct_words = static_cast<Index>(counts.size());
  std::vector<std::pair<std::string_view, Index>> ordered(counts.begin(), counts.end());
  std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  if (static_cast<Index>(ordered.size()) > most) ordered.resize(static_cast<std::size_t>(most));
  for (const auto& [word, count] : ordered) {
    summary.words.push_back(
        {std::string(word), count, static_cast<double>(count) / static_cast<double>(summary.size)});
  }
}
}  // namespace detail

/// One summary for every label that occurs, in ascending order, noise (-1) first: the material of Tables 1 and
/// 2 of A. Hiebert et al., "Interpreting word-level hidden state behaviour of character-level LSTM language
/// models", 2018. `text` is what the points were recorded on; see decode_utf8.
/// Cost: O(points).
/// \throws as ClusteredPoints::check and ClusterSummaryParameters::check.
[[nodiscard]] inline std::vector<ClusterSummary> summarise_clusters(
    const ClusteredPoints& points, std::u32string_view text, const ClusterSummaryParameters& parameters = {}) {
  parameters.check();
  points.check(static_cast<Index>(text.size()));
  std::map<Id, std::vector<Index>> clusters;
  for (std::size_t j = 0; j < points.labels.size(); ++j) {
    clusters[points.labels[j]].push_back(static_cast<Index>(j));
  }
  std::vector<ClusterSummary> summaries;
  for (auto& [label, members] : clusters) {
    ClusterSummary& summary = summaries.emplace_back();
    summary.label = label;
    summary.size = static_cast<Index>(members.size());
    detail::count_words(summary, members, points.words, parameters.words);
    if (!points.probabilities.empty()) {
      double sum = 0;
      for (const Index j : members) sum += points.probabilities[static_cast<std::size_t>(j)];
      summary.mean_probability = sum / static_cast<double>(summary.size);
    }
    // The first places of a random order (R. Durstenfeld, Algorithm 235, 1964).
    Random random(parameters.seed, static_cast<std::uint64_t>(label + 1));
    for (Index k = 0; k < std::min(parameters.members, summary.size); ++k) {
      std::swap(members[static_cast<std::size_t>(k)],
                members[static_cast<std::size_t>(k + random.below(summary.size - k))]);
      const auto j = static_cast<std::size_t>(members[static_cast<std::size_t>(k)]);
      const Index character = points.spans[j].first;
      summary.members.push_back({static_cast<Index>(j), character,
                                 bracketed_excerpt(text, character, parameters.window, parameters.newline),
                                 points.words.empty() ? std::string() : points.words[j],
                                 points.probabilities.empty() ? 1.0 : points.probabilities[j]});
    }
  }
  return summaries;
}

}  // namespace rnnscope
