// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Hierarchies and clusterings as named arrays, to be written as safetensors or `.npy`.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rnnscope/cluster/clustering_checks.hpp"
#include "rnnscope/format/named_arrays.hpp"

namespace rnnscope {

namespace detail {

/// Adds a vector of numbers; ones of other types are widened to those of files.
template <class Stored, class T>
void add_vector(NamedArrays& arrays, std::string name, const std::vector<T>& values) {
  std::vector<Stored> stored;
  for (const T& each : values) stored.push_back(static_cast<Stored>(each));
  arrays.add(std::move(name), {static_cast<Index>(stored.size())}, std::span<const Stored>(stored));
}

/// The vector of that name. \throws ShapeError unless it has `size` numbers (-1: any number).
template <class T, class Stored>
[[nodiscard]] std::vector<T> read_vector(const NamedArrays& arrays, const std::string& name, Index size = -1) {
  const std::vector<Index> shape{size < 0 ? arrays.at(name).size() : size};
  std::vector<T> result;
  for (const Stored each : arrays.values<Stored>(name, shape)) result.push_back(static_cast<T>(each));
  return result;
}

}  // namespace detail

/// Adds everything of a hierarchy but its statistics under names that begin with "hierarchy.". \throws
/// ValueError if one is taken.
inline void add_hierarchy(NamedArrays& arrays, const Hierarchy& hierarchy) {
  std::vector<double> lengths;
  std::vector<Id> ends;
  for (const Edge& each : hierarchy.mst) {
    lengths.push_back(each.distance);
    ends.insert(ends.end(), {each.first, each.second});
  }
  detail::add_vector<double>(arrays, "hierarchy.core_distances", hierarchy.core_distances);
  detail::add_vector<double>(arrays, "hierarchy.mst.distances", lengths);
  arrays.add("hierarchy.mst.points", {static_cast<Index>(lengths.size()), 2}, std::span<const Id>(ends));
  detail::add_vector<double>(arrays, "hierarchy.dendrogram.distances", hierarchy.dendrogram.distance);
  detail::add_vector<Id>(arrays, "hierarchy.dendrogram.sizes", hierarchy.dendrogram.size);
  detail::add_vector<Id>(arrays, "hierarchy.dendrogram.first_children", hierarchy.dendrogram.first_child);
  detail::add_vector<Id>(arrays, "hierarchy.dendrogram.children", hierarchy.dendrogram.child);
  detail::add_vector<std::int64_t>(
      arrays, "hierarchy.neighbour",
      std::vector<Index>{hierarchy.neighbour.rank, hierarchy.neighbour.clamped ? 1 : 0});
  detail::add_vector<double>(arrays, "hierarchy.alpha", std::vector<double>{hierarchy.alpha});
  detail::add_vector<double>(arrays, "hierarchy.weights", hierarchy.weights);
  detail::add_vector<Id>(arrays, "hierarchy.row_status", hierarchy.row_status);
}

/// What `add_hierarchy` has added. \throws ValueError if an array is missing, ShapeError or FormatError if one
/// is not of the expected kind, ValueError if the tree is none; as check_hierarchy.
[[nodiscard]] inline Hierarchy read_hierarchy(const NamedArrays& arrays) {
  Hierarchy result;
  result.core_distances = detail::read_vector<double, double>(arrays, "hierarchy.core_distances");
  const auto n = static_cast<Index>(result.core_distances.size());
  const auto edges = std::max<Index>(n - 1, 0);
  const std::vector<double> lengths =
      detail::read_vector<double, double>(arrays, "hierarchy.mst.distances", edges);
  const std::vector<Id> ends = arrays.values<Id>("hierarchy.mst.points", std::vector<Index>{edges, 2});
  for (std::size_t k = 0; k < lengths.size(); ++k)
    result.mst.push_back({lengths[k], ends[2 * k], ends[2 * k + 1]});
  Dendrogram& tree = result.dendrogram;
  tree.points = n;
  tree.distance = detail::read_vector<double, double>(arrays, "hierarchy.dendrogram.distances");
  const Index merges = tree.merges();
  tree.size = detail::read_vector<Id, Id>(arrays, "hierarchy.dendrogram.sizes", merges);
  tree.first_child = detail::read_vector<Id, Id>(arrays, "hierarchy.dendrogram.first_children", merges + 1);
  tree.child =
      detail::read_vector<Id, Id>(arrays, "hierarchy.dendrogram.children", std::max<Index>(n + merges - 1, 0));
  // The tree is that of the edges, in one of the two ways to merge ties.
  require<ValueError>(tree == single_linkage(n, result.mst, TieMode::Canonical) ||
                          tree == single_linkage(n, result.mst, TieMode::Sequential),
                      "read_hierarchy: the dendrogram is not that of the spanning tree");
  const std::vector<Index> neighbour =
      detail::read_vector<Index, std::int64_t>(arrays, "hierarchy.neighbour", 2);
  require<ValueError>(neighbour[1] == 0 || neighbour[1] == 1, "read_hierarchy: ", neighbour[1],
                      " for whether neighbours were too few; expected 0 or 1");
  result.neighbour = {.rank = neighbour[0], .clamped = neighbour[1] != 0};
  result.alpha = detail::read_vector<double, double>(arrays, "hierarchy.alpha", 1)[0];
  result.weights = detail::read_vector<double, double>(arrays, "hierarchy.weights");
  for (const Id each : detail::read_vector<Id, Id>(arrays, "hierarchy.row_status")) {
    require<ValueError>(each >= 0 && each <= 2, "read_hierarchy: status ", each,
                        " of a point; expected 0, 1 or 2");
    result.row_status.push_back(static_cast<RowStatus>(each));
  }
  check_hierarchy(result);
  return result;
}

/// All of a clustering, with its hierarchy, as named arrays:
///
///     write_safetensors("clusters.safetensors", to_arrays(clustering));
[[nodiscard]] inline NamedArrays to_arrays(const Clustering& clustering) {
  NamedArrays arrays;
  detail::add_vector<Id>(arrays, "clustering.labels", clustering.labels);
  detail::add_vector<double>(arrays, "clustering.probabilities", clustering.probabilities);
  detail::add_vector<double>(arrays, "clustering.outlier_scores", clustering.outlier_scores);
  detail::add_vector<Id>(arrays, "clustering.nodes", clustering.nodes);
  detail::add_vector<std::int64_t>(arrays, "clustering.sizes", clustering.sizes);
  detail::add_vector<double>(arrays, "clustering.persistence", clustering.persistence);
  detail::add_vector<double>(arrays, "clustering.root_limit", std::vector<double>{clustering.root_limit});
  std::vector<Id> parents;
  std::vector<double> numbers;  // size, birth, death, stability: at infinity and finite
  for (const CondensedTree::Cluster& each : clustering.condensed_tree.clusters) {
    parents.push_back(each.parent);
    numbers.insert(numbers.end(),
                   {each.size, each.birth, each.death, each.stability.at_infinity, each.stability.finite});
  }
  detail::add_vector<Id>(arrays, "condensed_tree.parents", parents);
  arrays.add("condensed_tree.clusters", {static_cast<Index>(parents.size()), 5},
             std::span<const double>(numbers));
  detail::add_vector<Id>(arrays, "condensed_tree.point_clusters", clustering.condensed_tree.point_cluster);
  detail::add_vector<double>(arrays, "condensed_tree.point_distances",
                             clustering.condensed_tree.point_distance);
  add_hierarchy(arrays, clustering.hierarchy);
  return arrays;
}

/// The clustering that `to_arrays` was given, bit for bit. \throws as read_hierarchy, check_clustering.
[[nodiscard]] inline Clustering clustering_from(const NamedArrays& arrays) {
  Clustering result;
  result.hierarchy = read_hierarchy(arrays);
  const auto n = static_cast<Index>(result.hierarchy.core_distances.size());
  result.labels = detail::read_vector<Id, Id>(arrays, "clustering.labels", n);
  result.probabilities = detail::read_vector<double, double>(arrays, "clustering.probabilities", n);
  result.outlier_scores = detail::read_vector<double, double>(arrays, "clustering.outlier_scores", n);
  result.sizes = detail::read_vector<Index, std::int64_t>(arrays, "clustering.sizes");
  result.nodes = detail::read_vector<Id, Id>(arrays, "clustering.nodes", result.cluster_count());
  result.persistence =
      detail::read_vector<double, double>(arrays, "clustering.persistence", result.cluster_count());
  result.root_limit = detail::read_vector<double, double>(arrays, "clustering.root_limit", 1)[0];
  CondensedTree& tree = result.condensed_tree;
  const std::vector<Id> parents = detail::read_vector<Id, Id>(arrays, "condensed_tree.parents");
  const auto clusters = static_cast<Index>(parents.size());
  const std::vector<double> numbers =
      arrays.values<double>("condensed_tree.clusters", std::vector<Index>{clusters, 5});
  for (std::size_t c = 0; c < parents.size(); ++c) {
    const double* number = numbers.data() + 5 * c;
    tree.clusters.push_back({.parent = parents[c],
                             .size = number[0],
                             .birth = number[1],
                             .death = number[2],
                             .stability = {.at_infinity = number[3], .finite = number[4]}});
  }
  tree.point_cluster = detail::read_vector<Id, Id>(arrays, "condensed_tree.point_clusters", n);
  tree.point_distance = detail::read_vector<double, double>(arrays, "condensed_tree.point_distances", n);
  check_clustering(result);
  return result;
}

}  // namespace rnnscope
