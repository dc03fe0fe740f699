// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/format/npz.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "../python.hpp"
#include "../temporary_folder.hpp"

using namespace rnnscope;
using rnnscope::test::TemporaryFolder;

namespace {

/// An archive that NumPy wrote (tests/data/make_npz_fixtures.py).
std::filesystem::path fixture(const std::string& name) {
  return std::filesystem::path(__FILE__).parent_path() / ".." / "data" / "npz" / name;
}

NamedArrays example() {
  NamedArrays arrays;
  arrays.add<float>("lstm.weight", {2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6});
  arrays.add<double>("b", {3}, std::vector<double>{0.1, -0.0, 1e300});
  arrays.add<float>("half", {2, 1}, std::vector<float>{0.5f, 1.5f}, Dtype::F16);
  arrays.add<std::int64_t>("ids", {}, std::vector<std::int64_t>{-7});
  arrays.add<float>("\xC3\xA9", {0, 7}, {});
  arrays.add({"truth", Dtype::Bool, {2}, {std::byte{1}, std::byte{0}}});
  return arrays;
}

void refused(const std::string& bytes, const std::string& reason, const NpzLimits& limits = {}) {
  CHECK_THROWS_WITH_AS(static_cast<void>(parse_npz(bytes, "f", limits)), ("f: " + reason).c_str(), FormatError);
}

/// `bytes` with a little-endian number of `size` bytes at `place` (from the end if negative).
std::string with(std::string bytes, std::ptrdiff_t place, std::uint32_t number, std::size_t size) {
  const auto at =
      static_cast<std::size_t>(place < 0 ? static_cast<std::ptrdiff_t>(bytes.size()) + place : place);
  std::memcpy(bytes.data() + at, &number, size);
  return bytes;
}

/// NumPy's archives that this build can read.
std::vector<std::string> archives() {
#if defined(RNNSCOPE_HAS_ZLIB)
  return {"stored.npz", "compressed.npz"};
#else
  MESSAGE("compressed archives: skipped, built without zlib");
  return {"stored.npz"};
#endif
}

}  // namespace

TEST_CASE("NumPy's archives, stored and compressed") {
  for (const std::string& name : archives()) {
    CAPTURE(name);
    const NamedArrays arrays = read_npz(fixture(name));
    REQUIRE(arrays.arrays().size() == 10);
    CHECK(arrays.arrays()[0].name == "lstm.weight_ih_l0");
    CHECK(arrays.at("lstm.weight_ih_l0").shape == std::vector<Index>{2, 3, 4});
    const auto single = arrays.values<float>("lstm.weight_ih_l0");
    const auto wide = arrays.values<double>("double");  // stored in Fortran order
    const auto ids = arrays.values<std::int32_t>("ids");
    const auto half = arrays.values<float>("half");
    for (std::size_t k = 0; k < 24; ++k) {
      CHECK(single[k] == static_cast<float>(k) * 1.5f - 2.0f);
      CHECK(wide[k] == static_cast<double>(k) * 1.5 - 2.0);
      CHECK(ids[k] == static_cast<std::int32_t>(3 * k) - 2);
      if (k < 12) CHECK(half[k] == static_cast<float>(k) * 0.5f);
      CHECK(arrays.at("bytes").bytes[k] == static_cast<std::byte>(k));
      CHECK(arrays.at("truth").bytes[k] == static_cast<std::byte>(k % 3 == 0));
    }
    CHECK(arrays.values<std::int64_t>("big") == std::vector<std::int64_t>{-2, 1, 4, 7});
    CHECK(arrays.values<float>("zeros") == std::vector<float>(1000));
    CHECK(arrays.values<double>("scalar") == std::vector<double>{2.5});
    CHECK(arrays.at("none").shape == std::vector<Index>{0, 3});
  }
  CHECK(std::filesystem::file_size(fixture("compressed.npz")) <
        std::filesystem::file_size(fixture("stored.npz")));
}

TEST_CASE("what is written is read") {
  const TemporaryFolder folder;
  const NamedArrays arrays = example();
  write_npz(folder / "a.npz", arrays);
  CHECK(read_npz(folder / "a.npz") == arrays);
  CHECK(npz_bytes(read_npz(folder / "a.npz")) == npz_bytes(arrays));
  CHECK(parse_npz(npz_bytes(NamedArrays())) == NamedArrays());
  NamedArrays brain;
  brain.add<float>("w", {1}, std::vector<float>{1}, Dtype::BF16);
  CHECK_THROWS_WITH_AS(static_cast<void>(npz_bytes(brain)),
                       "npy: array 'w' is BF16, which NumPy does not have; store it as F32", ValueError);
}

TEST_CASE("NumPy reads what is written") {
  const auto python = test::python_with("numpy");
  if (!python) return;
  const TemporaryFolder folder;
  write_npz(folder / "a.npz", example());
  CHECK(test::run_python(*python, folder / "check.py",
                         "import numpy as n; a = n.load('" + (folder / "a.npz").string() + R"(')
assert list(a) == ['lstm.weight', 'b', 'half', 'ids', '\u00e9', 'truth'], list(a)
assert a['lstm.weight'].tolist() == [[1, 2, 3], [4, 5, 6]] and a['lstm.weight'].dtype == n.float32
assert a['b'].tolist() == [0.1, 0, 1e300] and a['half'].tolist() == [[0.5], [1.5]]
assert a['half'].dtype == n.float16 and a['ids'].shape == () and int(a['ids']) == -7
assert a['\u00e9'].shape == (0, 7) and a['truth'].tolist() == [True, False]
)"));
}

TEST_CASE("archives that say what is not so") {
  NamedArrays one;
  one.add<float>("w", {2}, std::vector<float>{1, 2});
  const std::string good = npz_bytes(one);
  // Local header 30 + 5 bytes, .npy 128 + 8, list 46 + 5, end 22.
  REQUIRE(good.size() == 30 + 5 + 136 + 46 + 5 + 22);
  const std::ptrdiff_t list = 171, end = 222;
  CHECK(parse_npz(good) == one);
  refused("", "this is no zip archive, it has only 0 bytes");
  refused(std::string(100, 'x'), "this is no zip archive, or its end is missing");
  refused(good.substr(0, good.size() - 1), "this is no zip archive, or its end is missing");
  refused("x" + good, "the list of contents is not where the archive says");
  refused(with(good, end + 4, 1, 2), "archives in several parts are not supported");
  refused(with(good, end + 8, 2, 2), "archives in several parts are not supported");
  refused(with(good, end + 10, 0xFFFF, 2), "archives of the zip64 kind (beyond 4 GiB) are not supported");
  refused(with(good, end + 16, 170, 4), "the list of contents is not where the archive says");
  refused(with(good, end + 12, 50, 4), "the list of contents is not where the archive says");
  refused(with(with(good, end + 8, 2, 2), end + 10, 2, 2),
          "the list of contents does not fit into the file of 244 bytes; is it cut off?");
  refused(with(with(good, end + 8, 0, 2), end + 10, 0, 2),
          "the list of contents is shorter than the archive says");
  refused(with(good, list, 0, 4), "entry 0 of the list of contents is damaged");
  refused(with(good, list + 28, 20, 2), "the list of contents is longer than the archive says");
  refused(with(good, list + 28, 4, 2), "the list of contents is shorter than the archive says");
  refused(with(good, list + 30, 1, 2), "the list of contents is longer than the archive says");
  const std::string array = "'w.npy': ";
  refused(with(good, list + 8, 1, 2), array + "it is encrypted");
  refused(with(good, list + 10, 12, 2),
          array + "compression method 12 is not supported, expected 0 (stored) or 8 (deflate)");
  refused(with(good, list + 24, 135, 4), array + "136 bytes cannot hold 135");
  refused(with(good, list + 20, 0xFFFFFFFFu, 4), array + "the arrays overlap");
  refused(with(with(good, list + 10, 8, 2), list + 24, 0x7FFFFFFFu, 4),
          array + "136 bytes cannot hold 2147483647");
  refused(good, array + "the arrays need more than the limit of 100 bytes", {.max_bytes = 100});
  refused(with(good, list + 42, 1, 4), array + "there is no file where the list of contents says");
  refused(with(good, list + 42, 0xFFFFFFFEu, 4),
          "an array does not fit into the file of 244 bytes; is it cut off?");
  refused(with(good, 30, 'v', 1), array + "the file has another name than the list of contents says");
  refused(with(good, 28, 1, 2), array + "it reaches into the list of contents");
  refused(with(good, 170, 1, 1), array + "the checksum is wrong");
  refused(with(good, list + 16, 1, 4), array + "the checksum is wrong");
  refused(with(with(good, 33, 'x', 1), list + 49, 'x', 1), "'w.nxy': expected a name that ends with .npy");
}

TEST_CASE("an array with any byte of the archive changed, or cut anywhere, is refused") {
  for (const std::string& good : {npz_bytes(example()), read_file(fixture(archives().back()))}) {
    const NamedArrays arrays = parse_npz(good);
    Index other = 0, rejected = 0;
    const auto attempt = [&](const std::string& bytes) {
      try {
        other += parse_npz(bytes) == arrays ? 0 : 1;
      } catch (const Error&) {
        ++rejected;
      }
    };
    for (std::size_t k = 0; k < good.size(); ++k) {
      for (const int flip : {0x01, 0x80}) {
        std::string bad = good;
        bad[k] = static_cast<char>(bad[k] ^ flip);
        attempt(bad);
      }
      attempt(good.substr(0, k));
    }
    CHECK(other == 0);  // dates and versions may change; numbers, shapes and names may not
    CHECK(rejected > static_cast<Index>(good.size()));
  }
}

#if defined(RNNSCOPE_HAS_ZLIB)
TEST_CASE("an archive that unpacks to far more than it is does not get the memory") {
  const std::string packed = read_file(fixture("compressed.npz"));
  refused(packed, "'double.npy': the arrays need more than the limit of 400 bytes", {.max_bytes = 400});
}

TEST_CASE("compressed data that is damaged, too short or too long") {
  // "aaaaaaaaaa" as zlib packs it without a header: one literal and one run.
  const std::string packed("\x4b\x4c\x84\x01\x00", 5);
  CHECK(detail::unpack_deflate(packed, 10, "f") == "aaaaaaaaaa");
  const auto refuses = [&](const std::string& bytes, std::size_t size, const std::string& reason) {
    CHECK_THROWS_WITH_AS(static_cast<void>(detail::unpack_deflate(bytes, size, "f")),
                         ("f: the compressed data is damaged: " + reason).c_str(), FormatError);
  };
  refuses(packed, 9, "it holds more than the archive says");
  refuses(packed, 11, "it holds 10 bytes, expected 11");
  refuses(packed + "x", 10, "1 bytes follow its end");
  refuses(packed.substr(0, 2), 10, "it ends too early");
  refuses("", 10, "it ends too early");
  refuses("\x07", 10, "invalid block type");
}
#else
TEST_CASE("a compressed archive without zlib says what to do") {
  refused(read_file(fixture("compressed.npz")),
          "'lstm.weight_ih_l0.npy': it is compressed, and this program was built "
          "without zlib (define RNNSCOPE_HAS_ZLIB and link zlib, or store it "
          "without compression)");
}
#endif
