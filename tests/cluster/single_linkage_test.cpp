// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/single_linkage.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "brute_force.hpp"
#include "rnnscope/metric/distance_source.hpp"
#include "rnnscope/metric/euclidean.hpp"

using namespace rnnscope;

namespace {

/// The points below every node.
std::vector<test::Members> members(const Dendrogram& tree) {
  std::vector<test::Members> result;
  for (Index p = 0; p < tree.points; ++p) result.push_back({p});
  for (Index k = 0; k < tree.merges(); ++k) {
    test::Members merged;
    for (const Id child : tree.children(k)) {
      const test::Members& part = result[static_cast<std::size_t>(child)];
      merged.insert(merged.end(), part.begin(), part.end());
    }
    std::sort(merged.begin(), merged.end());
    CHECK(static_cast<Index>(merged.size()) == tree.node_size(tree.points + k));
    result.push_back(merged);
  }
  return result;
}

}  // namespace

TEST_CASE("the canonical dendrogram has one node for every connected part that some distance makes") {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    const Matrix<double> points = test::grid<double>(2, 40, 7, seed);
    const Matrix<double> weights = metric::distance_matrix(metric::Euclidean{}, points);
    const std::vector<Edge> mst = test::mst_by_kruskal(weights);
    const Dendrogram tree = single_linkage(40, mst);
    const std::vector<test::Members> nodes = members(tree);
    test::Members everyone = nodes.back();
    CHECK(everyone.size() == 40);

    std::set<std::pair<double, test::Members>> expected, found;
    for (const Edge& edge : mst) {
      const auto before = test::parts(weights, everyone, edge.distance, false);
      for (const test::Members& part : test::parts(weights, everyone, edge.distance, true)) {
        if (std::find(before.begin(), before.end(), part) == before.end())
          expected.emplace(edge.distance, part);
      }
    }
    for (Index k = 0; k < tree.merges(); ++k) {
      found.emplace(tree.distance[static_cast<std::size_t>(k)], nodes[static_cast<std::size_t>(40 + k)]);
      for (const Id child : tree.children(k)) {
        if (child >= 40)
          CHECK(tree.distance[static_cast<std::size_t>(child - 40)] <
                tree.distance[static_cast<std::size_t>(k)]);
      }
    }
    CHECK(found == expected);
    CHECK(static_cast<Index>(found.size()) == tree.merges());
  }
}

TEST_CASE("three parts joined at one distance: one node, or two in the order of the edges") {
  const std::vector<Edge> edges{{1.0, 0, 1}, {2.0, 1, 2}, {2.0, 2, 3}};
  const Dendrogram canonical = single_linkage(4, edges);
  CHECK(canonical.distance == std::vector<double>{1.0, 2.0});
  CHECK(canonical.size == std::vector<Id>{2, 4});
  CHECK(canonical.children(1).size() == 3);
  const Dendrogram sequential = single_linkage(4, edges, TieMode::Sequential);
  CHECK(sequential.distance == std::vector<double>{1.0, 2.0, 2.0});
  CHECK(sequential.size == std::vector<Id>{2, 3, 4});
  for (Index k = 0; k < 3; ++k) CHECK(sequential.children(k).size() == 2);
}

TEST_CASE("a chain a million points long") {
  const Id n = 1000000;
  std::vector<Edge> edges;
  for (Id i = 0; i + 1 < n; ++i) edges.push_back({static_cast<double>(i + 1), i, i + 1});
  const Dendrogram tree = single_linkage(n, edges);
  CHECK(tree.merges() == n - 1);
  CHECK(tree.size.back() == n);
  CHECK(tree == single_linkage(n, edges, TieMode::Sequential));
}

TEST_CASE("no points, one point, and edges that are no spanning tree") {
  CHECK(single_linkage(0, {}).nodes() == 0);
  CHECK(single_linkage(1, {}).nodes() == 1);
  const auto build = [](Index points, const std::vector<Edge>& edges) {
    static_cast<void>(single_linkage(points, edges));
  };
  CHECK_THROWS_WITH_AS(build(3, {{1.0, 0, 1}}), "single_linkage: 3 points need 2 edges, found 1", ShapeError);
  CHECK_THROWS_WITH_AS(build(3, {{2.0, 0, 1}, {1.0, 1, 2}}),
                       "single_linkage: the edges are not sorted by length", ValueError);
  CHECK_THROWS_WITH_AS(build(3, {{1.0, 0, 1}, {2.0, 0, 1}}), "single_linkage: edge 1 closes a cycle",
                       ValueError);
  CHECK_THROWS_WITH_AS(build(3, {{1.0, 0, 1}, {2.0, 1, 3}}),
                       "single_linkage: edge (1, 3) of length 2: expected points below 3 and a length >= 0",
                       ValueError);
  CHECK_THROWS_AS(build(2, {{std::numeric_limits<double>::quiet_NaN(), 0, 1}}), ValueError);
}
