// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/exact_selection.hpp"

#include <doctest/doctest.h>

#include "brute_force.hpp"
#include "rnnscope/cluster/hdbscan.hpp"

using namespace rnnscope;

namespace {

/// The largest total stability of `wanted` clusters, none inside another, by trying all sets.
std::optional<double> best_by_trying(const CondensedTree& tree, const std::vector<bool>& eligible,
                                     Index wanted) {
  std::optional<double> best;
  const std::size_t count = tree.clusters.size();
  for (std::size_t set = 0; set < std::size_t{1} << count; ++set) {
    double sum = 0.0;
    Index size = 0;
    bool allowed = true;
    for (std::size_t c = 0; c < count && allowed; ++c) {
      if ((set >> c & 1) == 0) continue;
      allowed = eligible[c];
      for (Id up = tree.clusters[c].parent; up >= 0; up = tree.clusters[static_cast<std::size_t>(up)].parent) {
        allowed = allowed && (set >> up & 1) == 0;
      }
      sum += tree.clusters[c].stability.finite;
      ++size;
    }
    if (allowed && size == wanted && (!best || sum > *best)) best = sum;
  }
  return best;
}

}  // namespace

TEST_CASE("exactly n clusters have the largest total stability of all choices of n") {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    const CondensedTree tree = condense(
        Hdbscan<>({.min_cluster_size = 5}).hierarchy(test::blobs<double>(2, 220, 6, seed)).dendrogram, 5);
    REQUIRE(tree.clusters.size() < 22);
    REQUIRE(tree.clusters.size() > 6);
    std::vector<bool> eligible(tree.clusters.size(), true);
    eligible[0] = false;
    eligible[2] = seed != 2;
    for (Index wanted = 1; wanted < 9; ++wanted) {
      const std::optional<double> expected = best_by_trying(tree, eligible, wanted);
      const detail::ExactSelection selection(tree, eligible, wanted);
      CHECK((selection.most() == wanted) == expected.has_value());
      if (!expected) continue;
      const std::vector<bool> chosen = selection.chosen();
      double sum = 0.0;
      for (std::size_t c = 0; c < chosen.size(); ++c) {
        if (!chosen[c]) continue;
        CHECK(eligible[c]);
        sum += tree.clusters[c].stability.finite;
      }
      CHECK(std::count(chosen.begin(), chosen.end(), true) == wanted);
      CHECK(sum == doctest::Approx(*expected).epsilon(1e-12));
    }
  }
}

TEST_CASE("n_clusters: as many as asked for, by both methods, or an error that says why") {
  const Hierarchy hierarchy = Hdbscan<>({.min_cluster_size = 5}).hierarchy(test::blobs<double>(2, 300, 6, 4));
  const Index most = cut(hierarchy, 5, {.method = SelectionMethod::Leaf}).cluster_count();
  REQUIRE(most > 4);
  for (Index n = 1; n <= most; ++n) {
    const Clustering eom = cut(hierarchy, 5, {.n_clusters = n});
    CHECK(eom.cluster_count() == n);
    if (n == 1) continue;  // one leaf is left only with the root
    const Clustering leaf = cut(hierarchy, 5, {.method = SelectionMethod::Leaf, .n_clusters = n});
    CHECK(leaf.cluster_count() == n);
  }
  CHECK(cut(hierarchy, 5, {.method = SelectionMethod::Leaf, .n_clusters = 1, .allow_single_cluster = true})
            .cluster_count() == 1);
  const Clustering free = cut(hierarchy, 5);
  CHECK(cut(hierarchy, 5, {.n_clusters = free.cluster_count()}).labels == free.labels);
  CHECK_THROWS_WITH_AS(static_cast<void>(cut(hierarchy, 5, {.n_clusters = 1000})),
                       message("cluster selection: n_clusters = 1000, but the hierarchy gives ", most,
                               " clusters at most; try a smaller min_cluster_size")
                           .c_str(),
                       ValueError);
  CHECK_THROWS_AS(static_cast<void>(cut(hierarchy, 5, {.epsilon = 1.0, .n_clusters = 2})), ValueError);
  CHECK_THROWS_AS(static_cast<void>(cut(hierarchy, 5, {.n_clusters = 0})), ValueError);
  CHECK_THROWS_AS(static_cast<void>(cut(Hierarchy{}, 5, {.n_clusters = 1})), ValueError);
}
