// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/report/scale.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "rnnscope/core/random.hpp"

using namespace rnnscope;

namespace {
std::vector<std::string> labels(const Scale& scale) {
  std::vector<std::string> result;
  for (const Tick& tick : scale.ticks()) result.push_back(tick.label);
  return result;
}
}  // namespace

TEST_CASE("linear ticks are round numbers with the decimals they need") {
  CHECK(labels(Scale::covering(-42.8, 41.3)) ==
        std::vector<std::string>{"\u221240", "\u221220", "0", "20", "40"});
  CHECK(labels(Scale::covering(0, 0.31)) ==
        std::vector<std::string>{"0.00", "0.05", "0.10", "0.15", "0.20", "0.25", "0.30"});
  CHECK(labels(Scale::covering(0, 2030)) == std::vector<std::string>{"0", "500", "1000", "1500", "2000"});
}

TEST_CASE("any range is covered, with few ticks inside it") {
  Random random(3);
  for (int k = 0; k < 2000; ++k) {
    const double size = std::pow(10.0, random.uniform(-12, 12));
    const double low = size * random.normal();
    const double high = low + size * random.uniform();
    const Scale scale = Scale::covering(low, high);
    CHECK(scale.low() <= low + 1e-9 * size);
    CHECK(scale.high() >= high - 1e-9 * size);
    CHECK(scale.ticks().size() >= 3);
    CHECK(scale.ticks().size() <= 11);
    CHECK(scale.high() - scale.low() < 1.5 * (high - low));
    for (const Tick& tick : scale.ticks()) {
      CHECK(scale.share(tick.value) > -1e-6);
      CHECK(scale.share(tick.value) < 1 + 1e-6);
    }
  }
}

TEST_CASE("a single value, huge values, and tiny differences end") {
  CHECK(Scale::covering(5, 5).share(5) == doctest::Approx(0.5));
  CHECK(Scale::covering(0, 0).share(0) == doctest::Approx(0.5));
  CHECK(Scale::covering(1e17, 1e17 + 64).ticks().size() <= 50);
  CHECK(Scale::covering(-1e308, 1e308).ticks().size() > 2);
}

TEST_CASE("logarithmic axes") {
  const Scale decades = Scale::covering(1e-6, 9e4, AxisKind::Logarithmic);
  CHECK(labels(decades).front() == "1e-06");
  CHECK(labels(decades).back() == "100000");
  CHECK(decades.share(1e-6) == doctest::Approx(0));
  CHECK(decades.share(std::sqrt(1e-6 * 1e5)) == doctest::Approx(0.5));
  CHECK(labels(Scale::covering(1, 170, AxisKind::Logarithmic)) ==
        std::vector<std::string>{"1", "2", "5", "10", "20", "50", "100", "200"});
  CHECK(labels(Scale::covering(1.07, 3.27, AxisKind::Logarithmic)) ==
        std::vector<std::string>{"1.0", "1.5", "2.0", "2.5", "3.0"});
  const Scale wide = Scale::covering(1e-200, 1e200, AxisKind::Logarithmic);
  CHECK(wide.ticks().size() <= 14);
  CHECK(wide.low() <= 1e-200);
  CHECK(wide.high() >= 1e200);
  CHECK(Scale::covering(7, 7, AxisKind::Logarithmic).low() > 0);
  CHECK_THROWS_WITH_AS(static_cast<void>(Scale::covering(0, 1, AxisKind::Logarithmic)),
                       "Scale: a logarithmic axis needs positive values, found 0", ValueError);
}

TEST_CASE("categories lie in the middle of equal slots") {
  const Scale scale = Scale::categories({"a", "b", "c", "d"});
  CHECK(scale.is_categorical());
  CHECK(scale.share(0) == doctest::Approx(0.125));
  CHECK(scale.share(3) == doctest::Approx(0.875));
  CHECK_THROWS_AS(static_cast<void>(Scale::categories({})), ValueError);
  CHECK_THROWS_AS(static_cast<void>(Scale::covering(2, 1)), ValueError);
  CHECK_THROWS_AS(static_cast<void>(Scale::covering(0, std::numeric_limits<double>::infinity())), ValueError);
}
