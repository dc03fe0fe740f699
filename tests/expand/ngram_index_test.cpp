// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/expand/ngram_index.hpp"

#define DOCTEST_CONFIG_VOID_CAST_EXPRESSIONS
#include <doctest/doctest.h>

using rnnscope::any_length;
using rnnscope::Index;
using rnnscope::NgramIndex;

TEST_CASE("NgramIndex: numbers every n-gram once, in the order of its end, then its start") {
  for (const Index window : {Index{1}, Index{3}, Index{6}, any_length}) {
    for (const Index first_end : {Index{0}, Index{4}, Index{6}}) {
      const NgramIndex index(6, window, first_end);
      Index expected = 0;
      for (Index t = first_end; t < 6; ++t) {
        for (Index i = 0; i <= t; ++i) {
          if (t - i >= window) continue;
          CHECK(index.column(i, t) == expected++);
        }
      }
      CHECK(index.size() == expected);
      CHECK(index.ends() == 6 - first_end);
    }
  }
}

TEST_CASE("NgramIndex: says which n-grams there are") {
  const NgramIndex index(6, 3, 2);
  CHECK_THROWS_WITH_AS(index.column(1, 1),
                       "NgramIndex: no n-gram ends at token 1; there are scores for the ends 2 to 5",
                       rnnscope::ValueError);
  CHECK_THROWS_WITH_AS(index.column(0, 4),
                       "NgramIndex: the n-grams that end at token 4 begin at tokens 2 to 4, found 0",
                       rnnscope::ValueError);
  CHECK_THROWS_WITH_AS(index.column(5, 4),
                       "NgramIndex: the n-grams that end at token 4 begin at tokens 2 to 4, found 5",
                       rnnscope::ValueError);
  CHECK(NgramIndex().size() == 0);
}
