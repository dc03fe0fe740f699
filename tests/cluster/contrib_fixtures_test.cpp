// SPDX-License-Identifier: BSD-3-Clause
// Against scikit-learn-contrib/hdbscan 0.8.43, parameter by parameter, on one data set.
#include <doctest/doctest.h>

#include "hdbscan_fixture.hpp"
#include "rnnscope/cluster/centres.hpp"
#include "rnnscope/cluster/dbscan_star.hpp"
#include "rnnscope/cluster/membership_vectors.hpp"
#include "rnnscope/cluster/validity.hpp"

using namespace rnnscope;

TEST_CASE("contrib's labels, probabilities and scores for every parameter of selection, and alpha") {
  const Matrix<double> points = test::contrib_columns("points", 2);
  const Index n = points.cols();
  const Matrix<double> labels = test::contrib_columns("labels", n),
                       scores = test::contrib_columns("outlier_scores", n),
                       probabilities = test::contrib_columns("probabilities", n);
  const Matrix<double> linkage = test::contrib_columns("linkages", 4);
  const SelectionParameters cases[] = {{},
                                       {.method = SelectionMethod::Leaf},
                                       {.method = SelectionMethod::Leaf, .epsilon = 0.6},
                                       {.epsilon_max = 0.75},
                                       {.method = SelectionMethod::Leaf, .min_persistence = 1.0},
                                       {.max_cluster_size = 50},
                                       {}};
  for (Index k = 0; k < 7; ++k) {
    INFO(k);
    HdbscanParameters parameters = test::contrib_parameters(cases[k]);
    if (k == 6) parameters.alpha = 1.6;
    const Hdbscan<> hdbscan(parameters);
    const Hierarchy own = hdbscan.hierarchy(points),
                    theirs = test::with_linkage(own, linkage.middleCols(k == 6 ? n - 1 : 0, n - 1));
    CHECK(own.dendrogram.distance.size() < theirs.dendrogram.distance.size());  // there are ties
    for (std::size_t e = 0; e < own.mst.size(); ++e) {
      CHECK(own.mst[e].distance == doctest::Approx(theirs.mst[e].distance).epsilon(1e-14));
    }
    const Clustering found = hdbscan.cut(theirs);
    CHECK(adjusted_rand_index(found.labels, test::labels_of(labels.col(k))) == 1.0);
    // Contrib takes splits out of its tree in single precision.
    const double tolerance = cases[k].min_persistence > 0.0 ? 1e-6 : 1e-12;
    CHECK(test::largest_difference(found.probabilities, probabilities.col(k)) < tolerance);
    CHECK(test::largest_difference(found.outlier_scores, scores.col(k)) < tolerance);
  }
}

namespace {

Clustering contrib_clustering(const Matrix<double>& points) {
  const Hdbscan<> hdbscan(test::contrib_parameters());
  return hdbscan.cut(test::with_linkage(hdbscan.hierarchy(points),
                                        test::contrib_columns("linkages", 4).leftCols(points.cols() - 1)));
}

/// Per cluster of `found`, the number of the same cluster in the other program's labels.
std::vector<Index> numbers_in(const Clustering& found, const std::vector<Id>& theirs) {
  std::vector<Index> result(found.sizes.size(), -1);
  for (std::size_t p = 0; p < theirs.size(); ++p) {
    if (found.labels[p] >= 0) result[static_cast<std::size_t>(found.labels[p])] = theirs[p];
  }
  return result;
}

}  // namespace

TEST_CASE("contrib's labels and probabilities of new points") {
  const Matrix<double> points = test::contrib_columns("points", 2),
                       more = test::contrib_columns("new_points", 2);
  const Clustering found = contrib_clustering(points);
  const Prediction prediction = predict(metric::Euclidean{}, found, points, more);
  const Matrix<double> theirs = test::contrib_columns("predicted", more.cols());
  CHECK(adjusted_rand_index(prediction.labels, test::labels_of(theirs.col(0))) == 1.0);
  for (std::size_t j = 0; j < prediction.labels.size(); ++j) {
    const auto row = static_cast<Index>(j);
    CHECK(prediction.placement.neighbours[j] == static_cast<Id>(theirs(row, 2)));
    CHECK((prediction.labels[j] < 0) == (theirs(row, 0) < 0));
    // A point cannot stay longer than the one that holds it in the cluster; there contrib lets it.
    const double neighbour = found.probabilities[static_cast<std::size_t>(prediction.placement.neighbours[j])];
    CHECK(prediction.probabilities[j] == doctest::Approx(std::min(theirs(row, 1), neighbour)).epsilon(1e-12));
  }
}

TEST_CASE("contrib's membership vectors of all points") {
  const Matrix<double> points = test::contrib_columns("points", 2);
  const Clustering found = contrib_clustering(points);
  const Matrix<double> ours = membership_vectors(metric::Euclidean{}, found, points);
  const Matrix<double> theirs = test::contrib_columns("memberships", ours.rows());
  const std::vector<Index> number =
      numbers_in(found, test::labels_of(test::contrib_columns("labels", points.cols()).col(0)));
  Index inside = 0;
  for (Index p = 0; p < points.cols(); ++p) {
    Vector<double> other(ours.rows());
    for (Index k = 0; k < ours.rows(); ++k) other(k) = theirs(number[static_cast<std::size_t>(k)], p);
    // Contrib adds 1e-8 to lambda here and there. The strength of a point that is as far from several clusters
    // is, there, that of the cluster with the smallest number; here, of the one that holds it or the densest.
    CHECK((ours.col(p) / ours.col(p).sum()).isApprox(other / other.sum(), 1e-7));
    const auto label = found.labels[static_cast<std::size_t>(p)];
    if (label < 0) continue;
    const auto node = static_cast<std::size_t>(found.nodes[static_cast<std::size_t>(label)]);
    const bool alone = found.condensed_tree.point_distance[static_cast<std::size_t>(p)] <
                       found.condensed_tree.clusters[node].birth;
    if (alone) CHECK(ours.col(p).isApprox(other, 1e-7));
    inside += alone ? 1 : 0;
  }
  CHECK(inside > 200);
}

TEST_CASE("contrib's DBSCAN* at three distances") {
  const Matrix<double> points = test::contrib_columns("points", 2);
  const Hierarchy hierarchy = Hdbscan<>(test::contrib_parameters()).hierarchy(points);
  const Matrix<double> theirs = test::contrib_columns("cuts", points.cols());
  const DbscanStarParameters cuts[] = {
      {.distance = 0.3}, {.distance = 0.5, .min_cluster_size = 4}, {.distance = 1.0, .min_cluster_size = 8}};
  for (Index k = 0; k < 3; ++k) {
    const std::vector<Id> labels = test::labels_of(theirs.col(k));
    const std::vector<Id> ours = dbscan_star(hierarchy, cuts[k]);
    std::vector<Id> named = ours;
    for (std::size_t p = 0; p < ours.size(); ++p) {
      if (k > 0) {
        CHECK((ours[p] < 0) == (labels[p] < 0));
      } else if (ours[p] < 0) {
        // Where one point is a cluster contrib takes any, also one whose core distance is beyond the cut.
        CHECK(hierarchy.core_distances[p] > cuts[k].distance);
        CHECK(std::count(labels.begin(), labels.end(), labels[p]) == 1);
        named[p] = static_cast<Id>(ours.size() + p);
      }
    }
    CHECK(adjusted_rand_index(named, labels) == 1.0);
    CHECK(*std::max_element(ours.begin(), ours.end()) > 1);
  }
}

TEST_CASE("contrib's centroids and medoids, weighted by probability") {
  const Matrix<double> points = test::contrib_columns("points", 2);
  const Clustering found = contrib_clustering(points);
  const Matrix<double> theirs = test::contrib_columns("centres", 2);  // centroid, medoid, centroid, ...
  const std::vector<Index> number =
      numbers_in(found, test::labels_of(test::contrib_columns("labels", points.cols()).col(0)));
  const Matrix<double> means = centroids(found, points);
  const std::vector<Index> middles = medoids(metric::Euclidean{}, found, points);
  REQUIRE(means.cols() == 5);
  for (std::size_t k = 0; k < 5; ++k) {
    CHECK(means.col(static_cast<Index>(k)).isApprox(theirs.col(2 * number[k]), 1e-12));
    CHECK(points.col(middles[k]) == theirs.col(2 * number[k] + 1));
  }
}
