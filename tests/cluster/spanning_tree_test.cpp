// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/spanning_tree.hpp"

#include <doctest/doctest.h>

using namespace rnnscope;

TEST_CASE("edges are ordered by distance, then by their points") {
  CHECK(make_edge(1.0, 7, 3) == Edge{.distance = 1.0, .first = 3, .second = 7});
  CHECK(make_edge(1.0, 7, 3) < make_edge(2.0, 0, 1));
  CHECK(make_edge(1.0, 9, 2) < make_edge(1.0, 3, 4));
  CHECK(make_edge(1.0, 3, 4) < make_edge(1.0, 5, 3));
}
