// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// DBCV: how good a clustering is by densities alone, without knowing the truth.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "rnnscope/cluster/joined_source.hpp"
#include "rnnscope/core/parallel.hpp"
#include "rnnscope/core/progress.hpp"

namespace rnnscope {

/// Which points of a cluster's spanning tree count.
enum class DbcvNodes {
  /// Those with more than one edge, as published. Trees are not unique where edges are equally long, and which
  /// points are inner ones then depends on the order of the points; the tree is grown from the first, as the
  /// authors' program does.
  Internal,
  All,  ///< all of them: the same for any order of the points
};

struct DbcvParameters {
  DbcvNodes nodes = DbcvNodes::Internal;
  /// Of the space in which densities are meant; 0: the number of rows of the points.
  Index dimension = 0;
};

struct Dbcv {
  double index = 0.0;            ///< mean of `clusters` weighted by size / N, in [-1, 1]; noise counts as 0
  std::vector<double> clusters;  ///< validity of each cluster, in [-1, 1]; 0 for one of a single point

  friend bool operator==(const Dbcv&, const Dbcv&) = default;
};

namespace detail {

/// log of the all-points core distance, ((sum_q d(p, q)^-D) / (n - 1))^(-1/D), from log distances.
[[nodiscard]] inline double log_all_points_core(const std::vector<double>& distances, double dimension) {
  const double nearest = *std::min_element(distances.begin(), distances.end());
  if (nearest == 0.0) return -std::numeric_limits<double>::infinity();
  double sum = 0.0;
  for (const double each : distances) sum += std::pow(nearest / each, dimension);
  return std::log(nearest) - std::log(sum / static_cast<double>(distances.size())) / dimension;
}

/// The tree that spans one cluster: `core` per member, `edges` and `degree` by positions among the members.
struct DbcvTree {
  std::vector<double> core;
  std::vector<Index> degree;
  double sparseness = 0.0;  ///< the longest edge that counts

  template <metric::DistanceSource Source>
  DbcvTree(const Source& source, const std::vector<Id>& members, double dimension, DbcvNodes nodes)
      : core(members.size()), degree(members.size(), 0) {
    const auto size = static_cast<Index>(members.size());
    parallel_for(size, [&](Index i) {
      std::vector<double> row(members.size());
      distances(source, members, i, row);
      row.erase(row.begin() + i);
      core[static_cast<std::size_t>(i)] = std::exp(log_all_points_core(row, dimension));
    });
    struct Link {
      Index from, to;
      double length;
    };
    std::vector<Link> links;
    const double infinity = std::numeric_limits<double>::infinity();
    std::vector<double> best(members.size(), infinity), row(members.size());
    std::vector<Index> parent(members.size(), 0);
    std::vector<bool> inside(members.size(), false);
    for (Index added = 0; static_cast<Index>(links.size()) + 1 < size;) {
      inside[static_cast<std::size_t>(added)] = true;
      distances(source, members, added, row);
      Index next = -1;
      for (std::size_t q = 0; q < members.size(); ++q) {
        if (inside[q]) continue;
        const double length = std::max({row[q], core[q], core[static_cast<std::size_t>(added)]});
        if (length < best[q]) {
          best[q] = length;
          parent[q] = added;
        }
        if (next < 0 || best[q] < best[static_cast<std::size_t>(next)]) next = static_cast<Index>(q);
      }
      added = next;
      const Index from = parent[static_cast<std::size_t>(added)];
      links.push_back({from, added, best[static_cast<std::size_t>(added)]});
      ++degree[static_cast<std::size_t>(from)];
      ++degree[static_cast<std::size_t>(added)];
    }
    if (nodes == DbcvNodes::All || std::count(degree.begin(), degree.end(), 1) == size) {
      std::fill(degree.begin(), degree.end(), 2);  // all count
    }
    double longest = 0.0, longest_inner = -1.0;
    for (const Link& each : links) {
      longest = std::max(longest, each.length);
      if (counts(each.from) && counts(each.to)) longest_inner = std::max(longest_inner, each.length);
    }
    sparseness = longest_inner < 0.0 ? longest : longest_inner;
  }

  [[nodiscard]] bool counts(Index position) const { return degree[static_cast<std::size_t>(position)] > 1; }

 private:
  /// From member i to all; the distance to itself is not looked at.
  template <metric::DistanceSource Source>
  static void distances(const Source& source, const std::vector<Id>& members, Index i,
                        std::vector<double>& out) {
    const auto size = static_cast<Index>(members.size());
    const Id self = members[static_cast<std::size_t>(i)];
    source.proxies(self, members.data(), i, out.data());
    source.proxies(self, members.data() + i + 1, size - i - 1, out.data() + i + 1);
    out[static_cast<std::size_t>(i)] = 0.0;
    for (double& each : out) each = source.lift(each);
  }
};

/// `dbcv` in a space of known dimension.
template <metric::DistanceSource Source>
[[nodiscard]] Dbcv dbcv_of(const Source& source, std::span<const Id> labels, Index dimension, DbcvNodes nodes,
                           const ProgressCallback& progress) {
  for (std::size_t p = 0; p < labels.size(); ++p) {
    require<ValueError>(labels[p] < static_cast<Id>(labels.size()), "dbcv: label ", labels[p], " of point ", p,
                        " is not below the number of points, ", labels.size());
  }
  const Id most = labels.empty() ? -1 : *std::max_element(labels.begin(), labels.end());
  std::vector<std::vector<Id>> members(static_cast<std::size_t>(std::max(most, -1) + 1));
  for (std::size_t p = 0; p < labels.size(); ++p) {
    if (labels[p] >= 0) members[static_cast<std::size_t>(labels[p])].push_back(static_cast<Id>(p));
  }
  Dbcv result;
  std::vector<double> sparseness, core;
  std::vector<Id> counted, cluster_of;  // the points that count, one cluster after the other
  for (std::size_t k = 0; k < members.size(); ++k) {
    report_progress(progress, {.stage = "dbcv",
                               .done = static_cast<Index>(k),
                               .total = static_cast<Index>(members.size()),
                               .detail = {}});
    sparseness.push_back(0.0);
    if (members[k].size() < 2) continue;
    const DbcvTree tree(source, members[k], static_cast<double>(dimension), nodes);
    sparseness.back() = tree.sparseness;
    for (std::size_t i = 0; i < members[k].size(); ++i) {
      if (!tree.counts(static_cast<Index>(i))) continue;
      counted.push_back(members[k][i]);
      cluster_of.push_back(static_cast<Id>(k));
      core.push_back(tree.core[i]);
    }
  }
  std::vector<double> apart(counted.size(), std::numeric_limits<double>::infinity());
  parallel_for(static_cast<Index>(counted.size()), [&](Index i) {
    const auto p = static_cast<std::size_t>(i);
    const auto [first, last] = std::equal_range(cluster_of.begin(), cluster_of.end(), cluster_of[p]);
    std::vector<double> proxies(counted.size());
    const auto before = static_cast<Index>(first - cluster_of.begin()),
               end = static_cast<Index>(last - cluster_of.begin());
    source.proxies(counted[p], counted.data(), before, proxies.data());
    source.proxies(counted[p], counted.data() + end, static_cast<Index>(counted.size()) - end,
                   proxies.data() + end);
    for (std::size_t q = 0; q < counted.size(); ++q) {
      if (cluster_of[q] != cluster_of[p])
        apart[p] = std::min(apart[p], std::max({source.lift(proxies[q]), core[p], core[q]}));
    }
  });
  std::vector<double> separation(members.size(), std::numeric_limits<double>::infinity());
  for (std::size_t p = 0; p < counted.size(); ++p) {
    double& smallest = separation[static_cast<std::size_t>(cluster_of[p])];
    smallest = std::min(smallest, apart[p]);
  }
  for (std::size_t k = 0; k < members.size(); ++k) {
    double validity = 0.0;
    if (members[k].size() >= 2) {
      const double larger = std::max(separation[k], sparseness[k]);
      validity = std::isinf(larger) ? 1.0 : larger > 0.0 ? (separation[k] - sparseness[k]) / larger : 0.0;
    }
    result.clusters.push_back(validity);
    result.index += validity * static_cast<double>(members[k].size()) / static_cast<double>(labels.size());
  }
  return result;
}

/// \throws ValueError if distances of different columns with labels vanish between the scaled ones.
template <class Metric, metric::DistanceSource Source, class Points>
void check_scaled_distances(const Source& source, const Points& points, std::span<const Id> labels) {
  parallel_for(source.size(), [&](Index i) {
    std::vector<Id> others;
    for (Index j = 0; j < i && labels[static_cast<std::size_t>(i)] >= 0; ++j) {
      if (labels[static_cast<std::size_t>(j)] >= 0) others.push_back(static_cast<Id>(j));
    }
    std::vector<double> proxies(others.size());
    source.proxies(i, others.data(), static_cast<Index>(others.size()), proxies.data());
    for (std::size_t k = 0; k < others.size(); ++k) {
      require<ValueError>(
          source.lift(proxies[k]) >= smallest_scaled<Metric>() || points.col(i) == points.col(others[k]),
          "dbcv: points ", others[k], " and ", i,
          " differ by less than can be squared beside the largest coordinates");
    }
  });
}

}  // namespace detail

/// Density-based clustering validation. A cluster is good if the least dense place inside it is denser than the
/// densest way to another cluster:
///
///     validity(C) = (separation(C) - sparseness(C)) / max(separation(C), sparseness(C))
///
/// Sparseness is the longest edge of the tree that spans C by max(core(p), core(q), d(p, q)), separation the
/// smallest such number between C and another cluster; `nodes` says which points and edges count. core(p) is
/// the mean of d(p, q)^-D over the cluster, to the power of -1/D, computed by logarithms: no overflow for any
/// D. The authors (and published values) use metric::SquaredEuclidean. `labels` below 0 are noise, and so are
/// clusters of one point; a cluster without any other has validity 1.
///
/// Euclidean and its kin take coordinates of any size, as Hdbscan does.
///
/// \throws ShapeError unless every point has a label; ValueError if the dimension is not known, or a distance
/// vanishes beside the largest coordinates; as
/// metric::distance_source; Cancelled. Cost: O(N^2) distances, O(N) memory a thread; all threads.
/// Source: D. Moulavi et al., "Density-based clustering validation", SDM 2014.
template <class Metric, class Points>
[[nodiscard]] Dbcv dbcv(const Metric& metric, const Points& points, std::span<const Id> labels,
                        const DbcvParameters& parameters = {}, const ProgressCallback& progress = {}) {
  Dbcv result;
  detail::with_finite_source(metric, points, [&](const auto& source, int exponent) {
    require<ShapeError>(source.size() == static_cast<Index>(labels.size()), "dbcv: ", source.size(),
                        " points, but ", labels.size(), " labels");
    Index dimension = parameters.dimension;
    if constexpr (metric::EigenPoints<Points> && !std::same_as<Metric, metric::Precomputed>) {
      if (dimension == 0) dimension = points.rows();
    }
    require<ValueError>(dimension >= 1 || labels.empty(),
                        "dbcv: give the dimension of the space, which these points do not tell");
    // Validities are ratios of distances, so these are not scaled back.
    if constexpr (metric::degree_of < Metric >> 0) {
      if (exponent != 0) detail::check_scaled_distances<Metric>(source, points, labels);
    }
    result = detail::dbcv_of(source, labels, dimension, parameters.nodes, progress);
  });
  return result;
}

}  // namespace rnnscope
