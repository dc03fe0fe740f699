// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Products with two to eight columns, which are bound by reading the large factor: it is read once, in place.
///
/// A general matrix product first copies the large factor into another order, which pays only if many columns
/// use the copy. Recurrent steps of small batches and of explained phrases have few.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "rnnscope/core/numeric.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/product/matrix_view.hpp"

namespace rnnscope::detail {

/// With more columns a general product is faster.
template <bool Transposed>
inline constexpr std::size_t skinny_columns = Transposed ? 6 : 8;

/// `rows` rows of c = a b (or c += a b): a is `rows x depth`, b `depth x Columns`, both column-major.
template <bool Add, std::size_t Columns, class S>
void skinny_product(MatrixView<const S> a, MatrixView<const S> b, MatrixView<S> c, Index rows, Index depth) {
  constexpr Index lanes = 64 / static_cast<Index>(sizeof(S));
  constexpr Index block = Columns <= 4 ? 4 * lanes : 2 * lanes;  // what the registers hold
  using Accumulator = Eigen::Array<S, static_cast<int>(block), 1>;
  for (Index first = 0; first < rows; first += block) {
    const Index count = std::min(block, rows - first);
    if (count == block) {
      std::array<Accumulator, Columns> sums;
      for (auto& sum : sums) sum.setZero();
      for (Index k = 0; k < depth; ++k) {
        const Accumulator column = Eigen::Map<const Accumulator>(a.col(k) + first);
        for (std::size_t n = 0; n < Columns; ++n) sums[n] += column * b.col(n)[k];
      }
      for (std::size_t n = 0; n < Columns; ++n) {
        Eigen::Map<Accumulator> out(c.col(n) + first);
        if constexpr (Add) {
          out += sums[n];
        } else {
          out = sums[n];
        }
      }
    } else {
      for (std::size_t n = 0; n < Columns; ++n) {
        Eigen::Map<Vector<S>> out(c.col(n) + first, count);
        if constexpr (!Add) out.setZero();
        for (Index k = 0; k < depth; ++k)
          out += Eigen::Map<const Vector<S>>(a.col(k) + first, count) * b.col(n)[k];
      }
    }
  }
}

/// `rows` rows of c = a^T b (or c += a^T b): a is `depth x rows`, b `depth x Columns`, both column-major.
template <bool Add, std::size_t Columns, class S>
void skinny_transposed_product(MatrixView<const S> a, MatrixView<const S> b, MatrixView<S> c, Index rows,
                               Index depth) {
  constexpr Index lanes = 64 / static_cast<Index>(sizeof(S));
  using Accumulator = Eigen::Array<S, static_cast<int>(lanes), 1>;
  const Index whole = depth / lanes * lanes;
  for (Index j = 0; j < rows; ++j) {
    const S* column = a.col(j);
    std::array<Accumulator, Columns> sums;
    for (auto& sum : sums) sum.setZero();
    for (Index k = 0; k < whole; k += lanes) {
      const Accumulator part = Eigen::Map<const Accumulator>(column + k);
      for (std::size_t n = 0; n < Columns; ++n) sums[n] += part * Eigen::Map<const Accumulator>(b.col(n) + k);
    }
    for (std::size_t n = 0; n < Columns; ++n) {
      S sum = sums[n].sum();
      for (Index k = whole; k < depth; ++k) sum += column[k] * b.col(n)[k];
      if constexpr (Add) {
        c.col(n)[j] += sum;
      } else {
        c.col(n)[j] = sum;
      }
    }
  }
}

/// Calls one of the two for `columns` in [2, skinny_columns].
template <bool Add, bool Transposed, std::size_t Columns = 2, class S>
void skinny_dispatch(MatrixView<const S> a, MatrixView<const S> b, MatrixView<S> c, Index rows, Index columns,
                     Index depth) {
  if constexpr (Columns <= skinny_columns<Transposed>) {
    if (columns != static_cast<Index>(Columns)) {
      skinny_dispatch<Add, Transposed, Columns + 1>(a, b, c, rows, columns, depth);
    } else if constexpr (Transposed) {
      skinny_transposed_product<Add, Columns>(a, b, c, rows, depth);
    } else {
      skinny_product<Add, Columns>(a, b, c, rows, depth);
    }
  }
}

}  // namespace rnnscope::detail
