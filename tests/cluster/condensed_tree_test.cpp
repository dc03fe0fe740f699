// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/condensed_tree.hpp"

#include <doctest/doctest.h>

#include "brute_force.hpp"
#include "rnnscope/metric/distance_source.hpp"
#include "rnnscope/metric/euclidean.hpp"

using namespace rnnscope;

namespace {

struct Both {
  CondensedTree tree;
  std::vector<test::NaiveCluster> expected;
};

Both condense_both_ways(const Matrix<double>& points, Index rank, Index min_cluster_size) {
  const Matrix<double> distances = metric::distance_matrix(metric::Euclidean{}, points);
  const Matrix<double> weights =
      test::mutual_reachability(distances, test::core_distances_by_sorting(distances, rank));
  return {condense(single_linkage(points.cols(), test::mst_by_kruskal(weights)), min_cluster_size),
          test::condense_by_cutting(weights, min_cluster_size)};
}

}  // namespace

TEST_CASE("the condensed tree is what taking away edges by weight leaves") {
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u}) {
    for (const Index min_cluster_size : {2, 3, 5, 9}) {
      const Both smooth = condense_both_ways(test::blobs<double>(2, 60, 4, seed), 2, min_cluster_size);
      CHECK(test::in_full(smooth.tree) == smooth.expected);
      const Both tied = condense_both_ways(test::grid<double>(2, 50, 8, seed), 1, min_cluster_size);
      CHECK(test::in_full(tied.tree) == tied.expected);
    }
  }
}

TEST_CASE("stability is the sum of lifetimes in 1 / distance") {
  const Both both = condense_both_ways(test::blobs<double>(2, 90, 4, 7), 3, 5);
  REQUIRE(both.tree.clusters.size() > 3);
  for (std::size_t c = 0; c < both.tree.clusters.size(); ++c) {
    const CondensedTree::Cluster& cluster = both.tree.clusters[c];
    double expected = 0.0;
    double staying = 0;
    for (std::size_t k = 1; k < both.tree.clusters.size(); ++k) {
      if (both.tree.clusters[k].parent == static_cast<Id>(c)) staying += both.tree.clusters[k].size;
    }
    double size = staying;
    for (std::size_t p = 0; p < both.tree.point_cluster.size(); ++p) {
      if (both.tree.point_cluster[p] != static_cast<Id>(c)) continue;
      ++size;
      expected += 1.0 / both.tree.point_distance[p] - 1.0 / cluster.birth;
    }
    expected += staying * (1.0 / cluster.death - 1.0 / cluster.birth);
    CHECK(size == cluster.size);
    CHECK(cluster.stability.at_infinity == 0.0);
    CHECK(cluster.stability.finite == doctest::Approx(expected).epsilon(1e-12));
  }
}

TEST_CASE("duplicates make stability infinite, never NaN") {
  // Points 0, 1, 2 are one, 3 and 4 another; 10 apart.
  const std::vector<Edge> edges{{0.0, 0, 1}, {0.0, 1, 2}, {0.0, 3, 4}, {10.0, 2, 3}};
  const CondensedTree tree = condense(single_linkage(5, edges), 2);
  REQUIRE(tree.clusters.size() == 3);
  CHECK(tree.clusters[0].stability == Stability{.at_infinity = 0.0, .finite = 0.5});
  const CondensedTree::Cluster& three = tree.clusters[tree.clusters[1].size == 3 ? 1 : 2];
  CHECK(three.stability.at_infinity == 3.0);
  CHECK(three.stability.finite == doctest::Approx(-0.3));
  CHECK(three.death == 0.0);
  CHECK(Stability{.at_infinity = 1.0, .finite = -5.0} > Stability{.at_infinity = 0.0, .finite = 100.0});

  // Merged one after the other, duplicates can make a cluster that is born at distance zero: it has no life.
  const std::vector<Edge> pairs{{0.0, 0, 1}, {0.0, 2, 3}, {0.0, 1, 2}};
  const CondensedTree sequential = condense(single_linkage(4, pairs, TieMode::Sequential), 2);
  REQUIRE(sequential.clusters.size() == 3);
  CHECK(sequential.clusters[1].stability == Stability{});
  CHECK(condense(single_linkage(4, pairs), 2).clusters.size() == 1);
}

TEST_CASE("weights count without rounding: the tree is that of sums of whole numbers") {
  Index differing = 0;
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u, 5u, 6u}) {
    const Matrix<double> points =
        seed % 2 == 0 ? test::grid<double>(2, 60, 8, seed) : test::blobs<double>(2, 60, 4, seed);
    const Matrix<double> distances = metric::distance_matrix(metric::Euclidean{}, points);
    const std::vector<double> core = test::core_distances_by_sorting(distances, 2);
    const Matrix<double> reach = test::mutual_reachability(distances, core);
    std::vector<double> weights = test::fractional_weights(60, seed);
    if (seed > 2) std::fill(weights.begin(), weights.end(), seed % 2 == 0 ? 0.3 : 0.1);
    for (const Index least : {3, 6}) {
      const auto is_large = [&](const test::Members& members) {
        test::WholeNumber sum = 0;
        for (const Index p : members) sum += test::in_units(weights[static_cast<std::size_t>(p)]);
        return sum >= test::in_units(1.0) * least;
      };
      const Dendrogram dendrogram = single_linkage(60, test::mst_by_kruskal(reach));
      const CondensedTree tree = condense(dendrogram, least, {weights, core});
      CHECK(test::in_full(tree) == test::condense_by_cutting(reach, is_large));
      differing += tree == condense(dendrogram, least) ? 0 : 1;
    }
  }
  CHECK(differing > 6);
}

TEST_CASE("distances so small that 1 / distance overflows count as zero") {
  Stability stability;
  stability.add(2.0, 1e-310, 1.0);
  CHECK(stability == Stability{.at_infinity = 2.0, .finite = -2.0});
}

TEST_CASE("no points, one point, sets below the minimum, and a bad minimum") {
  CHECK(condense(single_linkage(0, {}), 5) == CondensedTree{});
  const CondensedTree one = condense(single_linkage(1, {}), 5);
  CHECK(one.clusters.size() == 1);
  CHECK(one.clusters[0].size == 1);
  CHECK(one.point_cluster == std::vector<Id>{0});
  const CondensedTree small = condense(single_linkage(3, std::vector<Edge>{{1.0, 0, 1}, {2.0, 1, 2}}), 5);
  CHECK(small.clusters.size() == 1);
  CHECK(small.point_distance == std::vector<double>{2.0, 2.0, 2.0});
  CHECK_THROWS_WITH_AS(static_cast<void>(condense(single_linkage(1, {}), 1)),
                       "condense: min_cluster_size must be at least 2, found 1", ValueError);
}

TEST_CASE("a chain a million points long condenses without recursion") {
  const Id n = 1000000;
  std::vector<Edge> edges;
  for (Id i = 0; i + 1 < n; ++i) edges.push_back({static_cast<double>(i + 1), i, i + 1});
  const CondensedTree tree = condense(single_linkage(n, edges), 2);
  CHECK(tree.clusters.size() == 1);
  CHECK(tree.clusters[0].death == 1.0);
  CHECK(tree.point_distance.back() == static_cast<double>(n - 1));

  // A comb: at every step a pair leaves, so clusters are nested half a million deep.
  std::vector<Edge> comb;
  for (Id i = 0; i + 1 < n; ++i) {
    comb.push_back({i % 2 == 0 ? 0.5 : static_cast<double>(i + 1), i, i + 1});
  }
  std::sort(comb.begin(), comb.end());
  CHECK(condense(single_linkage(n, comb), 2).clusters.size() == static_cast<std::size_t>(n - 1));
}
