// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/spanning_tree.hpp"

#include <doctest/doctest.h>

#include "rnnscope/core/random.hpp"

using namespace rnnscope;

TEST_CASE("edges are ordered by distance, then by their points") {
  CHECK(make_edge(1.0, 7, 3) == Edge{.distance = 1.0, .first = 3, .second = 7});
  CHECK(make_edge(1.0, 7, 3) < make_edge(2.0, 0, 1));
  CHECK(make_edge(1.0, 9, 2) < make_edge(1.0, 3, 4));
  CHECK(make_edge(1.0, 3, 4) < make_edge(1.0, 5, 3));
}

TEST_CASE("sorting with all threads is sorting, and < says what <=> says") {
  Random random(3);
  for (const Index size : {0, 1, 4095, 8192, 100003}) {
    std::vector<Edge> edges;
    for (Index k = 0; k < size; ++k) {
      edges.push_back(make_edge(static_cast<double>(random.below(size)), static_cast<Id>(random.below(50)),
                                static_cast<Id>(random.below(50))));
    }
    std::vector<Edge> sorted = edges;
    std::sort(sorted.begin(), sorted.end(), [](const Edge& a, const Edge& b) { return (a <=> b) < 0; });
    detail::sort_edges(edges);
    CHECK(edges == sorted);
  }
}
