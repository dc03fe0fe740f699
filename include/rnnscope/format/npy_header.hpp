// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The header of NumPy's `.npy` files: shape, order and type of the numbers.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/format/named_arrays.hpp"

namespace rnnscope {

/// The description of the array in a `.npy` file.
struct NpyHeader {
  std::string dtype;  ///< NumPy's name, such as `<f8`
  bool fortran_order = false;
  std::vector<Index> shape;
  Index data_offset = 0;  ///< where the numbers begin, in bytes
};

namespace detail {

/// Reads the Python dictionary of the header: quoted keys, each once, in any order.
class NpyDictionary {
 public:
  NpyDictionary(std::string_view text, std::string_view source) : text_(text), source_(source) {}

  [[nodiscard]] NpyHeader parse() {
    NpyHeader header;
    std::vector<std::string> keys;
    expect('{');
    while (!accept('}')) {
      keys.push_back(quoted());
      expect(':');
      if (keys.back() == "descr") {
        header.dtype = quoted();
      } else if (keys.back() == "fortran_order") {
        header.fortran_order = truth();
      } else if (keys.back() == "shape") {
        header.shape = tuple();
      } else {
        fail("unknown key '" + keys.back() + "'");
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_blanks();
    if (at_ < text_.size()) fail("something follows the dictionary");
    std::sort(keys.begin(), keys.end());
    if (keys != std::vector<std::string>{"descr", "fortran_order", "shape"}) {
      fail("expected the keys descr, fortran_order and shape once each");
    }
    return header;
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const {
    throw FormatError(message(source_, ": the .npy header is malformed: ", reason, ", found '", text_, "'"));
  }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool accept(char c) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(std::string("expected '") + c + "'");
  }
  std::string quoted() {
    const char quote = accept('"') ? '"' : '\'';
    if (quote == '\'') expect(quote);
    const std::size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos) fail("a string does not end");
    const std::string value(text_.substr(at_, end - at_));
    at_ = end + 1;
    return value;
  }
  bool truth() {
    skip_blanks();
    const bool value = text_.substr(at_).starts_with("True");
    if (!value && !text_.substr(at_).starts_with("False")) fail("fortran_order must be True or False");
    at_ += value ? 4 : 5;
    return value;
  }
  std::vector<Index> tuple() {
    std::vector<Index> sizes;
    expect('(');
    while (!accept(')')) {
      skip_blanks();
      Index size = 0;
      const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), size);
      if (error != std::errc{} || size < 0) fail("a shape must consist of whole numbers");
      at_ = static_cast<std::size_t>(end - text_.data());
      sizes.push_back(size);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return sizes;
  }

  std::string_view text_;
  std::string_view source_;
  std::size_t at_ = 0;
};

}  // namespace detail

/// Reads and checks the header of `.npy` bytes: magic, version 1 or 2, dictionary, and that shape and dtype
/// agree with the number of bytes. `source` goes into messages. \throws FormatError
[[nodiscard]] inline NpyHeader npy_header(std::string_view bytes, std::string_view source = "npy") {
  using namespace std::string_view_literals;
  const auto byte = [&](std::size_t k) {
    return static_cast<std::size_t>(static_cast<std::uint8_t>(bytes[k]));
  };
  require<FormatError>(bytes.starts_with("\x93NUMPY"sv) && bytes.size() >= 12, source,
                       ": this is no .npy file");
  require<FormatError>((byte(6) == 1 || byte(6) == 2) && byte(7) == 0, source, ": .npy version ", byte(6), ".",
                       byte(7), " is not supported, expected 1.0 or 2.0");
  const std::size_t start = byte(6) == 1 ? 10 : 12;
  std::size_t length = byte(8) + (byte(9) << 8);
  if (start == 12) length += (byte(10) << 16) + (byte(11) << 24);
  require<FormatError>(length <= bytes.size() - start, source, ": the .npy header of ", length,
                       " bytes does not fit into the file of ", bytes.size());
  NpyHeader header = detail::NpyDictionary(bytes.substr(start, length), source).parse();
  header.data_offset = static_cast<Index>(start + length);

  require<FormatError>(header.shape.size() <= 64, source, ": ", header.shape.size(),
                       " dimensions are more than NumPy knows");
  Index item = 0;  // "<f8": byte order, kind, bytes per number
  const char* const last = header.dtype.data() + header.dtype.size();
  const bool plain = header.dtype.size() >= 3 &&
                     std::string_view("<>|").find(header.dtype[0]) != std::string_view::npos &&
                     std::string_view("fiucb").find(header.dtype[1]) != std::string_view::npos &&
                     std::from_chars(header.dtype.data() + 2, last, item).ptr == last && item > 0;
  require<FormatError>(plain, source, ": dtype '", header.dtype, "' is not supported");
  const std::optional<Index> expected = checked_product(header.shape, item);
  const Index found = static_cast<Index>(bytes.size()) - header.data_offset;
  require<FormatError>(expected.has_value(), source, ": shape ", shape_text(header.shape), " is too large");
  require<FormatError>(*expected == found, source, ": shape ", shape_text(header.shape), " of ", header.dtype,
                       " needs ", *expected, " bytes of data, found ", found,
                       *expected > found ? "; is the file cut off?" : "");
  return header;
}

}  // namespace rnnscope
