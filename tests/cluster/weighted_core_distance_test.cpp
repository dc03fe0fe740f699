// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/weighted_core_distance.hpp"

#include <doctest/doctest.h>

#include <tuple>

#include "brute_force.hpp"
#include "rnnscope/cluster/centres.hpp"
#include "rnnscope/cluster/hdbscan.hpp"
#include "rnnscope/cluster/prediction.hpp"

using namespace rnnscope;

namespace {

/// The smallest proxy within which lies a weight of rank + 1, by trying every one with sums of whole numbers.
template <class Source>
std::vector<double> core_by_definition(const Source& source, Index rank, const std::vector<double>& weights) {
  const auto n = static_cast<std::size_t>(source.size());
  std::vector<double> result;
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<double> proxy(n, 0.0);
    for (Id j = 0; j < static_cast<Id>(n); ++j) {
      if (j != static_cast<Id>(i))
        source.proxies(static_cast<Index>(i), &j, 1, &proxy[static_cast<std::size_t>(j)]);
    }
    const auto holds = [&](double radius) {
      test::WholeNumber sum = test::in_units(weights[i]);
      for (std::size_t j = 0; j < n; ++j) sum += j != i && proxy[j] <= radius ? test::in_units(weights[j]) : 0;
      return sum >= test::in_units(1.0) * (rank + 1);
    };
    double core = n > 1 ? *std::max_element(proxy.begin(), proxy.end()) : 0.0;
    for (std::size_t j = 0; j < n; ++j) {
      if (proxy[j] < core && j != i && holds(proxy[j])) core = proxy[j];
    }
    result.push_back(test::in_units(weights[i]) >= test::in_units(1.0) * (rank + 1) ? 0.0 : core);
  }
  return result;
}

template <class Source>
detail::NeighbourLists lists_by_sorting(const Source& source, Index size) {
  detail::NeighbourLists lists(source.size(), size);
  for (Id i = 0; i < source.size(); ++i) {
    for (Id j = 0; j < source.size() && size > 0; ++j) {
      double proxy = 0.0;
      if (j == i) continue;
      source.proxies(i, &j, 1, &proxy);
      lists.offer(i, {proxy, j});
    }
  }
  lists.sort();
  return lists;
}

}  // namespace

TEST_CASE("weighted core distances are those of the definition, by rows and by lists of any length") {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    for (const Index n : {1, 2, 7, 90}) {
      const Matrix<double> points =
          seed == 1 ? test::grid<double>(2, n, 7, seed) : test::blobs<double>(2, n, 3, seed);
      std::vector<double> weights = test::fractional_weights(n, seed);
      if (seed == 3) weights[0] = 20.0;  // more than all that is asked for
      const auto check = [&](const auto& source) {
        for (const Index rank : {0, 1, 2, 5, 11, 1000}) {
          const std::vector<double> core = detail::weighted_core_proxies(source, rank, weights, {});
          CHECK(core == core_by_definition(source, rank, weights));
          const Index proposed = detail::weighted_list_size(rank, detail::ExactWeights(weights), n);
          CHECK(proposed <= n - 1);
          CHECK(proposed >= std::min<Index>(n - 1, 6));
          for (const Index size : {Index{0}, std::min<Index>(3, n - 1), proposed, n - 1}) {
            CHECK(detail::weighted_listed_core(source, lists_by_sorting(source, size), rank, weights, {}) ==
                  core);
          }
        }
      };
      check(metric::distance_source(metric::Euclidean{}, points));
      check(metric::distance_source([&](const auto& a, const auto& b) { return (a - b).norm(); }, points));
    }
  }
}

TEST_CASE("the lists that are proposed hold the weight around most points") {
  const Matrix<double> points = test::blobs<double>(2, 600, 5, 4);
  const auto source = metric::distance_source(metric::Euclidean{}, points);
  for (const double heavy : {2.7, 1000.0}) {  // heavy ones count up to what is asked for, and no more
    std::vector<double> weights = test::fractional_weights(600, 4);
    for (std::size_t p = 0; p < 600; p += 60) weights[p] = heavy;
    const Index size = detail::weighted_list_size(10, detail::ExactWeights(weights), 600);
    CHECK(size < 60);
    const detail::NeighbourLists lists = lists_by_sorting(source, size);
    const std::vector<double> core = detail::weighted_core_proxies(source, 10, weights, {});
    Index held = 0;
    for (std::size_t p = 0; p < 600; ++p) held += core[p] <= lists.of(static_cast<Index>(p)).back().proxy;
    CHECK(held > 500);
  }
  CHECK(detail::weighted_list_size(10, detail::ExactWeights(std::vector<double>(600, 1e-200)), 600) == 6);
  CHECK(detail::weighted_list_size(10, detail::ExactWeights(std::vector<double>(600, 1e200)), 600) <= 7);
  CHECK(detail::weighted_list_size(1000, detail::ExactWeights(std::vector<double>(600, 50.0)), 600) == 32);
  CHECK(detail::weighted_list_size(10, detail::ExactWeights(std::vector<double>(9000, 1e-3)), 9000) == 6);
}

TEST_CASE("points in another order: the same core distances and clusters, bit for bit, whatever the weights") {
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u, 5u, 6u}) {
    const Matrix<double> points =
        seed % 2 == 0 ? test::grid<double>(2, 130, 12, seed) : test::blobs<double>(2, 130, 4, seed);
    const std::vector<double> weights = test::fractional_weights(130, seed);
    const std::vector<Index> order = test::shuffled(130, seed + 20);
    Matrix<double> moved(2, 130);
    std::vector<double> moved_weights;
    for (Index j = 0; j < 130; ++j) {
      moved.col(j) = points.col(order[static_cast<std::size_t>(j)]);
      moved_weights.push_back(weights[static_cast<std::size_t>(order[static_cast<std::size_t>(j)])]);
    }
    for (const Index samples : {1, 3, 6}) {
      for (const Index least : {3, 4, 6, 9}) {
        const Hdbscan<> hdbscan({.min_cluster_size = least, .min_samples = samples});
        const Clustering one = hdbscan.fit(points, weights), other = hdbscan.fit(moved, moved_weights);
        for (std::size_t p = 0; p < 130; ++p) {
          const auto from = static_cast<std::size_t>(order[p]);
          CHECK(one.hierarchy.core_distances[from] == other.hierarchy.core_distances[p]);
          CHECK(one.probabilities[from] == other.probabilities[p]);
          CHECK(one.outlier_scores[from] == other.outlier_scores[p]);
          CHECK(one.condensed_tree.point_distance[from] == other.condensed_tree.point_distance[p]);
        }
        const auto contents = [](const CondensedTree& tree) {
          std::vector<std::tuple<double, double, double, Stability>> result;
          for (const CondensedTree::Cluster& each : tree.clusters)
            result.emplace_back(each.birth, each.death, each.size, each.stability);
          std::sort(result.begin(), result.end());
          return result;
        };
        CHECK(contents(one.condensed_tree) == contents(other.condensed_tree));
        std::vector<double> persistence = one.persistence, moved_persistence = other.persistence;
        std::sort(persistence.begin(), persistence.end());
        std::sort(moved_persistence.begin(), moved_persistence.end());
        CHECK(persistence == moved_persistence);
        const Matrix<double> more = test::blobs<double>(2, 20, 3, seed + 40);
        const Prediction ours = predict(metric::Euclidean{}, one, points, more),
                         theirs = predict(metric::Euclidean{}, other, moved, more);
        CHECK(ours.probabilities == theirs.probabilities);
        CHECK(ours.placement.distances == theirs.placement.distances);
      }
    }
  }
}

TEST_CASE("two points of weight w at one place are one of weight 2 w, for any w") {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    const Matrix<double> points = test::blobs<double>(2, 70, 3, seed);
    const Matrix<double> twice = points.replicate(1, 2);
    const std::vector<double> weights = test::fractional_weights(70, seed);
    std::vector<double> halves = weights, sums;
    halves.insert(halves.end(), weights.begin(), weights.end());
    for (const double each : weights) sums.push_back(2.0 * each);
    const Hdbscan<> hdbscan({.min_cluster_size = 7, .min_samples = 5});
    const Clustering one = hdbscan.fit(points, sums), two = hdbscan.fit(twice, halves);
    CHECK(one.cluster_count() > 1);
    for (std::size_t p = 0; p < 140; ++p) {
      CHECK(one.hierarchy.core_distances[p % 70] == two.hierarchy.core_distances[p]);
      CHECK(one.labels[p % 70] == two.labels[p]);
      CHECK(one.probabilities[p % 70] == two.probabilities[p]);
    }
    for (std::size_t c = 0; c < one.condensed_tree.clusters.size(); ++c)
      CHECK(one.condensed_tree.clusters[c].size == two.condensed_tree.clusters[c].size);
  }
}

TEST_CASE("a point of weight m is as good as m copies") {
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u}) {
    Random random(seed);
    const Matrix<double> points =
        seed % 2 == 0 ? test::grid<double>(2, 70, 6, seed) : test::blobs<double>(2, 70, 3, seed);
    std::vector<double> weights;
    std::vector<Index> origin;
    for (Index p = 0; p < 70; ++p) {
      // Now and then a point that is a cluster by itself.
      weights.push_back(random.below(12) == 0 ? 9.0 : 1.0 + static_cast<double>(random.below(3)));
      for (double copy = 0.0; copy < weights.back(); copy += 1.0) origin.push_back(p);
    }
    Matrix<double> repeated(2, static_cast<Index>(origin.size()));
    for (std::size_t k = 0; k < origin.size(); ++k) repeated.col(static_cast<Index>(k)) = points.col(origin[k]);
    for (const CoreDistance convention : {CoreDistance::ExcludesSelf, CoreDistance::IncludesSelf}) {
      for (const Index samples : {1, 4, 12}) {
        const Hdbscan<> hdbscan({.min_cluster_size = 8, .min_samples = samples, .core_distance = convention});
        const Clustering weighted = hdbscan.fit(points, weights), copies = hdbscan.fit(repeated);
        CHECK(weighted.cluster_count() == copies.cluster_count());
        for (std::size_t k = 0; k < origin.size(); ++k) {
          const auto p = static_cast<std::size_t>(origin[k]);
          CHECK(weighted.hierarchy.core_distances[p] == copies.hierarchy.core_distances[k]);
          CHECK(weighted.labels[p] == copies.labels[k]);
          CHECK(weighted.probabilities[p] == copies.probabilities[k]);
          CHECK(weighted.outlier_scores[p] == copies.outlier_scores[k]);
        }
        for (std::size_t k = 0; k < weighted.persistence.size(); ++k) {
          CHECK(weighted.persistence[k] == doctest::Approx(copies.persistence[k]).epsilon(1e-12));
        }
        if (weighted.cluster_count() > 0) {
          CHECK(centroids(weighted, points).isApprox(centroids(copies, repeated), 1e-12));
          CHECK(predict(metric::Euclidean{}, weighted, points, points).labels == weighted.labels);
        }
      }
    }
  }
}

TEST_CASE("weights of one change no bit; weights that are none are refused") {
  const Matrix<double> points = test::blobs<double>(3, 120, 4, 6);
  const Hdbscan<> hdbscan({.min_cluster_size = 6, .min_samples = 4});
  Clustering weighted = hdbscan.fit(points, std::vector<double>(120, 1.0));
  CHECK(weighted.hierarchy.weights.size() == 120);
  weighted.hierarchy.weights.clear();
  CHECK(weighted == hdbscan.fit(points));
  CHECK(hdbscan.fit(points, std::vector<double>(120, 0.01)).hierarchy.neighbour.clamped);
  std::vector<double> weights(120, 1.0);
  weights[7] = 0.0;
  CHECK_THROWS_WITH_AS(static_cast<void>(hdbscan.fit(points, weights)),
                       "sample weights: weight 7 is 0; expected a finite number above 0", ValueError);
  weights.pop_back();
  CHECK_THROWS_AS(static_cast<void>(hdbscan.fit(points, weights)), ShapeError);
}
