// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Numbers the n-grams of one sequence.
#pragma once

#include <algorithm>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

/// A window that cuts nothing.
inline constexpr Index any_length = INT64_MAX;

/// The n-grams of tokens i..t (inclusive, counted from 0) of at most `window` tokens, for every end t in
/// [first_end, length), in the order of t, then i. Single tokens (i = t) are n-grams of size 1.
class NgramIndex {
 public:
  NgramIndex() = default;
  NgramIndex(Index length, Index window, Index first_end)
      : length_(length), window_(window), first_end_(first_end) {
    eigen_assert(window >= 1 && first_end >= 0 && first_end <= length);
    for (Index t = first_end; t < length; ++t) offset_.push_back(offset_.back() + t + 1 - first(t));
  }

  [[nodiscard]] Index length() const { return length_; }        ///< tokens in the sequence
  [[nodiscard]] Index window() const { return window_; }        ///< tokens in the longest n-gram
  [[nodiscard]] Index first_end() const { return first_end_; }  ///< the first t
  [[nodiscard]] Index ends() const { return length_ - first_end_; }
  [[nodiscard]] Index size() const { return offset_.back(); }  ///< number of n-grams

  /// The first token of the longest n-gram that ends at t.
  [[nodiscard]] Index first(Index t) const { return window_ > t ? 0 : t + 1 - window_; }
  /// The place of t among the ends. \throws ValueError if no n-gram ends there.
  [[nodiscard]] Index end(Index t) const {
    require<ValueError>(t >= first_end_ && t < length_, "NgramIndex: no n-gram ends at token ", t,
                        "; there are scores for the ends ", first_end_, " to ", length_ - 1);
    return t - first_end_;
  }
  /// The number of the n-gram i..t. \throws ValueError if it is not among them.
  [[nodiscard]] Index column(Index i, Index t) const {
    const Index place = end(t);
    require<ValueError>(i >= first(t) && i <= t, "NgramIndex: the n-grams that end at token ", t,
                        " begin at tokens ", first(t), " to ", t, ", found ", i);
    return offset_[static_cast<std::size_t>(place)] + i - first(t);
  }

  friend bool operator==(const NgramIndex&, const NgramIndex&) = default;

 private:
  Index length_ = 0;
  Index window_ = any_length;
  Index first_end_ = 0;
  std::vector<Index> offset_{0};
};

}  // namespace rnnscope
