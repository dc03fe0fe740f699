// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Reads plain text files.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/file.hpp"
#include "rnnscope/text/utf8.hpp"

namespace rnnscope {

/// The whole file, byte for byte: a byte order mark stays and counts as a character, line ends stay as they
/// are (see LineEnds). \throws IoError if it cannot be read, FormatError with path and byte if it is not UTF-8.
[[nodiscard]] inline std::string read_text(const std::filesystem::path& path) {
  std::string text = read_file(path);
  try {
    static_cast<void>(count_characters(text));
  } catch (const FormatError& error) {
    throw FormatError(message(path.string(), ": ", error.what(), "; convert the file to UTF-8 first"));
  }
  return text;
}

/// The lines of a text, without their line ends (LF or CRLF). A last line without a line feed counts; nothing
/// follows a final line feed.
[[nodiscard]] inline std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
    at = end + 1;
  }
  return lines;
}

/// The lines of a file, for instance a list of words. \throws as read_text.
[[nodiscard]] inline std::vector<std::string> read_lines(const std::filesystem::path& path) {
  return split_lines(read_text(path));
}

}  // namespace rnnscope
