// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The baseline of the n-gram paper: token-level features as they are, but one A for all tokens.
#pragma once

#include <array>
#include <string_view>

#include "rnnscope/core/numeric.hpp"
#include "rnnscope/expand/coefficients.hpp"

namespace rnnscope {

namespace detail {
/// "simplified_" and the name of E.
template <class E>
struct SimplifiedName {
  static constexpr std::string_view prefix = "simplified_";
  static constexpr auto text = [] {
    std::array<char, prefix.size() + E::name.size()> all{};
    for (std::size_t k = 0; k < all.size(); ++k) {
      all[k] = k < prefix.size() ? prefix[k] : E::name[k - prefix.size()];
    }
    return all;
  }();
};
}  // namespace detail

/// g(x_t) of the token expansion E, and its A at x = 0 (so only biases and W_hh are in it):
///
///     h_t = g(x_t) + A(0) h_{t-1}
///
/// Without biases and with Maclaurin, A(0) = 1/2 I + 1/4 W_hn for the GRU, W_hh for the Elman cell, and
/// [[1/4 W_hg, 1/4 I], [1/2 W_hg, 1/2 I]] on [h; c] for the LSTM. What x_t does to A is left to the residual:
/// how much an n-gram owes to the order and kind of its tokens shows in what this baseline loses. Source:
/// "Simplified" in section 5.2 of "Sequence-level features: how GRU and LSTM cells capture n-grams".
template <class E>
struct Simplified {
  static constexpr std::string_view name{detail::SimplifiedName<E>::text.data(),
                                         detail::SimplifiedName<E>::text.size()};

  E expansion{};

  template <class Cell>
  requires TokenExpansion<E, Cell>
  [[nodiscard]] RNNSCOPE_INLINE UnitCoefficients<Cell> coefficients(const TokenInput<Cell>& in) const {
    TokenInput<Cell> without = in;
    without.a = {};
    UnitCoefficients<Cell> out = expansion.coefficients(without);
    out.g = expansion.coefficients(in).g;
    return out;
  }

  /// Those of E: the terms of first order that A(0) misses are in the rest.
  template <class Cell>
  requires OrderedExpansion<E, Cell>
  [[nodiscard]] RNNSCOPE_INLINE HigherOrders<Cell> higher_orders(const CellInput<Cell>& in) const {
    return expansion.higher_orders(in);
  }

  /// The gradient of `coefficients`: g goes back at x, A at x = 0 and so to the biases alone.
  template <class Cell>
  requires TrainableExpansion<E, Cell>
  [[nodiscard]] RNNSCOPE_INLINE TokenGradient<Cell> backward(const TokenInput<Cell>& in,
                                                             const UnitCoefficients<Cell>& d) const {
    TokenInput<Cell> without = in;
    without.a = {};
    UnitCoefficients<Cell> d_g, d_a = d;
    d_g.g = d.g;
    d_a.g = {};
    TokenGradient<Cell> out = expansion.backward(in, d_g);
    const TokenGradient<Cell> at_zero = expansion.backward(without, d_a);
    for (std::size_t k = 0; k < out.a.size(); ++k) {
      out.b_ih[k] += at_zero.b_ih[k];
      out.b_hh[k] += at_zero.b_hh[k];
    }
    return out;
  }
};

}  // namespace rnnscope
