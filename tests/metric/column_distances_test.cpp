// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/metric/column_distances.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "random_columns.hpp"
#include "rnnscope/metric/cosine.hpp"
#include "rnnscope/metric/euclidean.hpp"

using namespace rnnscope;
using metric::ColumnDistances;

TEST_CASE_TEMPLATE("tiles, lists and single pairs have the same bits", S, float, double) {
  const Matrix<S> points = test::random_columns<S>(13, 30, 1);
  const auto check = [&](const auto& source) {
    for (const Index rows : {1, 4, 7}) {
      for (const Index cols : {1, 3, 4, 9}) {
        std::vector<double> tile(static_cast<std::size_t>(rows * cols));
        source.tile(2, rows, 15, cols, tile.data());
        for (Index r = 0; r < rows; ++r) {
          std::vector<Id> others;
          for (Index c = 0; c < cols; ++c) others.push_back(static_cast<Id>(15 + c));
          std::vector<double> list(others.size());
          source.proxies(2 + r, others.data(), cols, list.data());
          for (Index c = 0; c < cols; ++c) {
            double alone = -1, reverse = -1;
            const Id col = static_cast<Id>(15 + c), row = static_cast<Id>(2 + r);
            source.proxies(row, &col, 1, &alone);
            source.proxies(col, &row, 1, &reverse);
            CHECK(alone > 0.0);
            CHECK(alone == reverse);
            CHECK(alone == list[static_cast<std::size_t>(c)]);
            CHECK(alone == tile[static_cast<std::size_t>(r * cols + c)]);
          }
        }
      }
    }
  };
  check(ColumnDistances<metric::Euclidean, S>({}, points));
  check(ColumnDistances<metric::Cosine, S>({}, points));
}

TEST_CASE("points are not copied unless they must be, and strided points are read rightly") {
  const Matrix<double> points = test::random_columns<double>(6, 9, 2);
  const Id other = 3;
  double whole = 0, block = 0, expression = 0, transposed = 0;
  const ColumnDistances<metric::Euclidean, double> upper({}, points.topRows(4));
  const ColumnDistances<metric::Euclidean, double> doubled({}, 2.0 * points.topRows(4));
  const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows = points.topRows(4);
  const ColumnDistances<metric::Euclidean, double> row_major({}, rows);
  const Matrix<double> copy = points.topRows(4);
  ColumnDistances<metric::Euclidean, double>({}, copy).proxies(1, &other, 1, &whole);
  upper.proxies(1, &other, 1, &block);
  doubled.proxies(1, &other, 1, &expression);
  row_major.proxies(1, &other, 1, &transposed);
  CHECK(whole == doctest::Approx((points.col(1) - points.col(3)).head(4).squaredNorm()));
  CHECK(block == whole);
  CHECK(expression == 4.0 * whole);
  CHECK(transposed == whole);
}

TEST_CASE("points that are no points are refused by name") {
  using Source = ColumnDistances<metric::Euclidean, float>;
  Matrix<float> points = test::random_columns<float>(3, 5, 3);
  points(1, 4) = std::numeric_limits<float>::infinity();
  points(2, 2) = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_WITH_AS(Source({}, points),
                       "points: column 2 is not finite (row 2 is nan); remove or repair such columns first",
                       ValueError);
  CHECK_THROWS_WITH_AS(
      Source({}, Matrix<float>(0, 5)),
      "points: expected at least one row (feature), found 0 x 5; columns are points, rows are features",
      ShapeError);
  CHECK(Source({}, Matrix<float>(0, 0)).size() == 0);
  CHECK(Source({}, Matrix<float>(3, 0)).size() == 0);
}
