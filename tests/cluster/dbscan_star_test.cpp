// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/dbscan_star.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "brute_force.hpp"
#include "rnnscope/cluster/hdbscan.hpp"

using namespace rnnscope;

TEST_CASE("DBSCAN* at every distance: core points, joined where they reach each other") {
  for (const bool tied : {false, true}) {
    const Matrix<double> points = tied ? test::grid<double>(2, 60, 7, 2) : test::blobs<double>(2, 60, 3, 2);
    const Hdbscan<> hdbscan({.min_cluster_size = 4, .min_samples = 3});
    const Hierarchy hierarchy = hdbscan.hierarchy(points);
    const Matrix<double> distances = metric::distance_matrix(metric::Euclidean{}, points);
    const std::vector<double> core = test::core_distances_by_sorting(distances, 3);
    for (const Edge& edge : hierarchy.mst) {
      for (const Index least : {1, 4}) {
        test::Members dense;
        for (Index p = 0; p < 60; ++p) {
          if (core[static_cast<std::size_t>(p)] <= edge.distance) dense.push_back(p);
        }
        std::vector<Id> expected(60, -1);
        Id label = 0;
        for (const test::Members& part :
             test::parts(distances, dense, edge.distance, true)) {  // by smallest member
          if (static_cast<Index>(part.size()) < least) continue;
          for (const Index p : part) expected[static_cast<std::size_t>(p)] = label;
          ++label;
        }
        CHECK(dbscan_star(hierarchy, {.distance = edge.distance, .min_cluster_size = least}) == expected);
      }
    }
    CHECK(dbscan_star(hierarchy, {.distance = 0.0}).size() == 60);
    CHECK_THROWS_AS(static_cast<void>(dbscan_star(hierarchy, {.distance = -1.0})), ValueError);
    CHECK_THROWS_AS(static_cast<void>(dbscan_star(hierarchy, {.distance = 1.0, .min_cluster_size = 0})),
                    ValueError);
  }
}

TEST_CASE("points that are not finite are noise at any distance") {
  Matrix<double> points(1, 4);
  points << 0.0, 1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity();
  const Hierarchy hierarchy =
      Hdbscan<>({.min_cluster_size = 2, .min_samples = 1, .non_finite = NonFiniteRows::Noise})
          .hierarchy(points);
  CHECK(dbscan_star(hierarchy, {.distance = std::numeric_limits<double>::infinity()}) ==
        std::vector<Id>{0, 0, -1, -1});
}
