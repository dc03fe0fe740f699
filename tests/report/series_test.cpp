// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/report/series.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <set>

using namespace rnnscope;

TEST_CASE("the first line is full, the next four are dashed, each in another way") {
  CHECK(line_dash(0).empty());
  std::set<std::string> dashes;
  for (std::size_t k = 0; k < 5; ++k) dashes.insert(line_dash(k));
  CHECK(dashes.size() == 5);
  CHECK(line_dash(6) == line_dash(1));
}

TEST_CASE("values that are not finite are named") {
  CHECK_NOTHROW(require_finite({}, "plot", "a"));
  CHECK_NOTHROW(require_finite(std::vector<double>{-1e308, 0}, "plot", "a"));
  CHECK_THROWS_WITH_AS(
      require_finite(std::vector<double>{0, -std::numeric_limits<double>::infinity()}, "plot", "a"),
      "plot: value 1 of 'a' is -inf", ValueError);
}
