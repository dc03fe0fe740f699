// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A left factor in the order of the micro-kernel, packed once and multiplied many times.
#pragma once

#include <cstdlib>
#include <memory>
#include <new>
#include <utility>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/parallel.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/product/blocked_product.hpp"

namespace rnnscope {

namespace detail {

/// Memory of a packed `rows x depth` factor, owned by somebody else.
template <class S>
struct PackedView {
  const S* panels = nullptr;
  Index rows = 0;
  Index depth = 0;

  [[nodiscard]] static Index size(Index rows, Index depth) {
    return panel_count<S>(rows) * RegisterTile<S>::rows * depth;
  }
};

/// Packs `a` into `memory` of `PackedView::size` numbers, on several threads.
template <class S, bool Transposed>
PackedView<S> pack_factor(const Factor<S, Transposed>& a, Index rows, Index depth, S* memory) {
  constexpr Index tile = RegisterTile<S>::rows;
  parallel_for(panel_count<S>(rows), [&](Index panel) {
    pack_panel(a.rows_from(panel * tile), std::min(tile, rows - panel * tile), depth,
               memory + panel * tile * depth);
  });
  return {memory, rows, depth};
}

template <bool Add, class S, class B, class C>
void packed_times(const PackedView<S>& a, const B& b, C& c) {
  require_product_shapes(a.rows, a.depth, b, c);
  if (c.size() == 0) return;
  const auto right = right_factor(factor_of(b));
  const MatrixView<S> out{c.data(), c.outerStride()};
  ProductGrid<S>(a.rows, c.cols(), 48).for_each([&](Index i, Index rows, Index j, Index cols) {
    product_of_packed(a.panels + i * a.depth, a.depth, right.at(0, j),
                      MatrixView<S>{out.col(j) + i, out.stride}, rows, cols, a.depth, Add);
  });
}

}  // namespace detail

/// A matrix `A` (M x K) that is the left factor of many products. Packing costs a copy; then each product runs
/// at the full rate of the processor, with the same bits as `multiply`.
///
/// \code
///   const rnnscope::PackedMatrix<float> packed(weight);    // or packed(points.transpose())
///   packed.multiply(x, y);                                 // y = weight x
/// \endcode
///
/// Const members may run in many threads at once. Source of the scheme: Goto and van de Geijn, Anatomy of
/// high-performance matrix multiplication, ACM TOMS 34(3), 2008.
template <class S>
class PackedMatrix {
 public:
  PackedMatrix() = default;

  /// Packs a column-major matrix, a block of one, or the transpose of either.
  template <class A>
  explicit PackedMatrix(const A& a) {
    pack(a);
  }

  PackedMatrix(const PackedMatrix& other) { *this = other; }
  PackedMatrix(PackedMatrix&& other) noexcept { *this = std::move(other); }
  PackedMatrix& operator=(PackedMatrix&& other) noexcept {
    memory_ = std::move(other.memory_);
    capacity_ = std::exchange(other.capacity_, 0);
    view_ = std::exchange(other.view_, {});
    return *this;
  }
  PackedMatrix& operator=(const PackedMatrix& other) {
    if (this == &other) return *this;
    reserve(other.rows(), other.depth());
    std::copy_n(other.memory_.get(), detail::PackedView<S>::size(rows(), depth()), memory_.get());
    return *this;
  }

  /// Packs another matrix; memory of the same size is used again.
  template <class A>
  void pack(const A& a) {
    reserve(a.rows(), a.cols());
    detail::pack_factor(detail::factor_of(a), a.rows(), a.cols(), memory_.get());
  }

  [[nodiscard]] Index rows() const { return view_.rows; }
  [[nodiscard]] Index depth() const { return view_.depth; }

  /// c = A b, on several threads. `b` is K x N (or the transpose of a column-major matrix), `c` M x N and
  /// apart.
  template <class B, class C>
  void multiply(const B& b, C&& c) const {
    detail::packed_times<false>(view_, b, c);
  }
  /// c += A b, likewise.
  template <class B, class C>
  void multiply_add(const B& b, C&& c) const {
    detail::packed_times<true>(view_, b, c);
  }

 private:
  struct Free {
    void operator()(S* p) const { std::free(p); }
  };

  void reserve(Index rows, Index depth) {
    const Index size = detail::PackedView<S>::size(rows, depth);
    if (size > capacity_) {
      void* const memory = std::aligned_alloc(64, (static_cast<std::size_t>(size) * sizeof(S) + 63) / 64 * 64);
      if (memory == nullptr) throw std::bad_alloc();
      memory_.reset(static_cast<S*>(memory));
      capacity_ = size;
    }
    view_ = {memory_.get(), rows, depth};
  }

  std::unique_ptr<S, Free> memory_;
  Index capacity_ = 0;
  detail::PackedView<S> view_;
};

}  // namespace rnnscope
