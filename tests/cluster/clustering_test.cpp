// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/clustering.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace rnnscope;

TEST_CASE("exemplars stay to the end in the leaves below each cluster") {
  // The root splits into 1 and 2; 1 splits into 3 and 4. Chosen: 2 and 1.
  Clustering clustering;
  clustering.condensed_tree.clusters = {{.parent = -1,
                                         .size = 9,
                                         .birth = std::numeric_limits<double>::infinity(),
                                         .death = 9.0,
                                         .stability = {}},
                                        {.parent = 0, .size = 6, .birth = 9.0, .death = 5.0, .stability = {}},
                                        {.parent = 0, .size = 2, .birth = 9.0, .death = 2.0, .stability = {}},
                                        {.parent = 1, .size = 3, .birth = 5.0, .death = 1.0, .stability = {}},
                                        {.parent = 1, .size = 2, .birth = 5.0, .death = 3.0, .stability = {}}};
  clustering.condensed_tree.point_cluster = {2, 3, 3, 4, 0, 1, 3, 2, 4};
  clustering.condensed_tree.point_distance = {2.0, 1.0, 4.0, 3.0, 9.0, 5.0, 1.0, 2.0, 3.0};
  clustering.labels = {0, 1, 1, 1, -1, 1, 1, 0, 1};
  clustering.nodes = {2, 1};
  CHECK(exemplars(clustering) == std::vector<std::vector<Index>>{{0, 7}, {1, 3, 6, 8}});
  clustering.nodes = {};
  CHECK(exemplars(clustering).empty());
  CHECK(clustering.noise_count() == 1);
}
