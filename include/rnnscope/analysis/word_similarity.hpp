// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// How well word vectors agree with people about which words are alike.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rnnscope/analysis/word_vectors.hpp"
#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/text/plain_text.hpp"
#include "rnnscope/text/tokenizer.hpp"

namespace rnnscope {

/// The place of every value in ascending order, counted from 1; equal values share the mean of their places.
/// Cost: O(n log n).
/// \throws ValueError on NaN, with its place.
[[nodiscard]] inline std::vector<double> average_ranks(std::span<const double> values) {
  for (std::size_t k = 0; k < values.size(); ++k) {
    require<ValueError>(!std::isnan(values[k]), "average_ranks: value ", k, " of ", values.size(), " is NaN");
  }
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
    while (last < order.size() && values[order[last]] == values[order[first]]) ++last;
    for (std::size_t k = first; k < last; ++k) ranks[order[k]] = static_cast<double>(first + 1 + last) / 2;
  }
  return ranks;
}

/// Spearman's rank correlation: Pearson's correlation of the average ranks, in [-1, 1]. NaN where it is not
/// defined: below two values, or if all values of one side are equal.
/// Cost: O(n log n).
/// \throws ShapeError if the sizes differ, ValueError on NaN.
[[nodiscard]] inline double spearman(std::span<const double> a, std::span<const double> b) {
  require<ShapeError>(a.size() == b.size(), "spearman: ", a.size(), " values on one side, ", b.size(),
                      " on the other");
  const std::vector<double> ranks_a = average_ranks(a), ranks_b = average_ranks(b);
  const double mean = (static_cast<double>(a.size()) + 1) / 2;
  double products = 0, squares_a = 0, squares_b = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    products += (ranks_a[k] - mean) * (ranks_b[k] - mean);
    squares_a += (ranks_a[k] - mean) * (ranks_a[k] - mean);
    squares_b += (ranks_b[k] - mean) * (ranks_b[k] - mean);
  }
  if (squares_a == 0 || squares_b == 0) return std::numeric_limits<double>::quiet_NaN();
  return std::clamp(products / std::sqrt(squares_a * squares_b), -1.0, 1.0);
}

/// Two words and how alike people find them.
struct WordPair {
  std::string first{};
  std::string second{};
  double score = 0;
  Index lines = 1;  ///< how often the pair stood in the file
};

/// Reads lines `word1 word2 score`, fields separated by white space, all in lower case. As in the evaluation
/// script of wordvectors.org, the pair (in this order) is a key: of repeated lines the last score counts. Empty
/// lines are passed over; `name` goes into messages.
/// \throws FormatError with the line number.
[[nodiscard]] inline std::vector<WordPair> parse_word_pairs(std::string_view text,
                                                            std::string_view name = "word pairs") {
  std::vector<WordPair> pairs;
  std::map<std::pair<std::string, std::string>, std::size_t> places;
  const std::vector<std::string> lines = split_lines(text);
  for (std::size_t number = 1; number <= lines.size(); ++number) {
    const std::vector<std::string> fields =
        tokenize(lines[number - 1], WordTokenizer{.letter_case = LetterCase::Lower});
    if (fields.empty()) continue;
    require<FormatError>(fields.size() == 3, name, ": line ", number,
                         ": expected two words and a score, found ", fields.size(), " fields in '",
                         lines[number - 1], "'");
    double score = 0;
    const char* const end = fields[2].data() + fields[2].size();
    const auto [rest, error] = std::from_chars(fields[2].data(), end, score);
    require<FormatError>(error == std::errc{} && rest == end && std::isfinite(score), name, ": line ", number,
                         ": expected a number as score, found '", fields[2], "'");
    const auto [place, is_new] = places.try_emplace({fields[0], fields[1]}, pairs.size());
    if (is_new) {
      pairs.push_back({fields[0], fields[1], score, 1});
    } else {
      pairs[place->second].score = score;
      ++pairs[place->second].lines;
    }
  }
  return pairs;
}

/// \throws IoError, FormatError with path and line number.
[[nodiscard]] inline std::vector<WordPair> read_word_pairs(const std::filesystem::path& path) {
  return parse_word_pairs(read_text(path), path.string());
}

struct WordSimilarity {
  Index lines = 0;    ///< of the file
  Index found = 0;    ///< lines with both words known: what published tables call "pairs found"
  Index used = 0;     ///< distinct pairs with both words known: what rho is made of
  Index skipped = 0;  ///< distinct pairs with an unknown word
  double rho = 0;     ///< Spearman's correlation of scores and cosines; NaN where it is not defined
};

/// Compares the scores of people with the cosines of the words' vectors; a zero vector has cosine 0 with all
/// others. Words of `pairs` are in lower case, so should be those of `vectors`. (The script of wordvectors.org
/// adds 1e-6 to the vectors in place at every use, which moves cosines by about as much; that is not repeated
/// here.)
/// Cost: O(pairs * D).
template <class Scalar>
[[nodiscard]] WordSimilarity word_similarity(const WordVectors<Scalar>& vectors,
                                             std::span<const WordPair> pairs) {
  WordSimilarity result;
  std::vector<double> scores, cosines;
  for (const WordPair& pair : pairs) {
    result.lines += pair.lines;
    const auto a = vectors.find(pair.first), b = vectors.find(pair.second);
    if (!a || !b) {
      ++result.skipped;
      continue;
    }
    result.found += pair.lines;
    const Vector<double> x = vectors.vectors().col(*a).template cast<double>();
    const Vector<double> y = vectors.vectors().col(*b).template cast<double>();
    const double norms = x.norm() * y.norm();
    scores.push_back(pair.score);
    cosines.push_back(norms > 0 ? x.dot(y) / norms : 0.0);
  }
  result.used = static_cast<Index>(scores.size());
  result.rho = spearman(scores, cosines);
  return result;
}

}  // namespace rnnscope
