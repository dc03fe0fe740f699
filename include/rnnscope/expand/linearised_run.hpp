// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// How a Linearisation is computed, together with the sums that are carried from token to token.
#pragma once

#include <algorithm>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/parameters.hpp"
#include "rnnscope/expand/coefficient_pass.hpp"
#include "rnnscope/expand/linearisation.hpp"
#include "rnnscope/expand/reused_factor.hpp"
#include "rnnscope/expand/transition.hpp"
#include "rnnscope/expand/unrolled_sums.hpp"
#include "rnnscope/nn/recurrent.hpp"
#include "rnnscope/product/multiply.hpp"
#include "rnnscope/text/packed_layout.hpp"

namespace rnnscope {

namespace detail {

/// g and A of every column of `x`, from the tokens alone.
template <class Cell, class Expansion>
Coefficients<Cell> token_coefficients(const Recurrent<Cell>& layer,
                                      const Parameters<typename Cell::Scalar>& parameters,
                                      const Expansion& expansion,
                                      const ConstMatrixRef<typename Cell::Scalar>& x) {
  constexpr Index chunk_columns = 1000;  // of W_ih x at a time
  const auto weight_ih = parameters[layer.weight_ih()];
  Coefficients<Cell> result;
  result.resize(layer.hidden_size(), x.cols());
  Matrix<typename Cell::Scalar> a;
  for (Index first = 0; first < x.cols(); first += chunk_columns) {
    const Index count = std::min(chunk_columns, x.cols() - first);
    a.resize(weight_ih.rows(), count);
    multiply(weight_ih, x.middleCols(first, count), a);
    ExpansionInput<Cell> in;
    in.a = a.data();
    in.b_ih = parameters[layer.bias_ih()].data();
    in.b_hh = parameters[layer.bias_hh()].data();
    coefficient_pass<Cell>(expansion, in, count, result, first);
  }
  return result;
}

/// Which sums a run carries along.
enum class Carry {
  nothing,
  residual,   ///< of the residual alone
  everything  ///< also of the initial state, and of the second and third order if the expansion names them
};

/// The cell itself, its g and A, what they miss, and the sums of what is missed, in one pass over the batch:
/// every step is one product of W_hh with the states and all sums of the step before.
template <class Cell, class Expansion>
class LinearisedRun {
 public:
  using Scalar = typename Cell::Scalar;

  LinearisedRun(const Recurrent<Cell>& layer, const Parameters<Scalar>& parameters, const Expansion& expansion,
                const PackedLayout& layout, const ConstMatrixRef<Scalar>& x, const LayerState<Cell>& initial,
                Carry carry)
      : layer_(layer),
        parameters_(parameters),
        expansion_(expansion),
        x_(x),
        initial_(initial),
        weight_hh_({parameters[layer.weight_hh()].data(), Recurrent<Cell>::gates * layer.hidden_size(),
                    layer.hidden_size(), Eigen::OuterStride<>(Recurrent<Cell>::gates * layer.hidden_size())}) {
    const Index hidden = layer.hidden_size(), columns = layout.columns();
    if constexpr (AveragedExpansion<Expansion, Cell>) {
      expansion.quadrature.check();
      result.coefficients.nodes.resize(static_cast<std::size_t>(columns));
    }
    result.coefficients.resize(hidden, columns);
    resize(result.state, columns);
    resize(result.residual, columns);
    if constexpr (ordered) {
      resize(result.second, columns);
      resize(result.third, columns);
    }
    for (const auto& part : initial) from_zero_ = from_zero_ && (part.array() == Scalar(0)).all();
    if (carry != Carry::nothing) add_carried(sums.residual, &result.residual, columns);
    if (carry == Carry::everything) {
      if constexpr (ordered) {
        add_carried(sums.second, &result.second, columns);
        add_carried(sums.third, &result.third, columns);
      }
      if (!from_zero_) add_carried(sums.initial, nullptr, columns);
    }
    const Index widest = layout.steps() > 0 ? std::min(chunk, layout.live(0)) : 0;
    a_.resize(Recurrent<Cell>::gates * hidden, std::min(columns, chunk));
    q_.resize(a_.rows(), widest * blocks());
    for (auto& part : block_) part.resize(hidden, q_.cols());
    for (auto& channel : step_.channels) channel.resize(hidden, widest);
    for (Index t = 0; t < layout.steps(); ++t) {
      const Index live = layout.live(t), before = t == 0 ? 0 : layout.offset(t - 1);
      for (Index slot = 0; slot < live; slot += chunk) {
        const Index count = std::min(chunk, live - slot);
        advance(t, layout.offset(t) + slot, t == 0 ? slot : before + slot, count);
      }
    }
  }

  Linearisation<Cell> result;
  UnrolledSums<Cell> sums;

 private:
  static constexpr Index chunk = 1000;  // columns at a time
  static constexpr bool ordered = OrderedExpansion<Expansion, Cell>;

  struct Carried {
    LayerState<Cell>* sum;          // sum_t = A_t sum_{t-1} + added_t
    const LayerState<Cell>* added;  // null: nothing, but sum_0 is the initial state
  };

  void resize(LayerState<Cell>& state, Index columns) const {
    for (auto& part : state) part.resize(layer_.hidden_size(), columns);
  }
  void add_carried(LayerState<Cell>& sum, const LayerState<Cell>* added, Index columns) {
    resize(sum, columns);
    carried_.push_back({&sum, added});
  }
  [[nodiscard]] Index blocks() const { return static_cast<Index>(carried_.size()) + 1; }

  /// W_ih x of `count` columns; where steps are short, of many at once.
  [[nodiscard]] const Scalar* projection(Index column, Index count) {
    if (column + count > projected_to_) {
      projected_from_ = column;
      projected_to_ = count >= chunk / 4 ? column + count : std::min(x_.cols(), column + chunk);
      const Index fresh = projected_to_ - projected_from_;
      multiply(parameters_[layer_.weight_ih()], x_.middleCols(column, fresh), a_.leftCols(fresh));
    }
    return a_.col(column - projected_from_).data();
  }

  /// One step of `count` sequences, whose columns begin at `here`; those of the step before (or, at t = 0, of
  /// the initial state) at `before`.
  void advance(Index t, Index here, Index before, Index count) {
    const bool from_zero = t == 0 && from_zero_;
    const Index total = from_zero ? count : count * blocks();
    for (std::size_t s = 0; s < block_.size(); ++s) {
      block_[s].leftCols(count) = (t == 0 ? initial_[s] : result.state[s]).middleCols(before, count);
      for (std::size_t k = 0; !from_zero && k < carried_.size(); ++k) {
        MatrixRef<Scalar> target = block_[s].middleCols(static_cast<Index>(k + 1) * count, count);
        if (t > 0) {
          target = (*carried_[k].sum)[s].middleCols(before, count);
        } else if (carried_[k].added == nullptr) {
          target = initial_[s].middleCols(before, count);
        } else {
          target.setZero();
        }
      }
    }
    if (from_zero) {
      q_.leftCols(total).setZero();
    } else {
      weight_hh_.multiply(block_[0].leftCols(total), q_.leftCols(total));
    }

    const StatePointers<Cell> previous = state_pointers<Cell>(block_);
    const Scalar* a = projection(here, count);
    forward_pass(layer_.cell(), {layer_.hidden_size(), count, t}, a, q_.data(), bias(layer_.bias_ih()),
                 bias(layer_.bias_hh()), previous, step_, 0);
    for (std::size_t s = 0; s < block_.size(); ++s) {
      require<ValueError>(step_.channels[s].leftCols(count).allFinite(),
                          "NgramUnroller: the state of the cell is not finite at t = ", t,
                          ": check the parameters");
      result.state[s].middleCols(here, count) = step_.channels[s].leftCols(count);
    }
    const ExpansionInput<Cell> in{a,
                                  bias(layer_.bias_ih()),
                                  bias(layer_.bias_hh()),
                                  q_.data(),
                                  previous,
                                  tape_state_pointers<Cell>(step_, 0),
                                  t};
    coefficient_pass<Cell>(expansion_, in, count, result.coefficients, here);
    missed_pass<Cell>(expansion_, in, count, result.coefficients, here, missed_from(here));

    if (!from_zero && blocks() > 1) {
      ends_.clear();
      for (std::size_t k = 0; k < carried_.size(); ++k) {
        for (Index b = 0; b < count; ++b) ends_.push_back(here + b);
      }
      transition_pass<Cell>(result.coefficients, ends_, q_.col(count).data(),
                            StateBlock<Cell>(block_, count, total - count));
    }
    for (std::size_t k = 0; k < carried_.size(); ++k) {
      for (std::size_t s = 0; s < block_.size(); ++s) {
        MatrixRef<Scalar> sum = (*carried_[k].sum)[s].middleCols(here, count);
        if (from_zero) {
          sum = (*carried_[k].added)[s].middleCols(here, count);
        } else {
          sum = block_[s].middleCols(static_cast<Index>(k + 1) * count, count);
          if (carried_[k].added != nullptr) sum += (*carried_[k].added)[s].middleCols(here, count);
        }
        require_finite_sum(sum, t);
      }
    }
  }

  [[nodiscard]] const Scalar* bias(Tensor tensor) const { return parameters_[tensor].data(); }

  [[nodiscard]] MissedPointers<Cell> missed_from(Index column) {
    MissedPointers<Cell> to;
    for (std::size_t s = 0; s < block_.size(); ++s) {
      to.all[s] = result.residual[s].col(column).data();
      if constexpr (ordered) {
        to.second[s] = result.second[s].col(column).data();
        to.third[s] = result.third[s].col(column).data();
      }
    }
    return to;
  }

  const Recurrent<Cell>& layer_;
  const Parameters<Scalar>& parameters_;
  const Expansion& expansion_;
  const ConstMatrixRef<Scalar>& x_;
  const LayerState<Cell>& initial_;
  ReusedFactor<Scalar, false> weight_hh_;
  bool from_zero_ = true;
  std::vector<Carried> carried_;
  LayerState<Cell> block_;  // [state | sums] of the step before
  Matrix<Scalar> a_, q_;
  Index projected_from_ = 0, projected_to_ = 0;  // the columns that a_ holds
  Tape<Cell> step_;
  std::vector<Index> ends_;
};

}  // namespace detail

}  // namespace rnnscope
