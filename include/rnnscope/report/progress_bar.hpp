// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A progress line for terminals and log files.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#if defined(_WIN32)
#include <io.h>
#else
#include <unistd.h>
#endif

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/progress.hpp"
#include "rnnscope/report/numbers.hpp"

namespace rnnscope {

/// Redraw: one line, drawn again and again. Lines: a new line now and then, for files. Automatic: Redraw if the
/// output is standard error and a terminal.
enum class ProgressStyle : std::uint8_t { Automatic, Redraw, Lines };

struct ProgressBarParameters {
  std::ostream* out = nullptr;  ///< must outlive the callback; nothing: standard error
  ProgressStyle style = ProgressStyle::Automatic;
  double redraw_seconds = 0.1;      ///< at least that long between two drawings of one line
  double line_seconds = 10;         ///< Lines: a line at least that often,
  double line_share = 0.1;          ///< and for every such share of the work
  Index width = 79;                 ///< Redraw: columns at most
  std::function<double()> clock{};  ///< seconds; nothing: a steady clock

  /// \throws ValueError unless the times are not negative, line_share is in (0, 1], and width is at least 20.
  void check() const {
    require<ValueError>(redraw_seconds >= 0 && line_seconds >= 0,
                        "ProgressBarParameters: times must not be negative, found ", redraw_seconds, " and ",
                        line_seconds);
    require<ValueError>(line_share > 0 && line_share <= 1,
                        "ProgressBarParameters: line_share must be in (0, 1], found ", line_share);
    require<ValueError>(width >= 20, "ProgressBarParameters: width must be at least 20, found ", width);
  }
};

/// Three digits with a prefix: `0.25`, `13.2`, `27.4k`, `1.05M`.
[[nodiscard]] inline std::string rate_text(double rate) {
  if (rate >= 999500) return significant(rate / 1e6, 3) + "M";
  if (rate >= 999.5) return significant(rate / 1e3, 3) + "k";
  return significant(rate, 3);
}

/// `59 s`, `3:07`, `2:05:00`.
[[nodiscard]] inline std::string duration_text(double seconds) {
  const auto total = static_cast<long long>(std::clamp(seconds, 0.0, 1e12) + 0.5);
  if (total < 60) return std::to_string(total) + " s";
  const auto two = [](long long part) { return (part < 10 ? "0" : "") + std::to_string(part); };
  if (total < 3600) return std::to_string(total / 60) + ":" + two(total % 60);
  return std::to_string(total / 3600) + ":" + two(total / 60 % 60) + ":" + two(total % 60);
}

namespace detail {

/// Remembers when each stage began and when it was shown last.
class ProgressLine {
 public:
  explicit ProgressLine(ProgressBarParameters parameters) : parameters_(std::move(parameters)) {
    parameters_.check();
    if (!parameters_.clock) {
      parameters_.clock = [] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
      };
    }
    if (parameters_.style == ProgressStyle::Automatic) {
      parameters_.style =
          parameters_.out == nullptr && stderr_is_terminal() ? ProgressStyle::Redraw : ProgressStyle::Lines;
    }
  }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine() {
    try {
      end_line();
    } catch (...) {  // a stream that throws must not end the program
    }
  }

  void show(const Progress& progress) {
    const double now = parameters_.clock();
    if (progress.stage != stage_ || progress.done < done_) {
      end_line();
      stage_ = progress.stage;
      begun_ = now;
      first_ = progress.done;
      shown_share_ = -1;
    }
    done_ = progress.done;
    const double share = progress.total > 0 ? std::clamp(ratio(progress.done, progress.total), 0.0, 1.0) : 0.0;
    const bool finished = progress.total > 0 && progress.done >= progress.total;
    const bool redraw = parameters_.style == ProgressStyle::Redraw;
    const bool due = shown_share_ < 0 || (finished && shown_share_ < 1) ||
                     now - shown_at_ >= (redraw ? parameters_.redraw_seconds : parameters_.line_seconds) ||
                     (!redraw && steps(share) > steps(shown_share_));
    if (!due) return;
    shown_at_ = now;
    shown_share_ = share;
    const std::string text = line(progress, share, now - begun_);
    if (!redraw) {
      put(text + "\n");
      return;
    }
    const std::string clipped = clip(text, parameters_.width);
    const auto columns = count_columns(clipped);
    const auto leftover = static_cast<std::size_t>(std::max<Index>(0, drawn_columns_ - columns));
    put("\r" + clipped + std::string(leftover, ' '));
    drawn_columns_ = columns;
    if (finished) end_line();
  }

 private:
  [[nodiscard]] static double ratio(Index part, Index whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
  }
  /// Of those that ask for a line.
  [[nodiscard]] double steps(double share) const { return std::floor(share / parameters_.line_share + 1e-9); }
  [[nodiscard]] static bool stderr_is_terminal() {
#if defined(_WIN32)
    return _isatty(_fileno(stderr)) != 0;
#else
    return isatty(fileno(stderr)) != 0;
#endif
  }
  /// Characters of a text that may be no valid UTF-8: bytes that do not continue another.
  [[nodiscard]] static Index count_columns(std::string_view text) {
    return std::count_if(text.begin(), text.end(), starts_character);
  }
  [[nodiscard]] static bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }
  [[nodiscard]] static std::string clip(const std::string& text, Index columns) {
    std::size_t end = 0;
    for (Index used = 0; end < text.size(); ++end) {
      if (starts_character(text[end]) && used++ == columns) break;
    }
    return text.substr(0, end);
  }

  /// `stage  42% [#####.......] 420/1000  13.2/s  0:32 elapsed, 0:44 left  detail`
  [[nodiscard]] std::string line(const Progress& progress, double share, double elapsed) const {
    const auto done_here = static_cast<double>(progress.done - first_);
    const double rate = elapsed > 0 ? done_here / elapsed : 0;
    std::string text(progress.stage);
    if (progress.total > 0) {
      constexpr int cells = 12;
      const std::string filled(static_cast<std::size_t>(std::lround(share * cells)), '#');
      const std::string number = std::to_string(static_cast<int>(share * 100));
      text += " " + std::string(3 - number.size(), ' ') + number + "% [" + filled +
              std::string(cells - filled.size(), '.') + "] " + std::to_string(progress.done) + "/" +
              std::to_string(progress.total);
    } else {
      text += " " + std::to_string(progress.done);
    }
    if (rate > 0) text += "  " + rate_text(rate) + "/s";
    text += "  " + duration_text(elapsed);
    if (rate > 0 && progress.total > progress.done) {
      text += ", " + duration_text(static_cast<double>(progress.total - progress.done) / rate) + " left";
    }
    if (!progress.detail.empty()) text += "  " + std::string(progress.detail);
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return text;
  }

  void put(const std::string& text) {
    if (parameters_.out != nullptr) {
      *parameters_.out << text << std::flush;
    } else {
      static_cast<void>(std::fwrite(text.data(), 1, text.size(), stderr));
      static_cast<void>(std::fflush(stderr));
    }
  }
  void end_line() {
    if (drawn_columns_ > 0) put("\n");
    drawn_columns_ = 0;
  }

  ProgressBarParameters parameters_;
  std::string stage_;
  double begun_ = 0, shown_at_ = 0, shown_share_ = -1;
  Index first_ = 0, done_ = 0, drawn_columns_ = 0;
};

}  // namespace detail

/// A callback that shows stage, percentage, bar, rate, time used, estimated time left, and the free text of
/// every report. It never stops the work. On a terminal one line is redrawn; elsewhere a line is written every
/// `line_seconds` or `line_share` of the work, whichever comes first. A total of 0 means unknown: no bar, no
/// estimate.
///
///     trainer.fit(corpus, {.progress = progress_bar()});
///
/// Copies share one state. Threading: calls must not run together (the library reports from one thread).
/// \throws ValueError as ProgressBarParameters::check.
[[nodiscard]] inline ProgressCallback progress_bar(ProgressBarParameters parameters = {}) {
  return [line = std::make_shared<detail::ProgressLine>(std::move(parameters))](const Progress& progress) {
    line->show(progress);
    return true;
  };
}

}  // namespace rnnscope
