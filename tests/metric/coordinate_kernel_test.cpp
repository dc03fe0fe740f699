// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/metric/coordinate_kernel.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>

#include "random_columns.hpp"
#include "rnnscope/metric/euclidean.hpp"
#include "rnnscope/metric/manhattan.hpp"

using namespace rnnscope;
using metric::detail::coordinate_kernel;
using metric::detail::coordinate_proxy;
using metric::detail::Pointers;

namespace {

double euclidean_term(double x, double y, double sum) {
  const double difference = x - y;
#if defined(__FMA__) || defined(FP_FAST_FMA)
  return std::fma(difference, difference, sum);
#else
  return sum + difference * difference;
#endif
}
double manhattan_term(double x, double y, double sum) { return sum + std::abs(x - y); }

/// The order of summation in words: eight partial sums, added as ((0+4)+(2+6))+((1+5)+(3+7)).
template <class S>
double canonical(double (*term)(double, double, double), const S* x, const S* y, Index dimension) {
  std::array<double, 8> p{};
  for (Index k = 0; k < dimension; ++k) {
    const auto l = static_cast<std::size_t>(k % 8);
    p[l] = term(static_cast<double>(x[k]), static_cast<double>(y[k]), p[l]);
  }
  return ((p[0] + p[4]) + (p[2] + p[6])) + ((p[1] + p[5]) + (p[3] + p[7]));
}

}  // namespace

TEST_CASE_TEMPLATE("the kernel sums in the documented order, to the last bit", S, float, double) {
  for (const Index dimension : {1, 2, 7, 8, 9, 16, 23, 64, 100, 513}) {
    const Matrix<S> points = test::random_columns<S>(dimension, 2, static_cast<std::uint64_t>(dimension));
    const S* x = points.data();
    const S* y = x + dimension;
    CHECK(coordinate_proxy(metric::Euclidean{}, x, y, dimension) == canonical(euclidean_term, x, y, dimension));
    CHECK(coordinate_proxy(metric::Manhattan{}, x, y, dimension) == canonical(manhattan_term, x, y, dimension));
    CHECK(coordinate_proxy(metric::Euclidean{}, y, x, dimension) ==
          coordinate_proxy(metric::Euclidean{}, x, y, dimension));
    CHECK(coordinate_proxy(metric::Manhattan{}, x, x, dimension) == 0.0);
  }
}

TEST_CASE_TEMPLATE("pairs computed together have the bits of pairs computed alone", S, float, double) {
  for (const Index dimension : {3, 8, 37}) {
    const Matrix<S> points = test::random_columns<S>(dimension, 8, 5);
    Pointers<S, 4> x, y;
    for (std::size_t k = 0; k < 4; ++k) {
      x[k] = points.col(static_cast<Index>(k)).data();
      y[k] = points.col(static_cast<Index>(k) + 4).data();
    }
    std::array<double, 20> out{};
    coordinate_kernel<4, 4>(metric::Euclidean{}, x, y, dimension, out.data(), 5);
    for (std::size_t p = 0; p < 4; ++p) {
      for (std::size_t q = 0; q < 4; ++q) {
        CHECK(out[p * 5 + q] == coordinate_proxy(metric::Euclidean{}, x[p], y[q], dimension));
      }
    }
  }
}
