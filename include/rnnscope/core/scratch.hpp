// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Working memory that is taken and given back like the stack, so that repeated work allocates nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

#include "rnnscope/core/types.hpp"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace rnnscope {

/// Memory for the time of a scope. Every thread has one arena; a scope takes from its top and its destructor
/// gives everything back. After the first run of a computation the arena has the size that it needs, and later
/// runs of the same size call no allocator.
///
/// \code
///   const rnnscope::Scratch scratch;
///   float* buffer = scratch.take<float>(1000);   // 64-byte aligned, not initialised
/// \endcode
///
/// Scopes of one thread must end in the reverse order of their beginning. Memory may be read and written by
/// other threads while the scope lives. \throws std::bad_alloc from `take`.
class Scratch {
 public:
  Scratch() : before_(arena().mark()) {}
  ~Scratch() { arena().release(before_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  /// `count` elements of a trivial type.
  template <class T>
  [[nodiscard]] T* take(Index count) const {
    static_assert(std::is_trivially_destructible_v<T>, "rnnscope: scratch memory is never destroyed");
    return static_cast<T*>(arena().take(static_cast<std::size_t>(count) * sizeof(T)));
  }

  /// A column-major `rows x cols` matrix, not initialised.
  template <class S>
  [[nodiscard]] MatrixMap<S> matrix(Index rows, Index cols) const {
    return MatrixMap<S>(take<S>(rows * cols), rows, cols);
  }

  /// Bytes that the calling thread's arena holds.
  [[nodiscard]] static std::size_t capacity() { return arena().capacity(); }

  /// Gives the arena of the calling thread back to the system. Only outside all scopes.
  static void clear() { arena().clear(); }

 private:
  struct Free {
    void operator()(void* p) const { std::free(p); }
  };
  struct Chunk {
    std::unique_ptr<void, Free> memory;
    std::size_t size = 0;
  };
  struct Mark {
    std::size_t chunk = 0;
    std::size_t used = 0;
  };

  static constexpr std::size_t large_page = std::size_t{1} << 21;

  class Arena {
   public:
    [[nodiscard]] Mark mark() {
      ++scopes_;
      return top_;
    }

    void release(const Mark& before) {
      top_ = before;
      if (--scopes_ > 0 || chunks_.size() < 2) return;
      const std::size_t whole = capacity();  // the next run finds one chunk that is large enough
      chunks_.clear();
      try {
        add(whole);
      } catch (const std::bad_alloc&) {  // then the next run starts from nothing
      }
    }

    [[nodiscard]] void* take(std::size_t bytes) {
      bytes = (bytes + 63) / 64 * 64;
      while (top_.chunk < chunks_.size() && top_.used + bytes > chunks_[top_.chunk].size) {
        ++top_.chunk;
        top_.used = 0;
      }
      if (top_.chunk == chunks_.size()) add(std::max(bytes, capacity() / 2));
      char* const begin = static_cast<char*>(chunks_[top_.chunk].memory.get()) + top_.used;
      top_.used += bytes;
      return begin;
    }

    [[nodiscard]] std::size_t capacity() const {
      std::size_t sum = 0;
      for (const Chunk& chunk : chunks_) sum += chunk.size;
      return sum;
    }

    void clear() {
      if (scopes_ == 0) chunks_.clear();
    }

   private:
    void add(std::size_t size) {
      const std::size_t page = size < large_page ? 4096 : large_page;
      size = (std::max<std::size_t>(size, 65536) + page - 1) / page * page;
      void* const memory = std::aligned_alloc(page, size);
      if (memory == nullptr) throw std::bad_alloc();
#if defined(__linux__)
      if (page == large_page) madvise(memory, size, MADV_HUGEPAGE);  // a wish; fewer address translations
#endif
      chunks_.push_back({std::unique_ptr<void, Free>(memory), size});
    }

    std::vector<Chunk> chunks_;
    Mark top_;
    int scopes_ = 0;
  };

  static Arena& arena() {
    static thread_local Arena instance;
    return instance;
  }

  Mark before_;
};

}  // namespace rnnscope
