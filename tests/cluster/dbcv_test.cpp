// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/dbcv.hpp"

#include <doctest/doctest.h>

#include "../real_data.hpp"
#include "brute_force.hpp"
#include "hdbscan_fixture.hpp"
#include "rnnscope/metric/chebyshev.hpp"
#include "rnnscope/metric/squared_euclidean.hpp"

using namespace rnnscope;

TEST_CASE("DBCV against the program FelSiq/DBCV, which repeats the authors'") {
  const Matrix<double> points = test::contrib_columns("points", 2);
  const Matrix<double> labels = test::contrib_columns("labels", points.cols());
  const auto index = [&](const auto& metric, Index k) {
    return dbcv(metric, points, test::labels_of(labels.col(k))).index;
  };
  CHECK(index(metric::SquaredEuclidean{}, 0) == doctest::Approx(0.7556693725701474).epsilon(1e-9));
  CHECK(index(metric::SquaredEuclidean{}, 1) == doctest::Approx(0.5469709459230506).epsilon(1e-9));
  CHECK(index(metric::Euclidean{}, 0) == doctest::Approx(0.5971591238397821).epsilon(1e-9));
  CHECK(index(metric::Euclidean{}, 1) == doctest::Approx(0.4126750646399437).epsilon(1e-9));
}

TEST_CASE("DBCV: the published values") {
  const struct {
    const char* file;
    double index;
  } published[] = {{"hdbscan/dbcv/dataset_1.txt", 0.857574140050071},
                   {"hdbscan/dbcv/dataset_2.txt", 0.810334358909311}};
  for (const auto& each : published) {
    const auto path = test::data_file(each.file);
    if (!path) continue;
    std::ifstream file(*path);
    std::vector<double> coordinates;
    std::vector<Id> labels;
    for (double x, y, label; file >> x >> y >> label;) {
      coordinates.insert(coordinates.end(), {x, y});
      labels.push_back(static_cast<Id>(label));
    }
    REQUIRE(labels.size() > 900);
    const Matrix<double> points =
        ConstMatrixMap<double>(coordinates.data(), 2, static_cast<Index>(labels.size()));
    CHECK(dbcv(metric::SquaredEuclidean{}, points, labels).index == doctest::Approx(each.index).epsilon(1e-9));
  }
}

TEST_CASE("DBCV by hand; one cluster; single points; duplicates; many dimensions") {
  Matrix<double> points(1, 7);
  points << 0, 1, 2, 10, 11, 12, 30;
  std::vector<Id> labels{0, 0, 0, 1, 1, 1, -1};
  // In one dimension core is the harmonic mean of the distances: 4/3 at the ends, 1 in the middle. Inner points
  // are 1 and 11, no edge joins two of them, so the longest edge is 4/3; they are 10 apart.
  const Dbcv by_hand = dbcv(metric::Euclidean{}, points, labels);
  CHECK(by_hand.clusters[0] == doctest::Approx((10.0 - 4.0 / 3.0) / 10.0).epsilon(1e-14));
  CHECK(by_hand.index == doctest::Approx(by_hand.clusters[0] * 6.0 / 7.0).epsilon(1e-14));
  const Dbcv all = dbcv(metric::Euclidean{}, points, labels, {.nodes = DbcvNodes::All});
  CHECK(all.clusters[1] == doctest::Approx((8.0 - 4.0 / 3.0) / 8.0).epsilon(1e-14));
  const Matrix<double> distances = metric::distance_matrix(metric::Euclidean{}, points);
  CHECK(dbcv(metric::Precomputed{}, distances, labels, {.dimension = 1}) == by_hand);
  CHECK_THROWS_AS(static_cast<void>(dbcv(metric::Precomputed{}, distances, labels)), ValueError);
  CHECK_THROWS_AS(static_cast<void>(dbcv(metric::Euclidean{}, points, std::vector<Id>{0})), ShapeError);

  labels = {0, 0, 0, -1, -1, 1, -1};
  CHECK(dbcv(metric::Euclidean{}, points, labels).clusters == std::vector<double>{1.0, 0.0});
  CHECK(dbcv(metric::Euclidean{}, points, labels).index == doctest::Approx(3.0 / 7.0));
  points << 0, 0, 0, 5, 5, 5, 5;
  labels = {0, 0, 0, 1, 1, 1, 1};
  CHECK(dbcv(metric::Euclidean{}, points, labels).index == 1.0);
  CHECK(dbcv(metric::Euclidean{}, Matrix<double>(1, 0), std::vector<Id>{}).index == 0.0);
  // (1 / d)^1000 overflows for d = 0.4.
  Matrix<double> wide = Matrix<double>::Zero(1000, 40);
  for (Index j = 0; j < 40; ++j) wide(j, j) = 0.3, wide(999, j) = j < 20 ? 0.0 : 5.0;
  std::vector<Id> halves(40, 0);
  std::fill(halves.begin() + 20, halves.end(), 1);
  CHECK(dbcv(metric::Euclidean{}, wide, halves).index ==
        doctest::Approx(1.0 - std::sqrt(0.18) / std::sqrt(25.18)).epsilon(1e-3));
}

TEST_CASE("DBCV of coordinates of any size is the same; differences that vanish are refused") {
  const Matrix<double> points = test::contrib_columns("points", 2);
  const std::vector<Id> labels = test::labels_of(test::contrib_columns("labels", points.cols()).col(0));
  const auto check = [&](const auto& metric) {
    const double expected = dbcv(metric, points, labels).index;
    for (const double size : {1e-165, 1e150, 1e200}) {
      CHECK(dbcv(metric, (size * points).eval(), labels).index == doctest::Approx(expected).epsilon(1e-9));
    }
  };
  check(metric::Euclidean{});
  check(metric::SquaredEuclidean{});
  Matrix<double> line(1, 6);
  line << 0, 0, 1e200, 1e200, 2e200, 1e-200;
  std::vector<Id> two{0, 0, 1, 1, -1, -1};
  CHECK(dbcv(metric::Euclidean{}, line, two).index == doctest::Approx(4.0 / 6.0));
  two[5] = 0;
  CHECK_THROWS_WITH_AS(static_cast<void>(dbcv(metric::Euclidean{}, line, two)),
                       "dbcv: points 0 and 5 differ by less than can be squared beside the largest coordinates",
                       ValueError);
  line(0, 1) = std::nan("");
  CHECK_THROWS_WITH_AS(static_cast<void>(dbcv(metric::Euclidean{}, line, two)),
                       doctest::Contains("points: column 1 is not finite"), ValueError);
}

TEST_CASE("DBCV of all nodes does not depend on the order of the points, even in a grid") {
  const Matrix<double> points = test::grid<double>(2, 80, 9, 3);
  std::vector<Id> labels;
  for (Index j = 0; j < 80; ++j) labels.push_back(points(0, j) < 4.0 ? 0 : 1);
  const std::vector<Index> order = test::shuffled(80, 5);
  Matrix<double> moved(2, 80);
  std::vector<Id> moved_labels;
  for (Index j = 0; j < 80; ++j) {
    moved.col(j) = points.col(order[static_cast<std::size_t>(j)]);
    moved_labels.push_back(labels[static_cast<std::size_t>(order[static_cast<std::size_t>(j)])]);
  }
  const DbcvParameters parameters{.nodes = DbcvNodes::All};
  CHECK(dbcv(metric::Chebyshev{}, moved, moved_labels, parameters).index ==
        doctest::Approx(dbcv(metric::Chebyshev{}, points, labels, parameters).index).epsilon(1e-12));
}
