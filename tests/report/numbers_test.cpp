// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/report/numbers.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <limits>

#include "rnnscope/core/random.hpp"

using namespace rnnscope;

TEST_CASE("shortest reads back as the same number") {
  CHECK(shortest(0.1) == "0.1");
  CHECK(shortest(0.1f) == "0.1");
  CHECK(shortest(100000.0) == "100000");
  CHECK(shortest(-1926.0) == "-1926");
  CHECK(shortest(1e-7) == "1e-07");
  CHECK(shortest(-0.0) == "0");
  CHECK(shortest(1e300) == "1e+300");
  CHECK(shortest(std::numeric_limits<double>::quiet_NaN()) == "nan");
  CHECK(shortest(-std::numeric_limits<float>::infinity()) == "-inf");
  Random random(1);
  for (int k = 0; k < 1000; ++k) {
    const double value = random.normal() * std::pow(10.0, random.uniform(-30, 30));
    CHECK(std::strtod(shortest(value).c_str(), nullptr) == value);
    CHECK(is_json_number(shortest(value)));
  }
}

TEST_CASE("fixed, significant, percent, thousands") {
  CHECK(fixed(3.14159, 2) == "3.14");
  CHECK(fixed(-0.001, 2) == "0.00");
  CHECK(fixed(-0.01, 2) == "-0.01");
  CHECK(fixed(1e308, 1).size() == 311);
  CHECK(significant(0.25, 3) == "0.25");
  CHECK(significant(123456, 3) == "1.23e+05");
  CHECK(significant(100000, 6) == "100000");
  CHECK(percent(0.9412) == "94.1%");
  CHECK(percent(1, 0) == "100%");
  CHECK(with_thousands(3201616) == "3,201,616");
  CHECK(with_thousands(-1000) == "-1,000");
  CHECK(with_thousands(999) == "999");
  CHECK(with_thousands(-123456) == "-123,456");
  CHECK(with_minus_sign("-1-2") == "\u22121-2");
  CHECK_THROWS_AS(static_cast<void>(fixed(1, -1)), ValueError);
  CHECK_THROWS_AS(static_cast<void>(significant(1, 0)), ValueError);
}

TEST_CASE("numbers as JSON has them") {
  for (const char* good : {"0", "-0", "12", "-12.5e3", "1E-7", "0.50"})
    CHECK_MESSAGE(is_json_number(good), good);
  for (const char* bad : {"", "-", "+1", ".5", "1.", "01", "1e", "nan", "inf", "1 ", "0x1", "94.1%", "1,000"}) {
    CHECK_MESSAGE(!is_json_number(bad), bad);
  }
}
