// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/union_find.hpp"

#include <doctest/doctest.h>

using namespace rnnscope;

TEST_CASE("joined sets have one representative, the others keep theirs") {
  detail::UnionFind sets(1000);
  CHECK(sets.size() == 1000);
  CHECK(sets.find(999) == 999);
  for (Id v = 1; v < 900; ++v) sets.join(sets.find(static_cast<Id>(v - 1)), v);  // the longest chain there is
  for (const Id v : {0, 1, 450, 899}) CHECK(sets.find(v) == 899);
  CHECK(sets.find(900) == 900);
  sets.join(899, 950);
  CHECK(sets.find(0) == 950);
  CHECK(sets.find(950) == 950);
}
