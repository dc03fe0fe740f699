// SPDX-License-Identifier: BSD-3-Clause
// What must hold for any points: nothing depends on their order, their unit or the path by which they came.
#include <doctest/doctest.h>

#include "brute_force.hpp"
#include "rnnscope/cluster/hdbscan.hpp"
#include "rnnscope/metric/chebyshev.hpp"
#include "rnnscope/metric/levenshtein.hpp"
#include "rnnscope/metric/manhattan.hpp"

using namespace rnnscope;

namespace {

/// The same clusters under other numbers, and the same numbers everywhere else.
void check_same_up_to_order(const Clustering& a, const Clustering& moved, const std::vector<Index>& order) {
  REQUIRE(a.cluster_count() == moved.cluster_count());
  std::vector<Id> number(static_cast<std::size_t>(a.cluster_count()), -1);
  for (std::size_t p = 0; p < order.size(); ++p) {
    const auto from = static_cast<std::size_t>(order[p]);
    CHECK((a.labels[from] < 0) == (moved.labels[p] < 0));
    CHECK(a.probabilities[from] == moved.probabilities[p]);
    CHECK(a.outlier_scores[from] == moved.outlier_scores[p]);
    if (a.labels[from] < 0 || moved.labels[p] < 0) continue;
    Id& known = number[static_cast<std::size_t>(a.labels[from])];
    if (known < 0) known = moved.labels[p];
    CHECK(known == moved.labels[p]);
  }
  for (std::size_t k = 0; k < number.size(); ++k) {
    CHECK(a.sizes[k] == moved.sizes[static_cast<std::size_t>(number[k])]);
    CHECK(a.persistence[k] == moved.persistence[static_cast<std::size_t>(number[k])]);
  }
}

const SelectionParameters selections[] = {{},
                                          {.method = SelectionMethod::Leaf},
                                          {.epsilon = 1.0},
                                          {.epsilon_max = 1.5},
                                          {.min_persistence = 0.3},
                                          {.n_clusters = 2},
                                          {.allow_single_cluster = true, .max_cluster_size = 60}};

}  // namespace

TEST_CASE("permuting the points changes nothing but names, under every parameter, tied or not") {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    const Matrix<double> points = seed == 3 ? test::blobs<double>(2, 140, 4, seed)
                                            : test::grid<double>(2, 140, seed == 1 ? 14 : 20, seed);
    const std::vector<Index> order = test::shuffled(140, seed + 10);
    Matrix<double> moved(2, 140);
    for (Index j = 0; j < 140; ++j) moved.col(j) = points.col(order[static_cast<std::size_t>(j)]);
    for (const double alpha : {1.0, 1.25}) {
      const HdbscanParameters parameters{.min_cluster_size = 5, .min_samples = 3, .alpha = alpha};
      const Hierarchy one = Hdbscan<>(parameters).hierarchy(points),
                      other = Hdbscan<>(parameters).hierarchy(moved);
      for (const SelectionParameters& selection : selections) {
        check_same_up_to_order(cut(one, 5, selection), cut(other, 5, selection), order);
      }
    }
    std::vector<double> weights, moved_weights;
    for (Index p = 0; p < 140; ++p) weights.push_back(1.0 + static_cast<double>(p % 3));
    for (const Index p : order) moved_weights.push_back(weights[static_cast<std::size_t>(p)]);
    const Hdbscan<> hdbscan({.min_cluster_size = 8, .min_samples = 4});
    check_same_up_to_order(hdbscan.fit(points, weights), hdbscan.fit(moved, moved_weights), order);
  }
}

TEST_CASE("coordinates of any size: the same clusters, distances to the last digit") {
  const Matrix<double> points = test::blobs<double>(3, 150, 4, 3);
  const auto check = [&](const auto& metric, int degree) {
    const Hdbscan hdbscan({.min_cluster_size = 6, .min_samples = 3}, metric);
    const Clustering expected = hdbscan.fit(points);
    CHECK(expected.cluster_count() > 1);
    for (const int exponent : {-900, -600, -500, 501, 560, 900}) {  // 2^498 is 1e150
      if (degree * std::abs(exponent) > 950) continue;
      const Matrix<double> scaled = points.unaryExpr([exponent](double x) { return std::ldexp(x, exponent); });
      const Clustering found = hdbscan.fit(scaled);
      CHECK(found.labels == expected.labels);
      CHECK(found.outlier_scores == expected.outlier_scores);
      for (std::size_t p = 0; p < 150; ++p) {
        CHECK(found.probabilities[p] == expected.probabilities[p]);
        CHECK(found.hierarchy.core_distances[p] ==
              std::ldexp(expected.hierarchy.core_distances[p], degree * exponent));
      }
    }
  };
  check(metric::Euclidean{}, 1);
  check(metric::Manhattan{}, 1);
  check(metric::Chebyshev{}, 1);
  const Matrix<double> huge = 1e200 * points, tiny = 1e-200 * points;
  CHECK_THROWS_AS(static_cast<void>(Hdbscan<metric::SquaredEuclidean>().fit(huge)), ValueError);
  CHECK_THROWS_AS(static_cast<void>(Hdbscan<metric::SquaredEuclidean>().fit(tiny)), ValueError);
  check(metric::SquaredEuclidean{}, 2);
}

TEST_CASE("differences that cannot be squared beside large coordinates are refused, duplicates are not") {
  Matrix<double> points = Matrix<double>::Zero(1, 20);
  for (Index j = 0; j < 20; ++j) points(0, j) = j < 10 ? 1e150 : 0.0;
  CHECK(Hdbscan<>({.min_cluster_size = 5}).fit(points).cluster_count() == 2);
  points(0, 15) = 1e-200;
  CHECK_THROWS_WITH_AS(static_cast<void>(Hdbscan<>({.min_cluster_size = 5}).fit(points)),
                       doctest::Contains("differ by less than can be squared beside the largest coordinates"),
                       ValueError);
  CHECK(Hdbscan<metric::Chebyshev>({.min_cluster_size = 5, .min_samples = 1}).fit(points).cluster_count() == 2);
}

TEST_CASE("distances whose reciprocals cannot be added are refused under any metric, zero is not") {
  const Matrix<double> points = test::blobs<double>(2, 200, 3, 3);
  const HdbscanParameters parameters{.min_cluster_size = 6, .min_samples = 3};
  const auto beyond = doctest::Contains("is beyond the range of double; scale the points");
  const Matrix<double> distances = metric::distance_matrix(metric::Euclidean{}, points);
  for (const double unit : {6e-309, 1e-292, 1e291}) {
    const Matrix<double> scaled = unit * distances, coordinates = unit * points;
    const auto function = [&](Index i, Index j) { return scaled(i, j); };
    CHECK_THROWS_WITH_AS(static_cast<void>(Hdbscan(parameters, metric::Precomputed{}).hierarchy(scaled)),
                         beyond, ValueError);
    CHECK_THROWS_WITH_AS(static_cast<void>(Hdbscan(parameters, function).hierarchy(200)), beyond, ValueError);
    CHECK_THROWS_WITH_AS(static_cast<void>(Hdbscan(parameters, metric::Chebyshev{}).hierarchy(coordinates)),
                         beyond, ValueError);
    CHECK_THROWS_WITH_AS(static_cast<void>(Hdbscan<>(parameters).hierarchy(coordinates)), beyond, ValueError);
  }
  // A core distance alone: points 1 and 2 are close to 0, but far from each other.
  Matrix<double> few(4, 4);
  few << 0, 1e-300, 1e-300, 1, 1e-300, 0, 1, 1, 1e-300, 1, 0, 1, 1, 1, 1, 0;
  CHECK_THROWS_WITH_AS(
      static_cast<void>(
          Hdbscan({.min_cluster_size = 2, .min_samples = 2}, metric::Precomputed{}).hierarchy(few)),
      beyond, ValueError);
  for (const double unit : {0.0, 1e-285, 1e285}) {
    const Matrix<double> scaled = unit * distances;
    const Clustering found = Hdbscan(parameters, metric::Precomputed{}).fit(scaled);
    for (const auto* values : {&found.probabilities, &found.persistence, &found.outlier_scores}) {
      for (const double each : *values) CHECK((each >= 0.0 && each <= 1.0));
    }
    for (const auto& each : found.condensed_tree.clusters) CHECK(std::isfinite(each.stability.finite));
  }
}

TEST_CASE("Mahalanobis distances of any size: the same clusters, distances to the last digit") {
  const Matrix<double> points = test::blobs<double>(3, 150, 4, 3);
  Matrix<double> covariance(3, 3);
  covariance << 2.0, 0.5, 0.1, 0.5, 1.0, -0.3, 0.1, -0.3, 3.0;
  const HdbscanParameters parameters{.min_cluster_size = 6, .min_samples = 3};
  const Clustering expected = Hdbscan(parameters, metric::Mahalanobis(covariance)).fit(points);
  CHECK(expected.cluster_count() > 1);
  for (const int points_by : {-600, -66, 0, 400, 600}) {
    for (const int root : {-500, 0, 500}) {  // of the unit of the covariance
      if (std::abs(points_by - root) > 950) continue;
      const Matrix<double> scaled = std::ldexp(1.0, points_by) * points,
                           wide = std::ldexp(1.0, 2 * root) * covariance;
      for (const TreeAlgorithm algorithm :
           {TreeAlgorithm::Prim, TreeAlgorithm::Tiles, TreeAlgorithm::KdTree, TreeAlgorithm::VpTree}) {
        HdbscanParameters chosen = parameters;
        chosen.algorithm = algorithm;
        const Clustering found = Hdbscan(chosen, metric::Mahalanobis(wide)).fit(scaled);
        CHECK(found.labels == expected.labels);
        CHECK(found.probabilities == expected.probabilities);
        CHECK(found.outlier_scores == expected.outlier_scores);
        for (std::size_t p = 0; p < 150; ++p) {
          CHECK(found.hierarchy.core_distances[p] ==
                std::ldexp(expected.hierarchy.core_distances[p], points_by - root));
        }
      }
    }
  }
}

TEST_CASE("alpha divides distances, but not core distances") {
  const Matrix<double> points = test::blobs<double>(2, 100, 3, 7);
  const Matrix<double> distances = metric::distance_matrix(metric::Euclidean{}, points);
  for (const double alpha : {0.5, 2.0}) {
    const Hierarchy found = Hdbscan<>({.min_samples = 4, .alpha = alpha}).hierarchy(points);
    const std::vector<double> core = test::core_distances_by_sorting(distances, 4);
    CHECK(found.core_distances == core);
    const std::vector<Edge> expected = test::mst_by_kruskal(test::mutual_reachability(distances / alpha, core));
    for (std::size_t k = 0; k < expected.size(); ++k) CHECK(found.mst[k].distance == expected[k].distance);
  }
  CHECK_THROWS_AS(Hdbscan<>({.alpha = 0.0}), ValueError);
  CHECK_THROWS_AS(Hdbscan<>({.alpha = std::numeric_limits<double>::quiet_NaN()}), ValueError);
}

TEST_CASE("repeating every point m times with m times the sizes gives the same partition") {
  const Matrix<double> points = test::blobs<double>(2, 90, 3, 8);
  const Clustering once =
      Hdbscan<>({.min_cluster_size = 6, .min_samples = 4, .core_distance = CoreDistance::IncludesSelf})
          .fit(points);
  const Matrix<double> three_times = points.replicate(1, 3);
  const Clustering thrice =
      Hdbscan<>({.min_cluster_size = 18, .min_samples = 12, .core_distance = CoreDistance::IncludesSelf})
          .fit(three_times);
  for (std::size_t p = 0; p < 270; ++p) {
    CHECK(thrice.labels[p] == once.labels[p % 90]);
    CHECK(thrice.probabilities[p] == once.probabilities[p % 90]);
  }
}

TEST_CASE_TEMPLATE(
    "rotation and translation leave the partition as it is; a power of two scales distances exactly", S, float,
    double) {
  const Matrix<S> points = test::blobs<S>(4, 300, 5, 12);
  const HdbscanParameters parameters{.min_cluster_size = 8, .min_samples = 4};
  const Clustering expected = Hdbscan<>(parameters).fit(points);
  REQUIRE(expected.cluster_count() > 2);
  REQUIRE(expected.noise_count() > 10);
  Matrix<double> rotation = Matrix<double>::Identity(4, 4);  // two reflections
  for (const Vector<double>& normal :
       {Vector<double>{{1.0, 2.0, -3.0, 0.5}}, Vector<double>{{-2.0, 0.1, 1.0, 4.0}}}) {
    const Matrix<double> mirror =
        Matrix<double>::Identity(4, 4) - 2.0 / normal.squaredNorm() * normal * normal.transpose();
    rotation = (mirror * rotation).eval();
  }
  REQUIRE((rotation * rotation.transpose()).isIdentity(1e-14));
  const Vector<double> shift{{3.0, -11.0, 0.7, 20.0}};
  const Matrix<S> moved = ((rotation * points.template cast<double>()).colwise() + shift).template cast<S>();
  const Clustering found = Hdbscan<>(parameters).fit(moved);
  const double digits = std::is_same_v<S, float> ? 1e-4 : 1e-12;
  CHECK(found.labels == expected.labels);
  for (std::size_t p = 0; p < 300; ++p) {
    CHECK(found.probabilities[p] == doctest::Approx(expected.probabilities[p]).epsilon(digits));
    CHECK(found.outlier_scores[p] == doctest::Approx(expected.outlier_scores[p]).epsilon(digits));
    CHECK(found.hierarchy.core_distances[p] ==
          doctest::Approx(expected.hierarchy.core_distances[p]).epsilon(digits));
  }
  for (const int exponent : {-20, -1, 3, 40}) {
    const Matrix<S> scaled = points * std::ldexp(S(1), exponent);
    const Clustering larger = Hdbscan<>(parameters).fit(scaled);
    CHECK(larger.labels == expected.labels);
    CHECK(larger.probabilities == expected.probabilities);
    CHECK(larger.outlier_scores == expected.outlier_scores);
    CHECK(larger.persistence == expected.persistence);
    for (std::size_t k = 0; k < 299; ++k) {
      const Edge& edge = expected.hierarchy.mst[k];
      CHECK(larger.hierarchy.mst[k] == Edge{std::ldexp(edge.distance, exponent), edge.first, edge.second});
    }
  }
}

TEST_CASE("1, 2, 4 and 8 threads give the same clustering, by every way to the tree") {
  const Matrix<double> points = test::blobs<double>(3, 3000, 6, 13);
  const int before = thread_count();
  for (const TreeAlgorithm algorithm :
       {TreeAlgorithm::Prim, TreeAlgorithm::Tiles, TreeAlgorithm::KdTree, TreeAlgorithm::VpTree}) {
    const Hdbscan<> hdbscan({.min_cluster_size = 15, .min_samples = 5, .algorithm = algorithm});
    set_thread_count(1);
    const Clustering one = hdbscan.fit(points);
    CHECK(one.cluster_count() > 3);
    for (const int threads : {2, 4, 8}) {
      set_thread_count(threads);
      CHECK(hdbscan.fit(points) == one);
    }
  }
  set_thread_count(before);
}

TEST_CASE("every cluster weighs min_cluster_size or more at its birth, counted from the points themselves") {
  const auto check = [](const Clustering& found, Index least, const std::vector<double>& weights) {
    const CondensedTree& tree = found.condensed_tree;
    std::vector<double> weight(tree.clusters.size(), 0.0);
    for (std::size_t p = 0; p < tree.point_cluster.size(); ++p) {
      for (Id c = tree.point_cluster[p]; c >= 0; c = tree.clusters[static_cast<std::size_t>(c)].parent)
        weight[static_cast<std::size_t>(c)] += weights[p];
    }
    for (std::size_t c = 0; c < weight.size(); ++c) {
      CHECK(weight[c] >= static_cast<double>(least));
      CHECK(tree.clusters[c].size == weight[c]);
    }
    REQUIRE(found.cluster_count() > 1);
    for (const Id node : found.nodes)
      CHECK(weight[static_cast<std::size_t>(node)] >= static_cast<double>(least));
  };
  for (const bool tied : {false, true}) {
    const Matrix<double> points = tied ? test::grid<double>(2, 200, 25, 3) : test::blobs<double>(2, 200, 5, 14);
    const std::vector<double> ones(200, 1.0);
    std::vector<double> eighths;  // added without rounding
    for (Index p = 0; p < 200; ++p) eighths.push_back(0.125 * static_cast<double>(1 + p % 13));
    for (const Index least : {2, 5, 12}) {
      for (const SelectionMethod method : {SelectionMethod::ExcessOfMass, SelectionMethod::Leaf}) {
        const Hdbscan<> hdbscan({.min_cluster_size = least, .min_samples = 2, .selection = {.method = method}});
        check(hdbscan.fit(points), least, ones);
        check(hdbscan.fit(points, eighths), least, eighths);
      }
    }
  }
}

TEST_CASE_TEMPLATE("labels and condensed tree are the same by every way to the tree: Manhattan and Euclid", S,
                   float, double) {
  const auto check = [](const auto& metric, const Matrix<S>& points,
                        std::initializer_list<TreeAlgorithm> algorithms) {
    HdbscanParameters parameters{.min_cluster_size = 10, .min_samples = 5, .algorithm = TreeAlgorithm::Prim};
    const Clustering plain = Hdbscan(parameters, metric).fit(points);
    CHECK(plain.cluster_count() > 1);
    CHECK(plain.hierarchy.statistics.algorithm == TreeAlgorithm::Prim);
    for (const TreeAlgorithm algorithm : algorithms) {
      CAPTURE(static_cast<int>(algorithm));
      parameters.algorithm = algorithm;
      const Clustering fast = Hdbscan(parameters, metric).fit(points);
      CHECK(fast.hierarchy.statistics.algorithm == algorithm);
      CHECK(fast.labels == plain.labels);
      CHECK(fast.condensed_tree == plain.condensed_tree);
      CHECK(fast == plain);
    }
  };
  for (const bool tied : {false, true}) {
    const Matrix<S> points = tied ? test::grid<S>(3, 600, 11, 5) : test::blobs<S>(3, 600, 5, 15);
    check(metric::Manhattan{}, points, {TreeAlgorithm::KdTree, TreeAlgorithm::VpTree});
    check(metric::Euclidean{}, points, {TreeAlgorithm::Tiles, TreeAlgorithm::KdTree, TreeAlgorithm::VpTree});
  }
}

TEST_CASE("no, one and two points, k and more, under every option") {
  for (const Index n : {0, 1, 2, 3}) {
    const Matrix<double> points = test::blobs<double>(2, n, 1, 1);
    for (const SelectionParameters& selection : selections) {
      if (selection.n_clusters) continue;
      for (const NonFiniteRows non_finite : {NonFiniteRows::Refuse, NonFiniteRows::Noise}) {
        const Clustering found = Hdbscan<>({.min_cluster_size = 5,
                                            .min_samples = 10,
                                            .alpha = 2.0,
                                            .non_finite = non_finite,
                                            .selection = selection})
                                     .fit(points);
        CHECK(found.noise_count() == n);
        CHECK(found.condensed_tree.clusters.size() == (n > 0 ? 1u : 0u));
        CHECK(exemplars(found).empty());
      }
    }
    CHECK(Hdbscan<>().fit(points, std::vector<double>(static_cast<std::size_t>(n), 1.0)).noise_count() == n);
  }
  Matrix<double> heavy(1, 1);
  heavy << 3.0;
  const Clustering alone =
      Hdbscan<>({.selection = {.allow_single_cluster = true}}).fit(heavy, std::vector<double>{7.0});
  CHECK(alone.labels == std::vector<Id>{0});
  CHECK(alone.probabilities == std::vector<double>{1.0});
  const Clustering all_neighbours =
      Hdbscan<>({.min_cluster_size = 2, .min_samples = 2}).fit(test::blobs<double>(2, 3, 1, 1));
  CHECK_FALSE(all_neighbours.hierarchy.neighbour.clamped);
}

TEST_CASE("progress is reported and stops the work in every stage") {
  const Matrix<double> points = test::blobs<double>(2, 300, 3, 1);
  const auto stages_of = [&](const auto& fit) {
    std::vector<std::string> stages;
    fit([&](const Progress& progress) {
      CHECK(progress.done <= progress.total);
      if (stages.empty() || stages.back() != progress.stage) stages.emplace_back(progress.stage);
      return true;
    });
    return stages;
  };
  const Hdbscan<> hdbscan;
  const std::vector<double> weights(300, 1.0);
  const auto plain =
      stages_of([&](const ProgressCallback& callback) { static_cast<void>(hdbscan.fit(points, callback)); });
  const auto weighted = stages_of(
      [&](const ProgressCallback& callback) { static_cast<void>(hdbscan.fit(points, weights, callback)); });
  CHECK(plain.size() >= 2);
  CHECK(weighted.size() >= 2);
  for (const std::string& stage : weighted) {
    CHECK_THROWS_AS(static_cast<void>(hdbscan.fit(
                        points, weights, [&](const Progress& progress) { return progress.stage != stage; })),
                    Cancelled);
  }
}
