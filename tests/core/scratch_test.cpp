// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/core/scratch.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>

using namespace rnnscope;

TEST_CASE("scratch memory is aligned, apart, and given back by scopes") {
  Scratch::clear();
  {
    const Scratch outer;
    double* const a = outer.take<double>(3);
    CHECK(reinterpret_cast<std::uintptr_t>(a) % 64 == 0);
    a[0] = a[2] = 1.5;
    const char* first = nullptr;
    {
      const Scratch inner;
      char* const b = inner.take<char>(1000);
      std::memset(b, 1, 1000);
      first = b;
      char* const large = inner.take<char>(10'000'000);  // more than the first piece of memory holds
      std::memset(large, 2, 10'000'000);
      CHECK(b[999] == 1);
    }
    const Scratch again;
    CHECK(again.take<char>(1000) == first);
    CHECK(a[0] == 1.5);
    CHECK(a[2] == 1.5);
  }
  const std::size_t whole = Scratch::capacity();
  CHECK(whole >= 10'000'000);
  for (int run = 0; run < 3; ++run) {
    const Scratch scratch;
    CHECK(scratch.matrix<float>(1000, 2500).cols() == 2500);
    CHECK(Scratch::capacity() == whole);
  }
  Scratch::clear();
  CHECK(Scratch::capacity() == 0);
}
