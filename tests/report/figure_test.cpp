// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/report/figure.hpp"

#include <doctest/doctest.h>

#include "../temporary_folder.hpp"

using namespace rnnscope;

TEST_CASE("a figure is two files, drawing and numbers") {
  const test::TemporaryFolder folder;
  Figure figure{"<svg/>", Table({{"a"}})};
  figure.table.add("1");
  write_figure(figure, folder / "loss.v1");  // the dot is part of the name
  CHECK(read_file(folder / "loss.v1.svg") == "<svg/>");
  CHECK(read_file(folder / "loss.v1.csv") == "a\r\n1\r\n");
  CHECK(folder.count() == 2);
  CHECK_THROWS_AS(write_figure(figure, folder / "missing" / "loss"), IoError);
}
