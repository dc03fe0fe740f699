// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/product/multiply.hpp"

#include <doctest/doctest.h>

#include <array>
#include <limits>
#include <vector>

#include "rnnscope/core/random.hpp"
#include "rnnscope/product/packed_matrix.hpp"

using namespace rnnscope;

namespace {
template <class S>
Matrix<S> random_matrix(Index rows, Index cols, Random& random) {
  return Matrix<S>::NullaryExpr(rows, cols, [&] { return static_cast<S>(random.uniform(-1.0, 1.0)); });
}
}  // namespace

TEST_CASE_TEMPLATE("products equal a plain sum, for shapes on both sides of every border", S, float, double) {
  const double tolerance = std::is_same_v<S, float> ? 2e-3 : 1e-11;
  Random random(53);
  std::vector<std::array<Index, 3>> shapes{
      {1, 1, 5}, {3, 400, 60}, {40, 70, 90}, {257, 3, 200}, {513, 33, 17},  {1030, 5, 64},   {31, 2, 2000},
      {0, 4, 3}, {4, 5, 0},    {100, 50, 0}, {64, 12, 512}, {130, 700, 40}, {200, 10, 1100}, {35, 9, 8}};
  for (Index cols = 2; cols <= 13; ++cols) {  // the kernels for few columns, and tiles of every width
    for (const Index rows : {32, 33, 63, 64, 65, 129, 300}) {
      for (const Index depth : {15, 16, 17, 31}) shapes.push_back({rows, cols, depth});
    }
  }
  for (const auto& [rows, cols, depth] : shapes) {
    const Matrix<S> a = random_matrix<S>(rows, depth, random), b = random_matrix<S>(depth, cols, random);
    Matrix<double> expected = Matrix<double>::Zero(rows, cols);
    for (Index k = 0; k < depth; ++k) {
      expected += a.col(k).template cast<double>() * b.row(k).template cast<double>();
    }
    const Matrix<S> a_transposed = a.transpose(), b_transposed = b.transpose();
    const auto check = [&](const Matrix<S>& c, double factor) {
      if (c.size() > 0)
        CHECK((c.template cast<double>() - factor * expected).cwiseAbs().maxCoeff() <= tolerance);
    };
    Matrix<S> c = Matrix<S>::Constant(rows, cols, S(7));
    multiply(a, b, c);
    check(c, 1);
    multiply_add(a, b, c);
    check(c, 2);
    multiply(a_transposed.transpose(), b, c);
    check(c, 1);
    multiply_add(a_transposed.transpose(), b, c);
    check(c, 2);
    multiply(a, b_transposed.transpose(), c);
    check(c, 1);
    multiply_add(a_transposed.transpose(), b_transposed.transpose(), c);
    check(c, 2);
    // Operands and result inside larger matrices: nothing around them is read into the sum or written.
    Matrix<S> large = Matrix<S>::Zero(rows + 5, cols + 2),
              large_b = Matrix<S>::Constant(depth + 3, cols, S(1e6));
    large_b.middleRows(1, depth) = b;
    multiply(a, large_b.middleRows(1, depth), large.block(2, 1, rows, cols));
    check(large.block(2, 1, rows, cols), 1);
    CHECK(large.topRows(2).norm() + large.bottomRows(3).norm() + large.col(0).norm() +
              large.col(cols + 1).norm() ==
          S(0));
  }
}

#if !defined(EIGEN_USE_BLAS)  // whose bits are its own
TEST_CASE_TEMPLATE("an element of a large product has the same bits wherever it lies", S, float, double) {
  Random random(54);
  const Matrix<S> a = random_matrix<S>(300, 1300, random), b = random_matrix<S>(1300, 90, random);
  Matrix<S> whole(300, 90), part(75, 31), packed(300, 90);
  multiply(a, b, whole);
  multiply(a.middleRows(101, 75), b.middleCols(13, 31), part);
  CHECK((part - whole.block(101, 13, 75, 31)).cwiseAbs().maxCoeff() == 0);
  PackedMatrix<S>(a).multiply(b, packed);
  CHECK((packed - whole).cwiseAbs().maxCoeff() == 0);
  const Matrix<S> at = a.transpose(), bt = b.transpose();
  PackedMatrix<S>(at.transpose()).multiply(bt.transpose(), packed);
  CHECK((packed - whole).cwiseAbs().maxCoeff() == 0);
  for (const int threads : {1, 3}) {
    const int before = thread_count();
    set_thread_count(threads);
    multiply(at.transpose(), bt.transpose(), packed);
    set_thread_count(before);
    CHECK((packed - whole).cwiseAbs().maxCoeff() == 0);
  }
}
#endif

TEST_CASE("a product does not read or spread what padding touches") {
  Random random(55);
  Matrix<float> a = random_matrix<float>(40, 20, random), b = random_matrix<float>(20, 11, random), c(40, 11);
  b(3, 10) = std::numeric_limits<float>::quiet_NaN();
  multiply(a, b, c);
  CHECK(c.leftCols(10).allFinite());
  CHECK(c.col(10).array().isNaN().all());
}
