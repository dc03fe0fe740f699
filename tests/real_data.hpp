// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Where tests find the real data sets, which are not part of the repository.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#if !defined(RNNSCOPE_DEFAULT_DATA_DIR)
#define RNNSCOPE_DEFAULT_DATA_DIR "../shared/data"
#endif

namespace rnnscope::test {

[[nodiscard]] inline std::filesystem::path data_directory() {
  const char* const chosen = std::getenv("RNNSCOPE_DATA");
  return chosen != nullptr ? chosen : RNNSCOPE_DEFAULT_DATA_DIR;
}

[[nodiscard]] inline std::optional<std::filesystem::path> existing(const std::filesystem::path& path) {
  if (std::filesystem::exists(path)) return path;
  MESSAGE("skipped: there is no " << path.string());
  return std::nullopt;
}

/// A file of the data sets; without it the test says "skipped" and should return.
[[nodiscard]] inline std::optional<std::filesystem::path> data_file(const std::string& name) {
  return existing(data_directory() / name);
}

/// A file of the reference results, which lie beside the data sets.
[[nodiscard]] inline std::optional<std::filesystem::path> reference_file(const std::string& name) {
  return existing(data_directory() / ".." / "reference" / name);
}

}  // namespace rnnscope::test
