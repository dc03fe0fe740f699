// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Polarity scores of both halves of a bidirectional layer.
#pragma once

#include "rnnscope/core/types.hpp"
#include "rnnscope/expand/polarity.hpp"

namespace rnnscope {

/// Polarity scores of one sequence under a read-out of both halves,
///
///     logit_t = w_f^T hf_t + w_b^T hb_t + b
///
/// where hf_t has read the tokens 0..t and hb_t the tokens T-1..t. Tokens are counted from the left throughout.
template <class Scalar>
struct BidirectionalScores {
  PolarityScores<Scalar> forward;  ///< of the forward half, with the bias of the read-out
  PolarityScores<Scalar>
      backward;  ///< of the backward half, without bias; its token k is token T-1-k of the text

  [[nodiscard]] Index labels() const { return forward.labels(); }
  [[nodiscard]] Index length() const { return forward.length(); }

  /// What reading tokens i..t from left to right adds to hf_t.
  [[nodiscard]] Scalar forward_at(Index i, Index t, Index label = 0) const { return forward.at(i, t, label); }
  /// What reading tokens t..i from right to left adds to hb_i.
  [[nodiscard]] Scalar backward_at(Index i, Index t, Index label = 0) const {
    return backward.at(mirrored(t), mirrored(i), label);
  }
  /// The place of token t in the reversed text, and back.
  [[nodiscard]] Index mirrored(Index t) const { return length() - 1 - t; }

  /// The account of the logit of token t, both halves together. \throws ValueError if t is not an end of both
  /// halves (with Ends::last, of none unless there is one token).
  [[nodiscard]] PolarityAccount<Scalar> account(Index t, Index label = 0) const {
    return together(forward.account(t, label), backward.account(mirrored(t), label));
  }
  /// The account of the final states: hf after the last token and hb after the first, which is what a
  /// classifier of whole sequences reads.
  [[nodiscard]] PolarityAccount<Scalar> account_of_final_states(Index label = 0) const {
    return together(forward.account(length() - 1, label), backward.account(length() - 1, label));
  }

 private:
  [[nodiscard]] static PolarityAccount<Scalar> together(PolarityAccount<Scalar> a,
                                                        const PolarityAccount<Scalar>& b) {
    using Account = PolarityAccount<Scalar>;
    for (Scalar Account::*part :
         {&Account::token, &Account::sequence, &Account::longer, &Account::initial, &Account::residual,
          &Account::bias, &Account::logit, &Account::second_order, &Account::third_order}) {
      a.*part += b.*part;
    }
    return a;
  }
};

}  // namespace rnnscope
