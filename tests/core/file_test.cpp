// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/core/file.hpp"

#include <doctest/doctest.h>

#include <string>

#include "../temporary_folder.hpp"

using namespace rnnscope;
using rnnscope::test::TemporaryFolder;

TEST_CASE("what is written is read, bytes and all") {
  const TemporaryFolder folder;
  std::string bytes;
  for (int k = 0; k < 200000; ++k) bytes += static_cast<char>(k * 7 % 256);
  write_file(folder / "a.bin", {bytes, "", "tail"});
  CHECK(read_file(folder / "a.bin") == bytes + "tail");
  write_file(folder / "a.bin", {"short"});
  CHECK(read_file(folder / "a.bin") == "short");
  write_file(folder / "empty", {});
  CHECK(read_file(folder / "empty").empty());
  CHECK(folder.count() == 2);  // no temporary file stays behind
}

TEST_CASE("errors tell the path and the reason") {
  const TemporaryFolder folder;
  const std::string missing = (folder / "missing").string();
  CHECK_THROWS_WITH_AS(static_cast<void>(read_file(missing)),
                       ("cannot open '" + missing + "': No such file or directory").c_str(), IoError);
  std::filesystem::create_directory(folder / "folder");
  const std::string name = (folder / "folder").string();
  CHECK_THROWS_WITH_AS(static_cast<void>(read_file(name)),
                       ("cannot read '" + name + "': it is a folder, expected a file").c_str(), IoError);
  CHECK_THROWS_AS(write_file(folder / "no" / "such" / "folder", {"x"}), IoError);
}

TEST_CASE("a file that cannot be replaced leaves everything as it was") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "target" / "inside");  // rename onto a full folder fails
  CHECK_THROWS_AS(write_file(folder / "target", {"new"}), IoError);
  CHECK(std::filesystem::is_directory(folder / "target" / "inside"));
  CHECK(folder.count() == 1);
}
