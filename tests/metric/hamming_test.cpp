// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/metric/hamming.hpp"

#include <doctest/doctest.h>

#include <string>

#include "expected_pairs.hpp"

using namespace rnnscope;

TEST_CASE("Hamming distances of columns against SciPy, and of strings") {
  Matrix<float> points(5, 4);
  points << 1, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 0;
  test::check_pairs(metric::Hamming{}, points, {0.4, 0.6, 0.0, 0.6, 0.4, 0.6});
  const std::vector<std::string> words{"karolin", "kathrin", "kerstin"};
  test::check_pairs(metric::Hamming{}, words, {3.0 / 7, 3.0 / 7, 4.0 / 7});
  CHECK(metric::Hamming{}(std::string(), std::string()) == 0.0);
  CHECK_THROWS_WITH_AS(static_cast<void>(metric::Hamming{}(words[0], std::string("abc"))),
                       "Hamming distance: sequences of length 7 and 3; expected equal lengths", ShapeError);
}
