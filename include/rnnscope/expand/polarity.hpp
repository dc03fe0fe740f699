// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Polarity scores: what every n-gram of a sequence adds to the logits, with a complete account.
#pragma once

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/expand/ngram_index.hpp"

namespace rnnscope {

/// All that a logit of one label at one token is made of. `sum()` equals `logit` up to rounding.
template <class Scalar>
struct PolarityAccount {
  Scalar token;             ///< w^T g(x_t)
  Scalar sequence;          ///< sum of w^T Phi(i..t) over the n-grams of 2 to N tokens
  Scalar longer;            ///< the same over the n-grams longer than the window N
  Scalar initial;           ///< w^T A_t ... A_1 h_0
  Scalar residual;          ///< what the expansion misses
  Scalar bias;              ///< bias of the read-out
  Scalar logit;             ///< w^T h_t + b, with h_t from the cell itself
  Scalar second_order = 0;  ///< the part of the residual that is of second order in the state; zero unless the
                            ///< expansion names it, as Maclaurin and Origin do
  Scalar third_order = 0;   ///< likewise of third order

  /// The residual without its named parts: for Maclaurin what linear activations cost, for Origin all higher
  /// orders.
  [[nodiscard]] Scalar rest() const { return residual - second_order - third_order; }
  [[nodiscard]] Scalar sum() const { return token + sequence + longer + initial + residual + bias; }
};

/// Scores of one sequence for K labels: row = label. Ends t are the tokens from `index.first_end()` on; "ends"
/// below stands for their number. Filled by NgramUnroller::polarity.
template <class Scalar>
struct PolarityScores {
  NgramIndex index;               ///< which n-grams there are, and where
  Matrix<Scalar> ngram;           ///< `K x index.size()`: w^T g(x_t) for i = t, w^T Phi(i..t) for i < t
  Matrix<Scalar> longer;          ///< `K x ends`: all n-grams longer than the window together
  Matrix<Scalar> initial;         ///< `K x ends`: from the initial state
  Matrix<Scalar> residual;        ///< `K x ends`: what the expansion misses
  Matrix<Scalar> second_order;    ///< `K x ends`: its part of second order in the state, where it is named
  Matrix<Scalar> third_order;     ///< `K x ends`: likewise of third order
  Vector<Scalar> bias;            ///< `K`: bias of the read-out
  Matrix<Scalar> logit;           ///< `K x ends`: w^T h_t + b of the cell itself
  Vector<Scalar> residual_ratio;  ///< `ends`: norm of h_t minus its unrolled form over norm of h_t
  Index quadrature_nodes = 0;     ///< the most that a token of the sequence needed; 0 without quadrature

  /// Zeros for these n-grams, and one label for each bias of a read-out, `K x 1`.
  void resize(const NgramIndex& ngrams, const ConstMatrixRef<Scalar>& read_out_bias) {
    index = ngrams;
    bias = read_out_bias.col(0);
    ngram.setZero(labels(), index.size());
    for (Matrix<Scalar>* part : {&longer, &initial, &residual, &second_order, &third_order, &logit})
      part->setZero(labels(), index.ends());
    residual_ratio.setZero(index.ends());
  }

  [[nodiscard]] Index labels() const { return bias.size(); }
  [[nodiscard]] Index length() const { return index.length(); }

  /// The score of tokens i..t (inclusive): token-level if i = t, else sequence-level.
  /// \throws ValueError if there is no such n-gram or label.
  [[nodiscard]] Scalar at(Index i, Index t, Index label = 0) const {
    require<ValueError>(label >= 0 && label < labels(), "PolarityScores: label ", label, " of ", labels());
    return ngram(label, index.column(i, t));
  }

  /// Token-level scores w^T g(x_t) of all ends, `K x ends`.
  [[nodiscard]] Matrix<Scalar> token() const {
    Matrix<Scalar> result(labels(), index.ends());
    for (Index t = index.first_end(); t < length(); ++t)
      result.col(index.end(t)) = ngram.col(index.column(t, t));
    return result;
  }

  /// Phrase polarity: token-level plus all sequence-level scores that end at t, `K`.
  /// \throws ValueError if no n-gram ends at t.
  [[nodiscard]] Vector<Scalar> phrase(Index t) const {
    const Index first = index.first(t);
    return ngram.middleCols(index.column(first, t), t + 1 - first).rowwise().sum();
  }
  /// Phrase polarity of the whole sequence. \throws ValueError if it is empty.
  [[nodiscard]] Vector<Scalar> phrase() const { return phrase(length() - 1); }

  /// True if all scores that end at t are finite.
  [[nodiscard]] bool finite_at(Index t) const {
    const Index e = index.end(t), first = index.first(t);
    return ngram.middleCols(index.column(first, t), t + 1 - first).allFinite() && longer.col(e).allFinite() &&
           initial.col(e).allFinite() && residual.col(e).allFinite() && second_order.col(e).allFinite() &&
           third_order.col(e).allFinite() && logit.col(e).allFinite();
  }

  /// The account of one logit. \throws ValueError if t is not an end or there is no such label.
  [[nodiscard]] PolarityAccount<Scalar> account(Index t, Index label = 0) const {
    const Index e = index.end(t);
    const Scalar token_score = at(t, t, label);
    Scalar sequence(0);
    for (Index i = index.first(t); i < t; ++i) sequence += at(i, t, label);
    return {.token = token_score,
            .sequence = sequence,
            .longer = longer(label, e),
            .initial = initial(label, e),
            .residual = residual(label, e),
            .bias = bias(label),
            .logit = logit(label, e),
            .second_order = second_order(label, e),
            .third_order = third_order(label, e)};
  }
};

}  // namespace rnnscope
