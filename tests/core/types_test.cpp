// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/core/types.hpp"

#include <doctest/doctest.h>

#include <numeric>
#include <type_traits>
#include <vector>

using namespace rnnscope;

namespace {
double sum_of(const ConstMatrixRef<double>& m, const double*& seen) {
  seen = m.data();
  return m.sum();
}
void fill(MatrixRef<double> m, double value) { m.setConstant(value); }
}  // namespace

TEST_CASE("sizes are Eigen's, ids have 32 bits") {
  static_assert(std::is_same_v<Index, Eigen::Index>);
  static_assert(sizeof(Id) == 4 && std::is_signed_v<Id>);
  CHECK(sizeof(Index) == sizeof(void*));
}

TEST_CASE("a channel over time is a row-major [T, B, H] array") {
  const Index steps = 2, batch = 3, height = 4;
  std::vector<double> row_major(static_cast<std::size_t>(steps * batch * height));
  std::iota(row_major.begin(), row_major.end(), 0.0);
  const ConstMatrixMap<double> channel(row_major.data(), height, steps * batch);
  for (Index t = 0; t < steps; ++t) {
    for (Index b = 0; b < batch; ++b) {
      for (Index h = 0; h < height; ++h) {
        CHECK(channel(h, t * batch + b) == static_cast<double>((t * batch + b) * height + h));
      }
    }
  }
}

TEST_CASE("matrix references bind to matrices and blocks without copying") {
  Matrix<double> m = Matrix<double>::Ones(4, 6);
  const double* seen = nullptr;
  CHECK(sum_of(m, seen) == 24.0);
  CHECK(seen == m.data());
  CHECK(sum_of(m.middleCols(2, 2), seen) == 8.0);
  CHECK(seen == m.col(2).data());
  CHECK(sum_of(m.middleRows(1, 2), seen) == 12.0);
  CHECK(seen == m.data() + 1);
  fill(m.middleRows(1, 2), 5.0);
  CHECK(m.sum() == 12.0 + 60.0);
}
