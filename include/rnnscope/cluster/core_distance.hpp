// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Core distances: how far a point's k-th neighbour is.
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <vector>

#include "rnnscope/cluster/joined_source.hpp"
#include "rnnscope/core/parallel.hpp"
#include "rnnscope/core/progress.hpp"

namespace rnnscope {

/// Whom `min_samples = k` counts. Programs differ here by one.
enum class CoreDistance {
  ExcludesSelf,  ///< distance to the k-th other point (scikit-learn-contrib/hdbscan, cuML); the default
  IncludesSelf,  ///< the point itself is the first of the k (scikit-learn, R dbscan, the authors' Java program)
};

/// The neighbour whose distance is the core distance, counted among the other points.
struct CoreNeighbour {
  Index rank = 0;        ///< 1 is the nearest other point; 0 means core distances of zero
  bool clamped = false;  ///< fewer other points exist than `min_samples` asks for; the farthest is taken

  friend bool operator==(const CoreNeighbour&, const CoreNeighbour&) = default;
};

/// \throws ValueError unless min_samples >= 1.
[[nodiscard]] inline CoreNeighbour core_neighbour(Index points, Index min_samples, CoreDistance convention) {
  require<ValueError>(min_samples >= 1, "core distances: min_samples must be at least 1, found ", min_samples);
  const Index wanted = convention == CoreDistance::IncludesSelf ? min_samples - 1 : min_samples;
  const Index others = std::max<Index>(points - 1, 0);
  return {.rank = std::min(wanted, others), .clamped = wanted > others};
}

namespace detail {

/// The k smallest of the numbers offered, as a heap with the largest on top.
class SmallestOf {
 public:
  SmallestOf(double* heap, Index k) : heap_(heap), k_(k) {}

  void offer(double value) {
    if (!(value < heap_[0])) return;
    Index hole = 0;
    for (Index child = 1; child < k_; child = 2 * hole + 1) {
      if (child + 1 < k_ && heap_[child + 1] > heap_[child]) ++child;
      if (heap_[child] <= value) break;
      heap_[hole] = heap_[child];
      hole = child;
    }
    heap_[hole] = value;
  }

 private:
  double* heap_;
  Index k_;
};

/// Proxies of the tile whose corner is (row, col), by the source's own `tile` if it has one.
template <metric::DistanceSource Source>
void proxy_tile(const Source& source, Index row, Index rows, Index col, Index cols, double* out) {
  if constexpr (metric::TileDistanceSource<Source>) {
    source.tile(row, rows, col, cols, out);
  } else {
    std::vector<Id> ids(static_cast<std::size_t>(cols));
    std::iota(ids.begin(), ids.end(), static_cast<Id>(col));
    for (Index r = 0; r < rows; ++r) {
      // A thing is not asked for its distance to itself.
      const Index self = std::clamp<Index>(row + r - col, 0, cols);
      const Index skip = row + r >= col && row + r < col + cols ? 1 : 0;
      source.proxies(row + r, ids.data(), self, out + r * cols);
      source.proxies(row + r, ids.data() + self + skip, cols - self - skip, out + r * cols + self + skip);
    }
  }
}

/// The proxy of every point's `rank`-th other point (zeros for rank 0). O(N^2) distances, each computed once;
/// 8 rank N bytes.
///
/// Points are cut into blocks that meet in pairs like the players of a round-robin tournament: the meetings
/// of one round have no block in common, so threads work on them without locks.
template <metric::DistanceSource Source>
[[nodiscard]] std::vector<double> core_proxies(const Source& source, Index rank,
                                               const ProgressCallback& progress) {
  constexpr Index block_size = 64;
  const Index n = source.size();
  if (rank == 0) return std::vector<double>(static_cast<std::size_t>(n), 0.0);
  std::vector<double> heaps(static_cast<std::size_t>(n * rank), std::numeric_limits<double>::infinity());
  const auto smallest = [&](Index i) { return SmallestOf(heaps.data() + i * rank, rank); };
  const Index blocks = (n + block_size - 1) / block_size;

  const auto meet = [&](Index a, Index b) {
    if (a >= blocks || b >= blocks) return;  // the bye of an odd number of blocks
    const Index row = std::min(a, b) * block_size, rows = std::min(block_size, n - row);
    const Index col = std::max(a, b) * block_size, cols = std::min(block_size, n - col);
    std::array<double, std::size_t{block_size * block_size}> tile;
    proxy_tile(source, row, rows, col, cols, tile.data());
    for (Index r = 0; r < rows; ++r) {
      for (Index c = a == b ? r + 1 : 0; c < cols; ++c) {
        const double proxy = tile[static_cast<std::size_t>(r * cols + c)];
        smallest(row + r).offer(proxy);
        smallest(col + c).offer(proxy);
      }
    }
  };

  parallel_for(blocks, [&](Index b) { meet(b, b); });
  const Index players = blocks + blocks % 2;
  for (Index round = 0; round + 1 < players; ++round) {
    report_progress(progress, {.stage = "core distances", .done = round, .total = players - 1, .detail = {}});
    parallel_for(players / 2, [&](Index m) {
      const Index circle = players - 1;  // one player stays, the others move round
      if (m == 0) {
        meet(circle, round);
      } else {
        meet((round + m) % circle, (round + circle - m) % circle);
      }
    });
  }

  std::vector<double> result(static_cast<std::size_t>(n));
  for (Index i = 0; i < n; ++i) result[static_cast<std::size_t>(i)] = heaps[static_cast<std::size_t>(i * rank)];
  return result;
}

}  // namespace detail

/// The core distance of every point: the distance to its `min_samples`-th neighbour, counted as `convention`
/// says. With fewer points than that, the farthest one counts.
///
/// Euclidean and its kin take coordinates of any size, as Hdbscan does.
///
/// \throws ValueError unless min_samples >= 1, at distances that are no doubles, and as
/// metric::distance_source. Cost: O(N^2) distances, O(N min_samples) memory; all threads; the same bits for any
/// number of them.
template <class Metric, class Points>
[[nodiscard]] std::vector<double> core_distances(const Metric& metric, const Points& points, Index min_samples,
                                                 CoreDistance convention = CoreDistance::ExcludesSelf) {
  std::vector<double> result;
  detail::with_finite_source(metric, points, [&](const auto& source, int exponent) {
    const Index rank = core_neighbour(source.size(), min_samples, convention).rank;
    result = detail::core_proxies(source, rank, {});
    for (double& each : result) each = source.lift(each);
    if (exponent == 0) return;
    if constexpr (metric::degree_of < Metric >> 0) {
      for (Index i = 0; i < source.size(); ++i) {
        double& core = result[static_cast<std::size_t>(i)];
        if (rank > 0 && core < detail::smallest_scaled<Metric>()) {
          Index copies = 0;  // of the point, itself included
          for (Index j = 0; j < source.size(); ++j) copies += points.col(j) == points.col(i) ? 1 : 0;
          require<ValueError>(copies > rank, "core distances: point ", i,
                              " and a neighbour differ by less "
                              "than can be squared beside the largest coordinates");
        }
        core = detail::scaled_back(core, exponent, "core distances");
      }
    }
  });
  return result;
}

}  // namespace rnnscope
