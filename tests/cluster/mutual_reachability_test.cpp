// SPDX-License-Identifier: BSD-3-Clause
// Every way to core distances and spanning tree against the plain one, bit for bit.
#include "rnnscope/cluster/mutual_reachability.hpp"

#include <doctest/doctest.h>

#include <pthread.h>

#include <array>

#include "brute_force.hpp"
#include "rnnscope/cluster/hdbscan.hpp"
#include "rnnscope/metric/cosine.hpp"
#include "rnnscope/metric/euclidean.hpp"
#include "rnnscope/metric/manhattan.hpp"

using namespace rnnscope;
using detail::MutualReachability;

namespace {

/// The trees of all algorithms equal the plain one: same weights, same edges, same core distances.
template <class Metric, class S>
void check_all(const Metric& metric, const Matrix<S>& points, Index rank) {
  CAPTURE(points.rows());
  CAPTURE(points.cols());
  CAPTURE(rank);
  const auto source = metric::distance_source(metric, points);
  const MutualReachability plain =
      detail::mutual_reachability(source, {.rank = rank, .algorithm = TreeAlgorithm::Prim}, {});
  REQUIRE(plain.statistics.algorithm == TreeAlgorithm::Prim);
  for (const TreeAlgorithm algorithm :
       {TreeAlgorithm::Automatic, TreeAlgorithm::Tiles, TreeAlgorithm::KdTree, TreeAlgorithm::VpTree}) {
    CAPTURE(static_cast<int>(algorithm));
    const MutualReachability found =
        detail::mutual_reachability(source, {.rank = rank, .algorithm = algorithm}, {});
    CHECK(found.core == plain.core);
    CHECK(found.mst == plain.mst);
  }
}

template <class S>
Matrix<S> with_duplicates(Index dimension, Index points, Index different, std::uint64_t seed) {
  const Matrix<S> few = test::blobs<S>(dimension, different, 2, seed);
  Random random(seed);
  Matrix<S> result(dimension, points);
  for (Index j = 0; j < points; ++j) result.col(j) = few.col(random.below(different));
  return result;
}

}  // namespace

TEST_CASE_TEMPLATE("all algorithms give the plain tree: clouds, grids and duplicates", S, float, double) {
  for (const Index dimension : {1, 2, 3, 7, 8, 9, 17, 40}) {
    for (const Index rank : {0, 1, 5}) {
      const auto seed = static_cast<std::uint64_t>(10 * dimension + rank);
      check_all(metric::Euclidean{}, test::blobs<S>(dimension, 700, 5, seed), rank);
      check_all(metric::Euclidean{}, test::grid<S>(dimension, 400, 4, seed), rank);
      check_all(metric::Euclidean{}, with_duplicates<S>(dimension, 300, 30, seed), rank);
      check_all(metric::Manhattan{}, test::blobs<S>(dimension, 300, 3, seed), rank);
      check_all(metric::Manhattan{}, test::grid<S>(dimension, 300, 3, seed), rank);
    }
  }
}

TEST_CASE_TEMPLATE("directions: the cosine distance goes the same ways", S, float, double) {
  for (const Index dimension : {2, 5, 60}) {
    check_all(metric::Cosine{}, test::blobs<S>(dimension, 600, 4, static_cast<std::uint64_t>(dimension)), 4);
  }
  Matrix<S> grid = test::grid<S>(3, 500, 3, 1);
  grid.array() += S(1);  // no zeros
  check_all(metric::Cosine{}, grid, 3);
}

TEST_CASE_TEMPLATE("few points, and lists that hold all others", S, float, double) {
  for (const Index n : {0, 1, 2, 3, 5, 8, 31, 33, 64, 65}) {
    for (const Index rank : {0, 1, 2, 10, 31, 64}) {
      if (rank > std::max<Index>(n - 1, 0)) continue;
      check_all(metric::Euclidean{}, test::blobs<S>(3, n, 2, static_cast<std::uint64_t>(n)), rank);
      check_all(metric::Euclidean{}, test::grid<S>(30, n, 2, static_cast<std::uint64_t>(n)), rank);
    }
  }
}

TEST_CASE_TEMPLATE("more neighbours than are inserted one by one", S, float, double) {
  for (const Index rank : {94, 95, 96, 97, 250}) {
    check_all(metric::Euclidean{}, test::blobs<S>(2, 400, 3, 8), rank);
    check_all(metric::Manhattan{}, test::grid<S>(3, 300, 4, 8), rank);
  }
}

TEST_CASE("offsets and scales that swallow digits") {
  for (const Index dimension : {2, 50}) {
    const Matrix<double> points = test::blobs<double>(dimension, 500, 4, 3);
    for (const double offset : {1e4, 1e8, 1e15})
      check_all(metric::Euclidean{}, Matrix<double>(points.array() + offset), 5);
    for (const double scale : {1e-150, 1e-160, 1e-165, 1e-30, 1e30, 1e140, 1e150}) {
      check_all(metric::Euclidean{}, Matrix<double>(points * scale), 5);
    }
    const Matrix<float> narrow = points.cast<float>();
    for (const float offset : {1e3f, 1e6f, 1e8f})
      check_all(metric::Euclidean{}, Matrix<float>(narrow.array() + offset), 5);
    for (const float scale : {1e-20f, 1e-37f, 1e-42f, 1e20f, 1e37f}) {
      check_all(metric::Euclidean{}, Matrix<float>(narrow * scale), 5);
    }
  }
}

TEST_CASE("one far point, rows of zeros, and points that lie on a line in many dimensions") {
  Matrix<double> points = test::blobs<double>(30, 400, 3, 9);
  points.col(17).setConstant(1e9);
  check_all(metric::Euclidean{}, points, 6);
  points.bottomRows(29).setZero();
  check_all(metric::Euclidean{}, points, 6);
  const Vector<double> direction = Vector<double>::LinSpaced(60, -1.0, 3.0);
  Matrix<double> line(60, 500);
  for (Index j = 0; j < 500; ++j) line.col(j) = static_cast<double>((j * 37) % 500) * direction;
  check_all(metric::Euclidean{}, line, 4);
  check_all(metric::Euclidean{}, Matrix<double>(Matrix<double>::Constant(20, 400, 2.5)), 4);
  // On a sphere all points are about as far from each other: nothing can be ruled out.
  Matrix<float> sphere(100, 500);
  Random random(4);
  for (float& each : sphere.reshaped()) each = static_cast<float>(random.normal());
  sphere.colwise().normalize();
  check_all(metric::Euclidean{}, sphere, 10);
}

TEST_CASE("any number of threads, the same bits") {
  const int before = thread_count();
  for (const Index dimension : {3, 64}) {
    const Matrix<float> points = test::blobs<float>(dimension, 3000, 8, 2);
    const auto source = metric::distance_source(metric::Euclidean{}, points);
    for (const TreeAlgorithm algorithm : {TreeAlgorithm::Tiles, TreeAlgorithm::KdTree, TreeAlgorithm::VpTree}) {
      set_thread_count(1);
      const MutualReachability one =
          detail::mutual_reachability(source, {.rank = 8, .algorithm = algorithm}, {});
      CHECK(one.statistics.algorithm == algorithm);
      CHECK(one.statistics.search_rounds > 0);
      const bool few = algorithm == TreeAlgorithm::Tiles || dimension == 3;
      CHECK(one.statistics.evaluated_pairs < one.statistics.pairs * (few ? 0.4 : 4.0));
      for (const int threads : {2, 4}) {
        set_thread_count(threads);
        const MutualReachability many =
            detail::mutual_reachability(source, {.rank = 8, .algorithm = algorithm}, {});
        CHECK(many.core == one.core);
        CHECK(many.mst == one.mst);
      }
    }
  }
  set_thread_count(before);
}

TEST_CASE("the whole clustering is the same whichever algorithm is asked for") {
  const Matrix<float> points = test::blobs<float>(24, 1500, 6, 12);
  const auto fit = [&](TreeAlgorithm algorithm, TieMode ties) {
    return Hdbscan<>({.min_cluster_size = 20, .min_samples = 5, .ties = ties, .algorithm = algorithm})
        .fit(points);
  };
  for (const TieMode ties : {TieMode::Canonical, TieMode::Sequential}) {
    const Clustering plain = fit(TreeAlgorithm::Prim, ties);
    CHECK(plain.cluster_count() == 6);
    for (const TreeAlgorithm algorithm :
         {TreeAlgorithm::Automatic, TreeAlgorithm::Tiles, TreeAlgorithm::KdTree, TreeAlgorithm::VpTree}) {
      CHECK(fit(algorithm, ties) == plain);
    }
  }
}

TEST_CASE("what a callable cannot do is replaced by what it can") {
  const Matrix<double> points = test::blobs<double>(2, 200, 2, 1);
  const auto taxicab = [](const auto& a, const auto& b) { return (a - b).template lpNorm<1>(); };
  const auto source = metric::distance_source(taxicab, points);
  const auto manhattan = metric::distance_source(metric::Manhattan{}, points);
  const MutualReachability plain =
      detail::mutual_reachability(source, {.rank = 3, .algorithm = TreeAlgorithm::KdTree}, {});
  CHECK(plain.statistics.algorithm == TreeAlgorithm::Prim);
  CHECK(plain.mst ==
        detail::mutual_reachability(source, {.rank = 3, .algorithm = TreeAlgorithm::Tiles}, {}).mst);
  CHECK(plain.core.size() == 200);
  CHECK(detail::mutual_reachability(manhattan, {.rank = 3, .algorithm = TreeAlgorithm::Tiles}, {})
            .statistics.algorithm != TreeAlgorithm::Tiles);
}

TEST_CASE("distances beyond the range of double are refused by every algorithm; all can be stopped") {
  Matrix<double> points = test::blobs<double>(3, 200, 2, 1);
  points(0, 7) = 1e200;
  const auto source = metric::distance_source(metric::Euclidean{}, points);
  for (const TreeAlgorithm algorithm :
       {TreeAlgorithm::Prim, TreeAlgorithm::Tiles, TreeAlgorithm::KdTree, TreeAlgorithm::VpTree}) {
    CHECK_THROWS_AS(
        static_cast<void>(detail::mutual_reachability(source, {.rank = 5, .algorithm = algorithm}, {})),
        ValueError);
  }
  const Matrix<double> fine = test::blobs<double>(3, 900, 2, 1);
  const auto good = metric::distance_source(metric::Euclidean{}, fine);
  for (const TreeAlgorithm algorithm :
       {TreeAlgorithm::Prim, TreeAlgorithm::Tiles, TreeAlgorithm::KdTree, TreeAlgorithm::VpTree}) {
    for (const std::string_view stage : {"core distances", "minimum spanning tree"}) {
      Index calls = 0;
      const auto stop = [&](const Progress& progress) { return progress.stage != stage || ++calls > 1; };
      CHECK_THROWS_AS(
          static_cast<void>(detail::mutual_reachability(good, {.rank = 5, .algorithm = algorithm}, stop)),
          Cancelled);
    }
  }
}

namespace {

/// A line of a million points whose gaps grow: its hierarchy is as deep as it is long.
void* cluster_a_chain(void* result) {
  constexpr Index n = 1000000;
  Matrix<double> points(1, n);
  for (Index i = 0; i < n; ++i) {
    const auto x = static_cast<double>(i);
    points(0, i) = x + 1e-7 * x * x;
  }
  const Hdbscan<> hdbscan(
      {.min_cluster_size = 5, .min_samples = 1, .selection = {.allow_single_cluster = true}});
  *static_cast<Clustering*>(result) = hdbscan.fit(points);
  return nullptr;
}

}  // namespace

TEST_CASE("a hierarchy a million levels deep needs no more than 256 KB of stack") {
  const int before = thread_count();
  set_thread_count(1);
  pthread_attr_t attributes;
  REQUIRE(pthread_attr_init(&attributes) == 0);
  REQUIRE(pthread_attr_setstacksize(&attributes, 256 * 1024) == 0);
  pthread_t thread;
  Clustering result;
  REQUIRE(pthread_create(&thread, &attributes, cluster_a_chain, &result) == 0);
  REQUIRE(pthread_join(thread, nullptr) == 0);
  pthread_attr_destroy(&attributes);
  set_thread_count(before);
  CHECK(result.hierarchy.statistics.algorithm == TreeAlgorithm::KdTree);
  CHECK(result.hierarchy.dendrogram.merges() > 900000);
  CHECK(result.cluster_count() == 1);
}
