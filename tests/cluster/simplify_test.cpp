// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/simplify.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace rnnscope;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// The root splits at 1 into a (dies at 0.1) and b, which splits at 0.5 into c (0.4) and d (0.2). Points 0 to
/// 11: three leave each leaf, at 2 to 4 times, twice and once its death; point 9 leaves the root, 10 and 11
/// leave b.
CondensedTree nested() {
  CondensedTree tree;
  tree.clusters = {{.parent = -1, .size = 12, .birth = infinity, .death = 1.0, .stability = {}},
                   {.parent = 0, .size = 3, .birth = 1.0, .death = 0.1, .stability = {}},
                   {.parent = 0, .size = 8, .birth = 1.0, .death = 0.5, .stability = {}},
                   {.parent = 2, .size = 3, .birth = 0.5, .death = 0.4, .stability = {}},
                   {.parent = 2, .size = 3, .birth = 0.5, .death = 0.2, .stability = {}}};
  tree.point_cluster = {1, 1, 1, 3, 3, 3, 4, 4, 4, 0, 2, 2};
  tree.point_distance = {0.3, 0.2, 0.1, 0.45, 0.4, 0.4, 0.4, 0.3, 0.2, 2.0, 0.8, 0.5};
  for (std::size_t p = 0; p < 12; ++p) {
    for (Id c = tree.point_cluster[p], last = -1; c >= 0;
         last = c, c = tree.clusters[static_cast<std::size_t>(c)].parent) {
      CondensedTree::Cluster& cluster = tree.clusters[static_cast<std::size_t>(c)];
      cluster.stability.add(1.0, last < 0 ? tree.point_distance[p] : cluster.death, cluster.birth);
    }
  }
  return tree;
}

/// Stability straight from the definition.
void check_stabilities(const CondensedTree& tree) {
  for (std::size_t c = 0; c < tree.clusters.size(); ++c) {
    const CondensedTree::Cluster& cluster = tree.clusters[c];
    double expected = 0.0;
    for (std::size_t p = 0; p < tree.point_cluster.size(); ++p) {
      Id at = tree.point_cluster[p];
      const bool direct = at == static_cast<Id>(c);
      while (at > static_cast<Id>(c)) at = tree.clusters[static_cast<std::size_t>(at)].parent;
      if (at == static_cast<Id>(c))
        expected += 1.0 / (direct ? tree.point_distance[p] : cluster.death) - 1.0 / cluster.birth;
    }
    CHECK(cluster.stability.finite == doctest::Approx(expected).epsilon(1e-12));
  }
}

}  // namespace

TEST_CASE("nothing is taken out at 0; everything at infinity") {
  const CondensedTree tree = nested();
  check_stabilities(tree);
  CHECK(simplify(tree, 0.0) == tree);
  const CondensedTree root = simplify(tree, infinity);
  REQUIRE(root.clusters.size() == 1);
  CHECK(root.clusters[0].death == 0.1);
  CHECK(root.point_distance[0] == 0.3);  // of the part that lasts longest, as before
  check_stabilities(root);
  CHECK_THROWS_AS(static_cast<void>(simplify(tree, -1.0)), ValueError);
}

TEST_CASE("a split of which one part does not last is taken back") {
  // c lasts 1 / 0.4 - 1 / 0.5 = 0.5, d 3, a 9, b 4.
  const CondensedTree tree = simplify(nested(), 1.0);
  REQUIRE(tree.clusters.size() == 3);
  CHECK(tree.clusters[2].death == 0.2);
  CHECK(tree.point_cluster == std::vector<Id>{1, 1, 1, 2, 2, 2, 2, 2, 2, 0, 2, 2});
  CHECK(tree.point_distance == nested().point_distance);
  check_stabilities(tree);
  CHECK(simplify(nested(), 0.5) == nested());
  // Above 4 b goes too; a is a leaf and the root goes on as it.
  const CondensedTree less = simplify(nested(), 5.0);
  REQUIRE(less.clusters.size() == 1);
  CHECK(less.clusters[0].death == 0.1);
  check_stabilities(less);
}

TEST_CASE("the part that goes on splits further: the other part falls out where the split was") {
  CondensedTree tree = nested();
  tree.clusters[1].death = 0.9;  // a lasts 0.11, b goes on as the root and splits into c and d
  tree.point_distance[0] = tree.point_distance[1] = 0.95;
  tree.point_distance[2] = 0.9;
  tree.clusters[1].stability = {};
  for (const double leaves : {0.95, 0.95, 0.9}) tree.clusters[1].stability.add(1.0, leaves, 1.0);
  const CondensedTree result = simplify(tree, 0.3);
  REQUIRE(result.clusters.size() == 3);
  CHECK(result.clusters[0].death == 0.5);
  CHECK(result.clusters[1].parent == 0);
  CHECK(result.clusters[1].birth == 0.5);
  CHECK(result.point_cluster == std::vector<Id>{0, 0, 0, 1, 1, 1, 2, 2, 2, 0, 0, 0});
  CHECK(result.point_distance[0] == 1.0);
  CHECK(result.point_distance[10] == 0.8);
  check_stabilities(result);
}
