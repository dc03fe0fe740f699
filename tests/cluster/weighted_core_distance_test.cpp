// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/weighted_core_distance.hpp"

#include <doctest/doctest.h>

#include "brute_force.hpp"
#include "rnnscope/cluster/centres.hpp"
#include "rnnscope/cluster/hdbscan.hpp"
#include "rnnscope/cluster/prediction.hpp"

using namespace rnnscope;

TEST_CASE("the weighted quantile by sorting") {
  Random random(1);
  for (int repeat = 0; repeat < 200; ++repeat) {
    std::vector<std::pair<double, double>> pairs;
    for (Index k = 1 + random.below(12); k > 0; --k)
      pairs.emplace_back(static_cast<double>(random.below(6)), 1.0 + static_cast<double>(random.below(3)));
    const double target = 0.5 + static_cast<double>(random.below(25));
    std::vector<std::pair<double, double>> sorted = pairs;
    std::sort(sorted.begin(), sorted.end());
    double expected = sorted.back().first, sum = 0.0;
    for (std::size_t k = sorted.size(); k-- > 0;) {
      sum = 0.0;
      for (std::size_t q = 0; q <= k; ++q) sum += sorted[q].second;
      if (sum >= target) expected = sorted[k].first;
    }
    CHECK(detail::weighted_quantile(pairs, target) == expected);
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
