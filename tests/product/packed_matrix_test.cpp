// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/product/packed_matrix.hpp"

#include <doctest/doctest.h>

using namespace rnnscope;

TEST_CASE_TEMPLATE("a packed matrix multiplies, adds, and is a regular value", S, float, double) {
  const Matrix<S> a = Matrix<S>::Random(70, 33), x = Matrix<S>::Random(33, 7), other = Matrix<S>::Random(5, 33);
  const Matrix<S> expected = a.lazyProduct(x);
  const double tolerance = std::is_same_v<S, float> ? 1e-5 : 1e-13;
  const auto check = [&](const PackedMatrix<S>& packed) {
    REQUIRE(packed.rows() == 70);
    REQUIRE(packed.depth() == 33);
    Matrix<S> y = Matrix<S>::Constant(70, 7, S(9));
    packed.multiply(x, y);
    CHECK((y - expected).cwiseAbs().maxCoeff() <= tolerance);
    packed.multiply_add(x, y);
    CHECK((y - 2 * expected).cwiseAbs().maxCoeff() <= tolerance);
  };
  PackedMatrix<S> packed(a);
  check(packed);
  PackedMatrix<S> copy(packed);
  packed.pack(other);
  check(copy);
  PackedMatrix<S> moved(std::move(copy));
  check(moved);
  CHECK(copy.rows() == 0);  // moved from: empty, and good for new values
  copy = moved;
  check(copy);
  const PackedMatrix<S>& self = moved;
  moved = self;
  check(moved);
  packed = moved;
  check(packed);
  packed = PackedMatrix<S>(a);
  check(packed);
  Matrix<S> none(70, 0);
  packed.multiply(Matrix<S>(33, 0), none);
  CHECK(PackedMatrix<S>().rows() == 0);
  const Matrix<S> no_rows(0, 33);
  Matrix<S> nothing(0, 7);
  PackedMatrix<S>(no_rows).multiply(x, nothing);
  CHECK_THROWS_WITH_AS(packed.multiply(Matrix<S>(32, 7), nothing),
                       "product of 70 x 33 and 32 x 7 into 0 x 7: the sizes do not agree", ShapeError);
}
