// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/text/plain_text.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "../real_data.hpp"
#include "../temporary_folder.hpp"

using namespace rnnscope;
using Lines = std::vector<std::string>;

TEST_CASE("a text is read byte for byte, with its byte order mark") {
  const test::TemporaryFolder folder;
  const std::string text = "\uFEFFOne\r\ntwo \u2014 three";
  write_file(folder / "a.txt", {text});
  CHECK(read_text(folder / "a.txt") == text);
  CHECK(count_characters(read_text(folder / "a.txt")) == 17);
  CHECK(read_lines(folder / "a.txt") == Lines{"\uFEFFOne", "two \u2014 three"});
}

TEST_CASE("lines") {
  CHECK(split_lines("").empty());
  CHECK(split_lines("a\n") == Lines{"a"});
  CHECK(split_lines("a\n\nb") == Lines{"a", "", "b"});
  CHECK(split_lines("\n") == Lines{""});
  CHECK(split_lines("a\r\nb\r\n") == Lines{"a", "b"});
  CHECK(split_lines("a\rb") == Lines{"a\rb"});
}

TEST_CASE("what is not UTF-8, or not there, is refused with the path") {
  const test::TemporaryFolder folder;
  const auto path = folder / "latin1.txt";
  write_file(path, {"caf\xE9 au lait"});
  CHECK_THROWS_WITH_AS(
      static_cast<void>(read_text(path)),
      (path.string() +
       ": invalid UTF-8 at byte 4: expected a continuation byte; convert the file to UTF-8 first")
          .c_str(),
      FormatError);
  CHECK_THROWS_AS(static_cast<void>(read_text(folder / "none.txt")), IoError);
}

TEST_CASE("War and Peace begins with a byte order mark") {
  const auto path = test::data_file("war_and_peace/war_and_peace.txt");
  if (!path) return;
  const std::u32string text = decode_utf8(read_text(*path));
  CHECK(text.size() == 3201616);
  CHECK(text.substr(0, 9) == U"\uFEFFBOOK ONE");
}
