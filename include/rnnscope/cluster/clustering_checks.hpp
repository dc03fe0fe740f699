// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Whether hierarchies and clusterings that come from elsewhere are some.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "rnnscope/cluster/exact_weights.hpp"
#include "rnnscope/cluster/membership.hpp"

namespace rnnscope {

/// \throws ShapeError or ValueError unless the parts of a hierarchy are of one size, in range and fit each
/// other; the dendrogram is taken to be that of the spanning tree. Cost: O(N).
inline void check_hierarchy(const Hierarchy& hierarchy) {
  const Index n = hierarchy.points();
  const auto points = static_cast<std::size_t>(n);
  const std::vector<RowStatus>& status = hierarchy.row_status;
  require<ShapeError>(hierarchy.core_distances.size() == points && (status.empty() || status.size() == points),
                      "hierarchy: ", n, " points, but ", hierarchy.core_distances.size(),
                      " core distances and ", status.size(), " states of rows");
  require<ValueError>(hierarchy.neighbour.rank >= 0, "hierarchy: core distances of neighbour ",
                      hierarchy.neighbour.rank, "; expected 0 or more");
  require<ValueError>(hierarchy.alpha > 0.0 && std::isfinite(hierarchy.alpha), "hierarchy: alpha is ",
                      hierarchy.alpha, "; expected a finite number above 0");
  if (!hierarchy.weights.empty()) detail::check_weights(n, hierarchy.weights);
  for (std::size_t p = 0; p < points; ++p) {
    const double core = hierarchy.core_distances[p];
    require<ValueError>(core >= 0.0, "hierarchy: the core distance of point ", p, " is ", core,
                        "; expected 0 or more");
    require<ValueError>(status.empty() || status[p] == RowStatus::Finite || std::isinf(core),
                        "hierarchy: point ", p, " is not finite, but its core distance is ", core);
  }
}

namespace detail {

/// Numbers that two programs compute alike, but perhaps not to the last bit; false for NaN.
[[nodiscard]] inline bool agree(double a, double b, double scale = 1.0) {
  return a == b || std::abs(a - b) <= 1e-9 * scale;
}

/// The tree against its points: births, deaths, sizes and stabilities.
inline void check_condensed_tree(const CondensedTree& tree, const ExactWeights& weights) {
  using Cluster = CondensedTree::Cluster;
  const std::vector<Cluster>& clusters = tree.clusters;
  const std::size_t count = clusters.size();
  for (std::size_t c = 0; c < count; ++c) {
    const Cluster& each = clusters[c];
    require<ValueError>(c == 0 ? each.parent == -1 : each.parent >= 0 && each.parent < static_cast<Id>(c),
                        "condensed tree: cluster ", c, " has parent ", each.parent);
    const double birth = c == 0 ? std::numeric_limits<double>::infinity()
                                : clusters[static_cast<std::size_t>(each.parent)].death;
    require<ValueError>(each.birth == birth && each.death >= 0.0 && each.death <= birth,
                        "condensed tree: cluster ", c, " is born at distance ", each.birth, " and dies at ",
                        each.death, "; expected a birth at ", birth,
                        ", where its parent ends, and a death at "
                        "that distance or below");
  }
  std::vector<ExactWeights::Sum> joined(count, 0), all(count, 0);  // weights of points; joined at finite ones
  std::vector<Stability> stability(count);
  std::vector<double> scale(count, 0.0);
  const auto leave = [&](std::size_t c, double weight, double distance) {
    stability[c].add(weight, distance, clusters[c].birth);
    const double start = 1.0 / clusters[c].birth, stop = 1.0 / distance;
    scale[c] += weight * (start + (std::isinf(stop) ? 0.0 : stop));
  };
  for (std::size_t p = 0; p < tree.point_cluster.size(); ++p) {
    const Id number = tree.point_cluster[p];
    require<ValueError>(number >= 0 && number < static_cast<Id>(count), "condensed tree: point ", p,
                        " is in cluster ", number, " of ", count);
    const auto c = static_cast<std::size_t>(number);
    const double distance = tree.point_distance[p];
    require<ValueError>(distance >= clusters[c].death && distance <= clusters[c].birth,
                        "condensed tree: point ", p, " leaves cluster ", c, " at distance ", distance,
                        ", not between ", clusters[c].death, " and ", clusters[c].birth);
    if (std::isfinite(distance)) joined[c] += weights[p];
    all[c] += weights[p];
    leave(c, weights.value(weights[p]), distance);
  }
  for (std::size_t c = count; c-- > 0;) {
    const Cluster& each = clusters[c];
    const double least = weights.value(joined[c]), most = weights.value(all[c]);
    require<ValueError>((each.size >= least || agree(each.size, least, least)) &&
                            (each.size <= most || agree(each.size, most, most)),
                        "condensed tree: cluster ", c, " has size ", each.size, ", but its points weigh ",
                        most);
    if (c > 0) {
      const auto parent = static_cast<std::size_t>(each.parent);
      joined[parent] += joined[c];
      all[parent] += all[c];
      leave(parent, most, each.birth);
    }
    require<ValueError>(agree(each.stability.at_infinity, stability[c].at_infinity, most) &&
                            agree(each.stability.finite, stability[c].finite, scale[c]),
                        "condensed tree: cluster ", c, " has stability (", each.stability.at_infinity, ", ",
                        each.stability.finite, "), but that of its points is (", stability[c].at_infinity, ", ",
                        stability[c].finite, ")");
  }
}

}  // namespace detail

/// \throws ShapeError or ValueError unless all parts of a clustering are of one size, in range and fit each
/// other: the hierarchy (see check_hierarchy), the condensed tree and its points, and labels, probabilities,
/// scores, sizes and persistences with the tree. Cost: O(N + C).
inline void check_clustering(const Clustering& clustering) {
  check_hierarchy(clustering.hierarchy);
  const CondensedTree& tree = clustering.condensed_tree;
  const auto n = static_cast<std::size_t>(clustering.hierarchy.points());
  const std::size_t count = clustering.sizes.size();
  require<ShapeError>(clustering.labels.size() == n && clustering.probabilities.size() == n &&
                          clustering.outlier_scores.size() == n && tree.point_cluster.size() == n &&
                          tree.point_distance.size() == n && clustering.nodes.size() == count &&
                          clustering.persistence.size() == count && tree.clusters.empty() == (n == 0),
                      "clustering: of ", n, " points and ", count,
                      " clusters, but its arrays have other sizes");
  require<ValueError>(clustering.root_limit >= 0.0, "clustering: root_limit is ", clustering.root_limit,
                      "; expected 0 or more");
  detail::check_condensed_tree(tree, detail::ExactWeights(clustering.hierarchy.weights));

  std::vector<Id> label_of(tree.clusters.size(), Clustering::noise);
  for (std::size_t k = 0; k < count; ++k) {
    const Id node = clustering.nodes[k];
    require<ValueError>(node >= 0 && node < static_cast<Id>(tree.clusters.size()), "clustering: cluster ", k,
                        " is number ", node, " of a condensed tree of ", tree.clusters.size());
    Id& label = label_of[static_cast<std::size_t>(node)];
    require<ValueError>(label == Clustering::noise, "clustering: clusters ", label, " and ", k,
                        " are the same one of the condensed tree, ", node);
    label = static_cast<Id>(k);
  }
  const std::vector<Id> owner = detail::owners(tree, clustering.nodes);
  for (const Id node : clustering.nodes) {
    const Id parent = tree.clusters[static_cast<std::size_t>(node)].parent;
    require<ValueError>(parent < 0 || owner[static_cast<std::size_t>(parent)] == Clustering::noise,
                        "clustering: a cluster, number ", node, " of the condensed tree, lies inside another");
  }
  std::vector<Index> sizes(count, 0);
  const std::vector<double> densest = densest_distances(tree),
                            scores = glosh(tree, clustering.hierarchy.row_status);
  for (std::size_t p = 0; p < n; ++p) {
    const Id label = clustering.labels[p], node = owner[static_cast<std::size_t>(tree.point_cluster[p])];
    const double distance = tree.point_distance[p];
    const Id expected =
        node < 0 || std::isinf(distance) ? Clustering::noise : label_of[static_cast<std::size_t>(node)];
    // The root keeps only some of its points.
    const bool is_left = node == 0 && distance > clustering.root_limit;
    require<ValueError>(label == (is_left ? Clustering::noise : expected), "clustering: point ", p,
                        " has label ", label, ", but the condensed tree puts it into cluster ", expected);
    require<ValueError>(label == Clustering::noise || clustering.hierarchy.row_status.empty() ||
                            clustering.hierarchy.row_status[p] == RowStatus::Finite,
                        "clustering: point ", p, " is not finite, but has label ", label);
    double probability = 0.0;
    if (label != Clustering::noise) {
      ++sizes[static_cast<std::size_t>(label)];
      const double death = tree.clusters[static_cast<std::size_t>(node)].death;
      probability = detail::ratio(death, std::max(death, distance));
    }
    require<ValueError>(detail::agree(clustering.probabilities[p], probability), "clustering: point ", p,
                        " has probability ", clustering.probabilities[p], "; by its tree it is ", probability);
    require<ValueError>(detail::agree(clustering.outlier_scores[p], scores[p]), "clustering: point ", p,
                        " has outlier score ", clustering.outlier_scores[p], "; by its tree it is ", scores[p]);
  }
  for (std::size_t k = 0; k < count; ++k) {
    require<ValueError>(clustering.sizes[k] == sizes[k] && sizes[k] > 0, "clustering: cluster ", k,
                        " has size ", clustering.sizes[k], ", but ", sizes[k], " points carry its label");
    const double persistence =
        detail::persistence(tree.clusters[static_cast<std::size_t>(clustering.nodes[k])], densest[0]);
    require<ValueError>(detail::agree(clustering.persistence[k], persistence), "clustering: cluster ", k,
                        " has persistence ", clustering.persistence[k], "; by its tree it is ", persistence);
  }
}

}  // namespace rnnscope
