// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/row_status.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "brute_force.hpp"
#include "rnnscope/cluster/clustering_checks.hpp"
#include "rnnscope/cluster/hdbscan.hpp"

using namespace rnnscope;

TEST_CASE_TEMPLATE("points that are not finite are noise with a code, and disturb no other", S, float, double) {
  const S infinity = std::numeric_limits<S>::infinity(), nan = std::numeric_limits<S>::quiet_NaN();
  const Matrix<S> points = test::blobs<S>(3, 160, 3, 5);
  Matrix<S> broken(3, 164);
  broken.leftCols(50) = points.leftCols(50);
  broken.col(50) << 1, nan, 2;
  broken.middleCols(51, 60) = points.middleCols(50, 60);
  broken.col(111) << -infinity, 0, infinity;  // their sum is NaN
  broken.col(112) << infinity, nan, 0;
  broken.middleCols(113, 50) = points.rightCols(50);
  broken.col(163) << std::numeric_limits<S>::max(), infinity, 0;
  for (const TieMode ties : {TieMode::Canonical, TieMode::Sequential}) {
    for (const bool single : {false, true}) {
      const HdbscanParameters parameters{
          .min_cluster_size = 7,
          .min_samples = 4,
          .ties = ties,
          .non_finite = NonFiniteRows::Noise,
          .selection = {.epsilon = single ? 8.0 : 0.0, .allow_single_cluster = single}};
      const Clustering clean = Hdbscan<>(parameters).fit(points), found = Hdbscan<>(parameters).fit(broken);
      CHECK(clean.cluster_count() >= 1);
      CHECK(found.sizes == clean.sizes);
      CHECK(found.persistence == clean.persistence);
      std::size_t kept = 0;
      for (std::size_t p = 0; p < 164; ++p) {
        if (p == 50 || p == 111 || p == 112 || p == 163) {
          CHECK(found.labels[p] == Clustering::noise);
          CHECK(found.probabilities[p] == 0.0);
          CHECK(found.outlier_scores[p] == 1.0);
          continue;
        }
        CHECK(found.labels[p] == clean.labels[kept]);
        CHECK(found.probabilities[p] == clean.probabilities[kept]);
        CHECK(found.outlier_scores[p] == clean.outlier_scores[kept]);
        CHECK(found.hierarchy.core_distances[p] == clean.hierarchy.core_distances[kept]);
        ++kept;
      }
      const std::vector<Id> codes = labels_with_codes(found);
      CHECK(codes[50] == -3);
      CHECK(codes[111] == -2);
      CHECK(codes[112] == -3);
      CHECK(codes[163] == -2);
      CHECK(codes[0] == found.labels[0]);
      CHECK(labels_with_codes(clean) == clean.labels);
    }
  }
  CHECK_THROWS_AS(static_cast<void>(Hdbscan<>().fit(broken)), ValueError);
}

TEST_CASE("hardly any finite points; weights go with their points") {
  Matrix<double> points = Matrix<double>::Constant(2, 12, std::numeric_limits<double>::quiet_NaN());
  const HdbscanParameters parameters{
      .min_cluster_size = 3, .non_finite = NonFiniteRows::Noise, .selection = {.allow_single_cluster = true}};
  const Clustering none = Hdbscan<>(parameters).fit(points);
  CHECK(none.noise_count() == 12);
  CHECK(none.outlier_scores == std::vector<double>(12, 1.0));
  points.col(4).setZero();
  const Clustering one = Hdbscan<>(parameters).fit(points);
  CHECK(one.noise_count() == 12);
  for (std::size_t p = 0; p < 12; ++p) CHECK(one.outlier_scores[p] == (p == 4 ? 0.0 : 1.0));
  CHECK_NOTHROW(check_clustering(none));
  CHECK_NOTHROW(check_clustering(one));
  points.col(7).setOnes();
  const Clustering two = Hdbscan<>(parameters).fit(points);
  CHECK(two.noise_count() == 12);
  CHECK(two.hierarchy.mst.front() == Edge{std::sqrt(2.0), 4, 7});
  for (const double score : two.outlier_scores) CHECK((score >= 0.0 && score <= 1.0));
  std::vector<double> weights(12, 1.0);
  weights[7] = 2.0;
  CHECK(Hdbscan<>(parameters).fit(points, weights).labels[7] == 0);  // three points in all
  CHECK(Hdbscan<>(parameters).fit(points, weights).noise_count() == 10);
}
