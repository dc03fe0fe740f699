// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/core/file.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

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

#if !defined(_WIN32)
TEST_CASE("what killed processes left behind is removed, and nothing else") {
  const TemporaryFolder folder;
  const std::string dead = "2147483646";  // above every limit of process ids
  const std::vector<std::string> gone{"a.bin." + dead + ".0.tmp", "a.bin." + dead + ".12.tmp"};
  const std::vector<std::string> stays{message("a.bin.", getpid(), ".0.tmp"),
                                       "a.bin." + dead + ".tmp",
                                       "a.bin." + dead + ".1.tmp.old",
                                       "b.bin." + dead + ".0.tmp",
                                       "a.bin.-5.0.tmp",
                                       "a.bin.1x.0.tmp",
                                       "a.bin"};
  for (const auto& name : gone) write_file(folder / name, {"x"});
  for (const auto& name : stays) write_file(folder / name, {"x"});
  CHECK(folder.count() == 9);
  remove_left_behind(folder / "a.bin");
  CHECK(folder.count() == 7);
  for (const auto& name : stays) CHECK(std::filesystem::exists(folder / name));
  remove_left_behind(folder / "no such folder" / "a.bin");
}
#endif
