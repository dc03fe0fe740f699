// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/analysis/nearest_neighbours.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <numeric>

#include "rnnscope/core/random.hpp"

using namespace rnnscope;

namespace {
template <class Scalar>
Matrix<Scalar> random_vectors(Index dimension, Index count) {
  Random random(11);
  Matrix<Scalar> vectors(dimension, count);
  for (Index j = 0; j < count; ++j) {
    for (Index d = 0; d < dimension; ++d) vectors(d, j) = static_cast<Scalar>(random.normal());
  }
  return vectors;
}
}  // namespace

TEST_CASE_TEMPLATE("all queries against a plain search in long double", Scalar, float, double) {
  Matrix<Scalar> vectors = random_vectors<Scalar>(17, 150);
  for (Index j = 100; j < 130; ++j) vectors.col(j) = Scalar(4) * vectors.col(j - 100);  // ties: same direction
  const CosineNeighbours<Scalar> neighbours(vectors);
  std::vector<Index> queries(150);
  std::iota(queries.begin(), queries.end(), Index{0});
  const auto found = neighbours.of_columns(queries, 6);
  for (Index q = 0; q < 150; ++q) {
    std::vector<Neighbour> expected;
    for (Index j = 0; j < 150; ++j) {
      if (j == q) continue;
      using Long = Vector<long double>;
      const Long x = vectors.col(q).template cast<long double>(),
                 y = vectors.col(j).template cast<long double>();
      expected.push_back({j, static_cast<double>(x.dot(y) / (x.norm() * y.norm()))});
    }
    std::stable_sort(expected.begin(), expected.end(), [](const Neighbour& a, const Neighbour& b) {
      return a.similarity > b.similarity + 1e-6;  // far above rounding, far below the gaps of random cosines
    });
    REQUIRE(found[static_cast<std::size_t>(q)].size() == 6);
    for (std::size_t k = 0; k < 6; ++k) {
      CHECK(std::abs(found[static_cast<std::size_t>(q)][k].similarity - expected[k].similarity) < 2e-7);
    }
    if (q < 30) CHECK(found[static_cast<std::size_t>(q)][0].index == q + 100);
    if (q >= 100 && q < 130) CHECK(found[static_cast<std::size_t>(q)][0].index == q - 100);
    CHECK(neighbours.of_column(q, 6) == found[static_cast<std::size_t>(q)]);  // alone or in a batch
  }
}

TEST_CASE("ties are ordered by index") {
  Matrix<float> vectors = Matrix<float>::Zero(3, 7);
  vectors.row(0).setConstant(1);
  vectors(1, 3) = 1;
  const CosineNeighbours<float> neighbours(vectors);
  std::vector<Index> order;
  for (const Neighbour& neighbour : neighbours.of_column(2, 5)) order.push_back(neighbour.index);
  CHECK(order == std::vector<Index>{0, 1, 4, 5, 6});
  CHECK(neighbours.of_column(2, 5)[0].similarity == 1.0);
  CHECK(neighbours.of_column(3, 1)[0].similarity == doctest::Approx(std::sqrt(0.5)));
}

TEST_CASE("queries that are no columns, and small numbers") {
  Matrix<double> vectors(2, 3);
  vectors << 1, 0, -1,  //
      0, 1, 0;
  const CosineNeighbours<double> neighbours(vectors);
  Matrix<double> query(2, 1);
  query << 5, 1;
  const auto found = neighbours.of_vectors(query, 10);
  REQUIRE(found.size() == 1);
  REQUIRE(found[0].size() == 3);  // there are no more
  CHECK(found[0][0].index == 0);
  CHECK(found[0][0].similarity == doctest::Approx(5 / std::sqrt(26.0)));
  CHECK(found[0][2].index == 2);
  CHECK(found[0][2].similarity == doctest::Approx(-5 / std::sqrt(26.0)));
  CHECK(neighbours.of_column(0, 0).empty());
  CHECK(neighbours.of_columns({}, 3).empty());
  CHECK(CosineNeighbours<double>(vectors.leftCols(1)).of_column(0, 3).empty());  // nobody but itself
}

TEST_CASE("what has no direction or is not there is refused by name") {
  Matrix<double> vectors = random_vectors<double>(3, 4);
  const CosineNeighbours<double> neighbours(vectors);
  CHECK_THROWS_WITH_AS(static_cast<void>(neighbours.of_column(4, 1)),
                       "CosineNeighbours: query 0 is column 4 of 4", ValueError);
  CHECK_THROWS_AS(static_cast<void>(neighbours.of_column(0, -1)), ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(neighbours.of_vectors(Matrix<double>::Ones(2, 1), 1)),
                       "CosineNeighbours: queries of dimension 2, expected 3", ShapeError);
  CHECK_THROWS_WITH_AS(static_cast<void>(neighbours.of_vectors(Matrix<double>::Zero(3, 1), 1)),
                       "CosineNeighbours: query 0 is zero and has no direction", ValueError);
  vectors.col(2).setZero();
  CHECK_THROWS_WITH_AS(CosineNeighbours<double>{vectors},
                       "CosineNeighbours: vector 2 is zero and has no direction", ValueError);
  vectors(1, 2) = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH_AS(CosineNeighbours<double>{vectors},
                       "CosineNeighbours: vector 2 has a value that is not finite", ValueError);
}
