// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Numerical derivatives for checking handwritten gradients, ours or a user's.
#pragma once

#include <algorithm>
#include <cmath>
#include <complex>

#include "rnnscope/core/types.hpp"

namespace rnnscope {

/// Complex-step derivative of a real analytic function: d f / d x_k = Im f(x + i h e_k) / h, free of
/// cancellation. `f` maps a complex vector to a complex number. Accurate to rounding. Cost: one call per entry.
template <class Function>
[[nodiscard]] Vector<double> complex_step_gradient(Function&& f, const Vector<double>& x) {
  constexpr double h = 1e-30;
  Vector<std::complex<double>> moved = x.template cast<std::complex<double>>();
  Vector<double> gradient(x.size());
  for (Index k = 0; k < x.size(); ++k) {
    moved(k) = {x(k), h};
    gradient(k) = std::complex<double>(f(moved)).imag() / h;
    moved(k) = x(k);
  }
  return gradient;
}

/// Central differences (f(x + h e_k) - f(x - h e_k)) / 2h, for functions that are not analytic.
template <class Function>
[[nodiscard]] Vector<double> central_difference_gradient(Function&& f, const Vector<double>& x,
                                                         double h = 1e-5) {
  Vector<double> moved = x, gradient(x.size());
  for (Index k = 0; k < x.size(); ++k) {
    moved(k) = x(k) + h;
    const double above = f(moved);
    moved(k) = x(k) - h;
    gradient(k) = (above - f(moved)) / (2 * h);
    moved(k) = x(k);
  }
  return gradient;
}

/// max_k |a_k - b_k| / max(1, |a|_inf, |b|_inf): how far two gradients are apart.
[[nodiscard]] inline double gradient_error(const Vector<double>& a, const Vector<double>& b) {
  if (a.size() == 0) return 0;
  const double scale = std::max({1.0, a.cwiseAbs().maxCoeff(), b.cwiseAbs().maxCoeff()});
  return (a - b).cwiseAbs().maxCoeff() / scale;
}

}  // namespace rnnscope
