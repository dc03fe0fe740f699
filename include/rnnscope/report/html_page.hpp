// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// One HTML page that needs no other file: headings, paragraphs, tables and figures.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/file.hpp"
#include "rnnscope/report/figure.hpp"
#include "rnnscope/report/svg.hpp"
#include "rnnscope/report/table.hpp"

namespace rnnscope {

/// A report that grows from top to bottom. All texts are escaped; style and drawings are inside, nothing is
/// loaded. The page follows the reader's choice of light or dark; figures keep their white paper.
///
///     HtmlPage page("Clusters of hidden states");
///     page.heading("Sizes").figure(bar_plot(names, {sizes}), "Points in each cluster.").table(table);
///     page.write("clusters.html");
///
/// All members throw FormatError on invalid UTF-8.
class HtmlPage {
 public:
  explicit HtmlPage(std::string_view title) : title_(escape_xml(title)) {}

  /// Level 2 begins a section; 3 and 4 are below it.
  /// \throws ValueError on another level.
  HtmlPage& heading(std::string_view text, int level = 2) {
    require<ValueError>(level >= 2 && level <= 4, "HtmlPage::heading: level must be 2, 3 or 4, found ", level);
    return element("h" + std::to_string(level), text);
  }
  HtmlPage& paragraph(std::string_view text) { return element("p", text); }
  /// Text whose line ends and blanks are kept.
  HtmlPage& preformatted(std::string_view text) { return element("pre", text); }

  HtmlPage& table(const Table& table, std::string_view caption = {}) {
    body_ += "<div class=\"wide\"><table>\n";
    if (!caption.empty()) element("caption", caption);
    body_ += "<thead><tr>";
    for (const Column& column : table.columns()) cell("th", column.kind, column.header);
    body_ += "</tr></thead>\n<tbody>\n";
    for (const auto& row : table.rows()) {
      body_ += "<tr>";
      for (std::size_t c = 0; c < row.size(); ++c) cell("td", table.columns()[c].kind, row[c]);
      body_ += "</tr>\n";
    }
    body_ += "</tbody></table></div>\n";
    return *this;
  }

  HtmlPage& figure(const Figure& figure, std::string_view caption = {}) {
    body_ += "<figure>\n" + figure.svg;
    if (!caption.empty()) element("figcaption", caption);
    body_ += "</figure>\n";
    return *this;
  }

  [[nodiscard]] std::string str() const {
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>" +
           title_ + "</title>\n<style>\n" + std::string(style_) + "</style>\n</head>\n<body>\n<h1>" + title_ +
           "</h1>\n" + body_ + "</body>\n</html>\n";
  }
  /// \throws IoError as write_file.
  void write(const std::filesystem::path& path) const { write_file(path, {str()}); }

 private:
  HtmlPage& element(std::string_view name, std::string_view text) {
    body_ += message("<", name, ">", escape_xml(text), "</", name, ">\n");
    return *this;
  }
  void cell(std::string_view name, ColumnKind kind, std::string_view text) {
    body_ += message("<", name, kind == ColumnKind::Number ? " class=\"number\">" : ">", escape_xml(text), "</",
                     name, ">");
  }

  static constexpr std::string_view style_ =
      ":root { color-scheme: light dark; --ink: #222; --paper: #fff; --soft: #666; --rule: #ddd; --band: "
      "#f6f6f6; }\n"
      "@media (prefers-color-scheme: dark) {\n"
      "  :root { --ink: #e4e4e4; --paper: #181a1c; --soft: #a0a0a0; --rule: #3a3d40; --band: #212427; }\n"
      "}\n"
      "body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: var(--ink); background: "
      "var(--paper);\n"
      "  font: 16px/1.5 system-ui, Helvetica, Arial, sans-serif; }\n"
      "h1 { font-size: 1.7rem; } h2 { font-size: 1.3rem; margin-top: 2.2rem; } h3, h4 { font-size: 1.05rem; }\n"
      ".wide { overflow-x: auto; }\n"
      "table { border-collapse: collapse; margin: 1rem 0; font-size: 0.9rem; }\n"
      "th, td { padding: 0.25rem 0.7rem; text-align: left; vertical-align: top; border-bottom: 1px solid "
      "var(--rule); }\n"
      "th { border-bottom: 2px solid var(--soft); } tbody tr:nth-child(even) { background: var(--band); }\n"
      ".number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }\n"
      "caption, figcaption { color: var(--soft); font-size: 0.9rem; text-align: left; padding: 0.3rem 0; }\n"
      "figure { margin: 1.2rem 0; } figure svg { max-width: 100%; height: auto; border-radius: 6px; }\n"
      "pre { overflow-x: auto; padding: 0.7rem; background: var(--band); font-size: 0.85rem; }\n";

  std::string title_, body_;
};

}  // namespace rnnscope
