// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Python as a witness: tests let it read what we wrote.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "rnnscope/core/file.hpp"

namespace rnnscope::test {

/// A Python 3 that can import `modules` ("numpy, torch"); without one the test says "skipped" and should
/// return.
[[nodiscard]] inline std::optional<std::string> python_with(const std::string& modules) {
  for (const char* const name : {"python3", "/usr/bin/python3"}) {
    const std::string python(name);
    if (std::system((python + " -c 'import " + modules + "' > /dev/null 2>&1").c_str()) == 0) return python;
  }
  MESSAGE("skipped: there is no python3 with " << modules);
  return std::nullopt;
}

/// Runs a program, whose text is put into `file`. True if it ends well.
[[nodiscard]] inline bool run_python(const std::string& python, const std::filesystem::path& file,
                                     const std::string& program) {
  write_file(file, {program});
  return std::system((python + " '" + file.string() + "'").c_str()) == 0;
}

}  // namespace rnnscope::test
