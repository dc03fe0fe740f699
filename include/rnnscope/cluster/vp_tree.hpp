// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A vantage-point tree: bounds on distances from the triangle inequality alone.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "rnnscope/cluster/tree_layout.hpp"
#include "rnnscope/metric/concept.hpp"

namespace rnnscope::detail {

/// Every inner node has a vantage point, one of its own; the nearer half of its points goes to the left child,
/// the farther one to the right. Every point keeps its distances to the vantage points above it. With those and
/// its own, a point that is searched for bounds its distance to any other,
///
///     d(x, p)  >=  |d(x, v) - d(v, p)| - relative (d(x, v) + d(v, p)) - absolute   (metric::TriangleError)
///
/// to a node by the nearest and the farthest of its points. Distances between the query and vantage points of
/// the nodes it passes are computed once. Source: P. Yianilos, "Data structures and algorithms for nearest
/// neighbor search in general metric spaces", SODA 1993; that points keep all their distances: T. Bozkaya and
/// M. Ozsoyoglu, "Distance-based indexing for high-dimensional metric spaces", SIGMOD 1997.
class VpTree : public TreeLayout {
 public:
  static constexpr Index leaf_size = 16;

  /// A point that is searched for.
  struct Query {
    Id point = -1;
    Index evaluated = 0;           ///< points that its distance was computed to
    std::vector<double> distance;  ///< by level: to the vantage point of the node that was passed there last
  };

  /// Cost: N log2(N / 16) distances and as many numbers of memory, all threads.
  template <metric::TriangleSource Source>
  explicit VpTree(const Source& source) : VpTree(source, all_points(source.size())) {}

  /// Over some of the points of the source, at least one.
  template <metric::TriangleSource Source>
  VpTree(const Source& source, std::vector<Id> points)
      : TreeLayout(std::move(points), leaf_size),
        relative_(source.triangle_error().relative),
        absolute_(source.triangle_error().absolute + tiny) {
    vantage_.resize(static_cast<std::size_t>(leaves() - 1));
    low_.resize(static_cast<std::size_t>(nodes()));
    high_.resize(low_.size());
    // By level, the distance of every point to the vantage point above it there; in the order of `points`.
    std::vector<Id> place(static_cast<std::size_t>(source.size()));
    for (Index p = 0; p < size(); ++p) place[static_cast<std::size_t>(point(p))] = static_cast<Id>(p);
    std::vector<std::vector<double>> found(static_cast<std::size_t>(depth()));
    const auto known = [&](Index at, Index position) -> double& {
      return found[static_cast<std::size_t>(at)]
                  [static_cast<std::size_t>(place[static_cast<std::size_t>(point(position))])];
    };
    for (Index at = 0; at < depth(); ++at) {
      const Index first = first_of_level(at), count = Index{1} << at;
      // The point farthest from the vantage point above sees the others from the edge.
      parallel_for(count, [&](Index k) {
        Index best = begin(first + k);
        for (Index p = best; at > 0 && p < end(first + k); ++p) {
          const double here = known(at - 1, p), so_far = known(at - 1, best);
          if (here > so_far || (here == so_far && point(p) < point(best))) best = p;
        }
        vantage_[static_cast<std::size_t>(first + k)] = point(best);
      });
      found[static_cast<std::size_t>(at)].resize(static_cast<std::size_t>(size()));
      constexpr Index chunk = 64;
      parallel_for((size() + chunk - 1) / chunk, [&](Index c) {
        Index node = first + (c * chunk << at) / size();
        while (c * chunk >= end(node)) ++node;
        for (Index p = c * chunk; p < std::min(size(), (c + 1) * chunk); ++p) {
          if (p >= end(node)) ++node;
          known(at, p) = distance(source, point(p), vantage_[static_cast<std::size_t>(node)]);
        }
      });
      parallel_for(count, [&](Index k) {
        const Index node = first + k;
        const std::vector<double>& by_place = found[static_cast<std::size_t>(at)];
        split(node,
              [&](Id i) { return by_place[static_cast<std::size_t>(place[static_cast<std::size_t>(i)])]; });
        for (const Index child : {2 * node + 1, 2 * node + 2}) {
          double& low = low_[static_cast<std::size_t>(child)] = std::numeric_limits<double>::infinity();
          double& high = high_[static_cast<std::size_t>(child)] = 0.0;
          for (Index p = begin(child); p < end(child); ++p) {
            low = std::min(low, known(at, p));
            high = std::max(high, known(at, p));
          }
        }
      });
    }
    find_smallest();
    known_.resize(static_cast<std::size_t>(leaves() * depth() * leaf_size), 0.0);
    parallel_for(leaves(), [&](Index leaf) {
      const Index from = begin(first_leaf() + leaf), to = end(first_leaf() + leaf);
      for (Index at = 0; at < depth(); ++at) {
        for (Index p = from; p < to; ++p)
          known_[static_cast<std::size_t>((leaf * depth() + at) * leaf_size + p - from)] = known(at, p);
      }
    });
  }

  template <class Source>
  void start(const Source&, Id i, Query& query) const {
    query.point = i;
    query.distance.resize(static_cast<std::size_t>(depth()));
  }

  /// For each child of a node, at most the proxy of the query with any point below it. Nodes above must have
  /// been asked before, the one at each level last.
  template <class Source>
  [[nodiscard]] std::array<double, 2> child_bounds(const Source& source, Query& query, Index node) const {
    const Id vantage = vantage_[static_cast<std::size_t>(node)];
    const double here = distance(source, query.point, vantage);
    query.distance[static_cast<std::size_t>(level(node))] = here;
    query.evaluated += vantage == query.point ? 0 : 1;
    const auto bound = [&](Index child) {
      const double low = low_[static_cast<std::size_t>(child)], high = high_[static_cast<std::size_t>(child)];
      const double gap = std::max(low - here, here - high) - relative_ * (here + high) - absolute_;
      constexpr double margin = 1e-12;  // `lower` inverts `lift` up to rounding
      return gap > 0.0 ? source.lower(gap) * (1.0 - margin) : 0.0;
    };
    return {bound(2 * node + 1), bound(2 * node + 2)};
  }

  /// visit(proxy, point) for the points of a leaf that are `wanted` (not the query's own), with proxies up to
  /// `limit()`. Both may change with every visit.
  template <class Source, class Limit, class Wanted, class Visit>
  void visit_leaf(const Source& source, Query& query, Index node, const Limit& limit, const Wanted& wanted,
                  const Visit& visit) const {
    const Index first = begin(node), count = end(node) - first;
    std::array<double, std::size_t{leaf_size}> bound{};
    const double* known = known_.data() + (node - first_leaf()) * depth() * leaf_size;
    for (const double here : query.distance) {
      for (std::size_t p = 0; p < bound.size(); ++p)
        bound[p] = std::max(bound[p], std::abs(here - known[p]) - relative_ * (here + known[p]) - absolute_);
      known += leaf_size;
    }
    constexpr std::size_t together = 4;
    std::array<Id, together> others;
    std::array<double, together> proxies;
    for (Index p = 0; p < count;) {
      // A proxy up to the limit has a distance up to the lifted limit.
      const double farthest = source.lift(limit());
      std::size_t taken = 0;
      for (; p < count && taken < together; ++p) {
        if (bound[static_cast<std::size_t>(p)] <= farthest && wanted(point(first + p)))
          others[taken++] = point(first + p);
      }
      source.proxies(query.point, others.data(), static_cast<Index>(taken), proxies.data());
      query.evaluated += static_cast<Index>(taken);
      for (std::size_t k = 0; k < taken; ++k) {
        if (proxies[k] <= limit()) visit(proxies[k], others[k]);
      }
    }
  }

 private:
  static constexpr double tiny = 1e-150;  // the squares of smaller distances leave the range of double

  template <class Source>
  [[nodiscard]] static double distance(const Source& source, Id a, Id b) {
    if (a == b) return 0.0;
    double proxy;
    source.proxies(a, &b, 1, &proxy);
    return source.lift(proxy);
  }

  double relative_, absolute_;
  std::vector<Id> vantage_;         ///< per inner node
  std::vector<double> low_, high_;  ///< per node, distances of its points to the vantage point above
  std::vector<double> known_;       ///< per leaf and level, of `leaf_size` points
};

}  // namespace rnnscope::detail
