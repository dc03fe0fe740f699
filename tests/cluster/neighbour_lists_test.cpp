// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/neighbour_lists.hpp"

#include <doctest/doctest.h>

#include <array>
#include <limits>

using namespace rnnscope;
using detail::Neighbour;
using detail::NeighbourLists;

TEST_CASE("a sorted list takes what is nearer than its last, and anything while it has room") {
  const double infinity = std::numeric_limits<double>::infinity();
  std::array<Neighbour, 3> list{};
  CHECK(detail::insert_sorted(list, {infinity, 4}));
  CHECK(detail::insert_sorted(list, {2.0, 1}));
  CHECK(detail::insert_sorted(list, {infinity, 5}));
  CHECK(list[0] == Neighbour{2.0, 1});
  CHECK(list[2].point != detail::no_point);
  CHECK_FALSE(detail::insert_sorted(list, {infinity, 6}));
  CHECK(detail::insert_sorted(list, {1.0, 7}));
  CHECK(detail::insert_sorted(list, {1.5, 8}));
  CHECK_FALSE(detail::insert_sorted(list, {2.0, 9}));
  CHECK(list == std::array{Neighbour{1.0, 7}, Neighbour{1.5, 8}, Neighbour{2.0, 1}});
}

TEST_CASE("lists take offers once each, and can be renumbered") {
  NeighbourLists lists(3, 2);
  CHECK(lists.of(2)[1] == Neighbour{});
  for (const Neighbour& each : {Neighbour{3.0, 1}, Neighbour{2.0, 2}, Neighbour{2.0, 2}, Neighbour{4.0, 0}})
    lists.offer_again(0, each);
  lists.offer(1, {5.0, 0});
  lists.offer(1, {4.0, 2});
  lists.sort();
  CHECK(lists.of(0)[0] == Neighbour{2.0, 2});
  CHECK(lists.of(0)[1] == Neighbour{3.0, 1});
  lists.offer(2, {6.0, 0});
  lists.offer(2, {7.0, 1});
  const std::array<Id, 3> numbers{2, 0, 1};
  const NeighbourLists other = lists.renumbered(numbers);
  CHECK(other.of(2)[0] == Neighbour{2.0, 1});
  CHECK(other.of(2)[1] == Neighbour{3.0, 0});
  CHECK(other.of(0)[0] == Neighbour{4.0, 1});
  CHECK(other.of(0)[1] == Neighbour{5.0, 2});
}
