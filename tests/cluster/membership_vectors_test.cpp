// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/membership_vectors.hpp"

#include <doctest/doctest.h>

#include "brute_force.hpp"
#include "rnnscope/cluster/hdbscan.hpp"

using namespace rnnscope;

TEST_CASE_TEMPLATE("memberships of copies are those of the points, to the last bit; columns sum to at most 1",
                   S, float, double) {
  const Matrix<S> points = test::blobs<S>(3, 200, 4, 6);
  const Clustering clustering = Hdbscan<>({.min_cluster_size = 8, .min_samples = 4}).fit(points);
  REQUIRE(clustering.cluster_count() >= 3);
  const Matrix<double> all = membership_vectors(metric::Euclidean{}, clustering, points);
  const Placement placement = place(metric::Euclidean{}, clustering, points, points);
  CHECK(membership_vectors(metric::Euclidean{}, clustering, points, points, placement) == all);
  Index unsure = 0;
  for (Index j = 0; j < all.cols(); ++j) {
    CHECK(all.col(j).minCoeff() >= 0.0);
    CHECK(all.col(j).sum() <= 1.0 + 1e-12);
    const Id label = clustering.labels[static_cast<std::size_t>(j)];
    if (label < 0) continue;
    CHECK(all.col(j).sum() ==
          doctest::Approx(clustering.probabilities[static_cast<std::size_t>(j)]).epsilon(1e-9));
    Index best = -1;
    all.col(j).maxCoeff(&best);
    unsure += best == label ? 0 : 1;
  }
  CHECK(unsure < 10);
  const auto best = exemplars(clustering);
  for (std::size_t k = 0; k < best.size(); ++k)
    CHECK(all(static_cast<Index>(k), best[k][0]) == doctest::Approx(1.0));
}

TEST_CASE("memberships by hand, without NaN next to duplicates and infinities") {
  Matrix<double> points(1, 42);
  for (Index j = 0; j < 42; ++j)
    points(0, j) = j < 40 ? static_cast<double>(j % 2 * 10) : 5.0 + static_cast<double>(j - 40) * 1000.0;
  points(0, 41) = std::numeric_limits<double>::infinity();
  const Clustering clustering =
      Hdbscan<>({.min_cluster_size = 5, .min_samples = 2, .non_finite = NonFiniteRows::Noise}).fit(points);
  REQUIRE(clustering.cluster_count() == 2);
  const Matrix<double> all = membership_vectors(metric::Euclidean{}, clustering, points);
  CHECK(all.allFinite());
  CHECK(all.col(0) == Vector<double>{{1.0, 0.0}});
  CHECK(all.col(1) == Vector<double>{{0.0, 1.0}});
  CHECK(all.col(41) == Vector<double>{{0.0, 0.0}});
  CHECK(all(0, 40) == all(1, 40));
  const Clustering none = Hdbscan<>({.min_cluster_size = 50, .non_finite = NonFiniteRows::Noise}).fit(points);
  CHECK(membership_vectors(metric::Euclidean{}, none, points).rows() == 0);
  CHECK_THROWS_AS(
      static_cast<void>(membership_vectors(metric::Euclidean{}, clustering, points.leftCols(3).eval())),
      ShapeError);
}
