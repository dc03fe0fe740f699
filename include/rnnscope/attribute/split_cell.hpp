// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// One step of each cell on split numbers: the rules of contextual decomposition.
#pragma once

#include <array>

#include "rnnscope/attribute/split_value.hpp"
#include "rnnscope/nn/elman.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"

namespace rnnscope {

/// W_ih x + b_ih and W_hh h + b_hh of one unit, gate by gate, and its previous state, split.
template <class Cell>
struct SplitInput {
  using Value = Split<typename Cell::Scalar>;
  std::array<Value, Cell::gate_names.size()> a, q;
  std::array<Value, static_cast<std::size_t>(Cell::states)> previous;
  bool in_phrase = false;  ///< whether the token of this step is in the phrase
};

/// The new state of one unit. What the biases of a step cause alone belongs to the token of that step.
template <class Cell>
using SplitState = std::array<Split<typename Cell::Scalar>, static_cast<std::size_t>(Cell::states)>;

/// h = tanh(a + q).
template <class S>
[[nodiscard]] RNNSCOPE_INLINE SplitState<Elman<S>> split_step(const SplitInput<Elman<S>>& in) {
  return {split_tanh(in.a[0] + in.q[0]).settled(in.in_phrase)};
}

/// h = (1 - z) n + z h',  n = tanh(a_n + r q_n): the LSTM's rules, applied to the GRU's sums and products.
template <class S>
[[nodiscard]] RNNSCOPE_INLINE SplitState<Gru<S>> split_step(const SplitInput<Gru<S>>& in) {
  const Split<S> r = split_sigmoid(in.a[0] + in.q[0]), z = split_sigmoid(in.a[1] + in.q[1]);
  const Split<S> n = split_tanh(in.a[2] + r * in.q[2]);
  return {(complement(z) * n + z * in.previous[0]).settled(in.in_phrase)};
}

/// c = f c' + i g and h = o tanh(c); the output gate is a factor like any other number, not split.
template <class S>
[[nodiscard]] RNNSCOPE_INLINE SplitState<Lstm<S>> split_step(const SplitInput<Lstm<S>>& in) {
  const Split<S> i = split_sigmoid(in.a[0] + in.q[0]), f = split_sigmoid(in.a[1] + in.q[1]);
  const Split<S> g = split_tanh(in.a[2] + in.q[2]);
  const S o = sigmoid((in.a[3] + in.q[3]).total());
  const Split<S> c = (i * g + f * in.previous[1]).settled(in.in_phrase);
  return {o * split_tanh(c), c};
}

}  // namespace rnnscope
