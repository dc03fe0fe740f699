// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Tokenised sentences or phrases with a class label each.
#pragma once

#include <charconv>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/text/plain_text.hpp"

namespace rnnscope {

struct LabelledTokens {
  Id label = 0;
  std::vector<std::string> tokens;

  friend bool operator==(const LabelledTokens&, const LabelledTokens&) = default;
};

/// Reads lines `label TAB token token ...`: the label a whole number, tokens separated by one blank each.
/// `name` goes into messages. \throws FormatError with the line number.
[[nodiscard]] inline std::vector<LabelledTokens> parse_labelled_tokens(
    std::string_view text, std::string_view name = "labelled text") {
  std::vector<LabelledTokens> result;
  const std::vector<std::string> lines = split_lines(text);
  result.reserve(lines.size());
  for (std::size_t number = 1; number <= lines.size(); ++number) {
    const std::string_view line = lines[number - 1];
    const std::size_t tab = line.find('\t');
    require<FormatError>(tab != std::string_view::npos, name, ": line ", number,
                         ": expected 'label TAB tokens', found '", line, "'");
    LabelledTokens entry;
    const auto [end, error] = std::from_chars(line.data(), line.data() + tab, entry.label);
    require<FormatError>(error == std::errc{} && end == line.data() + tab, name, ": line ", number,
                         ": expected a whole number as label, found '", line.substr(0, tab), "'");
    for (std::size_t at = tab + 1; at <= line.size();) {
      const std::size_t blank = std::min(line.find(' ', at), line.size());
      require<FormatError>(blank > at, name, ": line ", number, ": empty token at byte ", at,
                           "; expected tokens separated by one blank");
      entry.tokens.emplace_back(line.substr(at, blank - at));
      at = blank + 1;
    }
    result.push_back(std::move(entry));
  }
  return result;
}

/// Reads such a file. \throws IoError, FormatError with path and line number.
[[nodiscard]] inline std::vector<LabelledTokens> read_labelled_tokens(const std::filesystem::path& path) {
  return parse_labelled_tokens(read_text(path), path.string());
}

}  // namespace rnnscope
