// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// How the spanning tree was found.
#pragma once

#include "rnnscope/core/types.hpp"

namespace rnnscope {

/// Ways to core distances and spanning tree. The result does not depend on it, to the last bit.
enum class TreeAlgorithm {
  Automatic,  ///< what a short trial on the points finds fastest
  Prim,       ///< all distances, twice: any metric, O(N) memory
  Tiles,      ///< matrix products rule out most pairs; Euclidean distances and those that are Euclidean inside
  KdTree,     ///< boxes rule out most pairs: few dimensions
  VpTree,     ///< the triangle inequality rules out most pairs: any metric that says it is one
};

/// What was done. Counts of pairs may differ with the number of threads; and since how a result was found is no
/// part of it, all of these compare equal.
struct TreeStatistics {
  TreeAlgorithm algorithm = TreeAlgorithm::Prim;
  Index directions = 0;            ///< coordinates of the image that the tiles were bounded in
  double pairs = 0;                ///< N (N - 1) / 2
  double bounded_pairs = 0;        ///< pairs whose distance was bounded by a matrix product
  double evaluated_pairs = 0;      ///< distances computed in full
  Index list_rounds = 0;           ///< rounds of Boruvka's algorithm that the lists of neighbours settled
  Index search_rounds = 0;         ///< rounds that needed a search
  Index components_to_search = 0;  ///< components when the lists could not settle any more
  Index open_points = 0;           ///< points whose lists left the question open, over all searches

  friend bool operator==(const TreeStatistics&, const TreeStatistics&) { return true; }
};

}  // namespace rnnscope
