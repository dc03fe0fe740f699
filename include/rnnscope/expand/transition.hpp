// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The matrices A(x_t) as operators on blocks of columns. They are never formed.
#pragma once

#include <span>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/numeric.hpp"
#include "rnnscope/expand/coefficients.hpp"
#include "rnnscope/expand/reused_factor.hpp"
#include "rnnscope/nn/cell_pass.hpp"

namespace rnnscope {

/// A view of some columns of a state: `Cell::states` matrices `H x m`.
template <class Cell>
struct StateBlock {
  using Scalar = typename Cell::Scalar;

  StateBlock(LayerState<Cell>& state, Index first, Index count) : rows(state[0].rows()), cols(count) {
    for (std::size_t k = 0; k < data.size(); ++k) {
      eigen_assert(state[k].rows() == rows && first + count <= state[k].cols());
      data[k] = state[k].data() + first * rows;
    }
  }
  [[nodiscard]] MatrixMap<Scalar> operator[](std::size_t state) const { return {data[state], rows, cols}; }

  std::array<Scalar*, static_cast<std::size_t>(Cell::states)> data;
  Index rows;
  Index cols;
};

/// Column j of `block` becomes A(columns[j]) times itself, given q = W_hh times the h part of the block, `GH x
/// m` (rows of gates whose coefficients are zero are read, so must be finite).
template <class Cell>
void transition_pass(const Coefficients<Cell>& coefficients, std::span<const Index> columns,
                     const typename Cell::Scalar* q_block, const StateBlock<Cell>& block) {
  using Scalar = typename Cell::Scalar;
  constexpr std::size_t states = Coefficients<Cell>::states, gates = Coefficients<Cell>::gates;
  const Index hidden = block.rows, width = static_cast<Index>(gates) * hidden;
  detail::for_columns({hidden, block.cols, 0}, 2, [&, hidden, width](Index b) {
    const auto a = coefficients.pointers(columns[static_cast<std::size_t>(b)]);
    const Scalar* q = q_block + b * width;
    std::array<Scalar*, states> state = block.data;
    for (auto& part : state) part += b * hidden;
    RNNSCOPE_SIMD_LOOP
    for (Index u = 0; u < hidden; ++u) {
      CellState<Cell> old;
      for (std::size_t j = 0; j < states; ++j) old[j] = state[j][u];
      for (std::size_t s = 0; s < states; ++s) {
        Scalar sum(0);
        for (std::size_t j = 0; j < states; ++j) sum += a.diagonal[s][j][u] * old[j];
        for (std::size_t k = 0; k < gates; ++k)
          sum += a.recurrent[s][k][u] * q[static_cast<Index>(k) * hidden + u];
        state[s][u] = sum;
      }
    }
  });
}

/// Multiplies blocks of columns by A or A^T, each column by the A of its own coefficients:
///
///     P <- A P:      q = W_hh P_h
///                    P_s <- sum_j diagonal[s][j] * P_j  +  sum_k recurrent[s][k] * q_k
///     V <- A^T V:    p_k = sum_s recurrent[s][k] * V_s
///                    V_j <- sum_s diagonal[s][j] * V_s   (+ W_hh^T p, for j = h)
///
/// Gates whose coefficients are all zero take no part in the product: f in the Maclaurin LSTM, r in a GRU
/// without b_hn. Cost: 2 G H^2 m flop for G gates in use. Borrows both arguments of the constructor. Holds
/// scratch memory: one object per thread; the products themselves use all threads.
template <class Cell>
class Transition {
 public:
  using Scalar = typename Cell::Scalar;

  Transition(const Coefficients<Cell>& coefficients, const ConstMatrixRef<Scalar>& weight_hh);
  Transition(const Coefficients<Cell>&&, const ConstMatrixRef<Scalar>&) = delete;

  /// Column j of `block` becomes A(columns[j]) times itself; `columns` are columns of the coefficients.
  void apply(std::span<const Index> columns, const StateBlock<Cell>& block);
  /// Column j of `block` becomes A(columns[j])^T times itself.
  void apply_adjoint(std::span<const Index> columns, const StateBlock<Cell>& block);

 private:
  static constexpr std::size_t states = Coefficients<Cell>::states, gates = Coefficients<Cell>::gates;

  void reserve(Index cols);

  /// Rows of W_hh whose gates have coefficients.
  struct Rows {
    Index first, count;
    detail::ReusedFactor<Scalar, false> weight;
    detail::ReusedFactor<Scalar, true> transposed;
  };

  const Coefficients<Cell>* coefficients_;
  std::vector<Rows> used_;
  Matrix<Scalar> products_;  // GH x (at least m); rows of unused gates stay zero
};

/// A of one column as a dense matrix, `SH x SH` for S states in the order of the cell's state: for the LSTM
/// [h; c]. For tests and inspection. Cost: O(S G H^2).
template <class Cell>
[[nodiscard]] Matrix<typename Cell::Scalar> explicit_transition(
    const Coefficients<Cell>& coefficients, Index column,
    const ConstMatrixRef<typename Cell::Scalar>& weight_hh) {
  constexpr std::size_t states = Coefficients<Cell>::states, gates = Coefficients<Cell>::gates;
  const Index hidden = coefficients.hidden_size();
  require<ValueError>(column >= 0 && column < coefficients.columns(), "explicit_transition: column ", column,
                      " of ", coefficients.columns());
  require_shape(weight_hh, static_cast<Index>(gates) * hidden, hidden, "explicit_transition: weight_hh");
  Matrix<typename Cell::Scalar> result;
  result.setZero(static_cast<Index>(states) * hidden, static_cast<Index>(states) * hidden);
  for (std::size_t s = 0; s < states; ++s) {
    const Index row = static_cast<Index>(s) * hidden;
    for (std::size_t j = 0; j < states; ++j) {
      result.block(row, static_cast<Index>(j) * hidden, hidden, hidden).diagonal() =
          coefficients.diagonal[s][j].col(column);
    }
    for (std::size_t k = 0; k < gates; ++k) {
      result.block(row, 0, hidden, hidden) += coefficients.recurrent[s][k].col(column).asDiagonal() *
                                              weight_hh.middleRows(static_cast<Index>(k) * hidden, hidden);
    }
  }
  return result;
}

template <class Cell>
Transition<Cell>::Transition(const Coefficients<Cell>& coefficients, const ConstMatrixRef<Scalar>& weight_hh)
    : coefficients_(&coefficients) {
  const Index hidden = coefficients.hidden_size();
  require_shape(weight_hh, static_cast<Index>(gates) * hidden, hidden, "Transition: weight_hh");
  const auto is_used = [&](std::size_t k) {
    bool used = false;
    for (std::size_t s = 0; s < states; ++s)
      used = used || (coefficients.recurrent[s][k].array() != Scalar(0)).any();
    return used;
  };
  for (std::size_t k = 0; k < gates;) {
    std::size_t end = k;
    while (end < gates && is_used(end)) ++end;
    if (end > k) {
      const Index first = static_cast<Index>(k) * hidden, count = static_cast<Index>(end - k) * hidden;
      const Eigen::Map<const Matrix<Scalar>, 0, Eigen::OuterStride<>> rows(
          weight_hh.data() + first, count, hidden, Eigen::OuterStride<>(weight_hh.outerStride()));
      used_.push_back(
          {first, count, detail::ReusedFactor<Scalar, false>(rows), detail::ReusedFactor<Scalar, true>(rows)});
    }
    k = end + 1;
  }
}

template <class Cell>
void Transition<Cell>::reserve(Index cols) {
  if (products_.cols() < cols)
    products_.setZero(static_cast<Index>(gates) * coefficients_->hidden_size(), cols);
}

template <class Cell>
void Transition<Cell>::apply(std::span<const Index> columns, const StateBlock<Cell>& block) {
  eigen_assert(static_cast<Index>(columns.size()) == block.cols);
  if (block.cols == 0) return;
  reserve(block.cols);
  for (Rows& rows : used_)
    rows.weight.multiply(block[0], products_.block(rows.first, 0, rows.count, block.cols));
  transition_pass(*coefficients_, columns, products_.data(), block);
}

template <class Cell>
void Transition<Cell>::apply_adjoint(std::span<const Index> columns, const StateBlock<Cell>& block) {
  eigen_assert(static_cast<Index>(columns.size()) == block.cols);
  if (block.cols == 0) return;
  reserve(block.cols);
  const Index hidden = block.rows, width = products_.rows();
  detail::for_columns({hidden, block.cols, 0}, 2, [&, hidden, width](Index b) {
    const auto a = coefficients_->pointers(columns[static_cast<std::size_t>(b)]);
    Scalar* p = products_.data() + b * width;
    std::array<Scalar*, states> state = block.data;
    for (auto& part : state) part += b * hidden;
    RNNSCOPE_SIMD_LOOP
    for (Index u = 0; u < hidden; ++u) {
      CellState<Cell> old;
      for (std::size_t s = 0; s < states; ++s) old[s] = state[s][u];
      for (std::size_t k = 0; k < gates; ++k) {
        Scalar sum(0);
        for (std::size_t s = 0; s < states; ++s) sum += a.recurrent[s][k][u] * old[s];
        p[static_cast<Index>(k) * hidden + u] = sum;
      }
      for (std::size_t j = 0; j < states; ++j) {
        Scalar sum(0);
        for (std::size_t s = 0; s < states; ++s) sum += a.diagonal[s][j][u] * old[s];
        state[j][u] = sum;
      }
    }
  });
  for (Rows& rows : used_)
    rows.transposed.multiply_add(products_.block(rows.first, 0, rows.count, block.cols), block[0]);
}

}  // namespace rnnscope
