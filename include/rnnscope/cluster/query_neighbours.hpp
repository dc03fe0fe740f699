// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The points of a clustering that new points are nearest to, in mutual reachability.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "rnnscope/cluster/mutual_reachability.hpp"
#include "rnnscope/cluster/weighted_core_distance.hpp"

namespace rnnscope {

/// Of a new point x: the old point q with the smallest reach max(core(x), core(q), d(x, q) / alpha), then the
/// smallest distance, then the smallest core distance, then the smallest number. A point at distance zero has
/// reach zero.
struct QueryNeighbour {
  Id point = -1;  ///< -1 if there is no old point
  double core = std::numeric_limits<double>::infinity();
  double distance = std::numeric_limits<double>::infinity();
  double point_core = std::numeric_limits<double>::infinity();  ///< core distance of the old point
  double reach = std::numeric_limits<double>::infinity();

  friend bool operator==(const QueryNeighbour&, const QueryNeighbour&) = default;
};

namespace detail {

/// What new points look for among the first things of a source, the old points.
struct QueryParameters {
  Index rank = 0;  ///< of the old point that gives a new one's core distance; or the weight of those within it
  double alpha = 1.0;
  /// Of the old points, by which there are that many; a point of infinite core distance does not exist.
  const std::vector<double>& core_distances;
  ExactWeights weights = {};  ///< of the old points

  [[nodiscard]] Index points() const { return static_cast<Index>(core_distances.size()); }
  [[nodiscard]] double core(Id q) const { return core_distances[static_cast<std::size_t>(q)]; }
  /// How many nearest points settle the core distance of most.
  [[nodiscard]] Index list_size() const {
    const Index size =
        weights.counting() ? std::min(rank, points()) : weighted_list_size(rank, weights, points());
    return std::max<Index>(size, 1);
  }
  [[nodiscard]] std::vector<Id> existing() const {
    std::vector<Id> result;
    for (Id q = 0; q < static_cast<Id>(core_distances.size()); ++q) {
      if (core(q) < no_edge.distance) result.push_back(q);
    }
    return result;
  }
};

/// Offers the old point q to a new one, whose core distance is known.
inline void offer_old_point(const QueryParameters& parameters, QueryNeighbour& best, Id q, double distance) {
  const double reach =
      distance == 0.0 ? 0.0 : std::max({best.core, parameters.core(q), distance / parameters.alpha});
  const double core = parameters.core(q);
  if (std::tuple(reach, distance, core, q) <
      std::tuple(best.reach, best.distance, best.point_core, best.point < 0 ? q + 1 : best.point)) {
    best.point = q;
    best.distance = distance;
    best.point_core = core;
    best.reach = reach;
  }
}

/// Takes the nearest old points of a new one, in any order, as what is known of it by then. Returns whether its
/// core distance is.
template <class Source>
[[nodiscard]] bool start_from_list(const Source& source, const QueryParameters& parameters,
                                   std::span<Neighbour> list, QueryNeighbour& best) {
  std::sort(list.begin(), list.end());
  ExactWeights::Sum missing = parameters.weights.reaching(parameters.rank);
  bool all = false;  // old points are listed
  best.core = 0.0;
  for (const Neighbour& each : list) {
    all = each.point == Neighbour{}.point;
    if (all || missing <= 0) break;
    best.core = source.lift(each.proxy);  // with fewer old points than `rank` the farthest counts
    missing -= parameters.weights[static_cast<std::size_t>(each.point)];
  }
  if (missing > 0 && !all && !parameters.weights.counting()) return false;
  for (const Neighbour& each : list) {
    if (each.point == Neighbour{}.point) break;
    offer_old_point(parameters, best, each.point, source.lift(each.proxy));
  }
  return true;
}

/// After `start_from_list`: whether no point that is not listed can be better. All of them lie at the core
/// distance or beyond it.
[[nodiscard]] inline bool is_settled(const QueryNeighbour& best) {
  return best.reach == 0.0 || std::pair(best.reach, best.distance) < std::pair(best.core, best.core);
}

/// Not below the proxy of any point whose reach is `reach` or less (above = 1 + margin), not above that of a
/// larger reach (1 - margin).
template <class Source>
[[nodiscard]] double proxy_at(const Source& source, const QueryParameters& parameters, double reach,
                              double above) {
  return reach < no_edge.distance ? source.lower(reach * parameters.alpha) * above : reach;
}
inline constexpr double query_margin = 1e-12;  // `lower` inverts `lift` up to rounding

/// The neighbour of one new point, thing `x` of the source, by looking at all that exist.
template <metric::DistanceSource Source>
[[nodiscard]] QueryNeighbour query_row(const Source& source, const QueryParameters& parameters,
                                       const std::vector<Id>& old, Index x) {
  std::vector<double> proxies(old.size());
  source.proxies(x, old.data(), static_cast<Index>(old.size()), proxies.data());
  std::vector<Neighbour> nearest;
  for (std::size_t q = 0; q < old.size(); ++q) nearest.push_back({proxies[q], old[q]});
  QueryNeighbour best;
  if (parameters.weights.counting()) {
    const auto listed = static_cast<std::size_t>(parameters.list_size());
    if (nearest.size() > listed) {
      std::nth_element(nearest.begin(), nearest.begin() + parameters.list_size(), nearest.end());
      nearest.resize(listed);
    }
    static_cast<void>(start_from_list(source, parameters, nearest, best));
  } else {
    best.core = source.lift(weighted_quantile(
        nearest, parameters.weights, parameters.weights.reaching(parameters.rank), parameters.list_size()));
    if (parameters.rank == 0) best.core = 0.0;
  }
  for (std::size_t q = 0; q < old.size(); ++q)
    offer_old_point(parameters, best, old[q], source.lift(proxies[q]));
  return best;
}

/// All distances.
template <metric::DistanceSource Source>
[[nodiscard]] std::vector<QueryNeighbour> query_by_rows(const Source& source, const QueryParameters& parameters,
                                                        const ProgressCallback& progress) {
  const std::vector<Id> old = parameters.existing();
  const Index points = parameters.points(), count = source.size() - points;
  std::vector<QueryNeighbour> result(static_cast<std::size_t>(count));
  if (old.empty()) return result;
  constexpr Index portion = 256;
  for (Index first = 0; first < count; first += portion) {
    report_progress(progress, {.stage = "prediction", .done = first, .total = count, .detail = {}});
    parallel_for(std::min(portion, count - first), [&](Index k) {
      result[static_cast<std::size_t>(first + k)] = query_row(source, parameters, old, points + first + k);
    });
  }
  return result;
}

/// By a tree of the old points.
template <class Tree, metric::DistanceSource Source>
[[nodiscard]] std::vector<QueryNeighbour> query_by_tree(const Source& source, const QueryParameters& parameters,
                                                        const ProgressCallback& progress) {
  const Index points = parameters.points(), count = source.size() - points;
  std::vector<QueryNeighbour> result(static_cast<std::size_t>(count));
  const std::vector<Id> old = parameters.existing();
  if (old.empty()) return result;
  const Tree tree(source, old);
  const NodeSummary nodes(
      tree, [](Index) { return Id{0}; }, [&](Index p) { return parameters.core(tree.point(p)); });
  const auto ask = [&](Index k, typename Tree::Query& query, std::span<Neighbour> heap) {
    QueryNeighbour& best = result[static_cast<std::size_t>(k)];
    tree.start(source, static_cast<Id>(points + k), query);
    std::fill(heap.begin(), heap.end(), Neighbour{});
    tree_neighbours(source, tree, query, heap);
    if (!start_from_list(source, parameters, heap, best)) {
      best = query_row(source, parameters, old, points + k);
      return;
    }
    if (is_settled(best)) return;
    walk_tree(
        source, tree, query,
        [&](double proxy, Index node) {
          return std::max({best.core, nodes.low_core[static_cast<std::size_t>(node)],
                           source.lift(proxy) / parameters.alpha});
        },
        [&](double bound, Index) { return bound > best.reach; },
        [&](Index leaf) {
          tree.visit_leaf(
              source, query, leaf, [&] { return proxy_at(source, parameters, best.reach, 1.0 + query_margin); },
              [&](Id q) { return parameters.core(q) <= best.reach; },
              [&](double proxy, Id q) { offer_old_point(parameters, best, q, source.lift(proxy)); });
        });
  };
  constexpr Index grain = 32, portion = 256;
  const Index pieces = (count + grain - 1) / grain;
  for (Index first = 0; first < pieces; first += portion) {
    report_progress(progress, {.stage = "prediction", .done = first, .total = pieces, .detail = {}});
    parallel_for(std::min(portion, pieces - first), [&](Index piece) {
      typename Tree::Query query;
      std::vector<Neighbour> heap(static_cast<std::size_t>(parameters.list_size()));
      const Index from = (first + piece) * grain;
      for (Index k = from; k < std::min(count, from + grain); ++k) ask(k, query, heap);
    });
  }
  return result;
}

/// By tiles of new points with old ones.
template <TiledSource Source>
[[nodiscard]] std::vector<QueryNeighbour> query_by_tiles(const Source& source, const Contraction& contraction,
                                                         const QueryParameters& parameters,
                                                         const ProgressCallback& progress) {
  const Index points = parameters.points(), count = source.size() - points;
  const Tiles old(contraction.part(0, points)), fresh(contraction.part(points, count));
  std::vector<QueryNeighbour> result(static_cast<std::size_t>(count));
  const auto limit_of = [&](double reach) {
    return contraction.threshold(proxy_at(source, parameters, reach, 1.0 + query_margin));
  };
  const std::vector<Id> existing = parameters.existing();
  if (existing.empty()) return result;
  const Index listed = parameters.list_size();
  const auto meet = [&](Index b) {
    TileWorkspace& w = TileWorkspace::of_thread();
    fresh.start(b, w.columns);
    std::vector<std::pair<float, Index>> order;
    for (Index a = 0; a < old.blocks(); ++a) order.emplace_back(old.box_bound(a, fresh, b), a);
    std::sort(order.begin(), order.end());
    NeighbourLists lists(w.columns.count, listed);
    std::fill(w.columns.floor.begin(), w.columns.floor.end(), TileSide::lowest);
    std::fill(w.columns.group.begin(), w.columns.group.end(), Id{1});
    std::fill_n(w.columns.limit.begin(), w.columns.count, std::numeric_limits<float>::max());

    // Once for the nearest, once for the nearest in mutual reachability.
    const auto pass = [&](const auto& floor, const auto& offer) {
      for (const std::pair<float, Index>& each : order) {
        if (each.first > w.columns.largest_limit()) break;
        const Index a = each.second;
        old.start(a, w.rows);
        for (std::size_t r = 0; r < static_cast<std::size_t>(w.rows.count); ++r) {
          const double core = parameters.core(old.point(old.begin(a) + static_cast<Index>(r)));
          w.rows.limit[r] = TileSide::lowest;
          w.rows.group[r] = 0;
          w.rows.floor[r] = floor(core);
          if (!(core < no_edge.distance)) w.rows.weight[r] = std::numeric_limits<float>::infinity();
        }
        old.scan<true>(a, fresh, b, w.rows, w.columns, [&](Index c, std::span<const Id> hits) {
          const Id own = fresh.point(fresh.begin(b) + c);
          for (std::size_t k = 0; k < hits.size(); ++k) w.others[k] = old.point(old.begin(a) + hits[k]);
          source.proxies(points + own, w.others.data(), static_cast<Index>(hits.size()), w.proxies.data());
          for (std::size_t k = 0; k < hits.size(); ++k) offer(c, own, w.others[k], w.proxies[k]);
        });
      }
    };
    pass([](double) { return TileSide::lowest; },
         [&](Index c, Id, Id q, double proxy) {
           if (lists.offer(c, {proxy, q}))
             w.columns.limit[static_cast<std::size_t>(c)] = contraction.threshold(lists.worst(c).proxy);
         });
    for (Index c = 0; c < w.columns.count; ++c) {
      const Id own = fresh.point(fresh.begin(b) + c);
      QueryNeighbour& best = result[static_cast<std::size_t>(own)];
      float& limit = w.columns.limit[static_cast<std::size_t>(c)];
      if (!start_from_list(source, parameters, lists.of(c), best)) {
        best = query_row(source, parameters, existing, points + own);
        limit = TileSide::lowest;
      } else {
        limit = is_settled(best) ? TileSide::lowest : limit_of(best.reach);
      }
    }
    pass(
        [&](double core) {
          return core < no_edge.distance
                     ? contraction.threshold(proxy_at(source, parameters, core, 1.0 - query_margin))
                     : 0.0f;
        },
        [&](Index c, Id own, Id q, double proxy) {
          QueryNeighbour& best = result[static_cast<std::size_t>(own)];
          offer_old_point(parameters, best, q, source.lift(proxy));
          w.columns.limit[static_cast<std::size_t>(c)] = limit_of(best.reach);
        });
  };
  constexpr Index portion = 16;
  for (Index first = 0; first < fresh.blocks(); first += portion) {
    report_progress(progress, {.stage = "prediction", .done = first, .total = fresh.blocks(), .detail = {}});
    parallel_for(std::min(portion, fresh.blocks() - first), [&](Index k) { meet(first + k); });
  }
  return result;
}

/// For each thing of `source` behind the old points (a new one), its neighbour among these. The same whichever
/// way it is found. Cost: at most N M distances; far fewer where tiles or a tree rule out most pairs, which are
/// tried once there are a million of them. \throws Cancelled.
template <metric::DistanceSource Source>
[[nodiscard]] std::vector<QueryNeighbour> query_neighbours(const Source& source,
                                                           const QueryParameters& parameters,
                                                           const ProgressCallback& progress = {}) {
  constexpr Index few = 1 << 20;
  const Index points = parameters.points();
  eigen_assert(points <= source.size());
  if (points * (source.size() - points) > few) {
    const ReachabilityParameters trial{.rank = parameters.list_size()};
    [[maybe_unused]] const TreeAlgorithm best =
        cheapest_algorithm(source, ReachabilityFinder<Source>(source, trial, progress));
    if constexpr (BoxedSource<Source>) {
      if (best == TreeAlgorithm::KdTree) return query_by_tree<KdTreeOf<Source>>(source, parameters, progress);
    }
    if constexpr (metric::TriangleSource<Source>) {
      if (best == TreeAlgorithm::VpTree) return query_by_tree<VpTree>(source, parameters, progress);
    }
    if constexpr (TiledSource<Source>) {
      const std::optional<Contraction> contraction = contract(source, best_directions(source, trial.rank));
      if (contraction) return query_by_tiles(source, *contraction, parameters, progress);
    }
  }
  return query_by_rows(source, parameters, progress);
}

}  // namespace detail

}  // namespace rnnscope
