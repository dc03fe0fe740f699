// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/format/half.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

using namespace rnnscope;

namespace {
const float inf = std::numeric_limits<float>::infinity();

std::uint32_t bits_of(float value) { return std::bit_cast<std::uint32_t>(value); }

/// The value of binary16 bits by the formula of IEEE 754.
double formula_f16(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 0x1F, fraction = bits & 0x3FF;
  const double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  if (exponent == 31) return fraction == 0 ? sign * static_cast<double>(inf) : std::nan("");
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}
}  // namespace

TEST_CASE("all 65,536 binary16 numbers have the value of the formula and come back") {
  int wrong_value = 0, wrong_bits = 0;
  for (std::uint32_t k = 0; k < 65536; ++k) {
    const auto bits = static_cast<std::uint16_t>(k);
    const float value = float_from_f16(bits);
    const double expected = formula_f16(bits);
    if (std::isnan(expected)) {
      wrong_value += !std::isnan(value);
      wrong_bits += (f16_from_float(value) & 0x7FFF) != 0x7E00;
    } else {
      wrong_value += static_cast<double>(value) != expected;
      wrong_value += std::signbit(value) != ((k & 0x8000) != 0);
      wrong_bits += f16_from_float(value) != bits;
    }
  }
  CHECK(wrong_value == 0);
  CHECK(wrong_bits == 0);
}

TEST_CASE("floats between two binary16 numbers go to the nearer one, ties to even") {
  int wrong = 0;
  for (std::uint32_t k = 0; k < 0x7BFF; ++k) {  // every pair of finite neighbours
    const auto low = static_cast<std::uint16_t>(k), high = static_cast<std::uint16_t>(k + 1);
    const float middle = (float_from_f16(low) + float_from_f16(high)) / 2;  // exact
    const std::uint16_t even = k % 2 == 0 ? low : high;
    wrong += f16_from_float(middle) != even;
    wrong += f16_from_float(std::nextafter(middle, -inf)) != low;
    wrong += f16_from_float(std::nextafter(middle, inf)) != high;
    wrong += f16_from_float(-middle) != (even | 0x8000);
  }
  CHECK(wrong == 0);
  CHECK(f16_from_float(65504.0f) == 0x7BFF);
  CHECK(f16_from_float(std::nextafter(65520.0f, 0.0f)) == 0x7BFF);
  CHECK(f16_from_float(65520.0f) == 0x7C00);
  CHECK(f16_from_float(1e30f) == 0x7C00);
  CHECK(f16_from_float(-inf) == 0xFC00);
  CHECK(f16_from_float(1e-30f) == 0);
  CHECK(f16_from_float(-0.0f) == 0x8000);
}

TEST_CASE("bfloat16 is the upper half of a float, rounded to even") {
  int wrong = 0;
  for (std::uint32_t k = 0; k < 65536; ++k) {
    const auto bits = static_cast<std::uint16_t>(k);
    const float value = float_from_bf16(bits);
    wrong += bits_of(value) != k << 16;
    if (std::isnan(value)) {
      wrong += !std::isnan(float_from_bf16(bf16_from_float(value)));
    } else {
      wrong += bf16_from_float(value) != bits;
    }
  }
  CHECK(wrong == 0);
  const auto from_bits = [](std::uint32_t bits) { return bf16_from_float(std::bit_cast<float>(bits)); };
  CHECK(from_bits(0x3F800001) == 0x3F80);
  CHECK(from_bits(0x3F807FFF) == 0x3F80);
  CHECK(from_bits(0x3F808000) == 0x3F80);  // tie, to even
  CHECK(from_bits(0x3F818000) == 0x3F82);  // tie, to even
  CHECK(from_bits(0x3F808001) == 0x3F81);
  CHECK(from_bits(0x7F7FFFFF) == 0x7F80);  // the largest float rounds to infinity
  CHECK(std::isnan(float_from_bf16(from_bits(0x7F800001))));
  CHECK(std::isnan(float_from_bf16(from_bits(0xFFFFFFFF))));
}
