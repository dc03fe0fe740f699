// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/report/progress_bar.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <vector>

using namespace rnnscope;

namespace {
std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}
}  // namespace

TEST_CASE("to a file: a line at the start, at the end, and for every tenth of the work") {
  std::ostringstream out;
  double now = 0;
  const ProgressCallback progress = progress_bar({.out = &out, .clock = [&] { return now; }});
  for (Index done = 0; done <= 1000; ++done, now += 0.0052)
    CHECK(progress({"training", done, 1000, "1.93 bits"}));
  const auto lines = split(out.str(), '\n');
  REQUIRE(lines.size() == 11);
  CHECK(lines[0] == "training   0% [............] 0/1000  0 s  1.93 bits");
  CHECK(lines[5] == "training  50% [######......] 500/1000  192/s  3 s, 3 s left  1.93 bits");
  CHECK(lines[10] == "training 100% [############] 1000/1000  192/s  5 s  1.93 bits");
  CHECK(out.str().find('\r') == std::string::npos);
}

TEST_CASE("to a file: slow work shows a line every so many seconds") {
  std::ostringstream out;
  double now = 0;
  const ProgressCallback progress =
      progress_bar({.out = &out, .line_seconds = 10, .clock = [&] { return now; }});
  for (Index done = 0; done < 61; ++done, now += 1) progress({"slow", done, 1000000, ""});
  CHECK(split(out.str(), '\n').size() == 7);
}

TEST_CASE("on a terminal: one line is redrawn, not too often, leftovers are wiped, and ended") {
  std::ostringstream out;
  double now = 0;
  const ProgressCallback progress = progress_bar(
      {.out = &out, .style = ProgressStyle::Redraw, .redraw_seconds = 0.1, .clock = [&] { return now; }});
  progress({"fit", 0, 100, "a long detail"});
  now = 0.05;
  progress({"fit", 1, 100, ""});  // too early
  now = 0.2;
  progress({"fit", 2, 100, "é"});
  CHECK(out.str() ==
        "\rfit   0% [............] 0/100  0 s  a long detail"
        "\rfit   2% [............] 2/100  10/s  0 s, 10 s left  é");
  now = 0.4;
  progress({"fit", 3, 100, ""});
  const std::string last = out.str().substr(out.str().rfind('\r'));
  CHECK(last == "\rfit   3% [............] 3/100  7.5/s  0 s, 13 s left  ");  // blanks over the end of
                                                                              // the longer line before
  now = 0.41;
  progress({"fit", 100, 100, ""});  // the end is always shown
  CHECK(out.str().find("100/100") != std::string::npos);
  CHECK(out.str().back() == '\n');
  progress({"fit", 100, 100, ""});
  const std::string all = out.str();
  CHECK(std::count(all.begin(), all.end(), '\n') == 1);
}

TEST_CASE("another stage, or the same from the start, begins a new line; an open line is ended") {
  std::ostringstream out;
  double now = 0;
  {
    const ProgressCallback progress =
        progress_bar({.out = &out, .style = ProgressStyle::Redraw, .clock = [&] { return now; }});
    progress({"one", 1, 2, ""});
    progress({"two", 0, 2, ""});
    progress({"two", 1, 2, ""});  // too early
    progress({"two", 0, 2, ""});
  }
  const auto lines = split(out.str(), '\n');
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].starts_with("\rone  50%"));
  CHECK(lines[1].starts_with("\rtwo   0%"));
  CHECK(lines[2].starts_with("\rtwo   0%"));
  CHECK(out.str().back() == '\n');
}

TEST_CASE("an unknown total, control characters, and lines clipped between characters") {
  std::ostringstream out;
  double now = 0;
  const ProgressCallback progress = progress_bar({.out = &out, .clock = [&] { return now; }});
  progress({"reading", 7, 0, "a\nb\x1b"});
  CHECK(out.str() == "reading 7  0 s  a b \n");
  std::ostringstream narrow;
  const ProgressCallback clipped =
      progress_bar({.out = &narrow, .style = ProgressStyle::Redraw, .width = 20, .clock = [&] { return now; }});
  clipped({"ééééééééééééééééééééééééé", 0, 0, ""});
  CHECK(narrow.str() == "\réééééééééééééééééééé");
}

TEST_CASE("durations, rates and parameters") {
  CHECK(rate_text(0.25) == "0.25");
  CHECK(rate_text(13.21) == "13.2");
  CHECK(rate_text(999.7) == "1k");
  CHECK(rate_text(27361) == "27.4k");
  CHECK(rate_text(1.05e6) == "1.05M");
  CHECK(duration_text(0.4) == "0 s");
  CHECK(duration_text(59.4) == "59 s");
  CHECK(duration_text(187) == "3:07");
  CHECK(duration_text(7500) == "2:05:00");
  CHECK(duration_text(-1) == "0 s");
  CHECK_THROWS_AS(static_cast<void>(progress_bar({.line_share = 0})), ValueError);
  CHECK_THROWS_AS(static_cast<void>(progress_bar({.redraw_seconds = -1})), ValueError);
  CHECK_THROWS_AS(static_cast<void>(progress_bar({.width = 3})), ValueError);
}
