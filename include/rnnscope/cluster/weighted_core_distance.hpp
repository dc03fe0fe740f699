// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Core distances of points that count more or less than one.
#pragma once

#include <algorithm>
#include <limits>
#include <span>
#include <vector>

#include "rnnscope/cluster/core_distance.hpp"
#include "rnnscope/cluster/exact_weights.hpp"
#include "rnnscope/cluster/neighbour_lists.hpp"

namespace rnnscope::detail {

/// The smallest proxy up to which the weights of the neighbours sum to `target` or more, or the largest if they
/// never do; 0 without neighbours. Reorders them. `guess`: how many are likely to be needed, at least 1; of
/// influence on the time alone. Cost: O(n) on average.
[[nodiscard]] inline double weighted_quantile(std::span<Neighbour> neighbours, const ExactWeights& weights,
                                              ExactWeights::Sum target, Index guess) {
  auto begin = neighbours.begin(), end = neighbours.end();
  if (begin == end) return 0.0;
  // Until the target lies in the part that is tried, parts double; then they halve.
  for (Index size = guess; end - begin > 1;) {
    const auto middle = begin + std::min<Index>(size, (end - begin) / 2);
    std::nth_element(begin, middle, end,
                     [](const Neighbour& a, const Neighbour& b) { return a.proxy < b.proxy; });
    ExactWeights::Sum sum = 0;
    for (auto each = begin; each != middle; ++each) sum += weights[static_cast<std::size_t>(each->point)];
    if (sum >= target) {
      end = middle;
    } else {
      target -= sum;
      begin = middle;
      size *= 2;
    }
  }
  return begin->proxy;
}

/// How many neighbours hold a weight of rank + 1, own weight included, around most points: 6 or more, at most
/// points - 1. Just 6 if lists of so many would take more than 1 GiB, 16 bytes a neighbour, or if
/// all points together do not weigh that much.
[[nodiscard]] inline Index weighted_list_size(Index rank, const ExactWeights& weights, Index points) {
  constexpr Index most = Index{1} << 26;  // in all lists
  const ExactWeights::Sum target = weights.reaching(rank + 1);
  ExactWeights::Sum useful = 0;  // a weight above the target is worth no more than the target
  for (Index p = 0; p < points; ++p) useful += std::min(target, weights[static_cast<std::size_t>(p)]);
  const double wanted = 1.3 * (static_cast<double>(rank) + 1.0) * static_cast<double>(points) /
                            std::max(weights.value(useful), std::numeric_limits<double>::min()) +
                        6.0;
  const Index others = std::max<Index>(points - 1, 0);
  const auto enough = static_cast<Index>(std::min(wanted, static_cast<double>(others)));
  const bool useless = useful < target || enough > most / std::max<Index>(points, 1);
  return std::min(others, useless ? Index{6} : enough);
}

/// The weighted core proxies of things by looking at all others.
template <metric::DistanceSource Source>
class WeightedRows {
 public:
  /// Refers to both.
  WeightedRows(const Source& source, Index rank, const ExactWeights& weights)
      : source_(source),
        weights_(weights),
        target_(weights.reaching(rank + 1)),
        guess_(std::max<Index>(weighted_list_size(rank, weights, source.size()), 1)) {}

  /// What is missing to the target beside the weight of thing i itself; not above 0 if its own copies suffice.
  [[nodiscard]] ExactWeights::Sum missing(Index i) const {
    return target_ - weights_[static_cast<std::size_t>(i)];
  }

  /// Writes the proxies of `rows` things, the first of which is `row`. O(N rows) memory.
  void find(Index row, Index rows, double* out) const {
    const Index n = source_.size();
    std::vector<double> proxies(static_cast<std::size_t>(n * rows));
    proxy_tile(source_, row, rows, 0, n, proxies.data());
    std::vector<Neighbour> others;
    for (Index i = row; i < row + rows; ++i, ++out) {
      *out = 0.0;
      if (missing(i) <= 0) continue;
      others.clear();
      const double* const to = proxies.data() + (i - row) * n;
      for (Index j = 0; j < n; ++j) {
        if (j != i) others.push_back({to[j], static_cast<Id>(j)});
      }
      *out = weighted_quantile(others, weights_, missing(i), guess_);
    }
  }

 private:
  const Source& source_;
  const ExactWeights& weights_;
  ExactWeights::Sum target_;
  Index guess_;
};

/// Calls body(first, count) for pieces of [0, points), on several threads.
template <class Body>
void over_weighted_points(Index points, Index piece, const ProgressCallback& progress, const Body& body) {
  const Index pieces = (points + piece - 1) / piece, stride = std::max<Index>(64, pieces / 64);
  for (Index first = 0; first < pieces; first += stride) {
    report_progress(progress, {.stage = "core distances", .done = first, .total = pieces, .detail = {}});
    parallel_for(std::min(stride, pieces - first), [&](Index p) {
      const Index begin = (first + p) * piece;
      body(begin, std::min(piece, points - begin));
    });
  }
}

/// The proxy of every point's core distance: the smallest within which lies a weight of rank + 1, its own
/// included (so a point of weight m counts as m copies); the largest if no such weight is there. Weights are
/// added exactly. O(N^2) distances, O(N) memory a thread. \throws as check_weights, Cancelled.
template <metric::DistanceSource Source>
[[nodiscard]] std::vector<double> weighted_core_proxies(const Source& source, Index rank,
                                                        std::span<const double> weights,
                                                        const ProgressCallback& progress) {
  check_weights(source.size(), weights);
  const ExactWeights exact(weights);
  const WeightedRows<Source> rows(source, rank, exact);
  std::vector<double> result(weights.size());
  over_weighted_points(source.size(), 4, progress,
                       [&](Index first, Index count) { rows.find(first, count, result.data() + first); });
  return result;
}

/// The same, bit for bit, from the nearest neighbours of every point, sorted: as many as `weighted_list_size`
/// says, or any other number. All others are looked at only for points whose list does not hold the weight.
template <metric::DistanceSource Source>
[[nodiscard]] std::vector<double> weighted_listed_core(const Source& source, const NeighbourLists& lists,
                                                       Index rank, std::span<const double> weights,
                                                       const ProgressCallback& progress) {
  check_weights(source.size(), weights);
  const ExactWeights exact(weights);
  const WeightedRows<Source> rows(source, rank, exact);
  std::vector<double> result(weights.size());
  over_weighted_points(source.size(), 16, progress, [&](Index first, Index count) {
    for (Index i = first; i < first + count; ++i) {
      double& core = result[static_cast<std::size_t>(i)];
      ExactWeights::Sum missing = rows.missing(i);
      for (const Neighbour& each : lists.of(i)) {
        if (missing <= 0) break;
        core = each.proxy;
        missing -= exact[static_cast<std::size_t>(each.point)];
      }
      if (missing > 0 && lists.size() < source.size() - 1) rows.find(i, 1, &core);
    }
  });
  return result;
}

}  // namespace rnnscope::detail
