// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/format/npy.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

#include "../real_data.hpp"
#include "../temporary_folder.hpp"

using namespace rnnscope;
using rnnscope::test::TemporaryFolder;

namespace {

/// A file that NumPy wrote (tests/data/make_npy_fixtures.py).
std::filesystem::path fixture(const std::string& name) {
  return std::filesystem::path(__FILE__).parent_path() / ".." / "data" / "npy" / name;
}

/// A .npy file with this dictionary and this many bytes of data.
std::string npy(std::string dictionary, std::size_t data, char version = 1) {
  dictionary += '\n';
  std::string bytes = "\x93NUMPY";
  bytes += version;
  bytes += '\0';
  bytes += static_cast<char>(dictionary.size() % 256);
  bytes += static_cast<char>(dictionary.size() / 256);
  if (version != 1) bytes += std::string(2, '\0');
  return bytes + dictionary + std::string(data, '\0');
}

void refused(const std::string& bytes, const std::string& reason) {
  CHECK_THROWS_WITH_AS(static_cast<void>(parse_npy<double>(bytes, "f.npy")), ("f.npy: " + reason).c_str(),
                       FormatError);
}

}  // namespace

TEST_CASE("NumPy's files: a [N, H] array is an H x N matrix") {
  const Matrix<float> m = load_npy_matrix<float>(fixture("f4_3x2.npy"));
  REQUIRE(m.rows() == 2);
  REQUIRE(m.cols() == 3);
  for (Index n = 0; n < 3; ++n) {
    for (Index h = 0; h < 2; ++h) CHECK(m(h, n) == static_cast<float>(n * 2 + h) * 1.5f - 2.0f);
  }
}

TEST_CASE("NumPy's files: a [T, B, H] array is an H x (T*B) matrix and an xtensor array") {
  const xt::xarray<double> array = load_npy<double>(fixture("f8_2x3x4.npy"));
  const Matrix<double> m = load_npy_matrix<double>(fixture("f8_2x3x4.npy"));
  REQUIRE(array.dimension() == 3);
  REQUIRE(m.rows() == 4);
  REQUIRE(m.cols() == 6);
  for (std::size_t t = 0; t < 2; ++t) {
    for (std::size_t b = 0; b < 3; ++b) {
      for (std::size_t h = 0; h < 4; ++h) {
        const double expected = static_cast<double>((t * 3 + b) * 4 + h) * 1.5 - 2.0;
        CHECK(array(t, b, h) == expected);
        CHECK(m(static_cast<Index>(h), static_cast<Index>(t * 3 + b)) == expected);
      }
    }
  }
}

TEST_CASE("NumPy's files: Fortran order, vectors, scalars, nothing, version 2") {
  const xt::xarray<double> fortran = load_npy<double>(fixture("f8_3x4_fortran.npy"));
  REQUIRE(fortran.shape(0) == 3);
  for (std::size_t r = 0; r < 3; ++r) {
    for (std::size_t c = 0; c < 4; ++c) CHECK(fortran(r, c) == static_cast<double>(r * 4 + c) * 1.5 - 2.0);
  }
  CHECK(load_npy_matrix<double>(fixture("f8_3x4_fortran.npy"))(1, 2) == 9 * 1.5 - 2.0);
  CHECK(load_npy_vector<std::int32_t>(fixture("i4_5.npy")) == std::vector<std::int32_t>{-2, 1, 4, 7, 10});
  CHECK(load_npy_vector<std::int64_t>(fixture("i8_5.npy")) == std::vector<std::int64_t>{-2, 1, 4, 7, 10});
  CHECK(load_npy_matrix<std::int32_t>(fixture("i4_5.npy")).rows() == 5);
  CHECK(load_npy_matrix<std::int32_t>(fixture("i4_5.npy")).cols() == 1);
  CHECK(load_npy<double>(fixture("f8_scalar.npy"))() == -2.0);
  CHECK(load_npy_matrix<double>(fixture("f8_0x3.npy")).rows() == 3);
  CHECK(load_npy_matrix<double>(fixture("f8_0x3.npy")).cols() == 0);
  CHECK(load_npy_matrix<double>(fixture("f8_version2.npy"))(1, 1) == 2.5);
}

TEST_CASE("files of another type or shape are refused, with the path") {
  const auto message_of = [](const std::string& name, const std::string& rest) {
    return fixture(name).string() + rest;
  };
  const std::string hint = "; convert it with astype() or read it as what it is";
  CHECK_THROWS_WITH_AS(static_cast<void>(load_npy<double>(fixture("f4_3x2.npy"))),
                       message_of("f4_3x2.npy", ": expected dtype <f8, found <f4" + hint).c_str(), FormatError);
  CHECK_THROWS_WITH_AS(static_cast<void>(load_npy<double>(fixture("f8_big_endian.npy"))),
                       message_of("f8_big_endian.npy", ": expected dtype <f8, found >f8" + hint).c_str(),
                       FormatError);
  CHECK_THROWS_WITH_AS(static_cast<void>(load_npy<std::int32_t>(fixture("u1_4.npy"))),
                       message_of("u1_4.npy", ": expected dtype <i4, found |u1" + hint).c_str(), FormatError);
  CHECK_THROWS_WITH_AS(static_cast<void>(load_npy_vector<float>(fixture("f4_3x2.npy"))),
                       message_of("f4_3x2.npy", ": expected shape [N], found one with 2 axes").c_str(),
                       ShapeError);
  CHECK_THROWS_AS(static_cast<void>(load_npy_matrix<double>(fixture("f8_scalar.npy"))), ShapeError);
  CHECK_THROWS_AS(static_cast<void>(load_npy<double>(fixture("none.npy"))), IoError);
}

TEST_CASE("malformed files are refused") {
  const std::string good = "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }";
  const std::string head = "the .npy header is malformed: ";
  CHECK(parse_npy<double>(npy(good, 16)).size() == 2);
  CHECK(parse_npy<double>(npy(good, 16, 2)).size() == 2);
  refused("", "this is no .npy file");
  refused("PK\x03\x04 something else entirely", "this is no .npy file");
  refused(npy(good, 16, 3), ".npy version 3.0 is not supported, expected 1.0 or 2.0");
  refused(npy(good, 15), "shape [2] of <f8 needs 16 bytes of data, found 15; is the file cut off?");
  refused(npy(good, 17), "shape [2] of <f8 needs 16 bytes of data, found 17");
  refused(npy(good, 16).substr(0, 40), "the .npy header of 58 bytes does not fit into the file of 40");
  const auto bad = [&](const std::string& dictionary, const std::string& reason) {
    refused(npy(dictionary, 16), head + reason + ", found '" + dictionary + "\n'");
  };
  bad("", "expected '{'");
  bad("{'descr': '<f8', 'fortran_order': False}", "expected the keys descr, fortran_order and shape once each");
  bad("{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (2,)}",
      "expected the keys descr, fortran_order and shape once each");
  bad("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), 'x': 1}", "unknown key 'x'");
  bad("{'descr': '<f8', 'fortran_order': Maybe, 'shape': (2,)}", "fortran_order must be True or False");
  bad("{'descr': '<f8', 'fortran_order': False, 'shape': (-2,)}", "a shape must consist of whole numbers");
  bad("{'descr': '<f8', 'fortran_order': False, 'shape': (2.0,)}", "expected ')'");
  bad("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,)}",
      "a shape must consist of whole numbers");
  bad("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,)}", "expected '''");
  bad("{'descr': '<f8, 'fortran_order': False, 'shape': (2,)}", "expected '}'");
  bad("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)} x", "something follows the dictionary");
  bad("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)", "expected '}'");
  refused(npy("{'descr': '|O', 'fortran_order': False, 'shape': (2,)}", 16), "dtype '|O' is not supported");
  refused(npy("{'descr': '<U2', 'fortran_order': False, 'shape': (2,)}", 16), "dtype '<U2' is not supported");
  refused(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 4)}", 16),
          "shape [4611686018427387904, 4] is too large");
  refused(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1099511627776,)}", 16),
          "shape [1099511627776] of <f8 needs 8796093022208 bytes of data, found 16; is the file cut off?");
}

TEST_CASE("every single changed byte of the header is survived") {
  const std::string good = npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", 16);
  Index accepted = 0, rejected = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string bytes = good;
      bytes[at] = static_cast<char>(value);
      try {
        static_cast<void>(parse_npy<double>(bytes));
        ++accepted;
      } catch (const FormatError&) {
        ++rejected;
      }
    }
  }
  CHECK(accepted >= 16 * 256);  // any data is fine
  CHECK(rejected > 10000);
}

TEST_CASE_TEMPLATE("what is saved is loaded", S, float, double) {
  const TemporaryFolder folder;
  const Matrix<S> m = Matrix<S>::Random(4, 6);
  save_npy(folder / "m.npy", m);
  CHECK(load_npy_matrix<S>(folder / "m.npy") == m);
  CHECK(load_npy<S>(folder / "m.npy").shape(0) == 6);
  save_npy(folder / "m.npy", m, {2, 3, 4});
  CHECK(load_npy_matrix<S>(folder / "m.npy") == m);
  const xt::xarray<S> array = load_npy<S>(folder / "m.npy");
  REQUIRE(array.dimension() == 3);
  CHECK(array(1, 2, 3) == m(3, 5));
  save_npy(folder / "a.npy", array);
  CHECK(load_npy<S>(folder / "a.npy") == array);
  save_npy(folder / "slice.npy", xt::view(array, xt::all(), 1, xt::all()));
  CHECK(load_npy_matrix<S>(folder / "slice.npy").col(1) == m.col(4));
  save_npy(folder / "block.npy", m.block(1, 2, 2, 3));
  CHECK(load_npy_matrix<S>(folder / "block.npy") == m.block(1, 2, 2, 3));
  save_npy(folder / "column.npy", m.col(0), {4});
  CHECK(load_npy_vector<S>(folder / "column.npy") == std::vector<S>(m.data(), m.data() + 4));
  save_npy(folder / "none.npy", Matrix<S>(3, 0));
  CHECK(load_npy_matrix<S>(folder / "none.npy").rows() == 3);
  CHECK(folder.count() == 6);
}

TEST_CASE("vectors of whole numbers, and shapes that do not fit") {
  const TemporaryFolder folder;
  const std::vector<std::int32_t> labels{-1, 0, 7};
  save_npy_vector<std::int32_t>(folder / "labels.npy", labels);
  CHECK(load_npy_vector<std::int32_t>(folder / "labels.npy") == labels);
  save_npy_vector<std::int64_t>(folder / "empty.npy", {});
  CHECK(load_npy_vector<std::int64_t>(folder / "empty.npy").empty());
  const Matrix<double> m = Matrix<double>::Zero(4, 6);
  CHECK_THROWS_WITH_AS(save_npy(folder / "m.npy", m, {4, 6}),
                       "save_npy: shape [4, 6] does not fit a matrix of 4 x 6", ShapeError);
  CHECK_THROWS_AS(save_npy(folder / "m.npy", m, {2, 2, 4}), ShapeError);
  CHECK_THROWS_AS(save_npy(folder / "no" / "m.npy", m), IoError);
}

TEST_CASE("the states that PyTorch recorded") {
  const auto path = test::reference_file("wap_lstm3x512/layer3_gates_f64.npy");
  if (!path) return;
  const xt::xarray<double> gates = load_npy<double>(*path);
  REQUIRE(gates.dimension() == 3);
  CHECK(gates.shape(0) == 200);
  CHECK(gates.shape(1) == 6);
  CHECK(gates.shape(2) == 512);
  const Matrix<double> columns = load_npy_matrix<double>(*path);
  CHECK(columns.cols() == 1200);
  // i, f, g, o, c, h: the hidden state is o * tanh(c), in every step
  double worst = 0;
  for (Index t = 0; t < 200; ++t) {
    const Vector<double> h = columns.col(6 * t + 3).array() * columns.col(6 * t + 4).array().tanh();
    worst = std::max(worst, (h - columns.col(6 * t + 5)).cwiseAbs().maxCoeff());
  }
  CHECK(worst < 1e-15);
}
