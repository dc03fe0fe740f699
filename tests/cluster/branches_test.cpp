// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/branches.hpp"

#include <doctest/doctest.h>

#include <numbers>

#include "hdbscan_fixture.hpp"
#include "rnnscope/cluster/graph_hierarchy.hpp"
#include "rnnscope/cluster/validity.hpp"
#include "rnnscope/metric/hamming.hpp"
#include "rnnscope/metric/haversine.hpp"

using namespace rnnscope;

TEST_CASE("branches against scikit-learn-contrib/hdbscan: three arms, and a round cluster that has none") {
  const Matrix<double> points = test::contrib_columns("y_points", 2);
  const Matrix<double> theirs = test::contrib_columns("branches", points.cols());
  const Clustering clustering = Hdbscan<>({.min_cluster_size = 20, .min_samples = 5}).fit(points);
  REQUIRE(adjusted_rand_index(clustering.labels,
                              test::labels_of(test::contrib_columns("y_labels", points.cols()).col(0))) == 1.0);
  for (const BranchGraph graph : {BranchGraph::Full, BranchGraph::Core}) {
    const Branches found =
        detect_branches(metric::Euclidean{}, clustering, points, {.graph = graph, .min_branch_size = 12});
    const Index first = graph == BranchGraph::Full ? 0 : 3;
    // A point that joins two branches at once is of neither here, and of the one that comes first there: with
    // the graph of core distances, in which many small parts wait for such a point, that moves some more.
    CHECK(adjusted_rand_index(found.labels, test::labels_of(theirs.col(first))) >
          (graph == BranchGraph::Full ? 0.99 : 0.92));
    REQUIRE(found.clusters.size() == 2);
    const Id arms = clustering.labels[0], round = clustering.labels[269];
    CHECK(found.clusters[static_cast<std::size_t>(arms)].branches.cluster_count() == 3);
    for (std::size_t p = 0; p < found.labels.size(); ++p) {
      if (clustering.labels[p] < 0) continue;
      CHECK(1.0 / found.eccentricities[p] ==
            doctest::Approx(theirs(static_cast<Index>(p), first + 2)).epsilon(1e-9));
      if (clustering.labels[p] != round) continue;
      CHECK(found.branch_labels[p] == 0);
      CHECK(found.branch_probabilities[p] == 1.0);
      CHECK(found.probabilities[p] == clustering.probabilities[p]);
    }
    // The same from an explicit list of edges.
    const Branches::Cluster& cluster = found.clusters[static_cast<std::size_t>(arms)];
    double longest = 0.0;
    std::vector<std::pair<Id, Id>> tree;
    for (const Edge& edge : clustering.hierarchy.mst) {
      if (clustering.labels[static_cast<std::size_t>(edge.first)] != arms ||
          clustering.labels[static_cast<std::size_t>(edge.second)] != arms)
        continue;
      longest = std::max(longest, edge.distance);
      tree.emplace_back(edge.first, edge.second);
    }
    std::vector<Edge> edges;
    for (std::size_t j = 0; j < cluster.points.size(); ++j) {
      for (std::size_t i = 0; i < j; ++i) {
        const Id a = cluster.points[i], b = cluster.points[j];
        const double distance = metric::distance(metric::Euclidean{}, points.col(a), points.col(b));
        const auto& core = clustering.hierarchy.core_distances;
        const bool near =
            graph == BranchGraph::Full
                ? distance <= longest
                : distance <= std::max(core[static_cast<std::size_t>(a)], core[static_cast<std::size_t>(b)]) ||
                      std::find(tree.begin(), tree.end(), std::pair(a, b)) != tree.end();
        if (!near) continue;
        const auto& e = found.eccentricities;
        edges.push_back({1.0 / std::min(e[static_cast<std::size_t>(a)], e[static_cast<std::size_t>(b)]),
                         static_cast<Id>(i), static_cast<Id>(j)});
      }
    }
    const Clustering expected =
        cut(graph_hierarchy(static_cast<Index>(cluster.points.size()), edges,
                            {.min_samples = 1, .core_distance = CoreDistance::IncludesSelf}),
            12);
    CHECK(cluster.branches.labels == expected.labels);
    CHECK(cluster.branches.probabilities == expected.probabilities);
    CHECK(cluster.branches.hierarchy.dendrogram.distance == expected.hierarchy.dendrogram.distance);
    // The end of an arm is surely of its branch, the middle of none.
    for (const std::size_t arm : {0u, 1u, 2u}) {
      std::size_t end = 70 * arm;
      for (std::size_t p = 70 * arm; p < 70 * (arm + 1); ++p)
        end = found.eccentricities[p] > found.eccentricities[end] ? p : end;
      CHECK(found.branch_labels[end] >= 0);
    }
    CHECK(std::count(found.branch_labels.begin(), found.branch_labels.end(), -1) > 0);
  }
}

TEST_CASE("two ends of a line are branches only on demand; branches of things that have no centroid") {
  Random random(2);
  Matrix<double> line(1, 80);
  for (double& each : line.reshaped()) each = random.uniform(0.0, 1.0);
  const HdbscanParameters parameters{
      .min_cluster_size = 10, .min_samples = 3, .selection = {.epsilon = 0.5, .allow_single_cluster = true}};
  const Clustering clustering = Hdbscan<>(parameters).fit(line);
  REQUIRE(clustering.cluster_count() == 1);
  const Branches whole = detect_branches(metric::Euclidean{}, clustering, line);
  CHECK(whole.labels == clustering.labels);
  const Branches sides =
      detect_branches(metric::Euclidean{}, clustering, line, {.min_branch_size = 10, .label_sides = true});
  CHECK(sides.clusters[0].branches.cluster_count() == 2);
  for (std::size_t p = 0; p < 80; ++p) {
    for (std::size_t q = 0; q < 80; ++q) {
      const double middle = centroids(clustering, line)(0, 0);
      const bool opposite =
          (line(0, static_cast<Index>(p)) < middle) != (line(0, static_cast<Index>(q)) < middle);
      if (opposite && sides.branch_labels[p] >= 0 && sides.branch_labels[q] >= 0)
        CHECK(sides.labels[p] != sides.labels[q]);
    }
  }
  const Matrix<double> distances = metric::distance_matrix(metric::Euclidean{}, line);
  const Branches by_medoid = detect_branches(metric::Precomputed{}, clustering, distances,
                                             {.min_branch_size = 10, .label_sides = true});
  CHECK(by_medoid.clusters[0].branches.cluster_count() == 2);
  CHECK(by_medoid.eccentricities[static_cast<std::size_t>(
            medoids(metric::Precomputed{}, clustering, distances)[0])] == 0.0);
}

TEST_CASE("the middle is a point where a mean is none: shares of places, and both sides of the date line") {
  const HdbscanParameters parameters{
      .min_cluster_size = 10, .min_samples = 3, .selection = {.epsilon = 0.3, .allow_single_cluster = true}};
  const auto check = [&](const auto& metric, const Matrix<double>& points) {
    const Clustering clustering = Hdbscan(parameters, metric).fit(points);
    REQUIRE(clustering.cluster_count() == 1);
    const Index middle = medoids(metric, clustering, points)[0];
    const Branches found = detect_branches(metric, clustering, points, {.min_branch_size = 10});
    for (Index p = 0; p < points.cols(); ++p) {
      const auto place = static_cast<std::size_t>(p);
      const bool inside = clustering.labels[place] != Clustering::noise;
      CHECK(found.eccentricities[place] == (inside ? metric(points.col(p), points.col(middle)) : 0.0));
    }
    return found;
  };
  // Three arms: in each, one more group of places differs from the middle at every step.
  Matrix<double> places = Matrix<double>::Zero(36, 91);
  for (Index arm = 0; arm < 3; ++arm) {
    for (Index step = 0; step < 30; ++step) {
      places.col(1 + 30 * arm + step).segment(12 * arm, 1 + 11 * step / 29).setOnes();
    }
  }
  const Branches arms = check(metric::Hamming{}, places);
  CHECK(arms.clusters[0].branches.cluster_count() == 3);
  CHECK(arms.eccentricities[0] == 0.0);
  CHECK(arms.eccentricities[30] == 12.0 / 36.0);

  Random random(5);
  Matrix<double> islands(2, 80);
  for (Index j = 0; j < 80; ++j) {
    const double east = random.uniform(-0.05, 0.05);
    islands.col(j) << random.uniform(-0.05, 0.05),
        east < 0.0 ? east + std::numbers::pi : east - std::numbers::pi;
  }
  const Branches around = check(metric::Haversine{}, islands);
  for (const double each : around.eccentricities) CHECK(each < 0.15);
}
