// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A cell whose state is nothing but n-grams: the expansion of another cell, trained in its place.
#pragma once

#include <algorithm>
#include <complex>
#include <string_view>

#include "rnnscope/core/numeric.hpp"
#include "rnnscope/expand/coefficients.hpp"
#include "rnnscope/expand/maclaurin.hpp"
#include "rnnscope/expand/ngram_cell_options.hpp"
#include "rnnscope/nn/cell.hpp"

namespace rnnscope {

namespace detail {

/// The names that an n-gram cell takes from its cell and its expansion, put together at compile time.
template <class Cell, class Expansion>
struct NgramCellNames {
  static constexpr std::size_t states = static_cast<std::size_t>(Cell::states);
  static constexpr std::size_t gates = Cell::gate_names.size();

  static constexpr auto name_text = [] {
    constexpr std::array<std::string_view, 4> parts{"ngram-", Cell::name, "-", Expansion::name};
    std::array<char, parts[0].size() + parts[1].size() + parts[2].size() + parts[3].size()> text{};
    auto at = text.begin();
    for (const std::string_view part : parts) at = std::copy(part.begin(), part.end(), at);
    return text;
  }();
  static constexpr std::string_view name{name_text.data(), name_text.size()};

  static constexpr std::size_t longest = [] {
    std::size_t size = 0;
    for (const std::string_view gate : Cell::gate_names) size = std::max(size, gate.size());
    return size;
  }();
  static constexpr auto channel_text = [] {
    std::array<std::array<char, longest + 2>, 2 * gates> text{};
    for (std::size_t k = 0; k < 2 * gates; ++k) {
      const std::string_view gate = Cell::gate_names[k % gates];
      text[k][0] = k < gates ? 'x' : 'h';
      text[k][1] = '_';
      std::copy(gate.begin(), gate.end(), text[k].begin() + 2);
    }
    return text;
  }();
  static constexpr auto channels = [] {
    std::array<std::string_view, states + 2 * gates> names{};
    for (std::size_t s = 0; s < states; ++s) names[s] = Cell::channel_names[s];
    for (std::size_t k = 0; k < 2 * gates; ++k)
      names[states + k] = {channel_text[k].data(), Cell::gate_names[k % gates].size() + 2};
    return names;
  }();
};

}  // namespace detail

/// One step of `Cell`, expanded:
///
///     state_t = g(x_t) + A(x_t) state_{t-1}                              state = h, or (h, c)
///
/// so that after T steps from a zero state  h_T = g(x_T) + sum_{i<T} Phi(i..T): the sum of all n-grams that end
/// at T, the same that NgramUnroller gives without its residual. No gate ever sees the state: the recurrence is
/// linear in it. Parameters, names and shapes are those of `Cell`, so its trained weights load into this one.
///
/// A cell like the others: Recurrent, Stack, LanguageModel and SequenceClassifier take it. Backward is written
/// by hand from that of the expansion. Tape: the states, then W_ih x ("x_r", ...) and W_hh h ("h_r", ...) per
/// gate.
///
/// Some weights of `Cell` have no part in it and get no gradient: W_hf of the LSTM (and W_hr of the GRU, where
/// b_hn = 0), since f multiplies c_{t-1} alone at first order.
///
/// Source: "Sequence-level features: how GRU and LSTM cells capture n-grams", section 5.2; X. Sun and W. Lu,
/// "Implicit n-grams induced by recurrence", NAACL 2022 (there: MVMA with all terms, MVM with the longest
/// only).
///
/// \code
///   using Cell = rnnscope::NgramCell<rnnscope::Gru<float>, rnnscope::Origin>;
///   rnnscope::LanguageModel<Cell> model({.vocabulary_size = 1000, .layers = 1});
///   rnnscope::LanguageModel<Cell> clamped({.vocabulary_size = 1000}, Cell({.clamp = 3}));
/// \endcode
template <class Cell, class Expansion = Maclaurin>
class NgramCell {
 public:
  using Scalar = typename Cell::Scalar;
  template <class Other>
  using rebind = NgramCell<typename Cell::template rebind<Other>, Expansion>;
  static constexpr std::string_view name = detail::NgramCellNames<Cell, Expansion>::name;
  static constexpr int states = Cell::states;
  static constexpr auto gate_names = Cell::gate_names;
  static constexpr auto channel_names = detail::NgramCellNames<Cell, Expansion>::channels;
  static constexpr bool shared_gradient = false;
  static constexpr bool separate_bias_gradient = true;

  static_assert(TrainableExpansion<Expansion, Cell>,
                "rnnscope: an n-gram cell needs a token expansion with `coefficients` and `backward` for this "
                "cell (docs/ngram_cell.md)");

  /// \throws ValueError if the clamp is not positive.
  NgramCell(const NgramCellOptions& options = {}, Expansion expansion = {})
      : expansion_(expansion), options_(options) {
    options.check();
  }

  [[nodiscard]] const NgramCellOptions& options() const { return options_; }
  [[nodiscard]] const Expansion& expansion() const { return expansion_; }

  RNNSCOPE_INLINE void forward(const CellInput<NgramCell>& in, CellTape<NgramCell>& tape) const {
    const auto c = expansion_.coefficients(TokenInput<Cell>{in.a, in.b_ih, in.b_hh});
    const Scalar token_weight = token_weight_at(in.step);
    for (std::size_t s = 0; s < state_count; ++s) {
      Scalar value = token_weight * c.g[s];
      for (std::size_t j = 0; j < state_count; ++j) value += c.diagonal[s][j] * in.previous[j];
      for (std::size_t k = 0; k < gates; ++k) value += c.recurrent[s][k] * in.q[k];
      tape[s] = clamped(value);
    }
    for (std::size_t k = 0; k < gates; ++k) {
      tape[state_count + k] = in.a[k];
      tape[state_count + gates + k] = in.q[k];
    }
  }

  /// With delta_s = dL/d s_t where s_t was not clamped, else 0:
  ///
  ///     d_j     = sum_s diagonal[s][j] * delta_s            (d_h without its part through W_hh h)
  ///     d_q_k   = sum_s recurrent[s][k] * delta_s
  ///     d_coefficients: g[s] delta_s,  diagonal[s][j] delta_s * j_{t-1},  recurrent[s][k] delta_s * q_k
  ///
  /// and from d_coefficients, by the expansion's own backward, the gradients at W_ih x and at both biases.
  RNNSCOPE_INLINE void backward(const CellInput<NgramCell>& in, const CellTape<NgramCell>& tape,
                                const CellState<NgramCell>& d_state, CellGradient<NgramCell>& d) const {
    TokenInput<Cell> token{{}, in.b_ih, in.b_hh};
    for (std::size_t k = 0; k < gates; ++k) token.a[k] = tape[state_count + k];
    const auto c = expansion_.coefficients(token);
    const Scalar token_weight = token_weight_at(in.step);
    UnitCoefficients<Cell> d_coefficients;
    for (std::size_t j = 0; j < state_count; ++j) d.previous[j] = Scalar(0);
    for (std::size_t k = 0; k < gates; ++k) d.q[k] = Scalar(0);
    for (std::size_t s = 0; s < state_count; ++s) {
      const Scalar delta = inside(tape[s]) * d_state[s];
      d_coefficients.g[s] = token_weight * delta;
      for (std::size_t j = 0; j < state_count; ++j) {
        d.previous[j] += c.diagonal[s][j] * delta;
        d_coefficients.diagonal[s][j] = delta * in.previous[j];
      }
      for (std::size_t k = 0; k < gates; ++k) {
        d.q[k] += c.recurrent[s][k] * delta;
        d_coefficients.recurrent[s][k] = delta * tape[state_count + gates + k];
      }
    }
    const TokenGradient<Cell> d_token = expansion_.backward(token, d_coefficients);
    d.a = d_token.a;
    d.b_ih = d_token.b_ih;
    d.b_hh = d_token.b_hh;
  }

 private:
  static constexpr std::size_t state_count = static_cast<std::size_t>(states), gates = gate_names.size();

  // Numbers instead of conditions: a branch would keep the loop over units from being vectorised.

  /// 1 where g(x_t) joins the state, else 0.
  [[nodiscard]] RNNSCOPE_INLINE Scalar token_weight_at(Index step) const {
    return Scalar(options_.terms == NgramTerms::All || step == 0 ? 1.0f : 0.0f);
  }
  [[nodiscard]] RNNSCOPE_INLINE Scalar clamped(const Scalar& value) const {
    const auto bound = static_cast<decltype(std::real(value))>(options_.clamp);
    const Scalar from_above = std::real(value) > bound ? Scalar(bound) : value;
    return std::real(value) < -bound ? Scalar(-bound) : from_above;
  }
  /// 1 for a state that was not clamped, else 0.
  [[nodiscard]] RNNSCOPE_INLINE Scalar inside(const Scalar& value) const {
    const auto bound = static_cast<decltype(std::real(value))>(options_.clamp);
    return Scalar(std::abs(std::real(value)) < bound ? 1.0f : 0.0f);
  }

  Expansion expansion_;
  NgramCellOptions options_;
};

}  // namespace rnnscope
