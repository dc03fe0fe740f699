// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// How long work tells that it is alive. The library prints nothing itself.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

/// One report: `done` of `total` units of the stage called `stage`.
struct Progress {
  std::string_view stage;
  Index done = 0;
  Index total = 0;
  std::string_view detail;   ///< free text such as "1.93 bits per character"; valid during the call only
  double seconds_left = -1;  ///< an estimate; negative: unknown
};

/// Called now and then from the thread that runs the work. Return false to stop: the work throws
/// Cancelled (each function says what it leaves behind). An empty function is allowed everywhere.
using ProgressCallback = std::function<bool(const Progress&)>;

/// Calls `callback` if there is one. \throws Cancelled when it returns false.
inline void report_progress(const ProgressCallback& callback, const Progress& progress) {
  if (callback && !callback(progress)) {
    throw Cancelled(message("stopped by the progress callback during '", progress.stage, "' after ",
                            progress.done, " of ", progress.total));
  }
}

}  // namespace rnnscope
