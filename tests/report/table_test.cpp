// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/report/table.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace rnnscope;

TEST_CASE("rows of texts and numbers") {
  Table table({{"word"}, {"count", ColumnKind::Number}, {"share", ColumnKind::Number}});
  CHECK(table.empty());
  table.add("prince", 1926, 0.25);
  table.add(std::string("we"), Index{1069}, std::numeric_limits<float>::quiet_NaN());
  table.add_row({"x", "", "n/a"});
  REQUIRE(table.rows().size() == 3);
  CHECK(table.rows()[0] == std::vector<std::string>{"prince", "1926", "0.25"});
  CHECK(table.rows()[1] == std::vector<std::string>{"we", "1069", ""});
  CHECK(table.columns()[1].kind == ColumnKind::Number);
}

TEST_CASE("a row of another length, or a header twice, is refused") {
  Table table({{"a"}, {"b"}});
  table.add("1", "2");
  CHECK_THROWS_WITH_AS(table.add("1"), "Table: row 1 has 1 cells, but there are 2 columns", ShapeError);
  CHECK(table.rows().size() == 1);
  CHECK_THROWS_WITH_AS(Table({{"a"}, {"b"}, {"a"}}), "Table: columns 0 and 2 have the same header 'a'",
                       ValueError);
}
