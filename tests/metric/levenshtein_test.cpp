// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/metric/levenshtein.hpp"

#include <doctest/doctest.h>

#include <string>

#include "expected_pairs.hpp"
#include "rnnscope/core/random.hpp"

using namespace rnnscope;

namespace {

/// By its definition, from the ends.
Index edits(const std::string& a, std::size_t i, const std::string& b, std::size_t j) {
  if (i == a.size()) return static_cast<Index>(b.size() - j);
  if (j == b.size()) return static_cast<Index>(a.size() - i);
  if (a[i] == b[j]) return edits(a, i + 1, b, j + 1);
  return 1 + std::min({edits(a, i + 1, b, j), edits(a, i, b, j + 1), edits(a, i + 1, b, j + 1)});
}

std::string random_word(Random& random, Index longest, Index letters) {
  std::string word;
  for (Index k = random.below(longest + 1); k > 0; --k) word += static_cast<char>('a' + random.below(letters));
  return word;
}

}  // namespace

TEST_CASE("edit distances that everybody knows") {
  const metric::Levenshtein levenshtein;
  const auto between = [&](const char* a, const char* b) {
    return levenshtein(std::string(a), std::string(b));
  };
  CHECK(between("kitten", "sitting") == 3.0);
  CHECK(between("saturday", "sunday") == 3.0);
  CHECK(between("intention", "execution") == 5.0);
  CHECK(between("", "abc") == 3.0);
  CHECK(between("flaw", "lawn") == 2.0);
  CHECK(between("same", "same") == 0.0);
  CHECK(between("abcabc", "abc") == 3.0);
}

TEST_CASE("edit distances against the definition") {
  Random random(3);
  for (int repeat = 0; repeat < 300; ++repeat) {
    const std::string a = random_word(random, 7, 3), b = random_word(random, 7, 3);
    CHECK(metric::Levenshtein{}(a, b) == static_cast<double>(edits(a, 0, b, 0)));
  }
}

TEST_CASE("words of bits, rows of a table and any element type agree") {
  Random random(4);
  bool longer = false;
  for (int repeat = 0; repeat < 200; ++repeat) {
    const std::string a = random_word(random, 140, 4), b = random_word(random, 140, 4);
    const std::u32string wide_a(a.begin(), a.end()), wide_b(b.begin(), b.end());  // not bytes: always rows
    const std::vector<Id> ids_a(a.begin(), a.end()), ids_b(b.begin(), b.end());
    const double expected = metric::Levenshtein{}(wide_a, wide_b);
    CHECK(metric::Levenshtein{}(a, b) == expected);
    CHECK(metric::Levenshtein{}(b, a) == expected);
    CHECK(metric::Levenshtein{}(ids_a, ids_b) == expected);
    longer = longer || (a.size() > 64 && b.size() > 64);
  }
  CHECK(longer);
  const std::string sixty_four(64, 'x'), other = std::string(63, 'y') + "\xff";
  CHECK(metric::Levenshtein{}(sixty_four, other) == 64.0);
  CHECK(metric::Levenshtein{}(std::u32string(U"\u00e4\u00f6"), std::u32string(U"\u00e4o")) == 1.0);
}

TEST_CASE("words are points, and their distance is a metric") {
  Random random(5);
  std::vector<std::string> words;
  for (int k = 0; k < 15; ++k) words.push_back(random_word(random, 6, 2));
  CHECK(test::obeys_triangle_inequality(metric::distance_matrix(metric::Levenshtein{}, words)));
  const auto source = metric::distance_source(metric::Levenshtein{}, words);
  CHECK(decltype(source)::is_metric);
}
