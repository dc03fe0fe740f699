// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/core/span.hpp"

#include <doctest/doctest.h>

using namespace rnnscope;

TEST_CASE("a span knows its size and compares by value") {
  CHECK(Span{2, 5, 9}.size() == 4);
  CHECK(Span{}.size() == 0);
  CHECK(Span{1, 2, 3} == Span{1, 2, 3});
  CHECK(Span{1, 2, 3} != Span{0, 2, 3});
  CHECK(Span{1, 2, 3} != Span{1, 2, 4});
}
