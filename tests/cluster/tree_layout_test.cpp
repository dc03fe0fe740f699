// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/tree_layout.hpp"

#include <doctest/doctest.h>

#include "rnnscope/core/random.hpp"

using namespace rnnscope;
using Entry = detail::SplitEntry<float>;

namespace {

std::vector<Entry> entries(Index size, Index different, std::uint64_t seed) {
  Random random(seed);
  std::vector<Entry> result;
  for (Index i = 0; i < size; ++i)
    result.push_back({static_cast<float>(random.below(different)), static_cast<Id>((i * 7919) % size)});
  return result;
}

class Halves : public detail::TreeLayout {
 public:
  explicit Halves(std::vector<Id> points) : TreeLayout(std::move(points), 4) {
    for (Index node = 0; node < first_leaf(); ++node) {
      split(node, [](Id i) { return -i; });
    }
    find_smallest();
  }
};

}  // namespace

TEST_CASE("selection puts the smallest in front, for any number of them and however many keys are equal") {
  for (const Index size : {1, 2, 95, 97, 1000, 4099}) {
    for (const Index different : {Index{1}, Index{3}, 100 * size}) {
      const std::vector<Entry> all = entries(size, different, static_cast<std::uint64_t>(size + different));
      std::vector<Entry> sorted = all;
      std::sort(sorted.begin(), sorted.end());
      for (const Index count : {Index{0}, Index{1}, size / 7, size / 2, size - 1}) {
        CAPTURE(size);
        CAPTURE(different);
        CAPTURE(count);
        std::vector<Entry> found = all;
        detail::select_smallest(std::span(found), static_cast<std::size_t>(count));
        std::sort(found.begin(), found.begin() + count);
        std::sort(found.begin() + count, found.end());
        Index wrong = 0;
        for (std::size_t k = 0; k < sorted.size(); ++k)
          wrong += found[k].key != sorted[k].key || found[k].point != sorted[k].point;
        CHECK(wrong == 0);
      }
    }
  }
}

TEST_CASE("selection among keys in falling order") {  // a pivot at the border must not stop it
  std::vector<Entry> all = entries(100000, 1, 1);
  for (std::size_t k = 0; k < all.size(); ++k) all[k] = {static_cast<float>(k), static_cast<Id>(k)};
  std::reverse(all.begin(), all.end());
  detail::select_smallest(std::span(all), 3);
  for (std::size_t k = 0; k < 3; ++k) CHECK(all[k].point < 3);
}

TEST_CASE("a tree's nodes hold consecutive positions, halves by key, and know their smallest point") {
  const Halves tree(detail::all_points(37));
  CHECK(tree.depth() == 4);
  CHECK(tree.leaves() == 16);
  for (Index node = 0; node < tree.nodes(); ++node) {
    Id smallest = 37;
    for (Index p = tree.begin(node); p < tree.end(node); ++p) smallest = std::min(smallest, tree.point(p));
    CHECK(tree.smallest(node) == smallest);
    CHECK(tree.end(node) - tree.begin(node) <= (37 >> detail::TreeLayout::level(node)) + 1);
    if (tree.is_leaf(node)) continue;
    CHECK(tree.begin(2 * node + 1) == tree.begin(node));
    CHECK(tree.end(2 * node + 1) == tree.begin(2 * node + 2));
    CHECK(tree.end(2 * node + 2) == tree.end(node));
    // Keys fall with the number: the larger numbers are on the left.
    CHECK(tree.smallest(2 * node + 1) > tree.smallest(2 * node + 2));
  }
}
