// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A step of a cell as a power series in the size of the previous state: the orders beyond the first.
#pragma once

#include "rnnscope/core/numeric.hpp"
#include "rnnscope/expand/coefficients.hpp"
#include "rnnscope/nn/elman.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"

namespace rnnscope {

namespace detail {

/// k0 + k1 s + k2 s^2 + k3 s^3; higher powers are dropped.
template <class S>
struct CubicSeries {
  S k0{}, k1{}, k2{}, k3{};

  RNNSCOPE_INLINE friend CubicSeries operator+(const CubicSeries& a, const CubicSeries& b) {
    return {a.k0 + b.k0, a.k1 + b.k1, a.k2 + b.k2, a.k3 + b.k3};
  }
  RNNSCOPE_INLINE friend CubicSeries operator-(const CubicSeries& a, const CubicSeries& b) {
    return {a.k0 - b.k0, a.k1 - b.k1, a.k2 - b.k2, a.k3 - b.k3};
  }
  RNNSCOPE_INLINE friend CubicSeries operator*(const CubicSeries& a, const CubicSeries& b) {
    return {a.k0 * b.k0, a.k0 * b.k1 + a.k1 * b.k0, a.k0 * b.k2 + a.k1 * b.k1 + a.k2 * b.k0,
            a.k0 * b.k3 + a.k1 * b.k2 + a.k2 * b.k1 + a.k3 * b.k0};
  }
  /// F(*this), given F and its derivatives at k0.
  [[nodiscard]] RNNSCOPE_INLINE CubicSeries composed(S value, S first, S second, S third) const {
    return {value, first * k1, first * k2 + S(0.5) * second * k1 * k1,
            first * k3 + second * k1 * k2 + third * k1 * k1 * k1 / S(6)};
  }
};

/// sigmoid u -> 1/2 + u/4, tanh u -> u.
struct LinearisedActivations {
  template <class S>
  RNNSCOPE_INLINE static CubicSeries<S> sigmoid_of(const CubicSeries<S>& u) {
    return {S(0.5) + S(0.25) * u.k0, S(0.25) * u.k1, S(0.25) * u.k2, S(0.25) * u.k3};
  }
  template <class S>
  RNNSCOPE_INLINE static CubicSeries<S> tanh_of(const CubicSeries<S>& u) {
    return u;
  }
};

struct ExactActivations {
  template <class S>
  RNNSCOPE_INLINE static CubicSeries<S> sigmoid_of(const CubicSeries<S>& u) {
    const S y = sigmoid(u.k0), d = y * (S(1) - y);
    return u.composed(y, d, d * (S(1) - S(2) * y), d * (S(1) - S(6) * d));
  }
  template <class S>
  RNNSCOPE_INLINE static CubicSeries<S> tanh_of(const CubicSeries<S>& u) {
    const S y = tanh_value(u.k0), d = S(1) - y * y;
    return u.composed(y, d, S(-2) * y * d, d * (S(6) * y * y - S(2)));
  }
};

/// W_ih x + b_ih + s W_hh h + b_hh of gate k.
template <class Cell>
RNNSCOPE_INLINE CubicSeries<typename Cell::Scalar> gate_series(const CellInput<Cell>& in, std::size_t k) {
  return {in.a[k] + in.b_ih[k] + in.b_hh[k], in.q[k]};
}

template <class Activations, class S>
RNNSCOPE_INLINE std::array<CubicSeries<S>, 1> path_series(const CellInput<Elman<S>>& in) {
  return {Activations::tanh_of(gate_series(in, 0))};
}

template <class Activations, class S>
RNNSCOPE_INLINE std::array<CubicSeries<S>, 1> path_series(const CellInput<Gru<S>>& in) {
  const CubicSeries<S> r = Activations::sigmoid_of(gate_series(in, 0));
  const CubicSeries<S> z = Activations::sigmoid_of(gate_series(in, 1));
  const CubicSeries<S> inner{in.b_hh[2], in.q[2]}, outer{in.a[2] + in.b_ih[2]}, h{S(0), in.previous[0]};
  const CubicSeries<S> n = Activations::tanh_of(outer + r * inner);
  return {n + z * (h - n)};
}

template <class Activations, class S>
RNNSCOPE_INLINE std::array<CubicSeries<S>, 2> path_series(const CellInput<Lstm<S>>& in) {
  const CubicSeries<S> i = Activations::sigmoid_of(gate_series(in, 0));
  const CubicSeries<S> f = Activations::sigmoid_of(gate_series(in, 1));
  const CubicSeries<S> u = Activations::tanh_of(gate_series(in, 2));
  const CubicSeries<S> o = Activations::sigmoid_of(gate_series(in, 3));
  const CubicSeries<S> c = f * CubicSeries<S>{S(0), in.previous[1]} + i * u;
  return {o * Activations::tanh_of(c), c};
}

/// The terms of order 2 and 3 of  s -> cell(x, s * state), which are those of second and third order in the
/// state. With LinearisedActivations the cell is a polynomial of third order, so nothing is above them.
template <class Activations, class Cell>
RNNSCOPE_INLINE HigherOrders<Cell> orders_along_path(const CellInput<Cell>& in) {
  const auto series = path_series<Activations>(in);
  HigherOrders<Cell> out;
  for (std::size_t s = 0; s < series.size(); ++s) {
    out.second[s] = series[s].k2;
    out.third[s] = series[s].k3;
  }
  return out;
}

}  // namespace detail

}  // namespace rnnscope
