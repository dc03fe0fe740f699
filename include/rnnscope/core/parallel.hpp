// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// One loop over independent pieces of work, on a small pool of threads.
///
/// The pieces are fixed by the caller, never by the number of threads, so results have the same bits for any
/// thread count. The pool exists because a training step has thousands of short parallel loops: a waiting
/// thread spins for some microseconds and then sleeps, and work that a sleeping thread did not pick up is done
/// by the caller, so a busy machine costs a share of the speed and not all of it.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"

#if defined(_OPENMP)
#include <omp.h>
#endif

namespace rnnscope {

namespace detail {

inline void spin_pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

/// While it lives, Eigen's own OpenMP threads are off in this thread: their number would change its blocking,
/// and so the bits of its products.
class SingleThreadedEigen {
 public:
#if defined(_OPENMP)
  SingleThreadedEigen() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~SingleThreadedEigen() { omp_set_num_threads(before_); }
#else
  SingleThreadedEigen() = default;
#endif
  SingleThreadedEigen(const SingleThreadedEigen&) = delete;
  SingleThreadedEigen& operator=(const SingleThreadedEigen&) = delete;

#if defined(_OPENMP)
 private:
  int before_;
#endif
};

/// Worker threads that share the pieces of one loop at a time with the thread that asked for it.
///
/// `ticket_` holds, in one word, the number of the loop, how many pieces it has and which is next. A thread
/// claims a piece by advancing it; a claim on a loop that is over fails, and a loop is over only when all
/// claimed pieces are done, so `body_` cannot vanish under a worker.
class ThreadPool {
 public:
  using Body = void (*)(void* context, Index piece);
  static constexpr Index max_pieces = (Index{1} << 18) - 1;

  static ThreadPool& instance() {
    // Never destroyed: at the end of a program, or of a child made by fork, there is nobody left to join.
    static ThreadPool* const pool = new ThreadPool;
    return *pool;
  }

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  [[nodiscard]] int threads() const { return threads_.load(std::memory_order_relaxed); }

  void resize(int threads) {
    require<ValueError>(!inside_, "set_thread_count: not from inside a parallel loop");
    const std::lock_guard lock(owner_);
    stop();
    threads_.store(threads, std::memory_order_relaxed);
    start();
  }

  /// Runs all pieces; false if another thread is using the pool or this is a nested call.
  bool try_run(Index pieces, Body body, void* context) {
    if (inside_) return false;
    std::unique_lock lock(owner_, std::try_to_lock);
    if (!lock.owns_lock()) return false;
    if (workers_.empty() && threads() > 1) start();
    body_ = body;
    context_ = context;
    done_.store(0, std::memory_order_relaxed);
    const std::uint64_t loop = (ticket_.load(std::memory_order_relaxed) >> 36) + 1;
    ticket_.store(loop << 36 | static_cast<std::uint64_t>(pieces) << 18, std::memory_order_release);
    ticket_.notify_all();
    inside_ = true;
    while (work()) {
    }
    inside_ = false;
    for (int spins = 0;; ++spins) {
      const std::uint32_t done = done_.load(std::memory_order_acquire);
      if (done == static_cast<std::uint32_t>(pieces)) return true;
      if (spins < spins_before_sleep) {
        spin_pause();
      } else {
        done_.wait(done, std::memory_order_acquire);
      }
    }
  }

 private:
  static constexpr int spins_before_sleep = 2000;  // about 50 microseconds
  static constexpr std::uint64_t low_18 = (std::uint64_t{1} << 18) - 1;

  ThreadPool() {
    const char* wanted = std::getenv("RNNSCOPE_NUM_THREADS");
    threads_ = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    if (wanted == nullptr || *wanted == '\0') return;
    char* end = nullptr;
    const long number = std::strtol(wanted, &end, 10);
    require<ValueError>(*end == '\0' && number >= 1 && number <= 4096,
                        "RNNSCOPE_NUM_THREADS must be a number from 1 to 4096, found '", wanted, "'");
    threads_ = static_cast<int>(number);
  }

  /// Claims one piece of the present loop and does it; false if none is left.
  bool work() {
    std::uint64_t ticket = ticket_.load(std::memory_order_acquire);
    do {
      if ((ticket & low_18) >= (ticket >> 18 & low_18)) return false;
    } while (!ticket_.compare_exchange_weak(ticket, ticket + 1, std::memory_order_acq_rel,
                                            std::memory_order_acquire));
    body_(context_, static_cast<Index>(ticket & low_18));
    const auto pieces = static_cast<std::uint32_t>(ticket >> 18 & low_18);
    if (done_.fetch_add(1, std::memory_order_acq_rel) + 1 == pieces) done_.notify_all();
    return true;
  }

  void serve() {
    [[maybe_unused]] const SingleThreadedEigen serial;
    inside_ = true;
    for (int spins = 0; !stopping_.load(std::memory_order_acquire);) {
      if (work()) {
        spins = 0;
      } else if (++spins < spins_before_sleep) {
        spin_pause();
      } else {
        const std::uint64_t seen = ticket_.load(std::memory_order_acquire);
        if ((seen & low_18) >= (seen >> 18 & low_18) && !stopping_.load(std::memory_order_acquire)) {
          ticket_.wait(seen, std::memory_order_acquire);
        }
        spins = 0;
      }
    }
  }

  void start() {
    for (int k = 1; k < threads(); ++k) workers_.emplace_back([this] { serve(); });
  }

  void stop() {
    stopping_.store(true, std::memory_order_release);
    const std::uint64_t loop = (ticket_.load(std::memory_order_relaxed) >> 36) + 1;
    ticket_.store(loop << 36, std::memory_order_release);  // an empty loop wakes the sleepers
    ticket_.notify_all();
    for (std::thread& worker : workers_) worker.join();
    workers_.clear();
    stopping_.store(false, std::memory_order_release);
  }

  static inline thread_local bool inside_ = false;

  std::mutex owner_;
  std::vector<std::thread> workers_;
  std::atomic<int> threads_{1};
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> ticket_{0};
  std::atomic<std::uint32_t> done_{0};
  Body body_ = nullptr;
  void* context_ = nullptr;
};

}  // namespace detail

/// Threads that parallel_for uses: the machine's, or the environment variable RNNSCOPE_NUM_THREADS, or what
/// set_thread_count said last. \throws ValueError at the first use if that variable is not a number.
[[nodiscard]] inline int thread_count() { return detail::ThreadPool::instance().threads(); }

/// Sets the number of threads of the whole program. Never changes a result. Not to be called from inside a
/// parallel loop. \throws ValueError if `threads` is below 1.
inline void set_thread_count(int threads) {
  require<ValueError>(threads >= 1, "set_thread_count: needs at least 1 thread, found ", threads);
  detail::ThreadPool::instance().resize(threads);
}

/// Calls `body(p)` once for each p in [0, pieces), on several threads. Pieces are handed out as threads become
/// free, so they may differ in cost. If bodies throw, the exception of the lowest piece that threw is rethrown
/// after the loop; pieces behind it may or may not have run. Nested calls, and calls while another thread uses
/// the pool, run on the calling thread.
template <class Body>
void parallel_for(Index pieces, Body&& body) {
  [[maybe_unused]] const detail::SingleThreadedEigen serial;
  if (pieces <= 1 || thread_count() == 1) {
    for (Index p = 0; p < pieces; ++p) body(p);
    return;
  }
  struct Context {
    Body& body;
    Index pieces, group;
    std::mutex mutex;
    std::exception_ptr failure;
    Index failed_piece;

    void run(Index piece) {
      try {
        body(piece);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (piece < failed_piece) {
          failed_piece = piece;
          failure = std::current_exception();
        }
      }
    }
  };
  const Index group = (pieces + detail::ThreadPool::max_pieces - 1) / detail::ThreadPool::max_pieces;
  Context context{body, pieces, group, {}, nullptr, pieces};
  const auto run_group = [](void* raw, Index number) {
    Context& c = *static_cast<Context*>(raw);
    for (Index p = number * c.group; p < std::min(c.pieces, (number + 1) * c.group); ++p) c.run(p);
  };
  const Index groups = (pieces + group - 1) / group;
  if (!detail::ThreadPool::instance().try_run(groups, run_group, &context)) {
    for (Index number = 0; number < groups; ++number) run_group(&context, number);
  }
  if (context.failure) std::rethrow_exception(context.failure);
}

/// A fixed cut of [0, size) into `pieces` ranges whose borders are multiples of `grain`.
struct Partition {
  Index size = 0;
  Index pieces = 1;
  Index grain = 1;

  [[nodiscard]] Index begin(Index piece) const {
    const Index grains = (size + grain - 1) / grain;
    return std::min(size, grains * piece / pieces * grain);
  }
  [[nodiscard]] Index end(Index piece) const { return begin(piece + 1); }
};

}  // namespace rnnscope
