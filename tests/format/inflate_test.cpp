// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/format/inflate.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "rnnscope/core/file.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/format/crc32.hpp"

using namespace rnnscope;

namespace {

/// What tests/data/make_npz_fixtures.py packed.
std::string unpacked() {
  std::string data;
  for (std::uint32_t k = 0; k < 70000; ++k) {
    const std::uint32_t value = k < 30000 ? (k * k / 7) % 251 : k < 50000 ? (k * 2654435761u) >> 24 : k % 3;
    data += static_cast<char>(value);
  }
  return data;
}

std::string stream(const std::string& name) {
  return read_file(std::filesystem::path(__FILE__).parent_path() / ".." / "data" / "npz" / (name + ".deflate"));
}

void refused(const std::string& bytes, std::size_t size, const std::string& reason) {
  CHECK_THROWS_WITH_AS(static_cast<void>(inflate(bytes, size, "f")),
                       ("f: the compressed data is damaged: " + reason).c_str(), FormatError);
}

}  // namespace

TEST_CASE("CRC-32 of known texts") {
  CHECK(crc32("") == 0);
  CHECK(crc32("123456789") == 0xCBF43926u);  // the check value of the CRC catalogues
  CHECK(crc32("The quick brown fox jumps over the lazy dog") == 0x414FA339u);
  CHECK(crc32("6789", crc32("12345")) == 0xCBF43926u);
  CHECK(crc32("23456789", crc32("1")) == 0xCBF43926u);
}

TEST_CASE("all kinds of blocks that zlib writes") {
  const std::string expected = unpacked();
  for (const char* const name : {"dynamic", "fixed", "stored", "literals", "runs"}) {
    CAPTURE(name);
    CHECK(inflate(stream(name), expected.size()) == expected);
  }
}

TEST_CASE("streams written by hand") {
  CHECK(inflate(std::string("\x03\x00", 2), 0).empty());  // an empty fixed block
  CHECK(inflate(std::string("\x01\x02\x00\xFD\xFF"
                            "ab",
                            7),
                2) == "ab");                                                     // a stored block
  CHECK(inflate(std::string("\x4B\x4C\x44\x00\x00", 5), 12) == "aaaaaaaaaaaa");  // a copy that overlaps itself
}

TEST_CASE("what is damaged is refused") {
  refused("", 0, "it ends too early");
  refused("\x07", 0, "a block is of no known kind");
  refused(std::string("\x01\x02\x00\xFD\xFE"
                      "ab",
                      7),
          2, "a length is wrong");
  refused(std::string("\x01\x02\x00\xFD\xFF"
                      "a",
                      6),
          2, "it ends too early");
  refused(std::string("\x01\x02\x00\xFD\xFF"
                      "ab",
                      7),
          1, "it holds more than the archive says");
  refused(std::string("\x01\x02\x00\xFD\xFF"
                      "ab",
                      7),
          3, "it holds 2 bytes, expected 3");
  refused(std::string("\x01\x02\x00\xFD\xFF"
                      "abc",
                      8),
          2, "1 bytes follow its end");
  refused(std::string("\x4B\x4C\x44\x00\x00", 5), 11, "it holds more than the archive says");
  refused(std::string("\x03\x02\x00", 3), 10, "a distance reaches before the beginning");
  const std::string good = stream("dynamic");
  refused(good, 69999, "it holds more than the archive says");
  refused(good, 70001, "it holds 70000 bytes, expected 70001");
}

TEST_CASE("any byte changed, or cut anywhere: the right bytes, other bytes or an error, never worse") {
  const std::string good = stream("dynamic"), expected = unpacked();
  Index wrong = 0, rejected = 0;
  const auto attempt = [&](const std::string& bytes) {
    try {
      wrong += inflate(bytes, expected.size()).size() == expected.size() ? 0 : 1;
    } catch (const FormatError&) {
      ++rejected;
    }
  };
  for (std::size_t k = 0; k < good.size(); k += k < 300 ? 1 : 397) {
    for (const int flip : {0x01, 0x10, 0xFF}) {
      std::string bad = good;
      bad[k] = static_cast<char>(bad[k] ^ flip);
      attempt(bad);
    }
    CHECK_THROWS_AS(static_cast<void>(inflate(good.substr(0, k), expected.size())), FormatError);
  }
  CHECK(wrong == 0);
  CHECK(rejected > 300);
}
