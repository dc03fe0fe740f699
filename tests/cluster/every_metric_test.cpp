// SPDX-License-Identifier: BSD-3-Clause
// Every metric on every way to core distances and spanning tree, for any number of threads: the bits of the
// plain one. And the plain one against the definition.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string>

#include "brute_force.hpp"
#include "rnnscope/cluster/hdbscan.hpp"
#include "rnnscope/metric/angular.hpp"
#include "rnnscope/metric/chebyshev.hpp"
#include "rnnscope/metric/cosine.hpp"
#include "rnnscope/metric/euclidean.hpp"
#include "rnnscope/metric/hamming.hpp"
#include "rnnscope/metric/haversine.hpp"
#include "rnnscope/metric/jaccard.hpp"
#include "rnnscope/metric/levenshtein.hpp"
#include "rnnscope/metric/mahalanobis.hpp"
#include "rnnscope/metric/manhattan.hpp"
#include "rnnscope/metric/minkowski.hpp"
#include "rnnscope/metric/squared_euclidean.hpp"

using namespace rnnscope;
using detail::MutualReachability;

namespace {

constexpr std::array algorithms{TreeAlgorithm::Automatic, TreeAlgorithm::Tiles, TreeAlgorithm::KdTree,
                                TreeAlgorithm::VpTree};

/// `allowed` are the algorithms that must have been taken when they were asked for.
template <class Metric, class Points>
void check(const Metric& metric, const Points& points, const std::set<TreeAlgorithm>& allowed) {
  const int before = thread_count();
  const auto source = metric::distance_source(metric, points);
  const Index n = source.size();
  const Matrix<double> distances = metric::distance_matrix(metric, points);
  std::vector<double> weights(static_cast<std::size_t>(n));
  Random random(5);
  for (double& each : weights) each = random.uniform(0.2, 2.5);
  struct Case {
    Index rank;
    double alpha;
    bool weighted;
  };
  for (const Case& each : {Case{0, 1.0, false}, {4, 1.0, false}, {4, 1.25, false}, {3, 0.7, true}}) {
    CAPTURE(each.rank);
    CAPTURE(each.alpha);
    detail::ReachabilityParameters parameters{
        .rank = each.rank, .alpha = each.alpha, .weights = {}, .algorithm = TreeAlgorithm::Prim};
    if (each.weighted) parameters.weights = weights;
    set_thread_count(1);
    const MutualReachability plain = detail::mutual_reachability(source, parameters, {});
    REQUIRE(plain.statistics.algorithm == TreeAlgorithm::Prim);
    if (!each.weighted) CHECK(plain.core == test::core_distances_by_sorting(distances, each.rank));
    const Matrix<double> reach = test::mutual_reachability(distances / each.alpha, plain.core);
    const std::vector<Edge> expected = test::mst_by_kruskal(reach);
    REQUIRE(plain.mst.size() == expected.size());
    for (std::size_t e = 0; e < expected.size(); ++e) CHECK(plain.mst[e].distance == expected[e].distance);
    for (const TreeAlgorithm algorithm : algorithms) {
      CAPTURE(static_cast<int>(algorithm));
      parameters.algorithm = algorithm;
      for (const int threads : {1, 2, 4}) {
        set_thread_count(threads);
        const MutualReachability found = detail::mutual_reachability(source, parameters, {});
        if (allowed.count(algorithm) != 0) CHECK(found.statistics.algorithm == algorithm);
        CHECK(found.core == plain.core);
        CHECK(found.mst == plain.mst);
      }
    }
  }
  set_thread_count(before);
}

std::vector<std::string> words(Index count, Index letters, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::string> result;
  for (Index k = 0; k < count; ++k) {
    std::string word(static_cast<std::size_t>(1 + random.below(9)), 'a');
    for (char& each : word) each = static_cast<char>('a' + random.below(letters));
    result.push_back(word);
  }
  return result;
}

using enum TreeAlgorithm;

}  // namespace

TEST_CASE_TEMPLATE("metrics by coordinates", S, float, double) {
  for (const Index dimension : {3, 33}) {
    const auto seed = static_cast<std::uint64_t>(dimension);
    for (const Matrix<S>& points : {test::blobs<S>(dimension, 420, 5, seed),
                                    Matrix<S>(test::grid<S>(dimension, 330, 4, seed).array() + 1)}) {
      check(metric::Euclidean{}, points, {Tiles, KdTree, VpTree});
      check(metric::SquaredEuclidean{}, points, {Tiles, KdTree});
      check(metric::Cosine{}, points, {Tiles, KdTree});
      check(metric::Angular{}, points, {Tiles, KdTree, VpTree});
      check(metric::Mahalanobis::of(points), points, {Tiles, KdTree, VpTree});
      check(metric::Manhattan{}, points, {KdTree, VpTree});
    }
  }
}

TEST_CASE_TEMPLATE("metrics that are callables on columns", S, float, double) {
  for (const Matrix<S>& points : {test::blobs<S>(4, 300, 4, 3), test::grid<S>(6, 260, 3, 4)}) {
    check(metric::Chebyshev{}, points, {VpTree});
    check(metric::Minkowski{3.0}, points, {VpTree});
    check(metric::Minkowski{1.0}, points, {VpTree});
    check(metric::Hamming{}, points, {VpTree});
    check(metric::Jaccard{}, points, {VpTree});
    // Sums in the points' own numbers.
    const auto taxicab = [](const auto& a, const auto& b) { return (a - b).template lpNorm<1>(); };
    check(metric::true_metric(taxicab), points, {VpTree});
    check(taxicab, points, {});
  }
  Matrix<S> places = test::blobs<S>(2, 300, 6, 8) * S(0.15);  // latitudes up to 1.5, longitudes to match
  check(metric::Haversine{6371.0}, places, {VpTree});
  places.rightCols(20) = places.leftCols(20);
  places.rightCols(10).row(0) *= S(-1);  // antipodes
  places.rightCols(10).row(1).array() += S(3.14159265358979);
  check(metric::Haversine{}, places, {VpTree});
}

TEST_CASE("a formula that loses digits says how many") {
  Matrix<double> points = test::blobs<double>(3, 300, 4, 9);
  points.array() += 1e8;  // nearly parallel: angles of 1e-7, of which acos loses all digits
  const auto angle = [](const auto& a, const auto& b) {
    return std::acos(std::clamp(a.dot(b) / (a.norm() * b.norm()), -1.0, 1.0));
  };
  check(metric::true_metric(angle, {.absolute = 1e-6}), points, {VpTree});
}

TEST_CASE("metrics of strings, of sets and of numbers") {
  check(metric::Levenshtein{}, words(350, 3, 1), {VpTree});
  check(metric::Levenshtein{}, words(200, 20, 2), {VpTree});
  std::vector<std::set<Id>> sets(260);
  Random random(7);
  for (auto& each : sets) {
    for (Index k = random.below(6); k >= 0; --k) each.insert(static_cast<Id>(random.below(12)));
  }
  check(metric::Jaccard{}, sets, {VpTree});
  const auto apart = [](Index a, Index b) { return std::abs(static_cast<double>(a * a % 101 - b * b % 101)); };
  check(metric::true_metric(apart), 250, {VpTree});
  check(metric::Precomputed{}, metric::distance_matrix(metric::true_metric(apart), 150), {});
}

TEST_CASE("bounds switch on only when a callable says that it is a metric") {
  const Matrix<double> points = test::blobs<double>(2, 3000, 9, 3);
  const auto euclidean = [](const auto& a, const auto& b) { return (a - b).norm(); };
  const HdbscanParameters parameters{.min_cluster_size = 20, .min_samples = 5};
  const Clustering plain = Hdbscan(parameters, euclidean).fit(points);
  const Clustering bounded = Hdbscan(parameters, metric::true_metric(euclidean)).fit(points);
  CHECK(plain == bounded);
  CHECK(plain.cluster_count() == 7);
  CHECK(plain.hierarchy.statistics.algorithm == TreeAlgorithm::Prim);
  CHECK(plain.hierarchy.statistics.evaluated_pairs == 2.0 * plain.hierarchy.statistics.pairs);
  CHECK(bounded.hierarchy.statistics.algorithm == TreeAlgorithm::VpTree);
  CHECK(bounded.hierarchy.statistics.evaluated_pairs < 0.2 * plain.hierarchy.statistics.pairs);
  CHECK_THROWS_AS(static_cast<void>(metric::true_metric(euclidean, {.relative = -0.1})), ValueError);
  CHECK_THROWS_AS(static_cast<void>(metric::true_metric(euclidean, {.absolute = -1.0})), ValueError);

  // Not one: the square of a distance. Said to be one, it would come out wrong.
  const auto squared = [](const auto& a, const auto& b) { return (a - b).squaredNorm(); };
  const auto source = metric::distance_source(squared, points);
  const auto lie = metric::distance_source(metric::true_metric(squared), points);
  const detail::ReachabilityParameters asked{.rank = 5, .algorithm = TreeAlgorithm::VpTree};
  CHECK(detail::mutual_reachability(source, asked, {}).statistics.algorithm == TreeAlgorithm::Prim);
  CHECK(detail::mutual_reachability(lie, asked, {}).core !=
        detail::mutual_reachability(source, asked, {}).core);
}
