// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Core distances and the minimum spanning tree of mutual reachability, by whichever way is fastest.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "rnnscope/cluster/core_distance.hpp"
#include "rnnscope/cluster/kd_search.hpp"
#include "rnnscope/cluster/mst_prim.hpp"
#include "rnnscope/cluster/tile_search.hpp"
#include "rnnscope/cluster/tree_search.hpp"
#include "rnnscope/cluster/vp_tree.hpp"
#include "rnnscope/cluster/weighted_core_distance.hpp"

namespace rnnscope::detail {

/// What mutual reachability is to mean, and the way to it.
struct ReachabilityParameters {
  /// Of the other point that gives the core distance, at most N - 1; with weights, one less than the weight of
  /// those within it.
  Index rank = 0;
  double alpha = 1.0;                    ///< distances are divided by it
  std::span<const double> weights = {};  ///< of points; empty: 1 each
  TreeAlgorithm algorithm = TreeAlgorithm::Automatic;
};

struct MutualReachability {
  std::vector<double> core;  ///< core distances
  std::vector<Edge> mst;     ///< sorted
  TreeStatistics statistics;
};

template <class Source>
concept BoxedSource = requires(const Source& source) {
  source.column(Index{0});
  requires metric::DifferenceMetric<std::remove_cvref_t<decltype(source.metric())>>;
};

template <class Source>
concept TiledSource = requires(const Source& source) {
  source.column_map(Index{0});
  requires metric::SquaredEuclideanMetric<std::remove_cvref_t<decltype(source.metric())>>;
};

/// The ways to the core distances (as weights of the scale) and the spanning tree of one source.
template <metric::DistanceSource Source>
class ReachabilityFinder {
 public:
  ReachabilityFinder(const Source& source, const ReachabilityParameters& parameters,
                     const ProgressCallback& progress)
      : source_(source), parameters_(parameters), scale_(source, parameters.alpha), progress_(progress) {
    if (weighted()) {
      neighbours_ = weighted_list_size(parameters.rank, ExactWeights(parameters.weights), source.size());
    } else {
      neighbours_ = parameters.rank;
    }
  }

  /// The plain way: all distances, twice.
  [[nodiscard]] MutualReachability by_prim() const {
    MutualReachability result;
    result.core = weighted() ? weighted_core_proxies(source_, parameters_.rank, parameters_.weights, progress_)
                             : core_proxies(source_, parameters_.rank, progress_);
    set_core_weights(result.core);
    result.mst = mst_prim(source_, scale_, result.core, progress_);
    const double all = all_pairs();
    result.statistics.evaluated_pairs = weighted() ? 3.0 * all : parameters_.rank > 0 ? 2.0 * all : all;
    return result;
  }

  /// By a k-d tree. At least two points.
  [[nodiscard]] MutualReachability by_boxes() const requires BoxedSource<Source> {
    MutualReachability result;
    result.statistics.algorithm = TreeAlgorithm::KdTree;
    const KdTreeOf<Source> tree(source_);
    NeighbourLists lists = NeighbourLists::unfilled(source_.size(), list_size(1));
    kd_neighbour_lists(tree, lists, result.statistics, progress_);
    // By position from here on.
    const std::vector<double> core = core_of(lists, tree.points());
    std::vector<double> horizon = horizons(lists);
    result.mst = mst_boruvka(
        lists, core, tree.points(), scale_, [&](Index p) { return horizon[static_cast<std::size_t>(p)]; },
        [&](Forest& forest, const std::vector<char>& open) {
          kd_edges(scale_, tree, core, forest, open, horizon, result.statistics);
        },
        result.statistics, progress_);
    result.core.resize(core.size());
    for (Index p = 0; p < tree.size(); ++p)
      result.core[static_cast<std::size_t>(tree.point(p))] = core[static_cast<std::size_t>(p)];
    return result;
  }

  /// By a tree that bounds distances. At least two points.
  template <class Tree>
  [[nodiscard]] MutualReachability by_tree(TreeAlgorithm name) const {
    MutualReachability result;
    result.statistics.algorithm = name;
    const Tree tree(source_);
    const Index n = source_.size(), listed = list_size(1);
    NeighbourLists lists(n, listed);
    tree_neighbour_lists(source_, tree, lists, result.statistics, progress_);
    result.core = core_of(lists);
    std::vector<double> horizon = horizons(lists);
    result.mst = mst_boruvka(
        lists, result.core, {}, scale_, [&](Index i) { return horizon[static_cast<std::size_t>(i)]; },
        [&](Forest& forest, const std::vector<char>& open) {
          tree_edges(source_, scale_, tree, result.core, forest, open, horizon, result.statistics);
        },
        result.statistics, progress_);
    return result;
  }

  /// By tiles in an image along `directions`; empty if the coordinates are too large or too small for it. At
  /// least two points.
  [[nodiscard]] std::optional<MutualReachability> by_tiles(const Directions& directions) const {
    std::optional<Contraction> contraction = contract(source_, directions);
    if (!contraction) return std::nullopt;
    MutualReachability result;
    result.statistics.algorithm = TreeAlgorithm::Tiles;
    result.statistics.directions = contraction->image.rows();
    const Tiles tiles(std::move(*contraction));
    TileSchedule schedule(tiles);
    NeighbourLists lists(source_.size(), list_size(6));
    tile_neighbours(source_, tiles, schedule, lists, result.statistics, progress_);
    lists.sort();
    result.core = core_of(lists);
    result.mst = mst_boruvka(
        lists, result.core, {}, scale_, [&](Index i) { return horizon_of(lists, i); },
        [&](Forest& forest, const std::vector<char>& open) {
          tile_edges(source_, scale_, tiles, schedule, result.core, forest, open, result.statistics);
        },
        result.statistics, progress_);
    return result;
  }

  /// How many distances a tree computes to find the neighbours of one point, tried on a part of the points.
  template <class Tree>
  [[nodiscard]] double cost_by_tree() const {
    constexpr Index small = 1024, large = 8192;
    const Index n = source_.size(), most = std::min(n, large), less = std::min(n / 4, small);
    if (less < 64) return std::numeric_limits<double>::infinity();
    const double evaluated = trial<Tree>(most);
    if (n == most) return evaluated;
    // It grows like a power of the number of points.
    const double power = std::log(evaluated / trial<Tree>(less)) /
                         std::log(static_cast<double>(most) / static_cast<double>(less));
    return evaluated *
           std::pow(static_cast<double>(n) / static_cast<double>(most), std::clamp(power, 0.0, 1.0));
  }

  [[nodiscard]] const EdgeScale<Source>& scale() const { return scale_; }
  /// That the core distance takes, of most points.
  [[nodiscard]] Index neighbours() const { return neighbours_; }

  [[nodiscard]] double all_pairs() const {
    const auto n = static_cast<double>(source_.size());
    return 0.5 * n * (n - 1.0);
  }

 private:
  [[nodiscard]] bool weighted() const { return !parameters_.weights.empty(); }

  /// Neighbours that are listed for each point: those that the core distance takes, and some more.
  [[nodiscard]] Index list_size(Index more) const { return std::min(source_.size() - 1, neighbours_ + more); }

  void set_core_weights(std::vector<double>& core) const {
    for (double& each : core) each = scale_.core_weight(each);
  }

  [[nodiscard]] std::vector<double> core_of(const NeighbourLists& lists) const {
    std::vector<double> core(static_cast<std::size_t>(source_.size()), 0.0);
    if (weighted()) {
      core = weighted_listed_core(source_, lists, parameters_.rank, parameters_.weights, progress_);
    }
    for (Index i = 0; !weighted() && parameters_.rank > 0 && i < source_.size(); ++i)
      core[static_cast<std::size_t>(i)] = lists.of(i)[static_cast<std::size_t>(parameters_.rank - 1)].proxy;
    set_core_weights(core);
    return core;
  }

  /// By position, from lists by position; `points` are their numbers.
  [[nodiscard]] std::vector<double> core_of(const NeighbourLists& lists, std::span<const Id> points) const {
    if (!weighted()) return core_of(lists);
    const std::vector<double> by_number = core_of(lists.renumbered(points));
    std::vector<double> core;
    core.reserve(points.size());
    for (const Id i : points) core.push_back(by_number[static_cast<std::size_t>(i)]);
    return core;
  }

  /// No edge of point i to one that is not listed weighs less.
  [[nodiscard]] double horizon_of(const NeighbourLists& lists, Index i) const {
    return lists.size() == source_.size() - 1 ? no_edge.distance : scale_.weight(lists.of(i).back().proxy);
  }

  [[nodiscard]] std::vector<double> horizons(const NeighbourLists& lists) const {
    std::vector<double> result(static_cast<std::size_t>(source_.size()));
    for (Index i = 0; i < source_.size(); ++i) result[static_cast<std::size_t>(i)] = horizon_of(lists, i);
    return result;
  }

  template <class Tree>
  [[nodiscard]] double trial(Index size) const {
    std::vector<Id> part(static_cast<std::size_t>(size));
    for (Index k = 0; k < size; ++k)
      part[static_cast<std::size_t>(k)] = static_cast<Id>(k * source_.size() / size);
    const Tree tree(source_, std::move(part));
    return neighbour_cost(source_, tree, static_cast<std::size_t>(std::min(neighbours_ + 1, size - 1)));
  }

  const Source& source_;
  ReachabilityParameters parameters_;
  EdgeScale<Source> scale_;
  Index neighbours_ = 0;
  const ProgressCallback& progress_;
};

/// The algorithm that the source allows and a short trial finds cheapest.
template <metric::DistanceSource Source>
[[nodiscard]] TreeAlgorithm cheapest_algorithm(const Source& source, const ReachabilityFinder<Source>& finder) {
  // In distances evaluated per point, as dear as those in the leaves of a k-d tree; measured. They decide on
  // speed alone.
  constexpr Index few = 128;
  const auto n = static_cast<double>(source.size());
  if (source.size() <= few) return TreeAlgorithm::Prim;
  TreeAlgorithm best = TreeAlgorithm::Prim;
  double least = n;
  [[maybe_unused]] const auto compare = [&](TreeAlgorithm algorithm, double cost) {
    if (cost >= least) return;
    least = cost;
    best = algorithm;
  };
  if constexpr (TiledSource<Source>) {
    // Bounds of all pairs, and distances to some times as many points as are listed.
    compare(TreeAlgorithm::Tiles, 24.0 / (static_cast<double>(source.dimension()) + 8.0) * n +
                                      4.0 * static_cast<double>(finder.neighbours()));
  }
  if constexpr (BoxedSource<Source>) {
    compare(TreeAlgorithm::KdTree, finder.template cost_by_tree<KdTreeOf<Source>>());
  }
  if constexpr (metric::TriangleSource<Source> && !TiledSource<Source>) {
    // Single distances out of order, and again for the longest edges.
    constexpr double dearer = metric::TileDistanceSource<Source> ? 4.0 : 2.0;
    compare(TreeAlgorithm::VpTree, dearer * finder.template cost_by_tree<VpTree>());
  }
  return best;
}

/// The core distances and the minimum spanning tree of max(core(i), core(j), d(i, j) / alpha). The same bits
/// for every algorithm and any number of threads; an algorithm that the source does not allow is replaced by
/// one that it does.
template <metric::DistanceSource Source>
[[nodiscard]] MutualReachability mutual_reachability(const Source& source,
                                                     const ReachabilityParameters& parameters,
                                                     const ProgressCallback& progress) {
  const ReachabilityFinder<Source> finder(source, parameters, progress);
  const auto find = [&](TreeAlgorithm algorithm) -> std::optional<MutualReachability> {
    if (source.size() < 2 || algorithm == TreeAlgorithm::Prim) return finder.by_prim();
    if constexpr (BoxedSource<Source>) {
      if (algorithm == TreeAlgorithm::KdTree) return finder.by_boxes();
    }
    if constexpr (metric::TriangleSource<Source>) {
      if (algorithm == TreeAlgorithm::VpTree) return finder.template by_tree<VpTree>(TreeAlgorithm::VpTree);
    }
    if constexpr (TiledSource<Source>) {
      if (algorithm == TreeAlgorithm::Tiles)
        return finder.by_tiles(best_directions(source, finder.neighbours()));
    }
    return std::nullopt;
  };
  std::optional<MutualReachability> result = find(parameters.algorithm);
  if (!result) result = find(cheapest_algorithm(source, finder));
  if (!result) result = finder.by_prim();  // coordinates too large or too small for tiles
  for (double& each : result->core) each = finder.scale().distance(each);
  result->statistics.pairs = finder.all_pairs();
  return std::move(*result);
}

}  // namespace rnnscope::detail
