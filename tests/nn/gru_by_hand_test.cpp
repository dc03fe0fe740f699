// SPDX-License-Identifier: BSD-3-Clause
// The GRU of docs/gru_by_hand.md, which shows `gru_by_hand` as it stands here.
#include <doctest/doctest.h>

#include <cmath>

#include "rnnscope/nn/gru.hpp"
#include "support.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

namespace {

struct Weights {  // of one unit that reads one number; a gradient is another Weights
  double w_ir, w_iz, w_in, w_hr, w_hz, w_hn;
  double b_ir, b_iz, b_in, b_hr, b_hz, b_hn;
};

/// Runs over x_1 .. x_T from h_0; given dL/dh_t for every t, returns dL/dWeights and writes dL/dx_t and
/// dL/dh_0.
Weights gru_by_hand(const Weights& w, const std::vector<double>& x, double h_0,
                    const std::vector<double>& d_out, std::vector<double>& h, std::vector<double>& d_x,
                    double& d_h_0) {
  const std::size_t steps = x.size();
  const auto logistic = [](double v) { return 1 / (1 + std::exp(-v)); };
  std::vector<double> r(steps), z(steps), n(steps), s(steps);  // the tape
  h.assign(steps, 0);
  for (std::size_t t = 0; t < steps; ++t) {
    const double before = t == 0 ? h_0 : h[t - 1];
    r[t] = logistic(w.w_ir * x[t] + w.b_ir + w.w_hr * before + w.b_hr);
    z[t] = logistic(w.w_iz * x[t] + w.b_iz + w.w_hz * before + w.b_hz);
    s[t] = w.w_hn * before + w.b_hn;
    n[t] = std::tanh(w.w_in * x[t] + w.b_in + r[t] * s[t]);
    h[t] = (1 - z[t]) * n[t] + z[t] * before;
  }
  Weights d{};
  d_x.assign(steps, 0);
  double d_h = 0;  // what arrives at h_t from the steps after t
  for (std::size_t t = steps; t-- > 0;) {
    const double before = t == 0 ? h_0 : h[t - 1];
    d_h += d_out[t];
    const double d_an = d_h * (1 - z[t]) * (1 - n[t] * n[t]);
    const double d_az = d_h * (before - n[t]) * z[t] * (1 - z[t]);
    const double d_ar = d_an * s[t] * r[t] * (1 - r[t]);
    const double d_s = d_an * r[t];
    d.w_ir += d_ar * x[t], d.b_ir += d_ar, d.w_hr += d_ar * before, d.b_hr += d_ar;
    d.w_iz += d_az * x[t], d.b_iz += d_az, d.w_hz += d_az * before, d.b_hz += d_az;
    d.w_in += d_an * x[t], d.b_in += d_an, d.w_hn += d_s * before, d.b_hn += d_s;
    d_x[t] = w.w_ir * d_ar + w.w_iz * d_az + w.w_in * d_an;
    d_h = z[t] * d_h + w.w_hr * d_ar + w.w_hz * d_az + w.w_hn * d_s;
  }
  d_h_0 = d_h;
  return d;
}

}  // namespace

TEST_CASE("the GRU of the page, one unit over six steps, is the GRU of the library") {
  Random random(27);
  Parameters<double> parameters;
  const Recurrent<Gru<double>> layer(parameters, {.input_size = 1, .hidden_size = 1});
  randomise(parameters, random, 1.5);
  const Vector<double> p = parameters.flat();
  const Weights w{p(0), p(1), p(2), p(3), p(4), p(5), p(6), p(7), p(8), p(9), p(10), p(11)};
  const Matrix<double> x = random_matrix<double>(1, 6, random), d_out = random_matrix<double>(1, 6, random);
  const LayerState<Gru<double>> start{Matrix<double>::Constant(1, 1, 0.4)};
  std::vector<double> h, d_x;
  double d_h_0 = 0;
  const Weights d =
      gru_by_hand(w, {x.data(), x.data() + 6}, 0.4, {d_out.data(), d_out.data() + 6}, h, d_x, d_h_0);

  const auto layout = PackedLayout::uniform(6, 1);
  Tape<Gru<double>> tape;
  layer.forward(parameters, layout, DenseInput<double>(x), start, tape);
  Parameters<double> gradient = parameters.zeros_like();
  Matrix<double> found_d_x = Matrix<double>::Zero(1, 6);
  MatrixRef<double> found_d_x_ref(found_d_x);
  const auto d_start = layer.backward(parameters, layout, DenseInput<double>(x), tape, d_out,
                                      layer.zero_state(1), gradient, &found_d_x_ref);
  for (Index t = 0; t < 6; ++t) {
    CHECK(std::abs(tape.hidden()(0, t) - h[static_cast<std::size_t>(t)]) < 1e-14);
    CHECK(std::abs(found_d_x(0, t) - d_x[static_cast<std::size_t>(t)]) < 1e-14);
  }
  CHECK(std::abs(d_start[0](0, 0) - d_h_0) < 1e-14);
  const Vector<double> expected = (Vector<double>(12) << d.w_ir, d.w_iz, d.w_in, d.w_hr, d.w_hz, d.w_hn, d.b_ir,
                                   d.b_iz, d.b_in, d.b_hr, d.b_hz, d.b_hn)
                                      .finished();
  CHECK((gradient.flat() - expected).cwiseAbs().maxCoeff() < 1e-14);
  CHECK(expected.cwiseAbs().minCoeff() > 1e-4);  // nothing is right by being zero
}
