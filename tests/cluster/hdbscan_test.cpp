// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/hdbscan.hpp"

#include <doctest/doctest.h>

#include <string>

#include "brute_force.hpp"
#include "rnnscope/cluster/validity.hpp"

using namespace rnnscope;

namespace {

/// Labels renumbered by first appearance in `order`.
std::vector<Id> in_order(const std::vector<Id>& labels, const std::vector<Index>& order) {
  std::vector<Id> result, seen;
  for (const Index p : order) {
    const Id label = labels[static_cast<std::size_t>(p)];
    if (label < 0) {
      result.push_back(label);
      continue;
    }
    const auto it = std::find(seen.begin(), seen.end(), label);
    result.push_back(static_cast<Id>(it - seen.begin()));
    if (it == seen.end()) seen.push_back(label);
  }
  return result;
}

std::vector<double> in_order(const std::vector<double>& values, const std::vector<Index>& order) {
  std::vector<double> result;
  for (const Index p : order) result.push_back(values[static_cast<std::size_t>(p)]);
  return result;
}

Index edit_distance(const std::string& a, const std::string& b) {
  std::vector<Index> row(b.size() + 1);
  std::iota(row.begin(), row.end(), Index{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    Index diagonal = row[0];
    row[0] = static_cast<Index>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const Index replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

TEST_CASE_TEMPLATE("clouds far apart are found, and everything in the result fits together", S, float, double) {
  Random random(1);
  Matrix<S> points(3, 200);
  for (Index j = 0; j < 200; ++j) {
    for (Index k = 0; k < 3; ++k)
      points(k, j) = static_cast<S>(0.3 * random.normal() + (j % 4 == k ? 20.0 : 0.0));
  }
  points.col(7) << S(100), S(100), S(100);
  const Hdbscan<metric::Euclidean> hdbscan({.min_cluster_size = 20, .min_samples = 5});
  const Clustering result = hdbscan.fit(points);
  REQUIRE(result.cluster_count() == 4);
  CHECK(result.labels[7] == Clustering::noise);
  CHECK(result.outlier_scores[7] > 0.99);
  for (std::size_t j = 0; j < 200; ++j) {
    if (j != 7) CHECK(result.labels[j] == static_cast<Id>(j % 4));  // numbered by smallest member
    CHECK(result.probabilities[j] >= 0.0);
    CHECK(result.probabilities[j] <= 1.0);
    CHECK((result.probabilities[j] > 0.0) == (result.labels[j] >= 0));
    CHECK(result.outlier_scores[j] >= 0.0);
    CHECK(result.outlier_scores[j] <= 1.0);
  }
  CHECK(result.sizes == std::vector<Index>{50, 50, 50, 49});
  CHECK(result.noise_count() == 1);
  CHECK(result.hierarchy.mst.size() == 199);
  CHECK(result.hierarchy.core_distances == core_distances(metric::Euclidean{}, points, 5));
  for (const Edge& edge : result.hierarchy.mst) {
    const double direct =
        metric::distance(metric::Euclidean{}, points.col(edge.first), points.col(edge.second));
    CHECK(edge.distance ==
          std::max({direct, result.hierarchy.core_distances[static_cast<std::size_t>(edge.first)],
                    result.hierarchy.core_distances[static_cast<std::size_t>(edge.second)]}));
  }
  for (const double persistence : result.persistence) {
    CHECK(persistence > 0.0);
    CHECK(persistence <= 1.0);
  }
  const std::vector<std::vector<Index>> best = exemplars(result);
  REQUIRE(best.size() == 4);
  for (std::size_t k = 0; k < 4; ++k) {
    CHECK_FALSE(best[k].empty());
    for (const Index p : best[k]) CHECK(result.labels[static_cast<std::size_t>(p)] == static_cast<Id>(k));
  }
}

TEST_CASE_TEMPLATE("fit is cut after hierarchy, and one hierarchy serves many cuts", S, float, double) {
  const Matrix<S> points = test::blobs<S>(4, 300, 5, 3);
  const Hdbscan<> hdbscan({.min_cluster_size = 8, .min_samples = 4});
  const Hierarchy hierarchy = hdbscan.hierarchy(points);
  CHECK(hdbscan.fit(points) == hdbscan.cut(hierarchy));
  const Hdbscan<> coarse(
      {.min_cluster_size = 25, .min_samples = 4, .selection = {.method = SelectionMethod::Leaf}});
  CHECK(coarse.fit(points) == coarse.cut(hierarchy));
  CHECK_FALSE(coarse.cut(hierarchy) == hdbscan.cut(hierarchy));
}

TEST_CASE("the order of the points does not matter, even where all distances are tied") {
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u, 5u, 6u}) {
    const Matrix<double> points =
        seed % 2 == 0 ? test::blobs<double>(2, 250, 5, seed) : test::grid<double>(2, 250, 14, seed);
    const Hdbscan<> hdbscan({.min_cluster_size = 5, .min_samples = 3});
    const Clustering straight = hdbscan.fit(points);
    CHECK(straight.cluster_count() > 1);
    const std::vector<Index> order = test::shuffled(250, seed);
    Matrix<double> moved(2, 250);
    for (Index j = 0; j < 250; ++j) moved.col(j) = points.col(order[static_cast<std::size_t>(j)]);
    const Clustering shuffled = hdbscan.fit(moved);
    CHECK(shuffled.labels == in_order(straight.labels, order));
    CHECK(shuffled.probabilities == in_order(straight.probabilities, order));
    CHECK(shuffled.outlier_scores == in_order(straight.outlier_scores, order));
    CHECK(shuffled.hierarchy.core_distances == in_order(straight.hierarchy.core_distances, order));
    std::vector<double> one = straight.persistence, other = shuffled.persistence;
    std::sort(one.begin(), one.end());
    std::sort(other.begin(), other.end());
    CHECK(one == other);
    CHECK(shuffled.hierarchy.dendrogram.distance == straight.hierarchy.dendrogram.distance);
  }
}

TEST_CASE_TEMPLATE("points twice as large give distances twice as large and nothing else", S, float, double) {
  const Matrix<S> points = test::blobs<S>(5, 300, 4, 11);
  const Hdbscan<> hdbscan({.min_cluster_size = 6});
  const Clustering once = hdbscan.fit(points);
  const Clustering twice = hdbscan.fit(S(2) * points);
  CHECK(twice.labels == once.labels);
  CHECK(twice.probabilities == once.probabilities);
  CHECK(twice.outlier_scores == once.outlier_scores);
  CHECK(twice.persistence == once.persistence);
  for (std::size_t k = 0; k < once.hierarchy.mst.size(); ++k) {
    CHECK(twice.hierarchy.mst[k].distance == 2.0 * once.hierarchy.mst[k].distance);
  }
}

TEST_CASE_TEMPLATE("the number of threads changes no bit", S, float, double) {
  const Matrix<S> points = test::blobs<S>(7, 2600, 6, 5);
  const Hdbscan<> hdbscan({.min_cluster_size = 12, .min_samples = 6});
  const int before = thread_count();
  set_thread_count(1);
  const Clustering expected = hdbscan.fit(points);
  for (const int threads : {2, 4}) {
    set_thread_count(threads);
    CHECK(hdbscan.fit(points) == expected);
  }
  set_thread_count(before);
}

TEST_CASE("all points one: no cluster, or one of all of them") {
  const Matrix<double> points = Matrix<double>::Constant(3, 40, 1.25);
  const Clustering none = Hdbscan<>({.min_cluster_size = 5}).fit(points);
  CHECK(none.noise_count() == 40);
  CHECK(none.outlier_scores == std::vector<double>(40, 0.0));
  const Clustering one =
      Hdbscan<>({.min_cluster_size = 5, .selection = {.allow_single_cluster = true}}).fit(points);
  CHECK(one.labels == std::vector<Id>(40, 0));
  CHECK(one.probabilities == std::vector<double>(40, 1.0));
  CHECK(one.persistence == std::vector<double>{1.0});
}

TEST_CASE("duplicated points make clusters of their own, without NaN anywhere") {
  Matrix<double> points(1, 60);
  for (Index j = 0; j < 60; ++j) points(0, j) = static_cast<double>(j < 57 ? 10 * (j % 3) : 1000 * (j - 56));
  for (const TieMode ties : {TieMode::Canonical, TieMode::Sequential}) {
    const Clustering result = Hdbscan<>({.min_cluster_size = 4, .min_samples = 2, .ties = ties}).fit(points);
    CHECK(result.cluster_count() == 3);
    for (std::size_t j = 0; j < 60; ++j) {
      if (j < 57) CHECK(result.labels[j] == static_cast<Id>(j % 3));
      CHECK(result.probabilities[j] >= 0.0);
      CHECK(result.outlier_scores[j] >= 0.0);
      CHECK(result.outlier_scores[j] <= 1.0);
    }
    for (const double persistence : result.persistence) CHECK((persistence >= 0.0 && persistence <= 1.0));
  }
}

TEST_CASE("few points: all noise, and no error") {
  for (const Index n : {0, 1, 2, 3, 5}) {
    for (const bool single : {false, true}) {
      const Clustering result =
          Hdbscan<>({.min_cluster_size = 6, .min_samples = 10, .selection = {.allow_single_cluster = single}})
              .fit(test::blobs<float>(2, n, 1, 1));
      CHECK(result.noise_count() == n);
      CHECK(static_cast<Index>(result.labels.size()) == n);
      CHECK(result.probabilities == std::vector<double>(static_cast<std::size_t>(n), 0.0));
      CHECK(result.cluster_count() == 0);
      CHECK(result.hierarchy.neighbour.clamped);
      for (const double score : result.outlier_scores) CHECK((score >= 0.0 && score <= 1.0));
    }
  }
  Matrix<double> two(1, 2);
  two << 1.0, 4.0;
  const Clustering pair =
      Hdbscan<>({.min_cluster_size = 2, .selection = {.allow_single_cluster = true}}).fit(two);
  CHECK(pair.labels == std::vector<Id>{0, 0});
  CHECK(pair.hierarchy.core_distances == std::vector<double>{3.0, 3.0});
  CHECK(pair.hierarchy.mst == std::vector<Edge>{{3.0, 0, 1}});
}

TEST_CASE_TEMPLATE("a callable, the built-in metric and the matrix of distances agree", S, float, double) {
  const Matrix<S> points = test::blobs<S>(3, 150, 4, 8);
  const HdbscanParameters parameters{.min_cluster_size = 7, .min_samples = 3};
  const Clustering built_in = Hdbscan<metric::Manhattan>(parameters).fit(points);
  CHECK(built_in.cluster_count() > 1);
  const Hdbscan by_callable(parameters,
                            [](auto a, auto b) { return metric::distance(metric::Manhattan{}, a, b); });
  CHECK(by_callable.fit(points) == built_in);
  const Hdbscan by_expression(parameters, [](auto a, auto b) { return (a - b).template lpNorm<1>(); });
  CHECK(by_expression.fit(points).labels == built_in.labels);
  const Matrix<double> distances = metric::distance_matrix(metric::Manhattan{}, points);
  CHECK(Hdbscan<metric::Precomputed>(parameters).fit(distances) == built_in);
  const Hdbscan by_number(parameters, [&](Index a, Index b) { return distances(a, b); });
  CHECK(by_number.fit(150) == built_in);
  // Squares are rounded back by the root, so under the Euclidean metric two different proxies can be one
  // distance.
  const Clustering euclidean = Hdbscan<>(parameters).fit(points);
  const Matrix<double> lengths = metric::distance_matrix(metric::Euclidean{}, points);
  const Clustering by_length = Hdbscan<metric::Precomputed>(parameters).fit(lengths);
  CHECK(by_length.labels == euclidean.labels);
  CHECK(by_length.probabilities == euclidean.probabilities);
  CHECK(by_length.outlier_scores == euclidean.outlier_scores);
}

TEST_CASE("words under the edit distance") {
  const std::vector<std::string> words{"cluster", "clusters",   "clustered", "duster",
                                       "cluste",  "gradient",   "gradients", "radient",
                                       "gradent", "ingredient", "xylophone"};
  const Hdbscan hdbscan({.min_cluster_size = 3, .min_samples = 2}, metric::true_metric(edit_distance));
  const Clustering result = hdbscan.fit(words);
  CHECK(result.labels == std::vector<Id>{0, 0, 0, 0, 0, 1, 1, 1, 1, 1, -1});
}

TEST_CASE("cosine: clusters of directions, whatever the lengths") {
  Random random(4);
  Matrix<double> points(3, 120);
  for (Index j = 0; j < 120; ++j) {
    Vector<double> direction = Vector<double>::Unit(3, j % 3);
    for (double& each : direction) each += 0.05 * random.normal();
    points.col(j) = direction * random.uniform(0.1, 1000.0);
  }
  const Clustering result = Hdbscan<metric::Cosine>({.min_cluster_size = 10}).fit(points);
  CHECK(result.cluster_count() == 3);
  for (std::size_t j = 0; j < 120; ++j)
    CHECK((result.labels[j] == -1 || result.labels[j] == static_cast<Id>(j % 3)));
}

TEST_CASE("more epsilon never gives more clusters") {
  const Matrix<double> points = test::blobs<double>(2, 400, 8, 2);
  const Hierarchy hierarchy = Hdbscan<>({.min_cluster_size = 5}).hierarchy(points);
  for (const SelectionMethod method : {SelectionMethod::ExcessOfMass, SelectionMethod::Leaf}) {
    Index most = 401;
    bool fewer = false;
    for (const double epsilon : {0.0, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0, 4.0, 100.0}) {
      const Index count =
          Hdbscan<>({.min_cluster_size = 5, .selection = {.method = method, .epsilon = epsilon}})
              .cut(hierarchy)
              .cluster_count();
      CHECK(count <= most);
      fewer = fewer || (most < 401 && count < most);
      most = count;
    }
    CHECK(fewer);
  }
}

TEST_CASE("a chain of points whose hierarchy is as deep as it is long") {
  const Id n = 200000;
  std::vector<Edge> edges;
  for (Id i = 0; i + 1 < n; ++i) edges.push_back({1.0 + 1e-6 * static_cast<double>(i), i, i + 1});
  Hierarchy hierarchy;
  hierarchy.mst = edges;
  hierarchy.dendrogram = single_linkage(n, edges);
  const Clustering result =
      Hdbscan<>({.min_cluster_size = 5, .selection = {.allow_single_cluster = true}}).cut(hierarchy);
  CHECK(result.cluster_count() == 1);
  CHECK(result.outlier_scores.back() > 0.1);
}

TEST_CASE("bad input is named") {
  const Matrix<double> points = test::blobs<double>(2, 20, 2, 1);
  CHECK_THROWS_WITH_AS(Hdbscan<>({.min_cluster_size = 1}),
                       "HDBSCAN: min_cluster_size must be at least 2, found 1", ValueError);
  CHECK_THROWS_WITH_AS(Hdbscan<>({.min_samples = 0}), "HDBSCAN: min_samples must be at least 1, found 0",
                       ValueError);
  CHECK_THROWS_AS(Hdbscan<>({.selection = {.epsilon = -0.5}}), ValueError);
  const Hdbscan<> hdbscan;
  CHECK_THROWS_AS(static_cast<void>(hdbscan.fit(Matrix<double>(0, 20))), ShapeError);
  Matrix<double> broken = points;
  broken(1, 13) = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH_AS(static_cast<void>(hdbscan.fit(broken)),
                       "points: column 13 is not finite (row 1 is nan); remove or repair such columns first",
                       ValueError);
  CHECK_THROWS_AS(static_cast<void>(Hdbscan<metric::Precomputed>().fit(points)), ShapeError);
  const Hdbscan negative(HdbscanParameters{}, [](Index, Index) { return -2.0; });
  CHECK_THROWS_WITH_AS(static_cast<void>(negative.fit(20)),
                       "metric: the distance of points 0 and 1 is -2; expected a finite number >= 0",
                       ValueError);
  Index calls = 0;
  const auto stop = [&](const Progress&) { return ++calls < 2; };
  CHECK_THROWS_AS(static_cast<void>(hdbscan.fit(test::blobs<double>(2, 200, 2, 1), stop)), Cancelled);
}
