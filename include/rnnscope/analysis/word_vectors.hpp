// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Vectors of words from the states of a character model: the mean of the states after each occurrence.
#pragma once

#include <cmath>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rnnscope/analysis/preceding_words.hpp"
#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/points/point_set.hpp"
#include "rnnscope/text/tokenizer.hpp"

namespace rnnscope {

namespace detail {
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
using WordIndex = std::unordered_map<std::string, Index, TextHash, std::equal_to<>>;
}  // namespace detail

/// V words with a vector each: `vectors` is `D x V`, and word w, seen `counts()[w]` times, is column w.
/// Threading: all members are const.
template <class Scalar>
class WordVectors {
 public:
  WordVectors() = default;
  /// \throws ShapeError if the sizes differ, ValueError on an empty word or one that appears twice.
  WordVectors(Matrix<Scalar> vectors, std::vector<std::string> words, std::vector<Index> counts)
      : vectors_(std::move(vectors)), words_(std::move(words)), counts_(std::move(counts)) {
    require<ShapeError>(static_cast<Index>(words_.size()) == vectors_.cols() && counts_.size() == words_.size(),
                        "WordVectors: ", vectors_.cols(), " vectors, ", words_.size(), " words, ",
                        counts_.size(), " counts");
    for (std::size_t w = 0; w < words_.size(); ++w) {
      require<ValueError>(!words_[w].empty(), "WordVectors: word ", w, " is empty");
      const auto [place, is_new] = index_.emplace(words_[w], static_cast<Index>(w));
      require<ValueError>(is_new, "WordVectors: word '", words_[w], "' appears twice, as ", place->second,
                          " and ", w);
    }
  }

  [[nodiscard]] Index size() const { return vectors_.cols(); }
  [[nodiscard]] Index dimension() const { return vectors_.rows(); }
  [[nodiscard]] const Matrix<Scalar>& vectors() const { return vectors_; }
  [[nodiscard]] const std::vector<std::string>& words() const { return words_; }
  [[nodiscard]] const std::vector<Index>& counts() const { return counts_; }
  /// The column of a word, or nothing.
  [[nodiscard]] std::optional<Index> find(std::string_view word) const {
    const auto place = index_.find(word);
    return place == index_.end() ? std::nullopt : std::optional<Index>(place->second);
  }

  /// The words for which `keep(word, count)` is true, in the same order; for instance those without a dash.
  template <class Keep>
  [[nodiscard]] WordVectors filtered(Keep&& keep) const {
    std::vector<std::string> words;
    std::vector<Index> counts, kept;
    for (Index w = 0; w < size(); ++w) {
      const auto k = static_cast<std::size_t>(w);
      if (!keep(std::string_view(words_[k]), counts_[k])) continue;
      words.push_back(words_[k]);
      counts.push_back(counts_[k]);
      kept.push_back(w);
    }
    Matrix<Scalar> vectors(dimension(), static_cast<Index>(kept.size()));
    for (std::size_t k = 0; k < kept.size(); ++k) vectors.col(static_cast<Index>(k)) = vectors_.col(kept[k]);
    return WordVectors(std::move(vectors), std::move(words), std::move(counts));
  }

 private:
  Matrix<Scalar> vectors_;
  std::vector<std::string> words_;
  std::vector<Index> counts_;
  detail::WordIndex index_;
};

/// Adds up the vectors after each word, in double, chunk by chunk, so that the points of a whole book never
/// have to be in memory together:
///
///     v_w = 1/n_w * sum over the n_w points j that follow word w of x_j
///
/// Words are numbered as they appear. Source: A. Hiebert et al., "Interpreting word-level hidden state
/// behaviour of character-level LSTM language models", 2018, section 5 (which folds the letters' case, as is
/// the default here).
/// Memory: 8 D V bytes. Threading: not shared between threads while adding.
template <class Scalar>
class WordVectorSums {
 public:
  /// \throws ValueError on a negative dimension.
  explicit WordVectorSums(Index dimension, LetterCase letter_case = LetterCase::Lower)
      : dimension_(dimension), letter_case_(letter_case) {
    require<ValueError>(dimension >= 0, "WordVectorSums: the dimension must not be negative, found ",
                        dimension);
  }

  /// Column j of `vectors` (`D x N`) follows `words[j]`; columns with an empty word are skipped and counted.
  /// Cost: O(D N).
  /// \throws ShapeError, ValueError if a vector has a value that is not finite, FormatError on invalid UTF-8;
  /// nothing is added then.
  void add(const ConstMatrixRef<Scalar>& vectors, std::span<const std::string> words) {
    require<ShapeError>(vectors.rows() == dimension_, "WordVectorSums::add: vectors of dimension ",
                        vectors.rows(), ", expected ", dimension_);
    require<ShapeError>(vectors.cols() == static_cast<Index>(words.size()),
                        "WordVectorSums::add: ", vectors.cols(), " vectors but ", words.size(), " words");
    std::vector<std::string> folded;
    folded.reserve(words.size());
    for (Index j = 0; j < vectors.cols(); ++j) {
      const std::string& word = words[static_cast<std::size_t>(j)];
      require<ValueError>(vectors.col(j).allFinite(), "WordVectorSums::add: vector ", j, ", after '", word,
                          "', has a value that is not finite");
      folded.push_back(letter_case_ == LetterCase::Lower ? lower_case(word) : word);
    }
    for (Index j = 0; j < vectors.cols(); ++j) {
      const std::string& word = folded[static_cast<std::size_t>(j)];
      if (word.empty()) {
        ++skipped_;
        continue;
      }
      const auto [place, is_new] = index_.emplace(word, static_cast<Index>(words_.size()));
      if (is_new) {
        words_.push_back(word);
        counts_.push_back(0);
        sums_.resize(sums_.size() + static_cast<std::size_t>(dimension_), 0.0);
      }
      const Index w = place->second;
      ++counts_[static_cast<std::size_t>(w)];
      Eigen::Map<Vector<double>>(sums_.data() + w * dimension_, dimension_) +=
          vectors.col(j).template cast<double>();
    }
  }

  /// Every point with the word before it, see preceding_words.
  /// \throws as above, and as PointSet::check.
  void add(const PointSet<Scalar>& points, std::span<const TaggedToken> tokens) {
    points.check();
    add(points.vectors, preceding_words(points.spans, tokens));
  }

  [[nodiscard]] Index dimension() const { return dimension_; }
  [[nodiscard]] Index size() const { return static_cast<Index>(words_.size()); }  ///< words so far
  [[nodiscard]] Index skipped() const { return skipped_; }  ///< points without a word so far

  /// The means so far.
  /// Cost: O(D V).
  [[nodiscard]] WordVectors<Scalar> means() const {
    Matrix<Scalar> vectors(dimension_, size());
    for (Index w = 0; w < size(); ++w) {
      const Eigen::Map<const Vector<double>> sum(sums_.data() + w * dimension_, dimension_);
      vectors.col(w) =
          (sum / static_cast<double>(counts_[static_cast<std::size_t>(w)])).template cast<Scalar>();
    }
    return WordVectors<Scalar>(std::move(vectors), words_, counts_);
  }

 private:
  Index dimension_;
  LetterCase letter_case_;
  std::vector<double> sums_;
  std::vector<std::string> words_;
  std::vector<Index> counts_;
  detail::WordIndex index_;
  Index skipped_ = 0;
};

}  // namespace rnnscope
