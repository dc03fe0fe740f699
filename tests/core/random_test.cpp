// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/core/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

using namespace rnnscope;

namespace {
using Block = std::array<std::uint32_t, 4>;

std::vector<double> uniforms(Random& random, int count) {
  std::vector<double> values;
  for (int k = 0; k < count; ++k) values.push_back(random.uniform());
  return values;
}
}  // namespace

// The known answers of philox4x32-10 that Random123 publishes (kat_vectors).
TEST_CASE("philox gives the published answers") {
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
        Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
  static_assert(philox({0, 0, 0, 0}, {0, 0})[0] == 0x6627e8d5);
}

TEST_CASE("bits are the words of philox in order") {
  Random random(0x299f31d0a4093822u, 7);
  const Block first = philox({0, 0, 7, 0}, {0xa4093822, 0x299f31d0});
  const Block second = philox({1, 0, 7, 0}, {0xa4093822, 0x299f31d0});
  CHECK(random.bits() == ((std::uint64_t{first[0]} << 32) | first[1]));
  CHECK(random.bits() == ((std::uint64_t{first[2]} << 32) | first[3]));
  CHECK(random.bits() == ((std::uint64_t{second[0]} << 32) | second[1]));
  CHECK(random.position() == 3);
}

TEST_CASE("equal state gives equal numbers; seeds and streams differ") {
  Random a(5, 1), b(5, 1), other_seed(6, 1), other_stream(5, 2);
  const auto numbers = uniforms(a, 100);
  CHECK(uniforms(b, 100) == numbers);
  CHECK(uniforms(other_seed, 100) != numbers);
  CHECK(uniforms(other_stream, 100) != numbers);
}

TEST_CASE("seek resumes anywhere, also beyond 32 bits") {
  Random random(11);
  const auto numbers = uniforms(random, 50);
  for (const std::uint64_t place : {0u, 1u, 17u, 48u}) {
    Random resumed(11);
    resumed.seek(place);
    CHECK(resumed.uniform() == numbers[place]);
    CHECK(resumed.position() == place + 1);
  }
  random.seek(std::uint64_t{1} << 40);
  const double far = random.uniform();
  CHECK(std::find(numbers.begin(), numbers.end(), far) == numbers.end());
}

TEST_CASE("uniform numbers fill [0, 1) evenly") {
  Random random(1);
  const int count = 200000, bins = 20;
  std::array<int, 20> histogram{};
  double sum = 0, sum_of_products = 0, before = 0.5;
  for (int k = 0; k < count; ++k) {
    const double u = random.uniform();
    REQUIRE((u >= 0.0 && u < 1.0));
    ++histogram[static_cast<std::size_t>(u * bins)];
    sum += u;
    sum_of_products += (u - 0.5) * (before - 0.5);
    before = u;
  }
  double chi2 = 0;
  for (const int n : histogram) chi2 += std::pow(n - count / bins, 2) / (count / bins);
  CHECK(chi2 < 43.8);  // 0.999 quantile, 19 degrees of freedom
  CHECK(std::abs(sum / count - 0.5) < 4 * std::sqrt(1.0 / 12 / count));
  CHECK(std::abs(sum_of_products / count) < 4.0 / 12 / std::sqrt(count));
  for (int k = 0; k < 1000; ++k) {
    const double u = random.uniform(-3.0, -1.0);
    CHECK((u >= -3.0 && u < -1.0));
  }
}

TEST_CASE("below is even and stays below") {
  Random random(2);
  std::array<int, 7> histogram{};
  for (int k = 0; k < 70000; ++k) ++histogram[static_cast<std::size_t>(random.below(7))];
  double chi2 = 0;
  for (const int n : histogram) chi2 += std::pow(n - 10000, 2) / 10000.0;
  CHECK(chi2 < 22.5);  // 0.999 quantile, 6 degrees of freedom
  for (int k = 0; k < 100; ++k) CHECK(random.below(1) == 0);
  CHECK_THROWS_WITH_AS(random.below(0), "Random::below: count must be at least 1, found 0", ValueError);
  CHECK_THROWS_AS(random.below(-3), ValueError);
}

TEST_CASE("normal numbers have mean 0, variance 1 and no excess") {
  Random random(3);
  const int count = 200000;
  double m1 = 0, m2 = 0, m3 = 0, m4 = 0;
  for (int k = 0; k < count; ++k) {
    const double x = random.normal();
    REQUIRE(std::isfinite(x));
    m1 += x, m2 += x * x, m3 += x * x * x, m4 += x * x * x * x;
  }
  const double root = std::sqrt(count);
  CHECK(std::abs(m1 / count) < 4 / root);
  CHECK(std::abs(m2 / count - 1) < 4 * std::sqrt(2) / root);
  CHECK(std::abs(m3 / count) < 4 * std::sqrt(15) / root);
  CHECK(std::abs(m4 / count - 3) < 4 * std::sqrt(96) / root);
}
