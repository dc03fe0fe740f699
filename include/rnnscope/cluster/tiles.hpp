// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Pairs of blocks of points whose distances are bounded together by one small matrix product.
#pragma once

#include <algorithm>
#include <limits>
#include <vector>

#include "rnnscope/cluster/contraction.hpp"
#include "rnnscope/cluster/spatial_order.hpp"
#include "rnnscope/product/packed_matrix.hpp"

namespace rnnscope::detail {

/// One side of a tile: what is known of the points of a block. A pair of points p and q is a hit if they differ
/// in `group` and max(bound(p, q), floor(p), floor(q)) <= max(limit(p), limit(q)).
struct TileSide {
  static constexpr Index size = 256;

  Index count = 0;
  std::array<float, std::size_t{size}> weight, floor, limit;
  std::array<Id, std::size_t{size}> group;

  [[nodiscard]] float largest_limit() const {
    return *std::max_element(limit.begin(), limit.begin() + count);
  }
};

/// The hits of one column of a tile: bit r of word r / 64. Returns how many, and lowers `smallest` to the bounds
/// of the pairs of different groups.
inline Index tile_hits(const float* products, const TileSide& rows, float weight, float floor, float limit, Id group,
                       std::array<float, std::size_t{TileSide::size}>& smallest, std::array<char, std::size_t{TileSide::size}>& hit) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  int hits = 0;
  RNNSCOPE_SIMD_LOOP
  for (Index r = 0; r < rows.count; ++r) {
    const auto k = static_cast<std::size_t>(r);
    const float bound = (rows.weight[k] + weight) - 2.0f * products[r];
    float v = bound < rows.floor[k] ? rows.floor[k] : bound;
    v = v < floor ? floor : v;
    v = rows.group[k] == group ? infinity : v;
    const float most = rows.limit[k] < limit ? limit : rows.limit[k];
    const int is_hit = v <= most ? 1 : 0;
    hits += is_hit;
    smallest[k] = v < smallest[k] ? v : smallest[k];
  }
  if (hits == 0) return 0;
  for (Index r = 0; r < rows.count; ++r) {
    const auto k = static_cast<std::size_t>(r);
    const float bound = (rows.weight[k] + weight) - 2.0f * products[r];
    float v = bound < rows.floor[k] ? rows.floor[k] : bound;
    v = v < floor ? floor : v;
    const float most = rows.limit[k] < limit ? limit : rows.limit[k];
    hit[k] = rows.group[k] != group && v <= most;
  }
  return hits;
}

/// A contraction with its points in spatial order, cut into blocks; and of every pair of blocks a lower bound of
/// all their distances, in the units of Contraction::threshold.
class Tiles {
 public:
  static constexpr Index block = TileSide::size;

  explicit Tiles(Contraction contraction) : Tiles(std::move(contraction), {}) {}

  /// With the points in the given order (a spatial one if empty).
  Tiles(Contraction contraction, std::vector<Id> order) : contraction_(std::move(contraction)) {
    point_ = order.empty() ? spatial_order(contraction_.image, block) : std::move(order);
    const Index n = points(), rows = contraction_.image.rows();
    Matrix<float> image(rows, n);
    std::vector<float> weight(point_.size());
    const Index count = blocks();
    low_.resize(rows, count);
    high_.resize(rows, count);
    slack_.assign(static_cast<std::size_t>(count), 0.0f);
    packed_.resize(static_cast<std::size_t>(count));
    parallel_for(count, [&](Index b) {
      for (Index p = begin(b); p < end(b); ++p) {
        const Id i = point(p);
        image.col(p) = contraction_.image.col(i);
        weight[static_cast<std::size_t>(p)] = contraction_.weight[static_cast<std::size_t>(i)];
        float& slack = slack_[static_cast<std::size_t>(b)];
        slack = std::max(slack, contraction_.slack[static_cast<std::size_t>(i)]);
      }
      const auto part = image.middleCols(begin(b), end(b) - begin(b));
      low_.col(b) = part.rowwise().minCoeff();
      high_.col(b) = part.rowwise().maxCoeff();
      packed_[static_cast<std::size_t>(b)].pack(part.transpose());
    });
    contraction_.image = std::move(image);
    contraction_.weight = std::move(weight);
    contraction_.slack = {};
  }

  [[nodiscard]] const Contraction& contraction() const { return contraction_; }
  [[nodiscard]] Index points() const { return static_cast<Index>(point_.size()); }
  [[nodiscard]] Index blocks() const { return (points() + block - 1) / block; }
  [[nodiscard]] Index begin(Index b) const { return b * block; }
  [[nodiscard]] Index end(Index b) const { return std::min(points(), (b + 1) * block); }
  [[nodiscard]] Id point(Index position) const { return point_[static_cast<std::size_t>(position)]; }

  /// Starts a side of a tile: count and weights.
  void start(Index b, TileSide& side) const {
    side.count = end(b) - begin(b);
    std::copy_n(contraction_.weight.begin() + begin(b), side.count, side.weight.begin());
  }

  /// The products of block a (rows) with block b (columns), in `out`.
  void products(Index a, Index b, Matrix<float>& out) const {
    out.resize(end(a) - begin(a), end(b) - begin(b));
    packed_[static_cast<std::size_t>(a)].multiply(contraction_.image.middleCols(begin(b), end(b) - begin(b)), out);
  }

  /// No pair of the blocks is closer, by their boxes.
  [[nodiscard]] float box_bound(Index a, Index b) const {
    double sum = 0.0;
    for (Index k = 0; k < low_.rows(); ++k) {
      const float gap = std::max({0.0f, low_(k, b) - high_(k, a), low_(k, a) - high_(k, b)});
      sum += static_cast<double>(gap) * static_cast<double>(gap);
    }
    const double slack = static_cast<double>(slack_[static_cast<std::size_t>(a)]) + static_cast<double>(slack_[static_cast<std::size_t>(b)]);
    return static_cast<float>(sum * (1.0 - 1e-6) - slack * (1.0 + 1e-6));
  }

 private:
  Contraction contraction_;  ///< in the order of positions
  std::vector<Id> point_;
  Matrix<float> low_, high_;  ///< boxes of the blocks' images
  std::vector<float> slack_;
  std::vector<PackedMatrix<float>> packed_;
};

}  // namespace rnnscope::detail
