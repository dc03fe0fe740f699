// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/prediction.hpp"

#include <doctest/doctest.h>

#include <string>

#include "brute_force.hpp"
#include "rnnscope/cluster/hdbscan.hpp"
#include "rnnscope/cluster/membership_vectors.hpp"
#include "rnnscope/metric/angular.hpp"
#include "rnnscope/metric/levenshtein.hpp"

using namespace rnnscope;

namespace {

void check_same(const Prediction& prediction, const Clustering& clustering) {
  CHECK(prediction.labels == clustering.labels);
  CHECK(prediction.probabilities == clustering.probabilities);
  CHECK(prediction.outlier_scores == clustering.outlier_scores);
}

}  // namespace

TEST_CASE_TEMPLATE("copies of the points get the results of the points, under any selection", S, float,
                   double) {
  const Matrix<S> points = test::blobs<S>(3, 220, 4, 6);
  const SelectionParameters selections[] = {{},
                                            {.method = SelectionMethod::Leaf},
                                            {.epsilon = 1.5},
                                            {.min_persistence = 0.4},
                                            {.epsilon = 6.0, .allow_single_cluster = true},
                                            {.n_clusters = 2}};
  for (const SelectionParameters& selection : selections) {
    const Clustering clustering =
        Hdbscan<>({.min_cluster_size = 8, .min_samples = 4, .selection = selection}).fit(points);
    CHECK(clustering.cluster_count() > 0);
    check_same(predict(metric::Euclidean{}, clustering, points, points), clustering);
  }
}

TEST_CASE("every new point by hand: core distance, nearest in mutual reachability, place in the tree") {
  const Matrix<double> points = test::blobs<double>(2, 150, 3, 9), more = test::blobs<double>(2, 70, 3, 10);
  for (const double alpha : {1.0, 0.7}) {
    const Clustering clustering =
        Hdbscan<>({.min_cluster_size = 6, .min_samples = 5, .alpha = alpha}).fit(points);
    const Prediction prediction = predict(metric::Euclidean{}, clustering, points, more);
    for (Index j = 0; j < more.cols(); ++j) {
      std::vector<double> distances;
      for (Index q = 0; q < points.cols(); ++q)
        distances.push_back(metric::distance(metric::Euclidean{}, points.col(q), more.col(j)));
      std::vector<double> sorted = distances;
      std::sort(sorted.begin(), sorted.end());
      double reach = 1e300;
      for (std::size_t q = 0; q < distances.size(); ++q) {
        reach = std::min(reach,
                         std::max({sorted[4], clustering.hierarchy.core_distances[q], distances[q] / alpha}));
      }
      const auto place = static_cast<std::size_t>(j);
      const auto neighbour = static_cast<std::size_t>(prediction.placement.neighbours[place]);
      CHECK(std::max({sorted[4], clustering.hierarchy.core_distances[neighbour],
                      distances[neighbour] / alpha}) == reach);
      CHECK(prediction.placement.distances[place] ==
            std::max(reach, clustering.condensed_tree.point_distance[neighbour]));
      // The cluster holds the neighbour and is alive where the new point leaves it.
      Id cluster = clustering.condensed_tree.point_cluster[neighbour];
      while (cluster > prediction.placement.clusters[place])
        cluster = clustering.condensed_tree.clusters[static_cast<std::size_t>(cluster)].parent;
      CHECK(cluster == prediction.placement.clusters[place]);
      CHECK(clustering.condensed_tree.clusters[static_cast<std::size_t>(cluster)].birth >
            prediction.placement.distances[place]);
      CHECK(prediction.outlier_scores[place] >= 0.0);
      CHECK(prediction.outlier_scores[place] <= 1.0);
      CHECK((prediction.labels[place] >= 0) == (prediction.probabilities[place] > 0.0));
    }
  }
}

TEST_CASE(
    "predictions for words, for numbers, under matrices of distances and angles, for points that are none") {
  const std::vector<std::string> words{"cluster", "clusters",   "clustered", "duster",
                                       "cluste",  "gradient",   "gradients", "radient",
                                       "gradent", "ingredient", "xylophone"};
  const Hdbscan hdbscan({.min_cluster_size = 3, .min_samples = 2}, metric::Levenshtein{});
  const Clustering clustering = hdbscan.fit(words);
  check_same(predict(metric::Levenshtein{}, clustering, words, words), clustering);
  CHECK(predict(metric::Levenshtein{}, clustering, words,
                std::vector<std::string>{"clusterer", "gradiente", "zzzzzzzzzzzz"})
            .labels == std::vector<Id>{0, 1, -1});
  const Matrix<double> distances = metric::distance_matrix(metric::Levenshtein{}, words);
  const Clustering by_matrix =
      Hdbscan<metric::Precomputed>({.min_cluster_size = 3, .min_samples = 2}).fit(distances);
  check_same(predict(metric::Precomputed{}, by_matrix, distances, distances), by_matrix);
  CHECK_THROWS_AS(static_cast<void>(
                      predict(metric::Precomputed{}, by_matrix, distances, Matrix<double>::Zero(3, 1).eval())),
                  ShapeError);
  const auto by_number = [&](Index a, Index b) { return distances(a % 11, b % 11); };
  check_same(predict(by_number, clustering, 11, 11), clustering);

  const Matrix<double> points = test::blobs<double>(3, 120, 3, 2);
  const Clustering angles = Hdbscan<metric::Angular>({.min_cluster_size = 6}).fit(points);
  check_same(predict(metric::Angular{}, angles, points, points), angles);
  Matrix<double> odd = points.leftCols(3);
  odd(1, 1) = std::numeric_limits<double>::quiet_NaN();
  const Prediction partly = predict(metric::Angular{}, angles, points, odd);
  CHECK(partly.labels[0] == angles.labels[0]);
  CHECK(partly.labels[1] == Clustering::noise);
  CHECK(partly.outlier_scores[1] == 1.0);
  CHECK(partly.probabilities[2] == angles.probabilities[2]);
  CHECK_THROWS_WITH_AS(
      static_cast<void>(predict(metric::Euclidean{}, angles, points, Matrix<double>::Zero(2, 4).eval())),
      "new points: expected 3 features, found 2", ShapeError);
  CHECK_THROWS_WITH_AS(static_cast<void>(predict(metric::Euclidean{}, angles, odd, points)),
                       "predict: the clustering has 120 points, found 3", ShapeError);
  CHECK(predict(metric::Euclidean{}, angles, points, Matrix<double>(3, 0)).labels.empty());
  CHECK_THROWS_AS(static_cast<void>(predict(metric::Euclidean{}, angles, points, points,
                                            [](const Progress&) { return false; })),
                  Cancelled);
}

TEST_CASE("a chosen root takes new points down to its limit, as it does its own") {
  Matrix<double> line(1, 31), before(1, 30);
  for (Index j = 0; j < 30; ++j) line(0, j) = before(0, j) = static_cast<double>(j);
  line(0, 30) = -1.2;
  for (const double epsilon : {0.0, 1.5}) {
    const Hdbscan<> hdbscan({.min_cluster_size = 5,
                             .min_samples = 1,
                             .selection = {.epsilon = epsilon, .allow_single_cluster = true}});
    const Clustering with = hdbscan.fit(line), without = hdbscan.fit(before);
    REQUIRE(without.cluster_count() == 1);
    CHECK(without.root_limit == (epsilon > 0.0 ? epsilon : 1.0));
    const Prediction prediction = predict(metric::Euclidean{}, without, before, Matrix<double>(line.col(30)));
    CHECK(prediction.labels[0] == (epsilon > 0.0 ? 0 : Clustering::noise));
    CHECK(prediction.labels[0] == with.labels[30]);
  }
}

TEST_CASE("new points with coordinates that are harmlessly small, and harmfully large") {
  const Matrix<double> points = test::blobs<double>(2, 60, 2, 5);
  const Clustering clustering = Hdbscan<>({.min_cluster_size = 5}).fit(points);
  Matrix<double> more(2, 2);
  more << 0.1, points(0, 3), 1e-174, points(1, 3);
  const Prediction prediction = predict(metric::Euclidean{}, clustering, points, more);
  CHECK(prediction.labels[1] == clustering.labels[3]);
  more(1, 0) = 0.0;
  CHECK(predict(metric::Euclidean{}, clustering, points, more) == prediction);
  more(1, 0) = 1e200;
  CHECK_THROWS_AS(static_cast<void>(predict(metric::Euclidean{}, clustering, points, more)), ValueError);
}

TEST_CASE("which of two equally near points is followed does not depend on their order") {
  Matrix<double> points(1, 12);
  points << 0, 1, 2, 3, 4, 5, 20, 20.5, 21, 21.5, 22, 22.5;
  const Matrix<double> reversed = points.rowwise().reverse(), middle = Matrix<double>::Constant(1, 1, 12.5);
  const Hdbscan<> hdbscan({.min_cluster_size = 3, .min_samples = 2});
  const Prediction one = predict(metric::Euclidean{}, hdbscan.fit(points), points, middle);
  const Prediction other = predict(metric::Euclidean{}, hdbscan.fit(reversed), reversed, middle);
  CHECK(points(0, one.placement.neighbours[0]) == 20.0);  // the denser one
  CHECK(reversed(0, other.placement.neighbours[0]) == 20.0);
}

TEST_CASE("new points without a direction are named by their own number") {
  const Matrix<double> points = test::blobs<double>(3, 40, 2, 2);
  Matrix<double> more = points.leftCols(3);
  more.col(0).setConstant(std::numeric_limits<double>::quiet_NaN());  // noise, whatever the metric
  more.col(2).setZero();
  const auto check = [&](const auto& metric) {
    const Clustering clustering = Hdbscan({.min_cluster_size = 4}, metric).fit(points);
    const auto message = "cosine distance: new point 2 is zero and has no direction";
    CHECK_THROWS_WITH_AS(static_cast<void>(predict(metric, clustering, points, more)), message, ValueError);
    const Placement placement{{0, 0, 0}, {1.0, 1.0, 1.0}, {0, 0, 0}};
    CHECK_THROWS_WITH_AS(static_cast<void>(membership_vectors(metric, clustering, points, more, placement)),
                         message, ValueError);
    CHECK(predict(metric, clustering, points, more.leftCols(2).eval()).labels.size() == 2);
  };
  check(metric::Cosine{});
  check(metric::Angular{});
  const Clustering clustering = Hdbscan<>({.min_cluster_size = 4}).fit(points);
  Matrix<double> old = points;
  old.col(7).setZero();
  CHECK_THROWS_WITH_AS(static_cast<void>(predict(metric::Cosine{}, clustering, old, points)),
                       "cosine distance: column 7 is zero and has no direction", ValueError);
}

TEST_CASE_TEMPLATE("many new points: tiles find what looking at all pairs finds", S, float, double) {
  const Matrix<S> points = test::blobs<S>(8, 2600, 5, 3), more = test::blobs<S>(8, 450, 5, 4);
  Clustering clustering = Hdbscan<>({.min_cluster_size = 20, .min_samples = 6}).fit(points);
  const Prediction by_tiles = predict(metric::Euclidean{}, clustering, points, more);
  clustering.hierarchy.weights.assign(2600, 1.0);
  CHECK(predict(metric::Euclidean{}, clustering, points, more) == by_tiles);
  CHECK(std::count(by_tiles.labels.begin(), by_tiles.labels.end(), Clustering::noise) < 450);
}

TEST_CASE("new points beside coordinates whose squares leave the range of double") {
  const Matrix<double> points = test::blobs<double>(3, 200, 4, 6), more = test::blobs<double>(3, 40, 4, 7);
  const Hdbscan<> hdbscan({.min_cluster_size = 8, .min_samples = 4});
  const Prediction expected = predict(metric::Euclidean{}, hdbscan.fit(points), points, more);
  for (const int exponent : {-700, 700}) {
    const Matrix<double> scaled = points.unaryExpr([&](double x) { return std::ldexp(x, exponent); });
    const Matrix<double> new_scaled = more.unaryExpr([&](double x) { return std::ldexp(x, exponent); });
    const Prediction found = predict(metric::Euclidean{}, hdbscan.fit(scaled), scaled, new_scaled);
    CHECK(found.labels == expected.labels);
    CHECK(found.probabilities == expected.probabilities);
    CHECK(found.placement.neighbours == expected.placement.neighbours);
  }
}
