// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/membership.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace rnnscope;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Seven points: 0 leaves the root at 8; cluster 1 holds 4, 5, 6; cluster 2 holds 1, 2, 3.
CondensedTree small_tree() {
  CondensedTree tree;
  tree.clusters = {{.parent = -1, .size = 7, .birth = infinity, .death = 4.0, .stability = {0.0, 1.625}},
                   {.parent = 0, .size = 3, .birth = 4.0, .death = 1.0, .stability = {0.0, 1.75}},
                   {.parent = 0, .size = 3, .birth = 4.0, .death = 0.5, .stability = {0.0, 4.25}}};
  tree.point_cluster = {0, 2, 2, 2, 1, 1, 1};
  tree.point_distance = {8.0, 1.0, 0.5, 0.5, 2.0, 1.0, 1.0};
  return tree;
}

}  // namespace

TEST_CASE("labels follow the smallest member; probability, outlier score and persistence by hand") {
  const Clustering result = label_points({}, small_tree(), std::vector<Id>{1, 2}, 0.0);
  CHECK(result.labels == std::vector<Id>{-1, 0, 0, 0, 1, 1, 1});
  CHECK(result.nodes == std::vector<Id>{2, 1});
  CHECK(result.sizes == std::vector<Index>{3, 3});
  CHECK(result.probabilities == std::vector<double>{0.0, 0.5, 1.0, 1.0, 0.5, 1.0, 1.0});
  CHECK(result.outlier_scores == std::vector<double>{1.0 - 0.5 / 8.0, 0.5, 0.0, 0.0, 0.5, 0.0, 0.0});
  CHECK(result.persistence[0] == doctest::Approx(4.25 / (3 * 2.0)));
  CHECK(result.persistence[1] == doctest::Approx(1.75 / (3 * 2.0)));
  CHECK(result.cluster_count() == 2);
  CHECK(result.noise_count() == 1);
}

TEST_CASE("the root as only cluster keeps the points that stay to its death, or to epsilon") {
  const Clustering by_death = label_points({}, small_tree(), std::vector<Id>{0}, 0.0);
  CHECK(by_death.labels == std::vector<Id>{-1, 0, 0, 0, 0, 0, 0});
  CHECK(by_death.probabilities == std::vector<double>{0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0});
  CHECK(label_points({}, small_tree(), std::vector<Id>{0}, 8.0).labels == std::vector<Id>(7, 0));
  CHECK(label_points({}, small_tree(), std::vector<Id>{0}, 8.0).probabilities[0] == 0.5);
  CHECK(label_points({}, small_tree(), std::vector<Id>{0}, 0.9).labels ==
        std::vector<Id>{-1, -1, 0, 0, -1, -1, -1});
}

TEST_CASE("clusters of duplicates: every number is finite") {
  CondensedTree tree = small_tree();
  tree.clusters[2].death = 0.0;
  tree.clusters[2].stability = {2.0, 0.5};
  tree.point_distance = {8.0, 1.0, 0.0, 0.0, 2.0, 1.0, 1.0};
  const Clustering result = label_points({}, tree, std::vector<Id>{1, 2}, 0.0);
  CHECK(result.probabilities == std::vector<double>{0.0, 0.0, 1.0, 1.0, 0.5, 1.0, 1.0});
  CHECK(result.outlier_scores == std::vector<double>{1.0, 1.0, 0.0, 0.0, 0.5, 0.0, 0.0});
  CHECK(result.persistence[0] == doctest::Approx(2.0 / 3.0));
  CHECK(result.persistence[1] == 0.0);
}

TEST_CASE("no points; one point; no chosen cluster") {
  CHECK(label_points({}, {}, {}, 0.0) == Clustering{});
  CondensedTree one;
  one.clusters = {{.parent = -1, .size = 1, .birth = infinity, .death = infinity, .stability = {}}};
  one.point_cluster = {0};
  one.point_distance = {infinity};
  const Clustering result = label_points({}, one, {}, 0.0);
  CHECK(result.labels == std::vector<Id>{-1});
  CHECK(result.outlier_scores == std::vector<double>{0.0});
  CHECK(label_points({}, small_tree(), {}, 0.0).noise_count() == 7);
}
