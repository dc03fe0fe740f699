// SPDX-License-Identifier: BSD-3-Clause
// A training step and a streamed token call no allocator once their memory has the right size.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <string>

#include "rnnscope/model/language_model.hpp"
#include "rnnscope/model/sample.hpp"
#include "rnnscope/nn/clip.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"
#include "rnnscope/nn/optimizer.hpp"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define RNNSCOPE_TEST_OWN_MALLOC 0
#endif
#endif
#if !defined(RNNSCOPE_TEST_OWN_MALLOC) && defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define RNNSCOPE_TEST_OWN_MALLOC 1
#endif

#if RNNSCOPE_TEST_OWN_MALLOC
namespace {
std::atomic<long> allocations{0};
}
// Takes the place of the C library's allocators for this program, to count calls. operator new and Eigen end
// here too.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void* malloc(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  *memory = __libc_memalign(alignment, size);
  return *memory == nullptr ? 12 : 0;
}
}

using namespace rnnscope;

namespace {
/// The fewest calls in one of several runs: a thread of the pool that gets its first piece of work late, as on
/// a busy machine, brings its own memory once.
template <class Body>
long allocations_of(Body&& body) {
  long fewest = std::numeric_limits<long>::max();
  for (int run = 0; run < 20 && fewest > 0; ++run) {
    const long before = allocations.load();
    body();
    fewest = std::min(fewest, allocations.load() - before);
  }
  return fewest;
}

template <class Cell>
void check_no_allocation() {
  CAPTURE(std::string(Cell::name));
  using S = typename Cell::Scalar;
  LanguageModel<Cell> model({.vocabulary_size = 40,
                             .embedding_size = 24,
                             .hidden_size = 130,
                             .layers = 2,
                             .dropout = 0.3,
                             .placement = DropoutPlacement::AfterEach});
  Random random(5);
  model.initialise(random);
  LanguageModelWorkspace<Cell> workspace;
  Parameters<S> gradient = model.parameters.zeros_like();
  Adam<S> adam({.learning_rate = 1e-3});
  for (const auto& layout :
       {PackedLayout::uniform(30, 20), PackedLayout::uniform(5, 3)}) {  // by table, by column
    auto state = model.zero_state(layout.batch());
    std::vector<Id> ids, targets;
    for (Index n = 0; n < layout.columns(); ++n) {
      ids.push_back(static_cast<Id>(random.below(40)));
      targets.push_back(static_cast<Id>(random.below(40)));
    }
    std::uint64_t step = 0;
    CHECK(allocations_of([&] {
            gradient.set_zero();
            model.loss_and_gradient(layout, ids, targets, state, gradient, workspace, DropoutKey{1, ++step});
            clip_by_norm(gradient, 1.0);
            adam.step(model.parameters, gradient);
          }) == 0);
    CHECK(allocations_of([&] { model.loss(layout, ids, targets, state, workspace); }) == 0);
  }
  const PackedLayout one = PackedLayout::uniform(1, 1);
  auto state = model.zero_state(1);
  const std::vector<Id> token{7};
  CHECK(allocations_of([&] {
          model.run(one, token, state, workspace);
          model.score(workspace);
        }) == 0);
  LanguageModelStream<Cell> stream(model);
  Vector<double> next;
  CHECK(allocations_of([&] {
          stream.read(Id{7});
          stream.log_probabilities(next);
        }) == 0);
  CHECK(next.size() == 40);
}
}  // namespace

TEST_CASE("the counter of allocations counts") {
  const long before = allocations.load();
  const Matrix<double> eigen(50, 50);
  const std::vector<int> standard(1000);
  CHECK(allocations.load() - before >= 2);
}

TEST_CASE("a training step and a streamed token allocate nothing") {
  check_no_allocation<Lstm<float>>();
  check_no_allocation<Lstm<double>>();
  check_no_allocation<Gru<float>>();
}
#else
TEST_CASE("a training step allocates nothing") {
  MESSAGE("skipped: needs the GNU C library without sanitizers");
}
#endif
