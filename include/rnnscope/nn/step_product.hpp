// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The products of one time step, cut into blocks of units, with weights packed once for all steps.
#pragma once

#include <algorithm>
#include <type_traits>

#include "rnnscope/core/parallel.hpp"
#include "rnnscope/core/scratch.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/product/multiply.hpp"
#include "rnnscope/product/packed_matrix.hpp"

namespace rnnscope::detail {

/// Fewer columns than this in a whole run do not pay for packing the weights.
inline constexpr Index packing_pays = 16;

/// The H units of a layer in blocks. A thread that has a block computes all gates of its units, for a range of
/// columns, and then runs the cell on them while they are in its cache: one parallel loop a step.
template <class S>
struct UnitBlocks {
  Index hidden = 0;

  static constexpr Index width = std::max<Index>(64, RegisterTile<S>::rows);
  [[nodiscard]] Index count() const { return (hidden + width - 1) / width; }
  [[nodiscard]] Index first(Index block) const { return block * width; }
  [[nodiscard]] Index size(Index block) const { return std::min(width, hidden - first(block)); }

  /// Calls `body(block, first column, columns)` for all blocks and `live` columns of step t, on several threads
  /// unless the step's `work` (multiplications) is small.
  ///
  /// With few columns a step is bound by reading the weights. Then each thread takes one run of blocks, up and
  /// down in turn, so that it begins with those that the step before left in its cache. A block is computed as
  /// a whole whoever has it, so the number of runs may depend on the threads and changes no bit.
  template <class Body>
  void for_each(Index live, Index t, Index work, Body&& body) const {
    const Index blocks = count();
    if (work < 65536) {
      for (Index block = 0; block < blocks; ++block) body(block, Index{0}, live);
      return;
    }
    if (live < RegisterTile<S>::columns && blocks > 1) {
      const Partition runs{blocks, std::min<Index>(blocks, thread_count()), 1};
      parallel_for(runs.pieces, [&](Index run) {
        const Index begin = runs.begin(run), end = runs.end(run);
        for (Index k = begin; k < end; ++k) body(t % 2 == 0 ? k : begin + end - 1 - k, Index{0}, live);
      });
      return;
    }
    const Index wanted = blocks >= 4 ? 1 : 8 / blocks;
    const Partition columns{live, std::clamp<Index>(live / 24, 1, wanted), RegisterTile<S>::columns};
    parallel_for(blocks * columns.pieces, [&](Index piece) {
      const Index part = piece / blocks, begin = columns.begin(part), end = columns.end(part);
      if (end > begin) body(piece % blocks, begin, end - begin);
    });
  }
};

/// q = W h by blocks of units: the rows of a block are its units' rows of gate 0, then of gate 1, ...
template <class S>
class GateProduct {
 public:
  /// `weight` is `GH x K` and outlives this; with `pack` it is copied into `scratch`.
  template <class Weight>
  GateProduct(const Weight& weight, Index gates, bool pack, const Scratch& scratch)
      : weight_{weight.data(), weight.outerStride()},
        blocks_{weight.rows() / gates},
        gates_(gates),
        depth_(weight.cols()) {
    if constexpr (has_micro_kernel<S>) {
      if (!pack) return;
      const Index last = blocks_.count() - 1;
      panels_ = scratch.take<S>(panels_begin(last) + PackedView<S>::size(gates_ * blocks_.size(last), depth_));
      parallel_for(blocks_.count(), [&](Index block) {
        const Index units = blocks_.size(block);
        const Scratch local;
        MatrixMap<S> rows = local.matrix<S>(gates_ * units, depth_);
        for (Index k = 0; k < depth_; ++k)
          for (Index gate = 0; gate < gates_; ++gate)
            std::copy_n(weight_.col(k) + gate * blocks_.hidden + blocks_.first(block), units,
                        rows.col(k).data() + gate * units);
        pack_panels(Factor<S, false>{{rows.data(), rows.rows()}}, rows.rows(), depth_,
                    panels_ + panels_begin(block));
      });
    }
  }

  [[nodiscard]] const UnitBlocks<S>& blocks() const { return blocks_; }

  /// `q` (`G size(block) x cols`) = the block's rows of W times `h` (`K x cols`), on one thread.
  void multiply(Index block, MatrixView<const S> h, Index cols, S* q) const {
    const Index units = blocks_.size(block), rows = gates_ * units;
    if constexpr (has_micro_kernel<S>) {
      if (panels_ != nullptr) {
        product_of_packed(panels_ + panels_begin(block), depth_, right_factor(Factor<S, false>{h}),
                          MatrixView<S>{q, rows}, rows, cols, depth_, false);
        return;
      }
    }
    for (Index gate = 0; gate < gates_; ++gate) {
      const S* const from = weight_.data + gate * blocks_.hidden + blocks_.first(block);
      product_piece<false>(Factor<S, false>{{from, weight_.stride}}, Factor<S, false>{h},
                           MatrixView<S>{q + gate * units, rows}, units, cols, depth_);
    }
  }

 private:
  [[nodiscard]] Index panels_begin(Index block) const {
    return PackedView<S>::size(gates_ * UnitBlocks<S>::width, depth_) * block;
  }

  MatrixView<const S> weight_;
  UnitBlocks<S> blocks_;
  Index gates_ = 0;
  Index depth_ = 0;
  S* panels_ = nullptr;
};

/// d_h += W^T d_q by blocks of units, for W of shape `GH x H`.
template <class S>
class StateProduct {
 public:
  template <class Weight>
  StateProduct(const Weight& weight, bool pack, const Scratch& scratch)
      : weight_{weight.data(), weight.outerStride()}, blocks_{weight.cols()}, depth_(weight.rows()) {
    if constexpr (has_micro_kernel<S>) {
      if (!pack) return;
      S* const memory = scratch.take<S>(PackedView<S>::size(blocks_.hidden, depth_));
      panels_ = pack_factor(Factor<S, true>{weight_}, blocks_.hidden, depth_, memory).panels;
    }
  }

  /// The block's rows of `d_h` (`H x cols`) += its rows of W^T times `d_q` (`GH x cols`), on one thread.
  void add(Index block, MatrixView<const S> d_q, Index cols, MatrixView<S> d_h) const {
    const Index first = blocks_.first(block), units = blocks_.size(block);
    const MatrixView<S> out{d_h.data + first, d_h.stride};
    if constexpr (has_micro_kernel<S>) {
      if (panels_ != nullptr) {
        product_of_packed(panels_ + first * depth_, depth_, right_factor(Factor<S, false>{d_q}), out, units,
                          cols, depth_, true);
        return;
      }
    }
    product_piece<true>(Factor<S, true>{weight_}.rows_from(first), Factor<S, false>{d_q}, out, units, cols,
                        depth_);
  }

 private:
  MatrixView<const S> weight_;
  UnitBlocks<S> blocks_;
  Index depth_ = 0;
  const S* panels_ = nullptr;
};

}  // namespace rnnscope::detail
