// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A random layer for the tests of expansions, and its step written down a second time, with any activations.
#pragma once

#include <cmath>
#include <complex>
#include <limits>
#include <type_traits>

#include "rnnscope/core/random.hpp"
#include "rnnscope/expand/ngram_unroller.hpp"
#include "rnnscope/nn/elman.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"
#include "rnnscope/nn/recurrent.hpp"

namespace expansion_test {

using namespace rnnscope;

template <class S>
Matrix<S> random_matrix(Random& random, Index rows, Index cols, double bound = 1.0) {
  Matrix<S> result(rows, cols);
  for (Index k = 0; k < result.size(); ++k) result.data()[k] = static_cast<S>(random.uniform(-bound, bound));
  return result;
}

/// A layer whose weights and biases (b_hn included) are all random.
template <class Cell>
struct Example {
  using Scalar = typename Cell::Scalar;

  Parameters<Scalar> parameters;
  Recurrent<Cell> layer;
  Matrix<Scalar> x;
  LayerState<Cell> initial;
  Matrix<Scalar> weight, bias;  // read-out

  explicit Example(Index hidden = 6, Index length = 7, Index labels = 3, std::uint64_t seed = 5)
      : layer(parameters, {.input_size = 4, .hidden_size = hidden}) {
    Random random(seed);
    for (const Tensor tensor : {layer.weight_ih(), layer.weight_hh(), layer.bias_ih(), layer.bias_hh()}) {
      const Matrix<Scalar> values =
          random_matrix<Scalar>(random, parameters[tensor].rows(), parameters[tensor].cols(), 0.6);
      parameters[tensor] = values;
    }
    x = random_matrix<Scalar>(random, 4, length);
    for (auto& part : initial) part = random_matrix<Scalar>(random, hidden, 1);
    weight = random_matrix<Scalar>(random, labels, hidden);
    bias = random_matrix<Scalar>(random, labels, 1);
  }
};

/// Tolerance of sums of a few dozen terms of size about one.
template <class S>
constexpr double tolerance() {
  return std::is_same_v<S, float> ? 2e-5 : 1e-12;
}

struct TrueActivations {
  template <class S>
  S sigmoid(S u) const {
    return S(1) / (S(1) + std::exp(-u));
  }
  template <class S>
  S tanh(S u) const {
    return std::tanh(u);
  }
};

/// sigmoid u -> 1/2 + u/4, tanh u -> u.
struct LinearActivations {
  template <class S>
  S sigmoid(S u) const {
    return S(0.5) + S(0.25) * u;
  }
  template <class S>
  S tanh(S u) const {
    return u;
  }
};

/// One step of a layer: state [h] or [h; c] to state, written without the library.
template <class Cell, class S, class Activations>
Vector<S> step(const Example<Cell>& example, const Vector<double>& x, const Vector<S>& state,
               const Activations& act) {
  const auto& p = example.parameters;
  const Index d = example.layer.hidden_size();
  const auto cast = [&](Tensor tensor) { return Matrix<S>(p[tensor].template cast<S>()); };
  const Vector<S> h = state.head(d);
  const Vector<S> a = cast(example.layer.weight_ih()) * x.cast<S>() + cast(example.layer.bias_ih()).col(0);
  const Vector<S> q = cast(example.layer.weight_hh()) * h + cast(example.layer.bias_hh()).col(0);
  Vector<S> next(state.size());
  for (Index u = 0; u < d; ++u) {
    if constexpr (gate_count<Cell> == 1) {
      next(u) = act.tanh(a(u) + q(u));
    } else if constexpr (gate_count<Cell> == 3) {
      const S r = act.sigmoid(a(u) + q(u)), z = act.sigmoid(a(d + u) + q(d + u));
      const S n = act.tanh(a(2 * d + u) + r * q(2 * d + u));
      next(u) = (S(1) - z) * n + z * h(u);
    } else {
      const S i = act.sigmoid(a(u) + q(u)), f = act.sigmoid(a(d + u) + q(d + u));
      const S g = act.tanh(a(2 * d + u) + q(2 * d + u)), o = act.sigmoid(a(3 * d + u) + q(3 * d + u));
      const S c = f * state(d + u) + i * g;
      next(u) = o * act.tanh(c);
      next(d + u) = c;
    }
  }
  return next;
}

/// d step / d state at `state`, by complex steps: exact to rounding.
template <class Cell, class Activations>
Matrix<double> jacobian(const Example<Cell>& example, const Vector<double>& x, const Vector<double>& state,
                        const Activations& act) {
  Matrix<double> result(state.size(), state.size());
  for (Index j = 0; j < state.size(); ++j) {
    Vector<std::complex<double>> shifted = state.cast<std::complex<double>>();
    shifted(j) += std::complex<double>(0, 1e-30);
    result.col(j) = step(example, x, shifted, act).imag() / 1e-30;
  }
  return result;
}

/// States stacked to one vector, [h] or [h; c].
template <class Cell>
Vector<double> stacked(const LayerState<Cell>& state, Index column) {
  const Index d = state[0].rows();
  Vector<double> result(static_cast<Index>(state.size()) * d);
  for (std::size_t k = 0; k < state.size(); ++k)
    result.segment(static_cast<Index>(k) * d, d) = state[k].col(column).template cast<double>();
  return result;
}

template <class A, class B>
double difference(const A& a, const B& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) return std::numeric_limits<double>::infinity();
  return a.size() == 0 ? 0.0 : static_cast<double>((a - b).cwiseAbs().maxCoeff());
}

}  // namespace expansion_test
