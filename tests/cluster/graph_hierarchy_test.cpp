// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/graph_hierarchy.hpp"

#include <doctest/doctest.h>

#include "brute_force.hpp"
#include "rnnscope/cluster/dbscan_star.hpp"
#include "rnnscope/cluster/hdbscan.hpp"

using namespace rnnscope;

namespace {

std::vector<Edge> all_edges(const Matrix<double>& distances) {
  std::vector<Edge> edges;
  for (Id j = 0; j < distances.cols(); ++j) {
    for (Id i = 0; i < j; ++i) edges.push_back({distances(i, j), i, j});
  }
  return edges;
}

}  // namespace

TEST_CASE("the graph of all pairs gives the hierarchy of the points") {
  for (const bool tied : {false, true}) {
    const Matrix<double> points = tied ? test::grid<double>(2, 90, 8, 1) : test::blobs<double>(2, 90, 3, 1);
    const Matrix<double> distances = metric::distance_matrix(metric::Manhattan{}, points);
    for (const CoreDistance convention : {CoreDistance::ExcludesSelf, CoreDistance::IncludesSelf}) {
      for (const double alpha : {1.0, 1.3}) {
        const Hdbscan<metric::Precomputed> hdbscan(
            {.min_cluster_size = 5, .min_samples = 3, .core_distance = convention, .alpha = alpha});
        const Hierarchy expected = hdbscan.hierarchy(distances);
        const Hierarchy found = graph_hierarchy(
            90, all_edges(distances), {.min_samples = 3, .core_distance = convention, .alpha = alpha});
        CHECK(found.core_distances == expected.core_distances);
        CHECK(found.dendrogram.distance == expected.dendrogram.distance);
        CHECK(found.neighbour == expected.neighbour);
        const Clustering a = hdbscan.cut(found), b = hdbscan.cut(expected);
        CHECK(a.labels == b.labels);
        CHECK(a.probabilities == b.probabilities);
        CHECK(a.outlier_scores == b.outlier_scores);
      }
    }
  }
}

TEST_CASE("a graph in pieces: each is clustered as if alone, and pieces are clusters") {
  const Matrix<double> left = test::blobs<double>(2, 80, 3, 4), right = test::blobs<double>(2, 60, 1, 5);
  const std::vector<Edge> of_left = all_edges(metric::distance_matrix(metric::Euclidean{}, left));
  std::vector<Edge> edges = of_left;
  for (const Edge& each : all_edges(metric::distance_matrix(metric::Euclidean{}, right))) {
    edges.push_back({each.distance, each.first + 80, each.second + 80});
  }
  edges.push_back({std::numeric_limits<double>::infinity(), 0, 100});  // as good as none
  for (const TieMode ties : {TieMode::Canonical, TieMode::Sequential}) {
    const Hierarchy both = graph_hierarchy(142, edges, {.min_samples = 3, .ties = ties});
    CHECK(both.core_distances[140] == std::numeric_limits<double>::infinity());
    CHECK(both.neighbour.clamped);
    const Clustering found = cut(both, 5);
    const Clustering alone = cut(graph_hierarchy(80, of_left, {.min_samples = 3, .ties = ties}), 5);
    CHECK(alone.cluster_count() > 1);
    for (std::size_t p = 0; p < 80; ++p) CHECK(found.labels[p] == alone.labels[p]);
    for (std::size_t p = 0; p < 80; ++p) CHECK(found.probabilities[p] == alone.probabilities[p]);
    for (const std::size_t lonely : {140u, 141u}) {
      CHECK(found.labels[lonely] == Clustering::noise);
      CHECK(found.probabilities[lonely] == 0.0);
      CHECK(found.outlier_scores[lonely] == 1.0);
    }
    for (const double each : found.persistence) CHECK((each >= 0.0 && each <= 1.0));
    const Clustering leaves = cut(both, 40, {.method = SelectionMethod::Leaf});
    CHECK(leaves.cluster_count() == 2);
    CHECK(leaves.sizes == std::vector<Index>{80, 60});
  }
}

TEST_CASE("the graph of nearest neighbours: lists from both sides, the point itself, missing ones") {
  Matrix<Id> neighbours(3, 4);
  neighbours << 0, 1, 2, 3, 1, 0, 1, 2, -1, 2, 3, -1;
  Matrix<float> distances(3, 4);
  distances << 0, 0, 0, 0, 1, 1, 2, 3, 9, 2, 3, 9;
  const std::vector<Edge> edges = neighbour_edges(neighbours, distances);
  CHECK(edges.size() == 6);
  const Hierarchy chain = graph_hierarchy(4, edges, {.min_samples = 1});
  CHECK(chain.mst == std::vector<Edge>{{1.0, 0, 1}, {2.0, 1, 2}, {3.0, 2, 3}});
  CHECK(chain.core_distances == std::vector<double>{1, 1, 2, 3});
  CHECK_FALSE(chain.neighbour.clamped);
  CHECK(dbscan_star(chain, {.distance = 1.5}) == std::vector<Id>{0, 0, -1, -1});
  const Hierarchy with_zero = graph_hierarchy(3, {{0.0, 0, 1}, {5.0, 2, 1}}, {.min_samples = 1});
  CHECK(with_zero.mst == std::vector<Edge>{{0.0, 0, 1}, {5.0, 1, 2}});
  CHECK(cut(graph_hierarchy(3, {}), 2).noise_count() == 3);
  CHECK(cut(graph_hierarchy(0, {}), 2).noise_count() == 0);
  neighbours(0, 0) = 4;
  CHECK_THROWS_WITH_AS(static_cast<void>(neighbour_edges(neighbours, distances)),
                       "neighbour_edges: neighbour 0 of point 0 is 4, but there are 4 points", ValueError);
  CHECK_THROWS_AS(static_cast<void>(graph_hierarchy(3, {{1.0, 1, 1}})), ValueError);
  CHECK_THROWS_AS(static_cast<void>(graph_hierarchy(3, {{1.0, 1, 3}})), ValueError);
  CHECK_THROWS_AS(static_cast<void>(graph_hierarchy(3, {{std::numeric_limits<double>::quiet_NaN(), 1, 2}})),
                  ValueError);
}

TEST_CASE("a spanning tree from elsewhere, in any order") {
  const Matrix<double> points = test::blobs<double>(3, 100, 4, 2);
  const Hdbscan<> hdbscan({.min_cluster_size = 6});
  const Hierarchy own = hdbscan.hierarchy(points);
  std::vector<Edge> edges;
  for (const Index k : test::shuffled(99, 3)) {
    const Edge& each = own.mst[static_cast<std::size_t>(k)];
    edges.push_back({each.distance, each.second, each.first});
  }
  Hierarchy other = tree_hierarchy(100, edges, own.core_distances);
  other.neighbour = own.neighbour;
  CHECK(other == own);
  CHECK(hdbscan.cut(tree_hierarchy(100, edges)).labels == hdbscan.cut(own).labels);
  edges.pop_back();
  CHECK(tree_hierarchy(100, edges).mst.back().distance == std::numeric_limits<double>::infinity());
  edges.push_back(edges.front());
  CHECK_THROWS(static_cast<void>(tree_hierarchy(100, edges)));
  CHECK_THROWS_AS(static_cast<void>(tree_hierarchy(100, edges, {1.0})), ShapeError);
}

TEST_CASE("numbers of points below 0 and distances without reciprocals are refused") {
  CHECK_THROWS_WITH_AS(static_cast<void>(graph_hierarchy(-1, {})),
                       "graph_hierarchy: the number of points must not be negative, found -1", ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(tree_hierarchy(-1, {})),
                       "tree_hierarchy: the number of points must not be negative, found -1", ValueError);
  const std::string tail = " is beyond the range of double; scale the points";
  for (const double length : {6e-309, 1e-290, 1e290, 1e300}) {
    const std::vector<Edge> edges{{1.0, 0, 1}, {length, 1, 2}};
    CHECK_THROWS_WITH_AS(static_cast<void>(graph_hierarchy(3, edges, {.min_samples = 1})),
                         doctest::Contains(tail.c_str()), ValueError);
    CHECK_THROWS_WITH_AS(static_cast<void>(tree_hierarchy(3, edges)), doctest::Contains(tail.c_str()),
                         ValueError);
    CHECK_THROWS_WITH_AS(static_cast<void>(tree_hierarchy(3, {}, {1.0, length, 0.0})),
                         doctest::Contains(tail.c_str()), ValueError);
  }
  for (const double alpha : {1e-300, 1e-308, 1e300, 1e308}) {
    CHECK_THROWS_WITH_AS(static_cast<void>(graph_hierarchy(2, {{alpha < 1.0 ? 10.0 : 1e-20, 0, 1}},
                                                           {.min_samples = 1, .alpha = alpha})),
                         doctest::Contains(tail.c_str()), ValueError);
  }
  CHECK_THROWS_AS(static_cast<void>(tree_hierarchy(2, {}, {1.0, -1.0})), ValueError);
  CHECK_THROWS_AS(static_cast<void>(tree_hierarchy(2, {}, {1.0, std::numeric_limits<double>::quiet_NaN()})),
                  ValueError);
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<Edge> legal{{0.0, 0, 1}, {1e-289, 1, 2}, {1e289, 2, 3}, {infinity, 3, 4}};
  CHECK(tree_hierarchy(5, legal, {0.0, 0.0, 1e-289, 1e289, infinity}).mst == legal);
  CHECK(graph_hierarchy(5, legal, {.min_samples = 1}).core_distances ==
        std::vector<double>{0.0, 0.0, 1e-289, 1e289, infinity});
}
