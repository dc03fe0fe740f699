// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Matrix products on several threads with the same bits for any number of them.
#pragma once

#include <type_traits>

#include "rnnscope/core/numeric.hpp"
#include "rnnscope/core/parallel.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/product/blocked_product.hpp"
#include "rnnscope/product/matrix_view.hpp"
#include "rnnscope/product/skinny_product.hpp"

namespace rnnscope {

namespace detail {

/// With EIGEN_USE_BLAS large products of `multiply` are Eigen's, and so the BLAS library's. Weights that a run
/// packs once are multiplied here all the same.
#if defined(EIGEN_USE_BLAS)
inline constexpr bool uses_blas = true;
#else
inline constexpr bool uses_blas = false;
#endif

/// How a `rows x cols` product of inner size `depth` is cut: a function of the shape alone.
struct ProductCut {
  bool by_rows = true;
  Partition partition;

  ProductCut(Index rows, Index cols, Index depth) {
    const bool small = rows * cols * depth < 65536;
    by_rows = rows >= 256 || rows >= cols;
    const Index size = by_rows ? rows : cols;
    const Index grain = size >= 512 ? 32 : (size >= 32 ? 16 : 1);
    const Index wanted = size >= 1024 ? 8 : (size >= 256 ? 4 : 2);
    partition = {size, small ? 1 : std::min(wanted, size), grain};
  }
};

/// One piece, on one thread.
template <bool Add, class S, bool TransposedA, bool TransposedB>
void product_piece(const Factor<S, TransposedA>& a, const Factor<S, TransposedB>& b, MatrixView<S> c,
                   Index rows, Index cols, Index depth) {
  if constexpr (has_micro_kernel<S> && !TransposedB) {
    if (cols >= 2 && cols <= static_cast<Index>(skinny_columns<TransposedA>) && rows >= 32 && depth >= 16) {
      skinny_dispatch<Add, TransposedA>(a.view, b.view, c, rows, cols, depth);
      return;
    }
  }
  const auto run = [&](const auto& left, const auto& right) {
    Eigen::Map<Matrix<S>, 0, Eigen::OuterStride<>> out(c.data, rows, cols, Eigen::OuterStride<>(c.stride));
    if constexpr (is_complex_v<S>) {  // only derivative checks are complex: no fast kernel to compile
      if constexpr (!Add) out.setZero();
      out += left.lazyProduct(right);
    } else if constexpr (Add) {
      out.noalias() += left * right;
    } else {
      out.noalias() = left * right;
    }
  };
  const auto a_stored = a.stored(rows, depth);
  const auto b_stored = b.stored(depth, cols);
  if constexpr (TransposedA && TransposedB) {
    run(a_stored.transpose(), b_stored.transpose());
  } else if constexpr (TransposedA) {
    run(a_stored.transpose(), b_stored);
  } else if constexpr (TransposedB) {
    run(a_stored, b_stored.transpose());
  } else {
    run(a_stored, b_stored);
  }
}

template <bool Add, class S, bool TransposedA, bool TransposedB>
void product_in_pieces(const Factor<S, TransposedA>& a, const Factor<S, TransposedB>& b, MatrixView<S> c,
                       Index rows, Index cols, Index depth) {
  if constexpr (has_micro_kernel<S> && !uses_blas) {
    if (cols > static_cast<Index>(skinny_columns<TransposedA>) && rows >= 32 && depth >= 8) {
      blocked_product(a, b, c, rows, cols, depth, Add);
      return;
    }
  }
  const ProductCut cut(rows, cols, depth);
  parallel_for(cut.partition.pieces, [&](Index piece) {
    const Index first = cut.partition.begin(piece), count = cut.partition.end(piece) - first;
    if (count == 0) return;
    if (cut.by_rows) {
      product_piece<Add>(a.rows_from(first), b, {c.data + first, c.stride}, count, cols, depth);
    } else {
      product_piece<Add>(a, b.cols_from(first), {c.col(first), c.stride}, rows, count, depth);
    }
  });
}

template <bool Add, class A, class B, class C>
void product(const A& a, const B& b, C& c) {
  require_product_shapes(a.rows(), a.cols(), b, c);
  static_assert(!std::remove_reference_t<C>::IsRowMajor, "rnnscope: the result of a product is column-major");
  if (c.size() == 0) return;
  using S = typename A::Scalar;
  product_in_pieces<Add>(factor_of(a), factor_of(b), MatrixView<S>{c.data(), c.outerStride()}, c.rows(),
                         c.cols(), a.cols());
}

}  // namespace detail

/// c = a b. Factors are column-major matrices, blocks, maps or refs of such, or transposes of them. `c` must
/// not overlap them. Cost: 2 rows cols depth flop. \throws ShapeError.
template <class A, class B, class C>
void multiply(const A& a, const B& b, C&& c) {
  detail::product<false>(a, b, c);
}

/// c += a b, likewise.
template <class A, class B, class C>
void multiply_add(const A& a, const B& b, C&& c) {
  detail::product<true>(a, b, c);
}

}  // namespace rnnscope
