// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// UTF-8 to code points and back, strictly (RFC 3629): what is not valid UTF-8 is refused, never repaired.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

namespace detail {
[[noreturn]] inline void throw_utf8_error(std::size_t byte, std::string_view reason) {
  throw FormatError(message("invalid UTF-8 at byte ", byte, ": ", reason));
}
}  // namespace detail

/// The code point that starts at byte `at`; moves `at` behind it. Needs `at < bytes.size()`.
/// \throws FormatError with the byte offset on stray, missing or overlong bytes, surrogates, and values above
/// U+10FFFF.
[[nodiscard]] inline char32_t next_code_point(std::string_view bytes, std::size_t& at) {
  const auto byte = [&](std::size_t k) { return static_cast<std::uint8_t>(bytes[k]); };
  const std::size_t start = at;
  const std::uint8_t lead = byte(start);
  if (lead < 0x80) {
    ++at;
    return lead;
  }
  if (lead < 0xC0) detail::throw_utf8_error(start, "a continuation byte without a lead byte");
  if (lead > 0xF4) detail::throw_utf8_error(start, "a byte that no character starts with");
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (bytes.size() - start < length) detail::throw_utf8_error(start, "the text ends inside a character");
  char32_t code = lead & (0xFFu >> (length + 1));
  for (std::size_t k = start + 1; k < start + length; ++k) {
    if ((byte(k) & 0xC0) != 0x80) detail::throw_utf8_error(k, "expected a continuation byte");
    code = (code << 6) | (byte(k) & 0x3Fu);
  }
  constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < smallest[length]) detail::throw_utf8_error(start, "an overlong encoding");
  if (code >= 0xD800 && code <= 0xDFFF) detail::throw_utf8_error(start, "a surrogate");
  if (code > 0x10FFFF) detail::throw_utf8_error(start, "a value above U+10FFFF");
  at = start + length;
  return code;
}

/// All code points of a text; their index is the "character offset" used everywhere in rnnscope.
/// \throws FormatError as next_code_point.
[[nodiscard]] inline std::u32string decode_utf8(std::string_view bytes) {
  std::u32string text;
  text.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size();) text.push_back(next_code_point(bytes, at));
  return text;
}

/// Number of characters. \throws FormatError as next_code_point.
[[nodiscard]] inline Index count_characters(std::string_view bytes) {
  Index count = 0;
  for (std::size_t at = 0; at < bytes.size(); ++count) static_cast<void>(next_code_point(bytes, at));
  return count;
}

/// Appends one code point. \throws ValueError if it is a surrogate or above U+10FFFF.
inline void append_utf8(std::string& bytes, char32_t code) {
  require<ValueError>(code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF),
                      "append_utf8: ", static_cast<std::uint32_t>(code), " is not a Unicode character");
  const auto put = [&](char32_t value) {
    bytes.push_back(static_cast<char>(static_cast<std::uint8_t>(value)));
  };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

/// The UTF-8 form of a run of code points. \throws ValueError as append_utf8.
[[nodiscard]] inline std::string encode_utf8(std::u32string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (const char32_t code : text) append_utf8(bytes, code);
  return bytes;
}

/// Lower case of A-Z and of the Latin-1 letters (U+00C0 to U+00DE); every other character stays as it is.
/// \throws FormatError as next_code_point.
[[nodiscard]] inline std::string lower_case(std::string_view bytes) {
  std::string lower;
  lower.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size();) {
    const char32_t code = next_code_point(bytes, at);
    const bool upper = (code >= 'A' && code <= 'Z') || (code >= 0xC0 && code <= 0xDE && code != 0xD7);
    append_utf8(lower, upper ? code + 0x20 : code);
  }
  return lower;
}

}  // namespace rnnscope
