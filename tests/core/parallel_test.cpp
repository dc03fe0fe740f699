// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/core/parallel.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace rnnscope;

namespace {

/// Sets a number of threads for one test and then the old one again.
class Threads {
 public:
  explicit Threads(int count) : before_(thread_count()) { set_thread_count(count); }
  ~Threads() { set_thread_count(before_); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

 private:
  int before_;
};

/// How often each of `pieces` pieces is visited, other than once.
Index wrong_visits(Index pieces) {
  std::vector<std::atomic<int>> visits(static_cast<std::size_t>(pieces));
  parallel_for(pieces, [&](Index p) { ++visits[static_cast<std::size_t>(p)]; });
  return std::count_if(visits.begin(), visits.end(), [](const auto& count) { return count != 1; });
}

}  // namespace

TEST_CASE("parallel_for visits every piece once, for any number of threads") {
  for (const int threads : {1, 2, 5}) {
    const Threads set(threads);
    CHECK(thread_count() == threads);
    for (const Index pieces : {0, 1, 2, 7, 1000, 262142, 262143, 262144, 600001})
      CHECK(wrong_visits(pieces) == 0);
  }
  CHECK_THROWS_WITH_AS(set_thread_count(0), "set_thread_count: needs at least 1 thread, found 0", ValueError);
}

TEST_CASE("thousands of short loops, with sleeps between some of them") {
  const Threads set(4);
  Index wrong = 0;
  for (int loop = 0; loop < 3000; ++loop) {
    wrong += wrong_visits(1 + loop % 9);
    if (loop % 500 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  CHECK(wrong == 0);
}

TEST_CASE("nested loops run, each piece once") {
  const Threads set(3);
  std::atomic<int> visits{0};
  parallel_for(4, [&](Index) { parallel_for(5, [&](Index) { ++visits; }); });
  CHECK(visits == 20);
}

TEST_CASE("several threads may ask for loops at the same time") {
  const Threads set(3);
  std::atomic<Index> wrong{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int loop = 0; loop < 200; ++loop) wrong += wrong_visits(50);
    });
  }
  for (std::thread& caller : callers) caller.join();
  CHECK(wrong == 0);
}

TEST_CASE("the exception of the lowest piece is rethrown, and the pool goes on") {
  for (const int threads : {1, 4}) {
    const Threads set(threads);
    for (int repeat = 0; repeat < 20; ++repeat) {
      const auto work = [](Index p) {
        if (p % 10 == 7) throw std::runtime_error("piece " + std::to_string(p));
      };
      CHECK_THROWS_WITH_AS(parallel_for(100, work), "piece 7", std::runtime_error);
    }
    CHECK(wrong_visits(100) == 0);
  }
}

TEST_CASE("results do not depend on the number of threads") {
  const auto sums = [](int threads) {
    const Threads set(threads);
    std::vector<double> result(16);
    parallel_for(16, [&](Index p) {
      for (int k = 1; k <= 1000; ++k) result[static_cast<std::size_t>(p)] += 1.0 / (k + static_cast<double>(p));
    });
    return result;
  };
  const std::vector<double> alone = sums(1);
  CHECK(alone[3] > 0);
  CHECK(sums(2) == alone);
  CHECK(sums(7) == alone);
}

#if defined(_OPENMP)
TEST_CASE("Eigen runs with one thread inside a loop and with its own number outside") {
  const Threads set(2);
  const int before = omp_get_max_threads();
  omp_set_num_threads(3);
  std::atomic<int> wrong{0};
  parallel_for(100, [&](Index) { wrong += omp_get_max_threads() != 1; });
  CHECK(wrong == 0);
  CHECK(omp_get_max_threads() == 3);
  omp_set_num_threads(before);
}
#endif

TEST_CASE("a partition covers everything in order, with borders on the grain") {
  for (const Index size : {0, 1, 7, 8, 64, 1000}) {
    for (const Index pieces : {1, 2, 3, 16}) {
      for (const Index grain : {1, 4, 8}) {
        const Partition partition{.size = size, .pieces = pieces, .grain = grain};
        CHECK(partition.begin(0) == 0);
        CHECK(partition.end(pieces - 1) == size);
        for (Index p = 0; p < pieces; ++p) {
          CHECK(partition.begin(p) <= partition.end(p));
          if (p > 0) CHECK(partition.begin(p) == partition.end(p - 1));
          CHECK((partition.begin(p) % grain == 0 || partition.begin(p) == size));
          CHECK(partition.end(p) - partition.begin(p) <= ((size + grain - 1) / grain / pieces + 1) * grain);
        }
      }
    }
  }
}

TEST_CASE("the number of threads cannot be changed from inside a loop, only between loops") {
  const int before = thread_count();
  set_thread_count(2);
  CHECK_THROWS_WITH_AS(parallel_for(64, [](Index) { set_thread_count(3); }),
                       "set_thread_count: not from inside a parallel loop", ValueError);
  CHECK(thread_count() == 2);
  CHECK_THROWS_WITH_AS(set_thread_count(0), "set_thread_count: needs at least 1 thread, found 0", ValueError);
  set_thread_count(before);
}

TEST_CASE("resizing while another thread runs loops loses no piece") {
  const int before = thread_count();
  std::atomic<bool> stop{false};
  std::thread resizer([&] {
    for (int k = 0; !stop.load(); ++k) set_thread_count(1 + k % 4);
  });
  Index wrong = 0;
  for (int repeat = 0; repeat < 300; ++repeat) {
    std::atomic<Index> sum{0};
    parallel_for(50, [&](Index p) { sum.fetch_add(p); });
    wrong += sum.load() == 50 * 49 / 2 ? 0 : 1;
  }
  stop = true;
  resizer.join();
  CHECK(wrong == 0);
  set_thread_count(before);
}
