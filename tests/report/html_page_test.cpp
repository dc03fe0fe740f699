// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/report/html_page.hpp"

#include <doctest/doctest.h>

#include "../temporary_folder.hpp"
#include "rnnscope/report/line_plot.hpp"
#include "xml_checker.hpp"

using namespace rnnscope;

TEST_CASE("a page holds what was added, in order, escaped, and loads nothing") {
  Table table({{"word <b>"}, {"count", ColumnKind::Number}});
  table.add("R&B", 12);
  HtmlPage page("Clusters & <words>");
  page.heading("One").paragraph("a < b").table(table, "Caption 1").heading("Two", 3).preformatted("x\n  y");
  page.figure(line_plot({{"s", {1, 2}, {3, 4}}}), "Caption 2");
  const std::string html = page.str();
  CHECK(html.starts_with("<!DOCTYPE html>\n"));
  const test::XmlReader xml(html);  // it is well formed as XML, too
  CHECK(xml.texts("h1") == std::vector<std::string>{"Clusters & <words>"});
  CHECK(xml.texts("h2") == std::vector<std::string>{"One"});
  CHECK(xml.texts("h3") == std::vector<std::string>{"Two"});
  CHECK(xml.texts("p") == std::vector<std::string>{"a < b"});
  CHECK(xml.texts("pre") == std::vector<std::string>{"x\n  y"});
  CHECK(xml.texts("th") == std::vector<std::string>{"word <b>", "count"});
  CHECK(xml.texts("td") == std::vector<std::string>{"R&B", "12"});
  CHECK(xml.named("td")[1].attributes.at("class") == "number");
  CHECK(xml.texts("caption") == std::vector<std::string>{"Caption 1"});
  CHECK(xml.texts("figcaption") == std::vector<std::string>{"Caption 2"});
  CHECK(xml.named("svg").size() == 1);
  CHECK(html.find("<h2>") < html.find("<p>"));
  CHECK(html.find("<p>") < html.find("<svg"));
  CHECK(html.find("prefers-color-scheme: dark") != std::string::npos);
  for (const char* outside : {"src=", "href=", "@import", "url("})
    CHECK(html.find(outside) == std::string::npos);
}

TEST_CASE("empty pages and tables, files, bad levels and bytes") {
  const test::TemporaryFolder folder;
  HtmlPage page("");
  page.table(Table());
  page.write(folder / "page.html");
  CHECK(read_file(folder / "page.html") == page.str());
  CHECK_NOTHROW(test::XmlReader(page.str()));
  CHECK_THROWS_WITH_AS(page.heading("x", 1), "HtmlPage::heading: level must be 2, 3 or 4, found 1", ValueError);
  CHECK_THROWS_AS(page.paragraph("\xff"), FormatError);
}
