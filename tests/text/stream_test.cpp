// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/text/stream.hpp"

#include <doctest/doctest.h>

#include <numeric>
#include <vector>

using namespace rnnscope;

namespace {
std::vector<Id> counting(Index n) {
  std::vector<Id> ids(static_cast<std::size_t>(n));
  std::iota(ids.begin(), ids.end(), 0);
  return ids;
}
std::vector<Id> list(std::span<const Id> ids) { return {ids.begin(), ids.end()}; }
}  // namespace

TEST_CASE("columns, windows and targets of a small text") {
  const TokenStream stream(counting(17), {.batch = 3, .steps = 2});  // columns 0-4, 5-9, 10-14; 15, 16 dropped
  CHECK(stream.batch() == 3);
  CHECK(stream.column_length() == 5);
  CHECK(stream.predictions() == 12);
  REQUIRE(stream.windows() == 2);
  CHECK(list(stream.window(0).inputs) == std::vector<Id>{0, 5, 10, 1, 6, 11});
  CHECK(list(stream.window(0).targets) == std::vector<Id>{1, 6, 11, 2, 7, 12});
  CHECK(list(stream.window(1).inputs) == std::vector<Id>{2, 7, 12, 3, 8, 13});
  CHECK(list(stream.window(1).targets) == std::vector<Id>{3, 8, 13, 4, 9, 14});
  CHECK(stream.window(1).first == 2);
  CHECK(stream.window(1).steps == 2);
}

TEST_CASE("the last window is shorter, and kept") {
  const TokenStream stream(counting(8), {.batch = 1, .steps = 3});
  REQUIRE(stream.windows() == 3);
  CHECK(stream.window(2).steps == 1);
  CHECK(list(stream.window(2).inputs) == std::vector<Id>{6});
  CHECK(list(stream.window(2).targets) == std::vector<Id>{7});
}

TEST_CASE("windows cover every prediction once, in order, for many shapes") {
  for (const Index n : {2, 3, 7, 100, 101, 1000}) {
    for (const Index batch : {1, 2, 3, 10}) {
      for (const Index steps : {1, 2, 7, 100, 5000}) {
        if (n / batch < 2) continue;
        const TokenStream stream(counting(n), {.batch = batch, .steps = steps});
        Index predictions = 0, wrong = 0, step = 0;
        for (Index k = 0; k < stream.windows(); ++k) {
          const StreamWindow window = stream.window(k);
          wrong += window.first != step || window.steps < 1 || window.steps > steps;
          for (Index t = 0; t < window.steps; ++t, ++step) {
            for (Index b = 0; b < batch; ++b, ++predictions) {
              const auto at = static_cast<std::size_t>(t * batch + b);
              const Index place = stream.position(b, step);  // ids count, so an id is its place
              wrong += window.inputs[at] != place || window.targets[at] != place + 1;
              wrong += place != b * (n / batch) + step;
            }
          }
          wrong += static_cast<Index>(window.inputs.size()) != window.steps * batch;
        }
        CHECK(wrong == 0);
        CHECK(predictions == stream.predictions());
        CHECK(predictions == (n / batch - 1) * batch);
      }
    }
  }
}

TEST_CASE("the figures of the reference evaluation: 5 % of War and Peace") {
  const std::vector<Id> ids(3201616 - 95 * 3201616 / 100);
  CHECK(TokenStream(ids).predictions() == 160080);
  CHECK(TokenStream(ids, {.batch = 100}).predictions() == 159900);
}

TEST_CASE("bad options, short texts and bad places are refused") {
  CHECK_THROWS_WITH_AS(TokenStream(counting(10), {.batch = 0}),
                       "StreamOptions: batch must be at least 1, found 0", ValueError);
  CHECK_THROWS_WITH_AS(TokenStream(counting(10), {.steps = 0}),
                       "StreamOptions: steps must be at least 1, found 0", ValueError);
  CHECK_THROWS_WITH_AS(
      TokenStream(counting(10), {.batch = 6}),
      "TokenStream: 10 ids in 6 columns leave fewer than 2 ids a column; use a smaller batch or a "
      "longer text",
      ValueError);
  CHECK_THROWS_AS(TokenStream({}), ValueError);
  const TokenStream stream(counting(10), {.batch = 2, .steps = 2});
  CHECK_THROWS_WITH_AS(static_cast<void>(stream.window(2)), "TokenStream: window 2 of 2", ValueError);
  CHECK_THROWS_AS(static_cast<void>(stream.window(-1)), ValueError);
  CHECK_THROWS_AS(static_cast<void>(stream.position(2, 0)), ValueError);
  CHECK_THROWS_AS(static_cast<void>(stream.position(0, 5)), ValueError);
}
