// SPDX-License-Identifier: BSD-3-Clause
// What is refused, field by field: tests/analysis/clustering_arrays_test.cpp.
#include "rnnscope/cluster/clustering_checks.hpp"

#include <doctest/doctest.h>

#include "brute_force.hpp"
#include "rnnscope/cluster/graph_hierarchy.hpp"
#include "rnnscope/cluster/hdbscan.hpp"

using namespace rnnscope;

TEST_CASE("clusterings of every kind fit themselves: selections, ties, graphs, few points, copies") {
  const SelectionParameters selections[] = {{},
                                            {.method = SelectionMethod::Leaf},
                                            {.epsilon = 1.0},
                                            {.min_persistence = 0.3},
                                            {.n_clusters = 2},
                                            {.allow_single_cluster = true},
                                            {.epsilon = 6.0, .allow_single_cluster = true}};
  for (const SelectionParameters& selection : selections) {
    for (const TieMode ties : {TieMode::Canonical, TieMode::Sequential}) {
      const HdbscanParameters parameters{
          .min_cluster_size = 5, .min_samples = 3, .ties = ties, .selection = selection};
      for (const std::uint64_t seed : {1u, 2u, 3u}) {
        const Matrix<double> points =
            seed == 1 ? test::grid<double>(2, 140, 12, seed) : test::blobs<double>(2, 140, 4, seed);
        CHECK_NOTHROW(check_clustering(Hdbscan<>(parameters).fit(points)));
        std::vector<double> weights = test::fractional_weights(140, seed);
        weights[3] = weights[70] = 8.0;  // clusters by themselves
        CHECK_NOTHROW(check_clustering(Hdbscan<>(parameters).fit(points, weights)));
      }
      // Three parts that no finite distance joins, copies in one of them, and points with no neighbours.
      const Matrix<double> points = test::grid<double>(2, 90, 5, 4);
      std::vector<Edge> edges;
      for (Id j = 0; j < 84; ++j) {
        for (Id i = j % 3; i < j; i += 3) edges.push_back({(points.col(i) - points.col(j)).norm(), i, j});
      }
      CHECK_NOTHROW(
          check_clustering(cut(graph_hierarchy(90, edges, {.min_samples = 3, .ties = ties}), 5, selection)));
    }
  }
  for (const Index n : {0, 1, 2, 4}) {
    const Matrix<double> points = test::blobs<double>(2, n, 1, 1);
    CHECK_NOTHROW(check_clustering(Hdbscan<>().fit(points)));
    CHECK_NOTHROW(check_clustering(Hdbscan<>({.selection = {.allow_single_cluster = true}})
                                       .fit(points, std::vector<double>(static_cast<std::size_t>(n), 7.0))));
  }
}

TEST_CASE("numbers that are off by rounding pass, others do not") {
  const Clustering clustering = Hdbscan<>({.min_cluster_size = 5}).fit(test::blobs<double>(2, 140, 4, 2));
  REQUIRE(clustering.cluster_count() > 0);
  for (const double factor : {1.0 + 1e-13, 1.0 - 1e-13, 1.0 + 1e-6, 1.0 - 1e-6}) {
    for (int field = 0; field < 3; ++field) {
      Clustering odd = clustering;
      CondensedTree::Cluster& cluster = odd.condensed_tree.clusters[1];
      if (field == 0) odd.persistence[0] *= factor;
      if (field == 1) cluster.stability.finite *= factor;
      if (field == 2) cluster.size *= factor;
      if (std::abs(factor - 1.0) < 1e-9) {
        CHECK_NOTHROW(check_clustering(odd));
      } else {
        CHECK_THROWS_AS(check_clustering(odd), ValueError);
      }
    }
  }
}
