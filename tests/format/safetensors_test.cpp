// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/format/safetensors.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "../real_data.hpp"
#include "../temporary_folder.hpp"

using namespace rnnscope;

namespace {

/// A file with this header and this many bytes of data.
std::string file(const std::string& header, std::size_t data) {
  const std::uint64_t size = header.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &size, 8);
  return bytes + header + std::string(data, '\0');
}

void refused(const std::string& bytes, const std::string& reason) {
  CHECK_THROWS_WITH_AS(static_cast<void>(parse_safetensors(bytes, "f")), ("f: " + reason).c_str(), FormatError);
}

NamedArrays example() {
  NamedArrays arrays;
  arrays.add<float>("lstm.bias", {3}, std::vector<float>{1, 2, 3});
  arrays.add<double>("lstm.weight", {2, 3}, std::vector<double>{1, 2, 3, 4, 5, 6});
  arrays.add<float>("half", {2}, std::vector<float>{0.5f, 1.5f}, Dtype::F16);
  arrays.add<float>("brain", {1}, std::vector<float>{-2.0f}, Dtype::BF16);
  arrays.add<float>("nothing", {0, 7}, {});
  arrays.metadata = {{"epoch", "6"}, {"title", "War \"and\" Peace \u2014 \n"}};
  return arrays;
}

}  // namespace

// Written down by hand from the description of the format.
TEST_CASE("a file written by hand") {
  const std::string header =
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[2,10]},"__metadata__":{"k":"v"},)"
      R"("b":{"dtype":"BF16","shape":[],"data_offsets":[0,2]}}  )";
  std::string bytes = file(header, 0);
  bytes += std::string("\x80\x3F", 2);                          // 1.0 as bfloat16
  bytes += std::string("\x00\x00\x40\xC0\x00\x00\x00\x3F", 8);  // -3.0, 0.5
  const NamedArrays arrays = parse_safetensors(bytes);
  REQUIRE(arrays.arrays().size() == 2);
  CHECK(arrays.arrays()[0].name == "b");  // the order of the bytes
  CHECK(arrays.at("b").shape.empty());
  CHECK(arrays.values<float>("b") == std::vector<float>{1.0f});
  CHECK(arrays.values<double>("a") == std::vector<double>{-3.0, 0.5});
  CHECK(arrays.metadata.at("k") == "v");
  CHECK(arrays.metadata.size() == 1);
}

TEST_CASE("what is written is read") {
  const test::TemporaryFolder folder;
  const NamedArrays arrays = example();
  write_safetensors(folder / "m.safetensors", arrays);
  const NamedArrays read = read_safetensors(folder / "m.safetensors");
  REQUIRE(read.arrays().size() == 5);
  CHECK(read.arrays()[0].name == "lstm.weight");  // the widest numbers stand first, so all are aligned
  for (const NamedArray& array : arrays.arrays()) CHECK(read.at(array.name) == array);
  CHECK(read.metadata == arrays.metadata);
  CHECK(safetensors_bytes(read) == safetensors_bytes(arrays));
  CHECK(folder.count() == 1);

  CHECK(parse_safetensors(safetensors_bytes(NamedArrays())) == NamedArrays());
  CHECK(parse_safetensors(file("{}", 0)) == NamedArrays());
}

TEST_CASE("the writer keeps the rules") {
  const std::string bytes = safetensors_bytes(example());
  std::uint64_t size = 0;
  std::memcpy(&size, bytes.data(), 8);
  CHECK(size % 8 == 0);
  const auto header = nlohmann::json::parse(bytes.substr(8, size));
  CHECK(header.at("__metadata__").at("epoch") == "6");
  std::uint64_t data = 0;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    const auto begin = entry.at("data_offsets")[0].get<std::uint64_t>();
    data = std::max(data, entry.at("data_offsets")[1].get<std::uint64_t>());
    CHECK(begin %
              static_cast<std::uint64_t>(dtype_info(*find_dtype(entry.at("dtype").get<std::string>())).size) ==
          0);
  }
  CHECK(8 + size + data == bytes.size());
  CHECK_FALSE(nlohmann::json::parse(safetensors_bytes(NamedArrays()).substr(8)).contains("__metadata__"));

  NamedArrays reserved;
  reserved.add<float>("__metadata__", {0}, {});
  CHECK_THROWS_AS(static_cast<void>(safetensors_bytes(reserved)), ValueError);
  NamedArrays latin1;
  latin1.metadata["caf\xE9"] = "x";
  CHECK_THROWS_AS(static_cast<void>(safetensors_bytes(latin1)), ValueError);
}

TEST_CASE("lengths that do not fit") {
  refused("", "expected at least 8 bytes, found 0");
  refused("1234567", "expected at least 8 bytes, found 7");
  refused(std::string(8, '\0'), "the header must start with '{'");
  refused(file("{}", 0).substr(0, 9), "the header of 2 bytes does not fit into the file of 9");
  refused(std::string(8, '\xFF'),
          "a header of 18446744073709551615 bytes is above the limit of 100000000; this is "
          "no safetensors file");
  const std::string limit("\x00\xE1\xF5\x05\x00\x00\x00\x00", 8);  // 100,000,000
  refused(limit + "{}", "the header of 100000000 bytes does not fit into the file of 10");
  const std::string above("\x01\xE1\xF5\x05\x00\x00\x00\x00", 8);
  refused(above + "{}",
          "a header of 100000001 bytes is above the limit of 100000000; this is no safetensors file");
}

TEST_CASE("headers that are no JSON object of tensors") {
  const auto not_json = [](const std::string& header) {
    CHECK_THROWS_WITH_AS(static_cast<void>(parse_safetensors(file(header, 0), "f")),
                         doctest::Contains("f: the header is not valid JSON"), FormatError);
  };
  not_json("{");
  not_json("{]");
  not_json("{\"\xFF\":{}}");
  not_json("{} x");
  not_json("{} {}");
  not_json("{\"a\":NaN}");
  not_json("{/* */}");
  not_json(std::string("{}\0", 3));
  not_json(std::string("{}\0{", 4));
  refused(file("[]", 0), "the header must start with '{'");
  refused(file(" {}", 0), "the header must start with '{'");
  refused(file("\xEF\xBB\xBF{}", 0), "the header must start with '{'");
  refused(file("\"a\"", 0), "the header must start with '{'");
  refused(file("{\"a\":" + std::string(100000, '['), 0), "the header is nested too deeply");
  refused(file(R"({"a":{"b":{"c":{"d":{}}}}})", 0), "the header is nested too deeply");
}

TEST_CASE("duplicate keys") {
  const std::string entry = R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]})";
  refused(file(R"({"a":)" + entry + R"(,"a":)" + entry + "}", 4), "the header has the key 'a' twice");
  refused(file(R"({"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4),
          "the header has the key 'dtype' twice");
  refused(file(R"({"__metadata__":{"k":"1","k":"2"}})", 0), "the header has the key 'k' twice");
  refused(file(R"({"__metadata__":{},"__metadata__":{}})", 0), "the header has the key '__metadata__' twice");
  refused(file(R"({"a":)" + entry + R"(,"\u0061":)" + entry + "}", 4), "the header has the key 'a' twice");
}

TEST_CASE("metadata of other kinds") {
  refused(file(R"({"__metadata__":[]})", 0), "__metadata__ must be an object of strings");
  refused(file(R"({"__metadata__":null})", 0), "__metadata__ must be an object of strings");
  refused(file(R"({"__metadata__":{"k":1}})", 0), "__metadata__: 'k' must be a string, found 1");
  refused(file(R"({"__metadata__":{"k":{}}})", 0), "__metadata__: 'k' must be a string, found {}");
}

TEST_CASE("entries that are no tensor") {
  const auto bad = [](const std::string& entry, const std::string& reason) {
    refused(file("{\"a\":" + entry + "}", 4), "tensor 'a': " + reason);
  };
  const std::string keys = "expected exactly the keys dtype, shape and data_offsets, found ";
  bad("1", keys + "1");
  bad("{}", keys + "{}");
  bad(R"({"dtype":"F32","shape":[1]})", keys + R"({"dtype":"F32","shape":[1]})");
  bad(R"({"data_offsets":[0,4],"dtype":"F32","shape":[1],"x":1})",
      keys + R"({"data_offsets":[0,4],"dtype":"F32","shape":[1],"x":1})");
  const auto with = [](const std::string& dtype, const std::string& shape, const std::string& offsets) {
    return R"({"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
  };
  bad(with("\"f32\"", "[1]", "[0,4]"), "unknown dtype \"f32\"");
  bad(with("\"F8_E4M3\"", "[1]", "[0,4]"), "unknown dtype \"F8_E4M3\"");
  bad(with("4", "[1]", "[0,4]"), "unknown dtype 4");
  bad(with("\"F32\"", "1", "[0,4]"), "expected a shape of whole numbers, found 1");
  bad(with("\"F32\"", "[-1]", "[0,4]"), "expected a shape of whole numbers, found [-1]");
  bad(with("\"F32\"", "[1.0]", "[0,4]"), "expected a shape of whole numbers, found [1.0]");
  bad(with("\"F32\"", "[\"1\"]", "[0,4]"), "expected a shape of whole numbers, found [\"1\"]");
  bad(with("\"F32\"", "[9223372036854775808]", "[0,4]"),
      "expected a shape of whole numbers, found [9223372036854775808]");
  bad(with("\"F32\"", "[1]", "[0]"), "expected two data_offsets, found [0]");
  bad(with("\"F32\"", "[1]", "[0,4,8]"), "expected two data_offsets, found [0,4,8]");
  bad(with("\"F32\"", "[1]", "[-4,0]"), "expected two data_offsets, found [-4,0]");
  bad(with("\"F32\"", "[1]", "{}"), "expected two data_offsets, found {}");
  bad(with("\"F32\"", "[2]", "[0,4]"), "shape [2] of F32 needs 8 bytes, data_offsets are [0,4]");
  bad(with("\"F32\"", "[]", "[0,0]"), "shape [] of F32 needs 4 bytes, data_offsets are [0,0]");
  bad(with("\"F32\"", "[1]", "[4,0]"), "shape [1] of F32 needs 4 bytes, data_offsets are [4,0]");
  bad(with("\"F32\"", "[4294967296,4294967296]", "[0,4]"), "shape [4294967296, 4294967296] is too large");
  bad(with("\"F64\"", "[2305843009213693952]", "[0,4]"), "shape [2305843009213693952] is too large");
  bad(with("\"F32\"", "[9223372036854775807,2]", "[0,18446744073709551612]"),
      "expected two data_offsets, found [0,18446744073709551612]");
}

TEST_CASE("holes, overlaps and missing or left-over bytes") {
  const auto two = [](int begin_a, int end_a, int begin_b, int end_b) {
    const auto entry = [](int begin, int end) {
      return message(R"({"dtype":"U8","shape":[)", end - begin, R"(],"data_offsets":[)", begin, ",", end, "]}");
    };
    return "{\"a\":" + entry(begin_a, end_a) + ",\"b\":" + entry(begin_b, end_b) + "}";
  };
  CHECK(parse_safetensors(file(two(0, 4, 4, 10), 10)).arrays().size() == 2);
  CHECK(parse_safetensors(file(two(6, 10, 0, 6), 10)).arrays().front().name == "b");
  CHECK(parse_safetensors(file(two(0, 4, 4, 4), 4)).at("b").size() == 0);
  CHECK(parse_safetensors(file(two(0, 4, 0, 0), 4)).at("b").size() == 0);
  const std::string rule = ": tensors must follow one another without hole or overlap";
  refused(file(two(0, 4, 5, 10), 10), "tensor 'b' begins at byte 5 of the data, expected 4" + rule);
  refused(file(two(0, 4, 3, 10), 10), "tensor 'b' begins at byte 3 of the data, expected 4" + rule);
  refused(file(two(0, 4, 0, 4), 4), "tensor 'b' begins at byte 0 of the data, expected 4" + rule);
  refused(file(two(1, 4, 4, 10), 10), "tensor 'a' begins at byte 1 of the data, expected 0" + rule);
  refused(file(two(0, 4, 2, 2), 4), "tensor 'b' begins at byte 2 of the data, expected 4" + rule);
  refused(file(two(0, 4, 4, 10), 9),
          "tensor 'b' ends at byte 10, but there are only 9 bytes of data; is the file cut off?");
  refused(file(two(0, 4, 4, 10), 11), "1 bytes follow the last tensor");
  refused(file("{}", 3), "3 bytes follow the last tensor");
}

TEST_CASE("a valid file with any one byte changed, or cut anywhere, is read or refused, never worse") {
  const std::string good = safetensors_bytes(example());
  Index accepted = 0, rejected = 0, wrong = 0;
  const auto attempt = [&](const std::string& bytes) {
    try {
      const NamedArrays arrays = parse_safetensors(bytes);
      for (const NamedArray& array : arrays.arrays()) {
        if (array.dtype <= Dtype::BF16)
          wrong += static_cast<Index>(arrays.values<double>(array.name).size()) != array.size();
      }
      ++accepted;
    } catch (const Error&) {
      ++rejected;
    }
  };
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string bytes = good;
      bytes[at] = static_cast<char>(value);
      attempt(bytes);
    }
  }
  CHECK(accepted > 256 * 64);  // any bytes of data are fine
  CHECK(rejected > 256 * 200);
  CHECK(wrong == 0);
  accepted = 0;
  for (std::size_t size = 0; size < good.size(); ++size) attempt(good.substr(0, size));
  CHECK(accepted == 0);
}

TEST_CASE("files are refused with their path") {
  const test::TemporaryFolder folder;
  const auto path = folder / "bad.safetensors";
  write_file(path, {file("{}", 3)});
  CHECK_THROWS_WITH_AS(static_cast<void>(read_safetensors(path)),
                       (path.string() + ": 3 bytes follow the last tensor").c_str(), FormatError);
  CHECK_THROWS_AS(static_cast<void>(read_safetensors(folder / "none")), IoError);
}

TEST_CASE("a model that PyTorch trained") {
  const auto path = test::reference_file("wap_lstm3x512/model.safetensors");
  if (!path) return;
  const NamedArrays model = read_safetensors(*path);
  struct Expected {
    std::string name;
    std::vector<Index> shape;
  };
  std::vector<Expected> expected{{"char_embeddings.weight", {105, 256}}};
  for (int layer = 0; layer < 3; ++layer) {
    const std::string suffix = "_l" + std::to_string(layer);
    expected.push_back({"lstm.weight_ih" + suffix, {2048, layer == 0 ? 256 : 512}});
    expected.push_back({"lstm.weight_hh" + suffix, {2048, 512}});
    expected.push_back({"lstm.bias_ih" + suffix, {2048}});
    expected.push_back({"lstm.bias_hh" + suffix, {2048}});
  }
  expected.push_back({"hidden2chars.weight", {105, 512}});
  expected.push_back({"hidden2chars.bias", {105}});
  REQUIRE(model.arrays().size() == expected.size());
  Index numbers = 0;
  for (std::size_t k = 0; k < expected.size(); ++k) {
    const NamedArray& array = model.arrays()[k];
    CHECK(array.name == expected[k].name);
    CHECK(array.shape == expected[k].shape);
    CHECK(array.dtype == Dtype::F32);
    numbers += array.size();
    for (const float value : model.values<float>(array.name)) {
      if (!(std::abs(value) < 100.0f)) FAIL("a weight of " << value << " in " << array.name);
    }
  }
  CHECK(numbers == 5860201);
  CHECK(model.metadata == std::map<std::string, std::string>{
                              {"val_nats", "1.290740996570122"}, {"epoch", "6"}, {"steps", "1977"}});
  CHECK(parse_safetensors(safetensors_bytes(model)) == model);
}
