// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/centres.hpp"

#include <doctest/doctest.h>

#include "brute_force.hpp"
#include "rnnscope/cluster/hdbscan.hpp"

using namespace rnnscope;

TEST_CASE_TEMPLATE("centroids and medoids by their definitions", S, float, double) {
  const Matrix<S> points = test::blobs<S>(3, 150, 3, 3);
  const Clustering clustering = Hdbscan<>({.min_cluster_size = 10, .min_samples = 4}).fit(points);
  REQUIRE(clustering.cluster_count() > 1);
  const Matrix<double> means = centroids(clustering, points);
  const std::vector<Index> middles = medoids(metric::Manhattan{}, clustering, points);
  for (Id k = 0; k < clustering.cluster_count(); ++k) {
    Vector<double> sum = Vector<double>::Zero(3);
    double weight = 0.0, smallest = 1e300;
    Index best = -1;
    for (Index p = 0; p < 150; ++p) {
      if (clustering.labels[static_cast<std::size_t>(p)] != k) continue;
      const double share = clustering.probabilities[static_cast<std::size_t>(p)];
      sum += share * points.col(p).template cast<double>();
      weight += share;
      double total = 0.0;
      for (Index q = 0; q < 150; ++q) {
        if (clustering.labels[static_cast<std::size_t>(q)] != k) continue;
        total += clustering.probabilities[static_cast<std::size_t>(q)] *
                 (points.col(p) - points.col(q)).template cast<double>().template lpNorm<1>();
      }
      if (total < smallest) smallest = total, best = p;
    }
    CHECK(means.col(k).isApprox(sum / weight, 1e-12));
    CHECK(middles[static_cast<std::size_t>(k)] == best);
  }
  CHECK_THROWS_AS(static_cast<void>(centroids(clustering, points.leftCols(3))), ShapeError);
  CHECK_THROWS_AS(static_cast<void>(medoids(metric::Manhattan{}, clustering, points.leftCols(3).eval())),
                  ShapeError);
}
