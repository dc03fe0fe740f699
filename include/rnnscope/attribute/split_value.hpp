// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Numbers in three parts, and how the parts pass through sums, products and activations.
#pragma once

#include "rnnscope/core/numeric.hpp"

namespace rnnscope {

/// A number as the sum of what a phrase caused, what everything else caused, and what biases alone cause.
template <class S>
struct Split {
  S relevant{0}, irrelevant{0}, bias{0};

  [[nodiscard]] RNNSCOPE_INLINE S total() const { return relevant + irrelevant + bias; }

  /// Gives the bias to the phrase or to the rest.
  [[nodiscard]] RNNSCOPE_INLINE Split settled(bool to_phrase) const {
    return {to_phrase ? relevant + bias : relevant, to_phrase ? irrelevant : irrelevant + bias, S(0)};
  }

  [[nodiscard]] RNNSCOPE_INLINE friend Split operator+(const Split& a, const Split& b) {
    return {a.relevant + b.relevant, a.irrelevant + b.irrelevant, a.bias + b.bias};
  }
  [[nodiscard]] RNNSCOPE_INLINE friend Split operator*(S factor, const Split& a) {
    return {factor * a.relevant, factor * a.irrelevant, factor * a.bias};
  }
  /// Terms with an irrelevant factor are irrelevant; of the others, those with a relevant factor are relevant.
  [[nodiscard]] RNNSCOPE_INLINE friend Split operator*(const Split& a, const Split& b) {
    return {a.relevant * (b.relevant + b.bias) + a.bias * b.relevant,
            a.irrelevant * b.total() + (a.relevant + a.bias) * b.irrelevant, a.bias * b.bias};
  }
  /// 1 - a: one is a bias.
  [[nodiscard]] RNNSCOPE_INLINE friend Split complement(const Split& a) {
    return {-a.relevant, -a.irrelevant, S(1) - a.bias};
  }
};

/// f of a split number: the part of each cause is its mean marginal effect over the two orders in which the
/// causes can join the bias,  relevant = (f(r + b) - f(b) + f(r + i + b) - f(i + b)) / 2,  and so on; bias =
/// f(b).
template <class S, class Function>
[[nodiscard]] RNNSCOPE_INLINE Split<S> split_apply(const Split<S>& x, const Function& f) {
  const S with_both = f(x.total()), with_relevant = f(x.relevant + x.bias),
          with_irrelevant = f(x.irrelevant + x.bias), alone = f(x.bias);
  return {S(0.5) * (with_relevant - alone + with_both - with_irrelevant),
          S(0.5) * (with_irrelevant - alone + with_both - with_relevant), alone};
}

template <class S>
[[nodiscard]] RNNSCOPE_INLINE Split<S> split_sigmoid(const Split<S>& x) {
  return split_apply(x, [](S u) { return sigmoid(u); });
}
template <class S>
[[nodiscard]] RNNSCOPE_INLINE Split<S> split_tanh(const Split<S>& x) {
  return split_apply(x, [](S u) { return tanh_value(u); });
}

}  // namespace rnnscope
