// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Pairs of blocks of points whose distances are bounded together by one small matrix product.
#pragma once

#include <algorithm>
#include <limits>
#include <span>
#include <vector>

#include "rnnscope/cluster/contraction.hpp"
#include "rnnscope/cluster/spatial_order.hpp"
#include "rnnscope/cluster/tile_kernel.hpp"
#include "rnnscope/product/packing.hpp"

namespace rnnscope::detail {

/// A contraction with its points in spatial order, cut into blocks; and of every pair of blocks a lower bound
/// of all their distances, in the units of Contraction::threshold.
class Tiles {
 public:
  static constexpr Index block = TileSide::size;
  static_assert(block % RegisterTile<float>::rows == 0);

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
    panels_.resize(block * rows, count);
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
      pack_panels(factor_of(part.transpose()), part.cols(), rows, panels_.col(b).data());
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
    side.fill_up();
    std::copy_n(contraction_.weight.begin() + begin(b), side.count, side.weight.begin());
  }

  /// The inner products of the images of a block with each other.
  [[nodiscard]] Matrix<float> products(Index b) const {
    const auto part = contraction_.image.middleCols(begin(b), end(b) - begin(b));
    Matrix<float> result(part.cols(), part.cols());
    multiply(part.transpose(), part, result);
    return result;
  }

  /// Finds the hits of block a (rows) with block b of `other` (columns), a few columns at a time. `take(column,
  /// hits)` gets the rows that a column hits and may change limits, which then hold for the columns after.
  /// Returns a lower bound of all pairs of different groups. `other` may be this, or made of the same
  /// contraction.
  template <bool Grouped, class Take>
  float scan(Index a, const Tiles& other, Index b, const TileSide& rows, const TileSide& columns,
             const Take& take) const {
    constexpr auto width = static_cast<Index>(TileStrip::columns);
    const bool meets_itself = &other == this && a == b;
    const Index depth = contraction_.image.rows();
    alignas(64) TileSide::PerPoint<float> smallest;
    smallest.fill(std::numeric_limits<float>::infinity());
    TileStrip strip;
    for (Index first = 0; first < columns.count; first += width) {
      for (std::size_t j = 0; j < TileStrip::columns; ++j) {
        const auto c = static_cast<std::size_t>(std::min(first + static_cast<Index>(j), columns.count - 1));
        strip.image[j] = other.contraction_.image.col(other.begin(b) + static_cast<Index>(c)).data();
        strip.weight[j] = columns.weight[c];
        strip.floor[j] = columns.floor[c];
        strip.limit[j] = columns.limit[c];
        strip.group[j] = columns.group[c];
        strip.hits[j] = 0;
      }
      for (Index row = 0; row < rows.count; row += RegisterTile<float>::rows) {
        tile_kernel<Grouped>(panels_.col(a).data() + row * depth, depth, rows, row, strip, smallest.data());
      }
      for (std::size_t j = 0; j < TileStrip::columns && first + static_cast<Index>(j) < columns.count; ++j) {
        std::size_t hits = strip.hits[j];
        if (meets_itself) {  // every pair once
          while (hits > 0 && strip.hit[j][hits - 1] >= first + static_cast<Index>(j)) --hits;
        }
        if (hits > 0) take(first + static_cast<Index>(j), std::span<const Id>(strip.hit[j].data(), hits));
      }
    }
    return *std::min_element(smallest.begin(), smallest.end());
  }

  /// No point of block a is closer to one of block b of `other`, by their boxes.
  [[nodiscard]] float box_bound(Index a, const Tiles& other, Index b) const {
    double sum = 0.0;
    for (Index k = 0; k < low_.rows(); ++k) {
      const float gap = std::max({0.0f, other.low_(k, b) - high_(k, a), low_(k, a) - other.high_(k, b)});
      sum += static_cast<double>(gap) * static_cast<double>(gap);
    }
    const double slack = static_cast<double>(slack_[static_cast<std::size_t>(a)]) +
                         static_cast<double>(other.slack_[static_cast<std::size_t>(b)]);
    return static_cast<float>(sum * (1.0 - 1e-6) - slack * (1.0 + 1e-6));
  }

 private:
  Contraction contraction_;  ///< in the order of positions
  std::vector<Id> point_;
  Matrix<float> low_, high_;  ///< boxes of the blocks' images
  std::vector<float> slack_;
  Matrix<float> panels_;  ///< per block, its images as the kernel reads them
};

}  // namespace rnnscope::detail
