// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/text/packed_layout.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace rnnscope;

TEST_CASE("sequences of different lengths, longest first") {
  const PackedLayout layout = PackedLayout::ragged({2, 4, 0, 2, 3});
  CHECK(layout.batch() == 5);
  CHECK(layout.steps() == 4);
  CHECK(layout.columns() == 11);
  const Index live[] = {4, 4, 2, 1}, offset[] = {0, 4, 8, 10}, order[] = {1, 4, 0, 3, 2};
  for (Index t = 0; t < 4; ++t) {
    CHECK(layout.live(t) == live[t]);
    CHECK(layout.offset(t) == offset[t]);
  }
  for (Index slot = 0; slot < 5; ++slot) {
    CHECK(layout.sequence(slot) == order[slot]);
    CHECK(layout.slot(order[slot]) == slot);
  }
  CHECK(layout.column(1, 3) == 10);
  CHECK(layout.column(0, 1) == 6);
  CHECK(layout.column(4, 2) == 9);
  CHECK_FALSE(layout.is_uniform());
}

// The numbers of torch.nn.utils.rnn.pack_sequence([[1,2],[3,4,5,6],[7,8],[9,10,11]], enforce_sorted=False)
// in PyTorch 1.13: data, batch_sizes, sorted_indices, unsorted_indices.
TEST_CASE("the layout is PyTorch's PackedSequence") {
  const std::vector<std::vector<Id>> sequences{{1, 2}, {3, 4, 5, 6}, {7, 8}, {9, 10, 11}};
  const PackedBatch batch = pack(sequences);
  CHECK(batch.ids == std::vector<Id>{3, 9, 1, 7, 4, 10, 2, 8, 5, 11, 6});
  const Index batch_sizes[] = {4, 4, 2, 1}, sorted[] = {1, 3, 0, 2}, unsorted[] = {2, 0, 3, 1};
  for (Index k = 0; k < 4; ++k) {
    CHECK(batch.layout.live(k) == batch_sizes[k]);
    CHECK(batch.layout.sequence(k) == sorted[k]);
    CHECK(batch.layout.slot(k) == unsorted[k]);
  }
  for (Index s = 0; s < 4; ++s) {
    const auto& sequence = sequences[static_cast<std::size_t>(s)];
    for (Index t = 0; t < batch.layout.length(s); ++t) {
      CHECK(batch.ids[static_cast<std::size_t>(batch.layout.column(s, t))] ==
            sequence[static_cast<std::size_t>(t)]);
    }
  }
}

TEST_CASE("every column belongs to one token") {
  const PackedLayout layout = PackedLayout::ragged({3, 1, 5, 5, 0, 2, 1});
  std::vector<int> used(static_cast<std::size_t>(layout.columns()));
  for (Index s = 0; s < layout.batch(); ++s) {
    for (Index t = 0; t < layout.length(s); ++t) ++used[static_cast<std::size_t>(layout.column(s, t))];
  }
  CHECK(used == std::vector<int>(17, 1));
}

TEST_CASE("uniform layouts, and nothing at all") {
  const PackedLayout layout = PackedLayout::uniform(4, 3);
  CHECK(layout.is_uniform());
  CHECK(layout == PackedLayout::ragged({4, 4, 4}));
  CHECK(layout != PackedLayout::ragged({4, 4, 3}));
  for (Index s = 0; s < 3; ++s) {
    CHECK(layout.slot(s) == s);
    for (Index t = 0; t < 4; ++t) CHECK(layout.column(s, t) == t * 3 + s);
  }
  const PackedLayout none;
  CHECK(none.steps() == 0);
  CHECK(none.columns() == 0);
  CHECK(none.is_uniform());
  CHECK(PackedLayout::ragged({0, 0}).steps() == 0);
  CHECK(PackedLayout::uniform(5, 0).steps() == 0);
  CHECK(pack({}).ids.empty());
}

TEST_CASE("bad sizes and places are refused") {
  CHECK_THROWS_WITH_AS(static_cast<void>(PackedLayout::ragged({1, -2})),
                       "PackedLayout: sequence 1 has length -2", ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(PackedLayout::uniform(-1, 2)),
                       "PackedLayout: negative size: -1 steps, batch of 2", ValueError);
  const PackedLayout layout = PackedLayout::ragged({2, 1});
  CHECK_THROWS_WITH_AS(static_cast<void>(layout.column(2, 0)),
                       "PackedLayout::column: sequence 2 of a batch of 2", ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(layout.column(1, 1)),
                       "PackedLayout::column: step 1 of sequence 1, which has 1 tokens", ValueError);
  CHECK_THROWS_AS(static_cast<void>(layout.column(0, -1)), ValueError);
}
