// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The edit distance of two sequences.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <type_traits>
#include <utility>
#include <vector>

#include "rnnscope/core/types.hpp"
#include "rnnscope/metric/concept.hpp"

namespace rnnscope::metric {

/// d(x, y) = how many elements must be inserted, removed or replaced to make y of x. A callable on two strings
/// or other sequences with random access and comparable elements. A `std::string` is a sequence of bytes; for
/// characters beyond ASCII use `std::u32string`.
///
/// Cost: O(|x| + |y|) for byte strings of which one, without what both begin and end with, has at most 64
/// bytes (G. Myers, "A fast bit-vector algorithm for approximate string matching based on dynamic programming",
/// 1999, in the form of H. Hyyro, 2001); O(|x| |y|) otherwise.
struct Levenshtein {
  static constexpr bool is_metric = true;
  static constexpr TriangleError triangle_error{.relative = 0.0};  // of integers

  template <class X, class Y>
  [[nodiscard]] double operator()(const X& x, const Y& y) const {
    auto a = std::begin(x), a_end = std::end(x);
    auto b = std::begin(y), b_end = std::end(y);
    while (a != a_end && b != b_end && *a == *b) ++a, ++b;
    while (a != a_end && b != b_end && *std::prev(a_end) == *std::prev(b_end)) --a_end, --b_end;
    const auto a_size = static_cast<Index>(a_end - a), b_size = static_cast<Index>(b_end - b);
    if (a_size == 0 || b_size == 0) return static_cast<double>(a_size + b_size);
    using Element = std::remove_cvref_t<decltype(*a)>;
    if constexpr (std::is_integral_v<Element> && sizeof(Element) == 1) {
      if (a_size <= 64) return static_cast<double>(by_bits(a, a_size, b, b_size));
      if (b_size <= 64) return static_cast<double>(by_bits(b, b_size, a, a_size));
    }
    return static_cast<double>(by_rows(a, a_size, b, b_size));
  }

 private:
  /// One row of the table of all prefixes at a time.
  template <class A, class B>
  [[nodiscard]] static Index by_rows(A a, Index a_size, B b, Index b_size) {
    std::vector<Index> row(static_cast<std::size_t>(b_size) + 1);
    std::iota(row.begin(), row.end(), Index{0});
    for (Index i = 0; i < a_size; ++i, ++a) {
      Index diagonal = std::exchange(row[0], i + 1);
      B other = b;
      for (std::size_t j = 1; j < row.size(); ++j, ++other) {
        const Index replaced = diagonal + (*a == *other ? 0 : 1);
        diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
      }
    }
    return row.back();
  }

  /// One column of the table at a time, as two words: bit i says that the entry of prefix i + 1 of `a` is one
  /// more (`rises`) or one less (`falls`) than that of prefix i.
  template <class A, class B>
  [[nodiscard]] static Index by_bits(A a, Index a_size, B b, Index b_size) {
    std::array<std::uint64_t, 256> places{};
    for (Index i = 0; i < a_size; ++i, ++a) places[byte(*a)] |= std::uint64_t{1} << i;
    const std::uint64_t last = std::uint64_t{1} << (a_size - 1);
    std::uint64_t rises = ~std::uint64_t{0}, falls = 0;
    Index distance = a_size;
    for (Index j = 0; j < b_size; ++j, ++b) {
      const std::uint64_t equal = places[byte(*b)];
      const std::uint64_t diagonal = (((equal & rises) + rises) ^ rises) | equal | falls;
      std::uint64_t right_rises = falls | ~(diagonal | rises);
      std::uint64_t right_falls = diagonal & rises;
      distance += (right_rises & last) != 0 ? 1 : 0;
      distance -= (right_falls & last) != 0 ? 1 : 0;
      right_rises = right_rises << 1 | 1;
      right_falls <<= 1;
      rises = right_falls | ~(diagonal | right_rises);
      falls = right_rises & diagonal;
    }
    return distance;
  }
  template <class Element>
  [[nodiscard]] static std::size_t byte(Element element) {
    return static_cast<std::uint8_t>(element);
  }
};

}  // namespace rnnscope::metric
