// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The nearest neighbours found so far of every point.
#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <type_traits>

#include "rnnscope/core/numeric.hpp"
#include "rnnscope/core/parallel.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope::detail {

inline constexpr Id no_point = std::numeric_limits<Id>::max();

/// A neighbour; the order in which neighbours are counted.
struct Neighbour {
  double proxy = std::numeric_limits<double>::infinity();
  Id point = no_point;

  friend auto operator<=>(const Neighbour&, const Neighbour&) = default;
};

/// Puts `candidate` into a heap whose largest element, on top, leaves.
inline void replace_top(std::span<Neighbour> heap, const Neighbour& candidate) {
  std::size_t hole = 0;
  for (std::size_t child = 1; child < heap.size(); child = 2 * hole + 1) {
    if (child + 1 < heap.size() && heap[child + 1] > heap[child]) ++child;
    if (heap[child] <= candidate) break;
    heap[hole] = heap[child];
    hole = child;
  }
  heap[hole] = candidate;
}

/// Puts `candidate` into a sorted list whose last element leaves, unless that is as near or nearer. Of equally
/// near ones the later come first. For short lists.
RNNSCOPE_INLINE bool insert_sorted(std::span<Neighbour> list, const Neighbour& candidate) {
  std::size_t k = list.size() - 1;
  if (!(candidate.proxy < list[k].proxy) && list[k].point != no_point) return false;
  for (; k > 0 && list[k - 1].proxy >= candidate.proxy; --k) list[k] = list[k - 1];
  list[k] = candidate;
  return true;
}

/// For each of N points the K smallest neighbours of those offered, by proxy and then by number: the same in
/// whatever order they are offered. 16 K N bytes. Different points may be written by different threads.
class NeighbourLists {
 public:
  NeighbourLists() = default;
  NeighbourLists(Index points, Index size) : NeighbourLists(unfilled(points, size)) {
    std::uninitialized_fill_n(all(), points * size, Neighbour{});
  }

  /// Without the elements: whoever writes the lists first also brings their memory into being, all threads at
  /// once.
  [[nodiscard]] static NeighbourLists unfilled(Index points, Index size) {
    NeighbourLists result;
    result.points_ = points;
    result.size_ = static_cast<std::size_t>(size);
    result.memory_ = std::make_unique_for_overwrite<std::byte[]>(static_cast<std::size_t>(points * size) *
                                                                 sizeof(Neighbour));
    return result;
  }

  [[nodiscard]] Index size() const { return static_cast<Index>(size_); }
  [[nodiscard]] std::span<Neighbour> of(Index i) {
    return {all() + static_cast<std::size_t>(i) * size_, size_};
  }
  [[nodiscard]] std::span<const Neighbour> of(Index i) const {
    return {all() + static_cast<std::size_t>(i) * size_, size_};
  }

  /// While offers are made: no neighbour above this one is of use.
  [[nodiscard]] const Neighbour& worst(Index i) const { return of(i)[0]; }

  /// Returns whether the list changed. The neighbour must not be there already.
  bool offer(Index i, const Neighbour& candidate) {
    if (!(candidate < worst(i))) return false;
    replace_top(of(i), candidate);
    return true;
  }
  /// The same for one that may be there already, and is not counted twice then. O(size).
  bool offer_again(Index i, const Neighbour& candidate) {
    if (!(candidate < worst(i))) return false;
    const std::span<Neighbour> heap = of(i);
    for (const Neighbour& each : heap) {
      if (each.point == candidate.point) return false;
    }
    replace_top(heap, candidate);
    return true;
  }

  /// The same for points that change their numbers p to numbers[p].
  [[nodiscard]] NeighbourLists renumbered(std::span<const Id> numbers) const {
    NeighbourLists result = unfilled(static_cast<Index>(numbers.size()), size());
    for (std::size_t p = 0; p < numbers.size(); ++p) {
      std::transform(of(static_cast<Index>(p)).begin(), of(static_cast<Index>(p)).end(),
                     result.of(numbers[p]).begin(), [&](const Neighbour& each) {
                       return Neighbour{each.proxy, numbers[static_cast<std::size_t>(each.point)]};
                     });
    }
    return result;
  }

  /// Sorts every list; after that `worst` has no meaning.
  void sort() {
    if (size_ == 0) return;
    const Partition parts{.size = points_, .pieces = (points_ + 1023) / 1024, .grain = 1};
    parallel_for(parts.pieces, [&](Index p) {
      for (Index i = parts.begin(p); i < parts.end(p); ++i) std::sort(of(i).begin(), of(i).end());
    });
  }

 private:
  static_assert(std::is_trivially_destructible_v<Neighbour> && alignof(Neighbour) <= alignof(std::max_align_t));

  [[nodiscard]] Neighbour* all() const { return reinterpret_cast<Neighbour*>(memory_.get()); }

  Index points_ = 0;
  std::size_t size_ = 0;
  std::unique_ptr<std::byte[]> memory_;
};

}  // namespace rnnscope::detail
