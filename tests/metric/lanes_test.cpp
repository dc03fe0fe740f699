// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/metric/lanes.hpp"

#include <doctest/doctest.h>

#include <limits>

using rnnscope::metric::Lanes;

TEST_CASE_TEMPLATE("Lanes::load takes eight numbers, load_first pads with zeros and reads no further", S, float,
                   double) {
  const S numbers[8] = {S(1.5), S(-2), S(3), S(-4.25), S(5), S(6), S(-7), S(8)};
  const auto all = Lanes::load(numbers).values();
  for (std::size_t l = 0; l < 8; ++l) CHECK(all[l] == static_cast<double>(numbers[l]));
  for (rnnscope::Index size = 0; size < 8; ++size) {
    const auto some = Lanes::load_first(numbers, size).values();
    for (std::size_t l = 0; l < 8; ++l) {
      CHECK(some[l] == (static_cast<rnnscope::Index>(l) < size ? static_cast<double>(numbers[l]) : 0.0));
    }
  }
}

TEST_CASE("Lanes: arithmetic is that of each lane") {
  const double a[8] = {1.5, -2.0, 0.0, 4.25, -0.0, 1e300, -7.0, 0.1};
  const double b[8] = {0.5, 3.0, -1.0, 1e-3, 2.0, 1e300, 0.3, 0.2};
  const double c[8] = {1.0, 1.0, 2.0, -3.0, 0.0, 0.0, 1e-20, -0.02};
  const Lanes x = Lanes::load(a), y = Lanes::load(b), z = Lanes::load(c);
  const auto sum = (x + y).values(), difference = (x - y).values(), size = abs(x).values(),
             product = multiply_add(x, y, z).values();
  for (std::size_t l = 0; l < 8; ++l) {
    CHECK(sum[l] == a[l] + b[l]);
    CHECK(difference[l] == a[l] - b[l]);
    CHECK(size[l] == std::abs(a[l]));
    CHECK_FALSE(std::signbit(size[l]));
#if defined(__FMA__) || defined(FP_FAST_FMA)
    CHECK(product[l] == std::fma(a[l], b[l], c[l]));
#endif
  }
  CHECK(product[1] == -5.0);
  CHECK(product[5] == std::numeric_limits<double>::infinity());
}
