// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/format/crc32.hpp"

#include <doctest/doctest.h>

using namespace rnnscope;

TEST_CASE("CRC-32 of known texts") {
  CHECK(crc32("") == 0);
  CHECK(crc32("123456789") == 0xCBF43926u);  // the check value of the CRC catalogues
  CHECK(crc32("The quick brown fox jumps over the lazy dog") == 0x414FA339u);
  CHECK(crc32("6789", crc32("12345")) == 0xCBF43926u);
  CHECK(crc32("23456789", crc32("1")) == 0xCBF43926u);
}
