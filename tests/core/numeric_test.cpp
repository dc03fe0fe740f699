// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/core/numeric.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstring>
#include <limits>
#include <vector>

using namespace rnnscope;

namespace {

/// Distance from the true value in units in the last place of the result.
template <class S>
double ulps(S found, long double expected) {
  int exponent = 0;
  std::frexp(static_cast<S>(expected), &exponent);
  const int lowest = std::numeric_limits<S>::min_exponent;
  const long double ulp = std::ldexp(1.0L, std::max(exponent, lowest) - std::numeric_limits<S>::digits);
  return static_cast<double>(std::abs(static_cast<long double>(found) - expected) / ulp);
}

/// `count` points spread over [low, high], off any round grid.
template <class S>
std::vector<S> points(double low, double high, int count) {
  std::vector<S> x;
  for (int k = 0; k < count; ++k) x.push_back(static_cast<S>(low + (high - low) * (k + 0.37) / count));
  return x;
}

/// The largest error of `function` against `truth` on the points.
template <class S, class Function, class Truth>
double worst(const std::vector<S>& x, Function function, Truth truth) {
  double result = 0;
  for (const S each : x) result = std::max(result, ulps(function(each), truth(static_cast<long double>(each))));
  return result;
}

// Plain functions, to be passed on.
template <class S>
S our_exp(S x) {
  return exp_value(x);
}
template <class S>
S our_sigmoid(S x) {
  return sigmoid(x);
}
template <class S>
S our_tanh(S x) {
  return tanh_value(x);
}

long double true_sigmoid(long double x) { return 1 / (1 + std::exp(-x)); }
template <class S>
constexpr double far_exp = std::same_as<S, float> ? 87.0 : 708.0;

}  // namespace

TEST_CASE_TEMPLATE("exp is within 2 ULP", S, float, double) {
  const auto truth = [](long double x) { return std::exp(x); };
  for (const double edge : {1e-3, 1.0, 20.0, far_exp<S>}) {
    CHECK(worst(points<S>(-edge, edge, 100000), our_exp<S>, truth) < 2.0);
  }
  CHECK(exp_value(S(0)) == S(1));
}

TEST_CASE_TEMPLATE("sigmoid is within 4 ULP", S, float, double) {
  for (const double edge : {1e-3, 1.0, 20.0, far_exp<S>}) {
    CHECK(worst(points<S>(-edge, edge, 100000), our_sigmoid<S>, true_sigmoid) < 4.0);
  }
  CHECK(sigmoid(S(0)) == S(0.5));
}

TEST_CASE_TEMPLATE("tanh is within 4 ULP", S, float, double) {
  const auto truth = [](long double x) { return std::tanh(x); };
  for (const double edge : {1e-30, 1e-3, 0.624, 0.626, 2.0, 20.0}) {
    CHECK(worst(points<S>(-edge, edge, 100000), our_tanh<S>, truth) < 4.0);
  }
  CHECK(tanh_value(S(0)) == S(0));
}

TEST_CASE_TEMPLATE("the bounds hold around every power of two, where polynomials meet", S, float, double) {
  const auto tanh_truth = [](long double x) { return std::tanh(x); };
  const auto exp_truth = [](long double x) { return std::exp(x); };
  std::vector<S> x;
  for (int n = -100; n <= 100; ++n) {
    const S middle = static_cast<S>((n + 0.5) * 0.6931471805599453);  // the reduction of exp switches here
    for (const S each : {middle, std::nextafter(middle, S(1000)), std::nextafter(middle, S(-1000))})
      x.push_back(each);
  }
  for (const S each : {S(0.625), std::nextafter(S(0.625), S(0)), S(-0.625)}) x.push_back(each);
  CHECK(worst(x, our_exp<S>, exp_truth) < 2.0);
  CHECK(worst(x, our_sigmoid<S>, true_sigmoid) < 4.0);
  CHECK(worst(x, our_tanh<S>, tanh_truth) < 4.0);
}

TEST_CASE_TEMPLATE("a vectorised loop gives the bits of single calls", S, float, double) {
  for (const int count : {1, 3, 15, 16, 17, 1001}) {
    const std::vector<S> x = points<S>(-30, 30, count);
    const auto size = x.size();
    std::vector<S> e(size), s(size), t(size);
    RNNSCOPE_SIMD_LOOP
    for (std::size_t k = 0; k < size; ++k) {
      e[k] = exp_value(x[k]);
      s[k] = sigmoid(x[k]);
      t[k] = tanh_value(x[k]);
    }
    for (std::size_t k = 0; k < size; ++k) {
      const volatile S one = x[k];  // not foldable, not vectorisable
      const S single[] = {exp_value(S(one)), sigmoid(S(one)), tanh_value(S(one))};
      const S vector[] = {e[k], s[k], t[k]};
      CHECK(std::memcmp(single, vector, sizeof single) == 0);
    }
  }
}

TEST_CASE_TEMPLATE("special values", S, float, double) {
  using Limits = std::numeric_limits<S>;
  const S inf = Limits::infinity();
  CHECK(std::isnan(exp_value(Limits::quiet_NaN())));
  CHECK(std::isnan(sigmoid(Limits::quiet_NaN())));
  CHECK(std::isnan(tanh_value(Limits::quiet_NaN())));

  CHECK(std::isfinite(exp_value(inf)));
  CHECK(exp_value(inf) > Limits::max() / 100);
  CHECK(exp_value(-inf) >= Limits::min());
  CHECK(exp_value(-inf) < 100 * Limits::min());
  CHECK(sigmoid(inf) == S(1));
  CHECK(sigmoid(-inf) >= S(0));
  CHECK(sigmoid(-inf) < Limits::min());
  CHECK(tanh_value(inf) == S(1));
  CHECK(tanh_value(-inf) == S(-1));
  CHECK(tanh_value(Limits::max()) == S(1));
  CHECK(tanh_value(Limits::lowest()) == S(-1));

  for (const S tiny : {Limits::denorm_min(), Limits::min() / 2, Limits::min()}) {
    CHECK(exp_value(tiny) == S(1));
    CHECK(sigmoid(tiny) == S(0.5));
    CHECK(tanh_value(tiny) == tiny);
    CHECK(tanh_value(-tiny) == -tiny);
  }
}

TEST_CASE_TEMPLATE("tanh is odd, sigmoid and tanh never leave their range", S, float, double) {
  for (const S x : points<S>(0, 40, 5000)) {
    CHECK(tanh_value(-x) == -tanh_value(x));
    CHECK(tanh_value(x) <= S(1));
    CHECK(sigmoid(x) <= S(1));
    CHECK(sigmoid(-x) > S(0));
  }
}

// f(x + ih) = f(x) + i h f'(x) + O(h^2): with h = 1e-30 the derivative is exact to rounding.
TEST_CASE("complex-step derivatives of sigmoid and tanh are the analytic ones") {
  using C = std::complex<double>;
  static_assert(is_complex_v<C> && !is_complex_v<double>);
  const double h = 1e-30;
  for (const double x : {-7.5, -1.0, -0.3, 0.0, 0.2, 0.9, 4.0}) {
    const double s = sigmoid(x), t = tanh_value(x);
    CHECK(sigmoid(C(x, h)).imag() / h == doctest::Approx(s * (1 - s)).epsilon(1e-14));
    CHECK(tanh_value(C(x, h)).imag() / h == doctest::Approx(1 - t * t).epsilon(1e-13));
    CHECK(exp_value(C(x, h)).imag() / h == doctest::Approx(std::exp(x)).epsilon(1e-14));
  }
}

TEST_CASE("long double uses the standard functions") {
  CHECK(sigmoid(1.5L) == true_sigmoid(1.5L));
  CHECK(tanh_value(0.7L) == std::tanh(0.7L));
}

TEST_CASE_TEMPLATE("log_sum_exp", S, float, double) {
  const double tolerance = 4 * static_cast<double>(std::numeric_limits<S>::epsilon());
  Vector<S> v(4);
  v << S(0.5), S(-1), S(2), S(0);
  const double plain = std::log(std::exp(0.5) + std::exp(-1.0) + std::exp(2.0) + 1.0);
  CHECK(static_cast<double>(log_sum_exp(v)) == doctest::Approx(plain).epsilon(tolerance));
  const Vector<S> shifted = v.array() + S(1000);  // the plain sum would overflow
  CHECK(static_cast<double>(log_sum_exp(shifted)) == doctest::Approx(plain + 1000).epsilon(tolerance));
  const Vector<S> one = Vector<S>::Constant(1, S(-3.25));
  CHECK(log_sum_exp(one) == S(-3.25));
  const Vector<S> equal = Vector<S>::Constant(8, S(5));
  CHECK(static_cast<double>(log_sum_exp(equal)) == doctest::Approx(5 + std::log(8.0)).epsilon(tolerance));
  v(2) = -std::numeric_limits<S>::infinity();
  const double rest = std::log(std::exp(0.5) + std::exp(-1.0) + 1.0);
  CHECK(static_cast<double>(log_sum_exp(v)) == doctest::Approx(rest).epsilon(tolerance));
}

TEST_CASE("the complex-step derivative of log_sum_exp is the softmax") {
  using C = std::complex<double>;
  Vector<C> v(3);
  v << C(0.3), C(-1.2), C(0.8);
  v(1) += C(0, 1e-30);
  const double sum = std::exp(0.3) + std::exp(-1.2) + std::exp(0.8);
  CHECK(log_sum_exp(v).imag() / 1e-30 == doctest::Approx(std::exp(-1.2) / sum).epsilon(1e-14));
}
