// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Token-level and sequence-level features of a recurrent layer, and what each adds to a read-out.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/parameters.hpp"
#include "rnnscope/expand/coefficients.hpp"
#include "rnnscope/expand/linearisation.hpp"
#include "rnnscope/expand/linearised_run.hpp"
#include "rnnscope/expand/maclaurin.hpp"
#include "rnnscope/expand/ngram_blocks.hpp"
#include "rnnscope/expand/polarity.hpp"
#include "rnnscope/expand/polarity_passes.hpp"
#include "rnnscope/expand/spectral_radius.hpp"
#include "rnnscope/expand/transition.hpp"
#include "rnnscope/expand/unroll_options.hpp"
#include "rnnscope/nn/recurrent.hpp"
#include "rnnscope/points/point_set.hpp"
#include "rnnscope/text/packed_layout.hpp"

namespace rnnscope {

/// Explains a recurrent layer by the tokens and n-grams that it read.
///
/// An expansion (default: the paper's Maclaurin) writes each step as  h_t = g(x_t) + A(x_t) h_{t-1} + xi_t.
/// Unrolled, with  Phi(i..t) = A(x_t) ... A(x_{i+1}) g(x_i):
///
///     h_t = g(x_t)  +  sum_{i<t} Phi(i..t)  +  A(x_t) ... A(x_1) h_0  +  sum_s A(x_t) ... A(x_{s+1}) xi_s
///           token      sequence                initial state             residual
///
/// Every function takes one sequence (`x`: `D x T`, for example embedding columns) or, with a PackedLayout,
/// many (`x`: `D x layout.columns()`). A stacked layer's tokens are the hidden states below it; the backward
/// half of a bidirectional layer reads the reversed sequence.
///
/// Borrows the layer and its parameters, which must outlive it. Const and thread-safe.
///
/// \code
///   const rnnscope::NgramUnroller unroller(gru, weights);
///   const auto scores = unroller.polarity(weights[head.weight()], weights[head.bias()], x);   // x: D x T
///   scores.at(1, 3);           // what the trigram of tokens 1, 2, 3 adds to the logit at token 3
///   scores.phrase();           // token-level plus sequence-level scores at the last token
///   scores.account(3).residual;// what the expansion misses there
/// \endcode
template <class Cell, class Expansion = Maclaurin>
class NgramUnroller {
 public:
  using Scalar = typename Cell::Scalar;
  static_assert((require_expansion<Expansion, Cell>(), true));

  /// \throws ShapeError if `parameters` are not those of `layer`.
  NgramUnroller(const Recurrent<Cell>& layer, const Parameters<Scalar>& parameters, Expansion expansion = {});
  NgramUnroller(const Recurrent<Cell>&&, const Parameters<Scalar>&, Expansion = {}) = delete;
  NgramUnroller(const Recurrent<Cell>&, const Parameters<Scalar>&&, Expansion = {}) = delete;
  NgramUnroller(const Recurrent<Cell>&&, const Parameters<Scalar>&&, Expansion = {}) = delete;

  [[nodiscard]] Index input_size() const { return layer_->input_size(); }
  [[nodiscard]] Index hidden_size() const { return layer_->hidden_size(); }

  /// g(x) of every column of `x` (`D x N`), which need not be a sequence: give it an embedding to rank a
  /// vocabulary. Per state `H x N`: [0] is the part of h, [1] (LSTM) that of c. Token expansions only.
  /// Cost: 2 G H D flop per column. \throws ShapeError, or ValueError naming a column that is not finite.
  [[nodiscard]] LayerState<Cell> token_features(const ConstMatrixRef<Scalar>& x) const requires
      TokenExpansion<Expansion, Cell> {
    return std::move(token_coefficients(x).g);
  }

  /// The coefficients of A (and g) of every column of `x`, likewise.
  [[nodiscard]] Coefficients<Cell> token_coefficients(const ConstMatrixRef<Scalar>& x) const requires
      TokenExpansion<Expansion, Cell> {
    check_input(PackedLayout::uniform(1, x.cols()), x);
    return detail::token_coefficients(*layer_, *parameters_, expansion_, x);
  }

  /// Runs the cell over a batch and splits every step into g, A and the residual. `initial` as in
  /// UnrollOptions. Cost: that of the run plus 2 G H (D + H) flop per column. \throws ShapeError, ValueError.
  [[nodiscard]] Linearisation<Cell> linearise(const PackedLayout& layout, const ConstMatrixRef<Scalar>& x,
                                              const LayerState<Cell>& initial = {}) const;

  /// Calls `visit(const NgramBlock<Cell>&)` with all n-grams of size n, for n = shortest, ..., window.
  /// Cost: 2 G H^2 flop per n-gram of two tokens or more. Memory: one `H` column per token and state.
  /// \throws ShapeError, or ValueError naming the token where a value is not finite.
  template <class Visit>
  void unroll(const PackedLayout& layout, const ConstMatrixRef<Scalar>& x, const UnrollOptions<Cell>& options,
              Visit&& visit) const;
  template <class Visit>
  void unroll(const ConstMatrixRef<Scalar>& x, const UnrollOptions<Cell>& options, Visit&& visit) const {
    unroll(PackedLayout::uniform(x.cols(), 1), x, options, visit);
  }

  /// The h parts of the same n-grams with the tokens they came from, shortest first: points for clustering.
  /// Memory: `H` numbers per n-gram.
  [[nodiscard]] PointSet<Scalar> collect(const PackedLayout& layout, const ConstMatrixRef<Scalar>& x,
                                         const UnrollOptions<Cell>& options = {}) const;
  [[nodiscard]] PointSet<Scalar> collect(const ConstMatrixRef<Scalar>& x,
                                         const UnrollOptions<Cell>& options = {}) const {
    return collect(PackedLayout::uniform(x.cols(), 1), x, options);
  }

  /// What every n-gram adds to the logits w^T h_t + b; `weight` is `K x H`, `bias` `K x 1`. One PolarityScores
  /// per sequence, in the order of the layout's sequences. For T tokens and K labels, all ends, no window:
  /// about G H^2 T^2 flop forward, K times that adjoint; the last end only: 2 G H^2 K T adjoint.
  /// \throws ShapeError, or ValueError naming the token where a value is not finite.
  [[nodiscard]] std::vector<PolarityScores<Scalar>> polarity(const ConstMatrixRef<Scalar>& weight,
                                                             const ConstMatrixRef<Scalar>& bias,
                                                             const PackedLayout& layout,
                                                             const ConstMatrixRef<Scalar>& x,
                                                             const PolarityOptions<Cell>& options = {}) const;
  [[nodiscard]] PolarityScores<Scalar> polarity(const ConstMatrixRef<Scalar>& weight,
                                                const ConstMatrixRef<Scalar>& bias,
                                                const ConstMatrixRef<Scalar>& x,
                                                const PolarityOptions<Cell>& options = {}) const {
    return std::move(polarity(weight, bias, PackedLayout::uniform(x.cols(), 1), x, options).front());
  }

  /// Estimates the spectral radius of A(x) of every column of `x` (see estimate_spectral_radius). Above 1, long
  /// products of A diverge. Token expansions only. Cost: 2 G H^2 flop per column and iteration.
  /// \throws ShapeError, ValueError.
  [[nodiscard]] Vector<Scalar> spectral_radius(
      const ConstMatrixRef<Scalar>& x, Index iterations = 60) const requires TokenExpansion<Expansion, Cell> {
    const Coefficients<Cell> all = token_coefficients(x);
    Transition<Cell> transition(all, weight_hh());
    return estimate_spectral_radius(all, transition, iterations);
  }

 private:
  [[nodiscard]] ConstMatrixMap<Scalar> weight_hh() const { return (*parameters_)[layer_->weight_hh()]; }
  void check_input(const PackedLayout& layout, const ConstMatrixRef<Scalar>& x) const;
  [[nodiscard]] LayerState<Cell> checked_initial(const LayerState<Cell>& initial, Index batch) const;

  const Recurrent<Cell>* layer_;
  const Parameters<Scalar>* parameters_;
  Expansion expansion_;
};

template <class Cell, class Expansion>
NgramUnroller<Cell, Expansion>::NgramUnroller(const Recurrent<Cell>& layer,
                                              const Parameters<Scalar>& parameters, Expansion expansion)
    : layer_(&layer), parameters_(&parameters), expansion_(expansion) {
  const Index rows = gate_count<Cell> * hidden_size();
  const auto check = [&](Tensor tensor, Index cols, const char* what) {
    const auto number = static_cast<std::size_t>(tensor);
    require<ShapeError>(number < parameters.tensors().size(), "NgramUnroller: there are only ",
                        parameters.tensors().size(), " tensors, so these are not the parameters of the layer");
    require_shape(parameters[tensor], rows, cols, what);
  };
  check(layer.weight_ih(), input_size(), "NgramUnroller: weight_ih of the layer");
  check(layer.weight_hh(), hidden_size(), "NgramUnroller: weight_hh of the layer");
  check(layer.bias_ih(), 1, "NgramUnroller: bias_ih of the layer");
  check(layer.bias_hh(), 1, "NgramUnroller: bias_hh of the layer");
}

template <class Cell, class Expansion>
void NgramUnroller<Cell, Expansion>::check_input(const PackedLayout& layout,
                                                 const ConstMatrixRef<Scalar>& x) const {
  require<ShapeError>(x.rows() == input_size(), "NgramUnroller: the layer reads vectors of size ", input_size(),
                      ", found x of shape ", shape_text(x.rows(), x.cols()));
  require<ShapeError>(x.cols() == layout.columns(), "NgramUnroller: the layout has ", layout.columns(),
                      " columns, x has ", x.cols());
  if (x.allFinite()) return;
  Index column = 0;
  while (x.col(column).allFinite()) ++column;
  const auto token = PackedLinks(layout)[column];
  throw ValueError(message("NgramUnroller: x is not finite in column ", column, " (sequence ", token.sequence,
                           ", t = ", token.step, ")"));
}

template <class Cell, class Expansion>
LayerState<Cell> NgramUnroller<Cell, Expansion>::checked_initial(const LayerState<Cell>& initial,
                                                                 Index batch) const {
  if (std::all_of(initial.begin(), initial.end(), [](const auto& part) { return part.size() == 0; }))
    return layer_->zero_state(batch);
  for (const auto& part : initial) {
    require_shape(part, hidden_size(), batch, "NgramUnroller: initial state");
    require<ValueError>(part.allFinite(), "NgramUnroller: the initial state is not finite");
  }
  return initial;
}

template <class Cell, class Expansion>
Linearisation<Cell> NgramUnroller<Cell, Expansion>::linearise(const PackedLayout& layout,
                                                              const ConstMatrixRef<Scalar>& x,
                                                              const LayerState<Cell>& initial) const {
  check_input(layout, x);
  const LayerState<Cell> start = checked_initial(initial, layout.batch());
  return detail::LinearisedRun<Cell, Expansion>(*layer_, *parameters_, expansion_, layout, x, start,
                                                detail::Carry::nothing)
      .result;
}

template <class Cell, class Expansion>
template <class Visit>
void NgramUnroller<Cell, Expansion>::unroll(const PackedLayout& layout, const ConstMatrixRef<Scalar>& x,
                                            const UnrollOptions<Cell>& options, Visit&& visit) const {
  options.check();
  check_input(layout, x);
  const LayerState<Cell> initial = checked_initial(options.initial, layout.batch());
  const auto visit_all = [&](const Coefficients<Cell>& all) {
    Transition<Cell> transition(all, weight_hh());
    for_each_ngram_size(all, transition, layout, options.window, [&](const NgramBlock<Cell>& block) {
      if (block.size >= options.shortest) visit(block);
    });
  };
  if constexpr (StateExpansion<Expansion, Cell>) {
    visit_all(linearise(layout, x, initial).coefficients);
  } else {
    visit_all(detail::token_coefficients(*layer_, *parameters_, expansion_, x));
  }
}

template <class Cell, class Expansion>
PointSet<typename Cell::Scalar> NgramUnroller<Cell, Expansion>::collect(
    const PackedLayout& layout, const ConstMatrixRef<Scalar>& x, const UnrollOptions<Cell>& options) const {
  options.check();
  Index count = 0;
  for (Index s = 0; s < layout.batch(); ++s) {
    const Index length = layout.length(s), longest = std::min(length, options.window);
    for (Index size = options.shortest; size <= longest; ++size) count += length - size + 1;
  }
  PointSet<Scalar> points;
  points.vectors.resize(hidden_size(), count);
  points.spans.reserve(static_cast<std::size_t>(count));
  unroll(layout, x, options, [&](const NgramBlock<Cell>& block) {
    points.vectors.middleCols(static_cast<Index>(points.spans.size()), block.features().cols()) =
        block.features();
    points.spans.insert(points.spans.end(), block.spans.begin(), block.spans.end());
  });
  return points;
}

template <class Cell, class Expansion>
std::vector<PolarityScores<typename Cell::Scalar>> NgramUnroller<Cell, Expansion>::polarity(
    const ConstMatrixRef<Scalar>& weight, const ConstMatrixRef<Scalar>& bias, const PackedLayout& layout,
    const ConstMatrixRef<Scalar>& x, const PolarityOptions<Cell>& options) const {
  options.check();
  require<ShapeError>(weight.cols() == hidden_size() && weight.rows() > 0,
                      "NgramUnroller::polarity: weight: expected labels x ", hidden_size(), ", found ",
                      shape_text(weight.rows(), weight.cols()));
  require_shape(bias, weight.rows(), 1, "NgramUnroller::polarity: bias");
  require<ValueError>(weight.allFinite() && bias.allFinite(),
                      "NgramUnroller::polarity: the read-out is not finite");
  check_input(layout, x);
  const LayerState<Cell> initial = checked_initial(options.initial, layout.batch());
  const PackedLinks links(layout);

  std::vector<PolarityScores<Scalar>> scores(static_cast<std::size_t>(layout.batch()));
  for (Index s = 0; s < layout.batch(); ++s) {
    const Index length = layout.length(s);
    scores[static_cast<std::size_t>(s)].resize(
        NgramIndex(length, options.window, options.ends == Ends::all ? 0 : std::max<Index>(0, length - 1)),
        bias);
  }
  detail::PolarityProblem<Cell> problem{layout, links, initial, weight, options.window, {}};
  for (Index column = 0; column < links.size(); ++column) {
    if (options.ends == Ends::all || links[column].next < 0) problem.ends.push_back(column);
  }
  UnrollMethod method = options.method;
  if (method == UnrollMethod::automatic) {
    const detail::PolarityCost cost = detail::polarity_cost(problem, OrderedExpansion<Expansion, Cell>);
    method = cost.forward <= cost.adjoint ? UnrollMethod::forward : UnrollMethod::adjoint;
  }
  detail::LinearisedRun<Cell, Expansion> run(*layer_, *parameters_, expansion_, layout, x, initial,
                                             detail::carried_sums(problem, method));
  const Linearisation<Cell>& linear = run.result;
  Transition<Cell> transition(linear.coefficients, weight_hh());
  if (method == UnrollMethod::forward) {
    detail::forward_scores(problem, linear, run.sums, transition, scores);
  } else {
    detail::AdjointScores<Cell>(problem, linear, run.sums, transition, scores);
  }
  if constexpr (AveragedExpansion<Expansion, Cell>) {
    for (Index column = 0; column < links.size(); ++column) {
      Index& most = scores[static_cast<std::size_t>(links[column].sequence)].quadrature_nodes;
      most = std::max(most, linear.coefficients.nodes[static_cast<std::size_t>(column)]);
    }
  }
  for (const Index end : problem.ends) {
    const auto& token = links[end];
    PolarityScores<Scalar>& target = scores[static_cast<std::size_t>(token.sequence)];
    const Index e = target.index.end(token.step);
    target.logit.col(e) = weight * linear.state[0].col(end) + bias.col(0);
    const Scalar missed = run.sums.residual[0].col(end).norm();
    target.residual_ratio(e) = missed == Scalar(0) ? Scalar(0) : missed / linear.state[0].col(end).norm();
    require<ValueError>(target.finite_at(token.step), "NgramUnroller::polarity: the scores of sequence ",
                        token.sequence, " are not finite at t = ", token.step,
                        ": the products of A overflow; use a shorter window, another expansion or double");
  }
  return scores;
}

}  // namespace rnnscope
