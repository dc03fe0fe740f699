// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/core/progress.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace rnnscope;

TEST_CASE("an empty callback is allowed") { CHECK_NOTHROW(report_progress({}, {"stage", 1, 2, ""})); }

TEST_CASE("the callback sees the report") {
  Progress seen;
  std::string detail;
  const ProgressCallback callback = [&](const Progress& progress) {
    seen = progress;
    detail = progress.detail;
    return true;
  };
  report_progress(callback, {"train", 3, 10, "1.9 bits"});
  CHECK(seen.stage == "train");
  CHECK(seen.done == 3);
  CHECK(seen.total == 10);
  CHECK(detail == "1.9 bits");
}

TEST_CASE("a callback that returns false cancels the work") {
  const ProgressCallback stop = [](const Progress&) { return false; };
  CHECK_THROWS_WITH_AS(report_progress(stop, {"cluster", 3, 10, ""}),
                       "stopped by the progress callback during 'cluster' after 3 of 10", Cancelled);
}
