// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/selection.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "brute_force.hpp"

using namespace rnnscope;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// A random condensed tree: every cluster splits in two or three or not at all.
CondensedTree random_tree(std::uint64_t seed) {
  Random random(seed);
  CondensedTree tree;
  tree.clusters.push_back(
      {.parent = -1, .size = 1000, .birth = infinity, .death = 50.0, .stability = {0.0, 5.0}});
  for (std::size_t c = 0; c < tree.clusters.size() && tree.clusters.size() < 12; ++c) {
    const CondensedTree::Cluster parent = tree.clusters[c];
    if (c > 0 && random.below(3) == 0) continue;
    const Index children = 2 + random.below(2);
    for (Index k = 0; k < children; ++k) {
      tree.clusters.push_back({.parent = static_cast<Id>(c),
                               .size = parent.size / 3,
                               .birth = parent.death,
                               .death = parent.death * random.uniform(0.3, 0.9),
                               .stability = {0.0, random.uniform(0.0, 10.0)}});
    }
  }
  return tree;
}

bool inside(const CondensedTree& tree, Id cluster, Id ancestor) {
  while (cluster > ancestor) cluster = tree.clusters[static_cast<std::size_t>(cluster)].parent;
  return cluster == ancestor;
}

bool nested(const CondensedTree& tree, const std::vector<Id>& chosen) {
  for (const Id a : chosen) {
    for (const Id b : chosen) {
      if (a != b && inside(tree, a, b)) return true;
    }
  }
  return false;
}

double total(const CondensedTree& tree, const std::vector<Id>& chosen) {
  double sum = 0.0;
  for (const Id c : chosen) sum += tree.clusters[static_cast<std::size_t>(c)].stability.finite;
  return sum;
}

}  // namespace

TEST_CASE("excess of mass is the largest total stability of all choices without nesting") {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const CondensedTree tree = random_tree(seed);
    for (const bool single : {false, true}) {
      for (const std::optional<Index> largest : {std::optional<Index>(), std::optional<Index>(200)}) {
        const std::vector<Id> chosen =
            select_clusters(tree, 5, {.allow_single_cluster = single, .max_cluster_size = largest});
        CHECK_FALSE(nested(tree, chosen));
        double best = 0.0;
        for (unsigned choice = 0; choice < 1u << tree.clusters.size(); ++choice) {
          std::vector<Id> set;
          for (std::size_t c = 0; c < tree.clusters.size(); ++c) {
            if ((choice >> c & 1u) != 0) set.push_back(static_cast<Id>(c));
          }
          bool allowed = single || set.empty() || set.front() != 0;
          for (const Id c : set)
            allowed = allowed && tree.clusters[static_cast<std::size_t>(c)].size <=
                                     static_cast<double>(largest.value_or(1000));
          if (allowed && !nested(tree, set)) best = std::max(best, total(tree, set));
        }
        CHECK(total(tree, chosen) == doctest::Approx(best).epsilon(1e-12));
      }
    }
  }
}

TEST_CASE("a parent as stable as its children together is kept, and infinite stability beats any finite one") {
  CondensedTree tree;
  tree.clusters = {{.parent = -1, .size = 20, .birth = infinity, .death = 9.0, .stability = {}},
                   {.parent = 0, .size = 10, .birth = 9.0, .death = 3.0, .stability = {0.0, 3.0}},
                   {.parent = 0, .size = 10, .birth = 9.0, .death = 3.0, .stability = {0.0, 4.0}},
                   {.parent = 1, .size = 5, .birth = 3.0, .death = 1.0, .stability = {0.0, 1.0}},
                   {.parent = 1, .size = 5, .birth = 3.0, .death = 1.0, .stability = {0.0, 2.0}}};
  CHECK(select_clusters(tree, 5, {}) == std::vector<Id>{1, 2});
  tree.clusters[4].stability = {1.0, -2.0};
  CHECK(select_clusters(tree, 5, {}) == std::vector<Id>{2, 3, 4});
  CHECK(select_clusters(tree, 21, {.allow_single_cluster = true}).empty());
}

TEST_CASE("leaves, and the root among them only if it is allowed") {
  const CondensedTree tree = random_tree(3);
  std::vector<Id> expected;
  for (Id c = 0; c < static_cast<Id>(tree.clusters.size()); ++c) {
    if (std::none_of(tree.clusters.begin(), tree.clusters.end(),
                     [c](const auto& each) { return each.parent == c; })) {
      expected.push_back(c);
    }
  }
  const SelectionParameters leaf{.method = SelectionMethod::Leaf};
  const SelectionParameters leaf_or_root{.method = SelectionMethod::Leaf, .allow_single_cluster = true};
  CHECK(select_clusters(tree, 5, leaf) == expected);
  CHECK(select_clusters(tree, 5, leaf_or_root) == expected);
  CondensedTree root;
  root.clusters = {{.parent = -1, .size = 20, .birth = infinity, .death = 9.0, .stability = {}}};
  CHECK(select_clusters(root, 5, leaf).empty());
  CHECK(select_clusters(root, 5, leaf_or_root) == std::vector<Id>{0});
}

TEST_CASE("epsilon: the nearest ancestor born at or above it, and never more clusters for more epsilon") {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const CondensedTree tree = random_tree(seed);
    for (const SelectionMethod method : {SelectionMethod::ExcessOfMass, SelectionMethod::Leaf}) {
      for (const bool single : {false, true}) {
        const SelectionParameters plain{.method = method, .allow_single_cluster = single};
        const std::vector<Id> before = select_clusters(tree, 5, plain);
        std::size_t most = before.size();
        std::vector<double> limits;
        for (std::size_t c = 1; c < tree.clusters.size(); ++c) limits.push_back(tree.clusters[c].birth);
        limits.push_back(60.0);
        std::sort(limits.begin(), limits.end());
        for (const double epsilon : limits) {
          std::set<Id> expected;
          for (Id c : before) {
            const Id stop = single ? 0 : 1;  // without the root, its children are the end
            while (tree.clusters[static_cast<std::size_t>(c)].birth < epsilon &&
                   tree.clusters[static_cast<std::size_t>(c)].parent >= 0 &&
                   (stop == 0 || tree.clusters[static_cast<std::size_t>(c)].parent > 0)) {
              c = tree.clusters[static_cast<std::size_t>(c)].parent;
            }
            expected.insert(c);
          }
          SelectionParameters merged = plain;
          merged.epsilon = epsilon;
          const std::vector<Id> chosen = select_clusters(tree, 5, merged);
          CHECK(std::set<Id>(chosen.begin(), chosen.end()) == expected);
          CHECK_FALSE(nested(tree, chosen));
          CHECK(chosen.size() <= most);
          most = chosen.size();
        }
      }
    }
  }
}

TEST_CASE("epsilon does not grow clusters beyond max_cluster_size") {
  CondensedTree tree;
  tree.clusters = {{.parent = -1, .size = 40, .birth = infinity, .death = 9.0, .stability = {}},
                   {.parent = 0, .size = 30, .birth = 9.0, .death = 3.0, .stability = {}},
                   {.parent = 0, .size = 10, .birth = 9.0, .death = 3.0, .stability = {0.0, 4.0}},
                   {.parent = 1, .size = 15, .birth = 3.0, .death = 2.0, .stability = {}},
                   {.parent = 1, .size = 15, .birth = 3.0, .death = 1.0, .stability = {0.0, 2.0}},
                   {.parent = 3, .size = 7, .birth = 2.0, .death = 1.0, .stability = {0.0, 2.0}},
                   {.parent = 3, .size = 7, .birth = 2.0, .death = 1.0, .stability = {0.0, 2.0}}};
  CHECK(select_clusters(tree, 5, {.epsilon = 5.0}) == std::vector<Id>{1, 2});
  CHECK(select_clusters(tree, 5, {.epsilon = 5.0, .max_cluster_size = 20}) == std::vector<Id>{2, 3, 4});
}

TEST_CASE("parameters out of range are named; no clusters, no choice") {
  CHECK(select_clusters(CondensedTree{}, 5, {.allow_single_cluster = true}).empty());
  CHECK_THROWS_WITH_AS(SelectionParameters{.epsilon = -1.0}.check(),
                       "cluster selection: epsilon must be finite and at least 0, found -1", ValueError);
  CHECK_THROWS_AS(SelectionParameters{.epsilon = std::numeric_limits<double>::quiet_NaN()}.check(), ValueError);
  CHECK_THROWS_AS(SelectionParameters{.epsilon = infinity}.check(), ValueError);
  CHECK_THROWS_WITH_AS(SelectionParameters{.max_cluster_size = 0}.check(),
                       "cluster selection: max_cluster_size must be at least 1, found 0", ValueError);
}
