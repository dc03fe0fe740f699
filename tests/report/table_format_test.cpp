// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/report/table_format.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace rnnscope;

namespace {
const std::string nasty = "say \"hi\", | \\ \n\ttab\r\n<&> \x01 Été 日本";

Table example() {
  Table table({{"word"}, {"count", ColumnKind::Number}});
  table.add("prince", 1926);
  table.add(nasty, -0.5);
  table.add_row({"", ""});
  table.add_row({"share", "94.1%"});
  return table;
}

/// RFC 4180, strictly.
std::vector<std::vector<std::string>> parse_csv(const std::string& text) {
  std::vector<std::vector<std::string>> lines;
  std::size_t at = 0;
  while (at < text.size()) {
    lines.emplace_back();
    while (true) {
      std::string field;
      if (at < text.size() && text[at] == '"') {
        for (++at; text.at(at) != '"' || text.substr(at, 2) == "\"\""; ++at) {
          if (text[at] == '"') ++at;
          field += text[at];
        }
        ++at;
      } else {
        while (text.at(at) != ',' && text.at(at) != '\r') {
          REQUIRE(text[at] != '"');
          field += text[at++];
        }
      }
      lines.back().push_back(field);
      if (text.at(at) == ',') {
        ++at;
        continue;
      }
      REQUIRE(text.substr(at, 2) == "\r\n");
      at += 2;
      break;
    }
  }
  return lines;
}
}  // namespace

TEST_CASE("CSV reads back cell for cell") {
  const Table table = example();
  const auto lines = parse_csv(to_csv(table));
  REQUIRE(lines.size() == 5);
  CHECK(lines[0] == std::vector<std::string>{"word", "count"});
  for (std::size_t r = 0; r < 4; ++r) CHECK(lines[r + 1] == table.rows()[r]);
  CHECK(to_csv(Table({{"a,b"}, {"c"}})) == "\"a,b\",c\r\n");
}

TEST_CASE("JSON reads back with numbers as numbers") {
  const auto json = nlohmann::json::parse(to_json(example()));
  REQUIRE(json.size() == 4);
  CHECK(json[0]["word"] == "prince");
  CHECK(json[0]["count"] == 1926);
  CHECK(json[1]["word"] == nasty);
  CHECK(json[1]["count"] == -0.5);
  CHECK(json[2]["word"] == "");
  CHECK(json[2]["count"].is_null());
  CHECK(json[3]["count"] == "94.1%");
  CHECK(nlohmann::json::parse(to_json(Table({{"a"}}))).empty());

  const std::string lines = to_json_lines(example());
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 4);
  CHECK(nlohmann::json::parse(lines.substr(0, lines.find('\n'))) == json[0]);
}

TEST_CASE("Markdown: aligned, escaped, numbers to the right") {
  Table table({{"word"}, {"n", ColumnKind::Number}});
  table.add("Été", 1);
  table.add("a|b", 1926);
  table.add("two\nlines", 20);
  CHECK(to_markdown(table) ==
        "| word      |    n |\n"
        "| --------- | ---: |\n"
        "| Été       |    1 |\n"
        "| a\\|b      | 1926 |\n"
        "| two lines |   20 |\n");
  CHECK(to_markdown(Table()).empty());
  CHECK(to_markdown(Table({{"a"}})) == "| a   |\n| --- |\n");
}

TEST_CASE("text for a terminal") {
  Table table({{"word"}, {"n", ColumnKind::Number}, {"tag"}});
  table.add("日本", 1, "NN");
  table.add("e\u0301te\u0301", 1926, "");
  CHECK(to_text(table) ==
        "word     n  tag\n"
        "---------------\n"
        "日本     1  NN\n"
        "e\u0301te\u0301   1926\n");
}

TEST_CASE("widths of characters") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("Été—") == 4);
  CHECK(display_width("e\u0301") == 1);
  CHECK(display_width("日本") == 4);
  CHECK(display_width("\U0001F600") == 2);
}

TEST_CASE("bytes that are no UTF-8 are refused") {
  Table table({{"word"}});
  table.add("\xff");
  CHECK_THROWS_AS(static_cast<void>(to_json(table)), FormatError);
  CHECK_THROWS_AS(static_cast<void>(to_markdown(table)), FormatError);
  CHECK_THROWS_AS(static_cast<void>(to_text(table)), FormatError);
}
