// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// N-grams of a bidirectional layer: those of its forward half and, over the reversed text, of its backward
/// half.
#pragma once

#include <utility>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/parameters.hpp"
#include "rnnscope/expand/bidirectional_scores.hpp"
#include "rnnscope/expand/maclaurin.hpp"
#include "rnnscope/expand/ngram_unroller.hpp"
#include "rnnscope/expand/packed_links.hpp"
#include "rnnscope/expand/unroll_options.hpp"
#include "rnnscope/nn/recurrent.hpp"
#include "rnnscope/points/point_set.hpp"
#include "rnnscope/text/packed_layout.hpp"

namespace rnnscope {

/// The columns of `x` with every sequence read from its end. Twice is once.
template <class Scalar>
[[nodiscard]] Matrix<Scalar> reversed_sequences(const PackedLayout& layout, const ConstMatrixRef<Scalar>& x) {
  require<ShapeError>(x.cols() == layout.columns(), "reversed_sequences: the layout has ", layout.columns(),
                      " columns, x has ", x.cols());
  Matrix<Scalar> result(x.rows(), x.cols());
  const PackedLinks links(layout);
  for (Index column = 0; column < links.size(); ++column) {
    const auto& token = links[column];
    result.col(column) = x.col(layout.offset(layout.length(token.sequence) - 1 - token.step) + token.slot);
  }
  return result;
}

/// The representations of a bidirectional layer as points. Both halves give spans in the order of the text.
template <class Scalar>
struct BidirectionalPoints {
  PointSet<Scalar> forward;   ///< of tokens i..t read from left to right
  PointSet<Scalar> backward;  ///< of tokens t..i read from right to left
};

/// Options of BidirectionalUnroller::polarity.
template <class Cell>
struct BidirectionalOptions {
  LayerState<Cell> initial{};           ///< of the forward half, before the first token; empty: zero
  LayerState<Cell> initial_backward{};  ///< of the backward half, after the last token; empty: zero
  Index window = any_length;
  Ends ends = Ends::all;
  UnrollMethod method = UnrollMethod::automatic;
};

/// Explains a bidirectional layer, given as two layers over the same tokens: PyTorch's `weight_ih_l0`, ... and
/// `weight_ih_l0_reverse`, .... The backward layer is unrolled over the reversed text: its n-gram of the tokens
/// i..t begins with token t. "to freedom" from "freedom to" is another n-gram, with a score of its own.
///
/// Borrows both layers and their parameters. Const and thread-safe.
///
/// \code
///   const rnnscope::BidirectionalUnroller unroller(forward, backward, weights);
///   const auto scores = unroller.polarity(weight, bias, x);           // weight: K x 2H, [forward, backward]
///   scores.backward_at(0, 1);                                         // "to freedom" of "freedom to feel"
///   scores.account_of_final_states().sum();
/// \endcode
/// Source: sections 3 and A.2.1 of "Sequence-level features: how GRU and LSTM cells capture n-grams".
template <class Cell, class Expansion = Maclaurin>
class BidirectionalUnroller {
 public:
  using Scalar = typename Cell::Scalar;

  /// \throws ShapeError if `parameters` are not those of the layers, or they read vectors of different sizes.
  BidirectionalUnroller(const Recurrent<Cell>&, const Recurrent<Cell>&, const Parameters<Scalar>&&,
                        Expansion = {}) = delete;
  BidirectionalUnroller(const Recurrent<Cell>& forward, const Recurrent<Cell>& backward,
                        const Parameters<Scalar>& parameters, Expansion expansion = {})
      : forward_(forward, parameters, expansion), backward_(backward, parameters, expansion) {
    require<ShapeError>(forward.input_size() == backward.input_size(),
                        "BidirectionalUnroller: the forward layer reads vectors of size ", forward.input_size(),
                        ", the backward layer of size ", backward.input_size());
  }

  /// The two halves, for all else that an NgramUnroller can do.
  [[nodiscard]] const NgramUnroller<Cell, Expansion>& forward() const { return forward_; }
  [[nodiscard]] const NgramUnroller<Cell, Expansion>& backward() const { return backward_; }

  /// As NgramUnroller::polarity; `weight` is `K x (H of forward + H of backward)`, the forward half first.
  [[nodiscard]] std::vector<BidirectionalScores<Scalar>> polarity(
      const ConstMatrixRef<Scalar>& weight, const ConstMatrixRef<Scalar>& bias, const PackedLayout& layout,
      const ConstMatrixRef<Scalar>& x, const BidirectionalOptions<Cell>& options = {}) const {
    const Index h_forward = forward_.hidden_size(), h_backward = backward_.hidden_size();
    require<ShapeError>(weight.cols() == h_forward + h_backward && weight.rows() > 0,
                        "BidirectionalUnroller::polarity: weight: expected labels x ", h_forward + h_backward,
                        ", found ", shape_text(weight.rows(), weight.cols()));
    std::vector<PolarityScores<Scalar>> ahead = forward_.polarity(
        weight.leftCols(h_forward), bias, layout, x,
        {.initial = options.initial, .window = options.window, .ends = options.ends, .method = options.method});
    std::vector<PolarityScores<Scalar>> back =
        backward_.polarity(weight.rightCols(h_backward), Matrix<Scalar>::Zero(weight.rows(), 1), layout,
                           reversed_sequences<Scalar>(layout, x),
                           {.initial = options.initial_backward,
                            .window = options.window,
                            .ends = options.ends,
                            .method = options.method});
    std::vector<BidirectionalScores<Scalar>> scores(ahead.size());
    for (std::size_t s = 0; s < scores.size(); ++s) scores[s] = {std::move(ahead[s]), std::move(back[s])};
    return scores;
  }
  [[nodiscard]] BidirectionalScores<Scalar> polarity(const ConstMatrixRef<Scalar>& weight,
                                                     const ConstMatrixRef<Scalar>& bias,
                                                     const ConstMatrixRef<Scalar>& x,
                                                     const BidirectionalOptions<Cell>& options = {}) const {
    return std::move(polarity(weight, bias, PackedLayout::uniform(x.cols(), 1), x, options).front());
  }

  /// As NgramUnroller::collect, for both halves, from zero states.
  [[nodiscard]] BidirectionalPoints<Scalar> collect(const PackedLayout& layout, const ConstMatrixRef<Scalar>& x,
                                                    Index window = any_length, Index shortest = 1) const {
    const UnrollOptions<Cell> options{.window = window, .shortest = shortest};
    BidirectionalPoints<Scalar> points{
        forward_.collect(layout, x, options),
        backward_.collect(layout, reversed_sequences<Scalar>(layout, x), options)};
    for (Span& span : points.backward.spans) {
      const Index length = layout.length(span.sequence);
      span = {span.sequence, length - span.last, length - span.first};
    }
    return points;
  }

 private:
  NgramUnroller<Cell, Expansion> forward_, backward_;
};

}  // namespace rnnscope
