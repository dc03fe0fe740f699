// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/text/utf8.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace rnnscope;

TEST_CASE("text of every length of encoding comes back") {
  const std::string bytes = "a\xC3\xA9\xE2\x80\x94\xF0\x9F\x98\x80\n";
  const std::u32string text = U"a\u00E9\u2014\U0001F600\n";
  CHECK(decode_utf8(bytes) == text);
  CHECK(encode_utf8(text) == bytes);
  CHECK(count_characters(bytes) == 5);
  CHECK(decode_utf8("").empty());
}

TEST_CASE("every code point survives the round trip, at its shortest length") {
  std::u32string all;
  for (char32_t code = 0; code <= 0x10FFFF; ++code) {
    if (code < 0xD800 || code > 0xDFFF) all.push_back(code);
  }
  const std::string bytes = encode_utf8(all);
  CHECK(bytes.size() == 0x80 + 2 * 0x780 + 3 * (0x10000 - 0x800 - 0x800) + 4 * 0x100000);
  CHECK(decode_utf8(bytes) == all);
}

TEST_CASE("invalid bytes are refused with their place") {
  struct Case {
    std::string bytes;
    std::string message;
  };
  const std::vector<Case> cases{
      {"ab\x80", "invalid UTF-8 at byte 2: a continuation byte without a lead byte"},
      {"a\xFF", "invalid UTF-8 at byte 1: a byte that no character starts with"},
      {"\xF5\x80\x80\x80", "invalid UTF-8 at byte 0: a byte that no character starts with"},
      {"ab\xC3", "invalid UTF-8 at byte 2: the text ends inside a character"},
      {"\xE2\x80", "invalid UTF-8 at byte 0: the text ends inside a character"},
      {"\xF0\x9F\x98", "invalid UTF-8 at byte 0: the text ends inside a character"},
      {"\xE2\x41\x94", "invalid UTF-8 at byte 1: expected a continuation byte"},
      {"\xE2\x80\x41", "invalid UTF-8 at byte 2: expected a continuation byte"},
      {"x\xC0\x80", "invalid UTF-8 at byte 1: an overlong encoding"},
      {"\xC1\xBF", "invalid UTF-8 at byte 0: an overlong encoding"},
      {"\xE0\x9F\xBF", "invalid UTF-8 at byte 0: an overlong encoding"},
      {"\xF0\x8F\xBF\xBF", "invalid UTF-8 at byte 0: an overlong encoding"},
      {"\xED\xA0\x80", "invalid UTF-8 at byte 0: a surrogate"},
      {"\xED\xBF\xBF", "invalid UTF-8 at byte 0: a surrogate"},
      {"\xF4\x90\x80\x80", "invalid UTF-8 at byte 0: a value above U+10FFFF"},
  };
  for (const Case& each : cases) {
    CHECK_THROWS_WITH_AS(static_cast<void>(decode_utf8(each.bytes)), each.message.c_str(), FormatError);
    CHECK_THROWS_WITH_AS(static_cast<void>(count_characters(each.bytes)), each.message.c_str(), FormatError);
  }
  // The neighbours of the forbidden ranges are allowed.
  for (const std::string bytes : {"\xC2\x80", "\xE0\xA0\x80", "\xF0\x90\x80\x80", "\xED\x9F\xBF",
                                  "\xEE\x80\x80", "\xF4\x8F\xBF\xBF", "\xEF\xBF\xBE"}) {
    CHECK(count_characters(bytes) == 1);
  }
}

TEST_CASE("what is no character cannot be encoded") {
  CHECK_THROWS_WITH_AS(static_cast<void>(encode_utf8(std::u32string(1, char32_t{0xD800}))),
                       "append_utf8: 55296 is not a Unicode character", ValueError);
  CHECK_THROWS_AS(static_cast<void>(encode_utf8(std::u32string(1, char32_t{0x110000}))), ValueError);
}

TEST_CASE("lower_case knows ASCII and Latin-1 letters") {
  CHECK(lower_case("Hello, WORLD 123 @[`{") == "hello, world 123 @[`{");
  CHECK(lower_case("\u00C9t\u00C9 \u00D7 \u00DF \u00FF \u0152") == "\u00E9t\u00E9 \u00D7 \u00DF \u00FF \u0152");
}
