// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A Table as Markdown, CSV, JSON, JSON lines, and as aligned text for a terminal.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "rnnscope/report/table.hpp"
#include "rnnscope/text/utf8.hpp"

namespace rnnscope {

/// Columns of a terminal that a character takes: 0 for combining marks, 2 for wide East Asian characters and
/// emoji, 1 for everything else.
[[nodiscard]] constexpr Index display_width(char32_t code) {
  struct Range {
    char32_t first, last;
  };
  constexpr Range none[] = {
      {0x300, 0x36F}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}};
  constexpr Range wide[] = {{0x1100, 0x115F},   {0x2E80, 0xA4CF},  {0xAC00, 0xD7A3}, {0xF900, 0xFAFF},
                            {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},  {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F},
                            {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
  const auto within = [code](const Range& range) { return code >= range.first && code <= range.last; };
  if (std::any_of(std::begin(none), std::end(none), within)) return 0;
  return std::any_of(std::begin(wide), std::end(wide), within) ? 2 : 1;
}

/// Columns of a terminal that a UTF-8 text takes.
/// \throws FormatError on invalid UTF-8.
[[nodiscard]] inline Index display_width(std::string_view text) {
  Index width = 0;
  for (std::size_t at = 0; at < text.size();) width += display_width(next_code_point(text, at));
  return width;
}

/// A string literal of JSON, with its quotes.
/// \throws FormatError on invalid UTF-8.
[[nodiscard]] inline std::string json_string(std::string_view text) {
  static_cast<void>(count_characters(text));  // checks the UTF-8
  constexpr std::string_view hex = "0123456789abcdef";
  std::string json = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (c == '\n') {
      json += "\\n";
    } else if (byte < 0x20) {
      json += "\\u00";
      json += hex[byte >> 4];
      json += hex[byte & 15];
    } else {
      json += c;
    }
  }
  return json + '"';
}

namespace detail {

[[nodiscard]] inline std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string joined;
  for (std::size_t k = 0; k < parts.size(); ++k) {
    if (k > 0) joined += separator;
    joined += parts[k];
  }
  return joined;
}

/// One cell of a Markdown table: no pipes, no line ends.
[[nodiscard]] inline std::string markdown_cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|' || c == '\\') cell += '\\';
    cell += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  }
  return cell;
}

[[nodiscard]] inline std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string field = "\"";
  for (const char c : text) {
    if (c == '"') field += '"';
    field += c;
  }
  return field + '"';
}

[[nodiscard]] inline std::string json_object(const Table& table, const std::vector<std::string>& row) {
  std::string object = "{";
  for (std::size_t c = 0; c < row.size(); ++c) {
    const bool number = table.columns()[c].kind == ColumnKind::Number;
    if (c > 0) object += ", ";
    object += json_string(table.columns()[c].header) + ": ";
    object += !number                  ? json_string(row[c])
              : is_json_number(row[c]) ? row[c]
              : row[c].empty()         ? "null"
                                       : json_string(row[c]);
  }
  return object + "}";
}

/// The table's cells, padded to the same width in every column; `edit` is applied to every cell before.
template <class Edit>
[[nodiscard]] std::vector<std::vector<std::string>> padded(const Table& table, Index least_width, Edit edit) {
  std::vector<std::vector<std::string>> lines(1);
  for (const Column& column : table.columns()) lines[0].push_back(edit(column.header));
  for (const auto& row : table.rows()) {
    lines.emplace_back();
    for (const std::string& cell : row) lines.back().push_back(edit(cell));
  }
  for (std::size_t c = 0; c < table.columns().size(); ++c) {
    Index width = least_width;
    for (const auto& line : lines) width = std::max(width, display_width(line[c]));
    for (auto& line : lines) {
      const std::string blanks(static_cast<std::size_t>(width - display_width(line[c])), ' ');
      line[c] = table.columns()[c].kind == ColumnKind::Number ? blanks + line[c] : line[c] + blanks;
    }
  }
  return lines;
}

}  // namespace detail

/// A pipe table of GitHub-flavoured Markdown, aligned for human readers too. Pipes and backslashes are escaped,
/// line ends become blanks. An empty string if there are no columns.
/// \throws FormatError on invalid UTF-8.
[[nodiscard]] inline std::string to_markdown(const Table& table) {
  if (table.columns().empty()) return {};
  std::string text;
  const auto lines = detail::padded(table, 3, detail::markdown_cell);
  for (std::size_t r = 0; r < lines.size(); ++r) {
    text += "| " + detail::join(lines[r], " | ") + " |\n";
    if (r > 0) continue;
    for (std::size_t c = 0; c < table.columns().size(); ++c) {
      std::string rule(static_cast<std::size_t>(display_width(lines[0][c])), '-');
      if (table.columns()[c].kind == ColumnKind::Number) rule.back() = ':';
      text += "| " + rule + " ";
    }
    text += "|\n";
  }
  return text;
}

/// Aligned columns for a terminal, two blanks apart, a rule below the headers; no blanks at line ends.
/// \throws FormatError on invalid UTF-8.
[[nodiscard]] inline std::string to_text(const Table& table) {
  const auto one_line = [](std::string cell) {
    std::replace_if(
        cell.begin(), cell.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
    return cell;
  };
  std::string text;
  const auto lines = detail::padded(table, 0, one_line);
  for (std::size_t r = 0; r < lines.size(); ++r) {
    std::string line = detail::join(lines[r], "  ");
    const auto rule = static_cast<std::size_t>(display_width(line));
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
    if (r == 0) text += std::string(rule, '-') + "\n";
  }
  return text;
}

/// RFC 4180: a header line, fields quoted where needed, lines ended by CR LF.
[[nodiscard]] inline std::string to_csv(const Table& table) {
  std::string text;
  const auto add_line = [&](std::vector<std::string> fields) {
    for (std::string& field : fields) field = detail::csv_field(field);
    text += detail::join(fields, ",") + "\r\n";
  };
  std::vector<std::string> headers;
  for (const Column& column : table.columns()) headers.push_back(column.header);
  add_line(std::move(headers));
  for (const auto& row : table.rows()) add_line(row);
  return text;
}

/// One JSON object a line, headers as names. Cells of number columns are bare numbers, `null` if empty, and
/// strings if they are no JSON numbers (`94.1%`, `inf`).
/// \throws FormatError on invalid UTF-8.
[[nodiscard]] inline std::string to_json_lines(const Table& table) {
  std::string text;
  for (const auto& row : table.rows()) text += detail::json_object(table, row) + "\n";
  return text;
}

/// The objects of to_json_lines as one JSON array.
/// \throws FormatError on invalid UTF-8.
[[nodiscard]] inline std::string to_json(const Table& table) {
  std::vector<std::string> objects;
  for (const auto& row : table.rows()) objects.push_back("\n  " + detail::json_object(table, row));
  return objects.empty() ? "[]\n" : "[" + detail::join(objects, ",") + "\n]\n";
}

}  // namespace rnnscope
