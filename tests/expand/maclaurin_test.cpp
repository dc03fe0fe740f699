// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/expand/maclaurin.hpp"

#include <doctest/doctest.h>

#include "expansion_fixture.hpp"

using namespace expansion_test;

namespace {

using Mat = Matrix<double>;
using Vec = Vector<double>;

Mat diag(const Vec& v) { return v.asDiagonal(); }

/// Weights and biases of gate k, and x = W_ik x_t + b_ik + b_hk.
template <class Cell>
struct Gates {
  const Example<Cell>& example;
  Index d = example.layer.hidden_size();

  [[nodiscard]] Mat w(Index k) const {
    return example.parameters[example.layer.weight_hh()].middleRows(k * d, d).template cast<double>();
  }
  [[nodiscard]] Vec b_hh(Index k) const {
    return example.parameters[example.layer.bias_hh()].col(0).segment(k * d, d).template cast<double>();
  }
  [[nodiscard]] Vec input(Index k, Index t) const {  // without b_hh
    return (example.parameters[example.layer.weight_ih()] * example.x.col(t) +
            example.parameters[example.layer.bias_ih()])
        .col(0)
        .segment(k * d, d)
        .template cast<double>();
  }
  [[nodiscard]] Vec folded(Index k, Index t) const { return input(k, t) + b_hh(k); }
};

Vec half(Index d) { return Vec::Constant(d, 0.5); }
Vec ones(Index d) { return Vec::Ones(d); }

}  // namespace

TEST_CASE_TEMPLATE("Maclaurin: g and A are value and Jacobian of the linearised cell at zero", Cell,
                   Elman<double>, Gru<double>, Lstm<double>, Gru<float>, Lstm<float>) {
  const Example<Cell> example;
  const NgramUnroller unroller(example.layer, example.parameters);
  const auto all = unroller.token_coefficients(example.x);
  const double bound = std::is_same_v<typename Cell::Scalar, float> ? 1e-6 : 1e-14;
  for (Index t = 0; t < example.x.cols(); ++t) {
    const Vec x = example.x.col(t).template cast<double>();
    const Vec zero = Vec::Zero(Cell::states * example.layer.hidden_size());
    const Mat a = explicit_transition<Cell>(all, t, example.parameters[example.layer.weight_hh()])
                      .template cast<double>();
    CHECK(difference(a, jacobian(example, x, zero, LinearActivations{})) < bound);
    CHECK(difference(stacked<Cell>(all.g, t), step(example, x, zero, LinearActivations{})) < bound);
  }
}

TEST_CASE("Maclaurin: the GRU's g and A are those of the formulas, b_hn apart") {
  const Example<Gru<double>> example;
  const Gates<Gru<double>> gate{example};
  const Index d = gate.d;
  const auto all = NgramUnroller(example.layer, example.parameters).token_coefficients(example.x);
  for (Index t = 0; t < example.x.cols(); ++t) {
    const Vec beta = gate.b_hh(2), zeta = half(d) + gate.folded(1, t) / 4,
              rho = half(d) + gate.folded(0, t) / 4;
    const Vec nu = gate.input(2, t) + rho.cwiseProduct(beta), rest = ones(d) - zeta;
    const Mat a = diag(zeta) - diag(nu / 4) * gate.w(1) + diag(rest.cwiseProduct(rho)) * gate.w(2) +
                  diag(rest.cwiseProduct(beta) / 4) * gate.w(0);
    CHECK(difference(explicit_transition<Gru<double>>(all, t, example.parameters[example.layer.weight_hh()]),
                     a) < 1e-14);
    CHECK(difference(all.g[0].col(t), rest.cwiseProduct(nu)) < 1e-15);
  }
}

TEST_CASE("Maclaurin: the LSTM's g and A are those of the formulas") {
  const Example<Lstm<double>> example;
  const Gates<Lstm<double>> gate{example};
  const Index d = gate.d;
  const auto all = NgramUnroller(example.layer, example.parameters).token_coefficients(example.x);
  for (Index t = 0; t < example.x.cols(); ++t) {
    const Vec i = half(d) + gate.folded(0, t) / 4, f = half(d) + gate.folded(1, t) / 4, u = gate.folded(2, t),
              o = half(d) + gate.folded(3, t) / 4, g_c = i.cwiseProduct(u);
    const Mat b = diag(f), c_h = diag(u / 4) * gate.w(0) + diag(i) * gate.w(2);
    Mat a(2 * d, 2 * d);  // [h; c]
    a << diag(o) * c_h + diag(g_c / 4) * gate.w(3), diag(o) * b, c_h, b;
    CHECK(difference(explicit_transition<Lstm<double>>(all, t, example.parameters[example.layer.weight_hh()]),
                     a) < 1e-14);
    CHECK(difference(all.g[0].col(t), o.cwiseProduct(g_c)) < 1e-15);
    CHECK(difference(all.g[1].col(t), g_c) < 1e-15);
  }
}

TEST_CASE("Maclaurin: without biases the GRU is equation (10) of the paper") {
  Example<Gru<double>> example;
  example.parameters[example.layer.bias_ih()].setZero();
  example.parameters[example.layer.bias_hh()].setZero();
  const Gates<Gru<double>> gate{example};
  const Index d = gate.d;
  const auto all = NgramUnroller(example.layer, example.parameters).token_coefficients(example.x);
  for (Index t = 0; t < example.x.cols(); ++t) {
    const Vec xr = gate.input(0, t), xz = gate.input(1, t), xn = gate.input(2, t);
    const Mat a = Mat::Identity(d, d) / 2 + gate.w(2) / 4 + diag(xz) / 4 - diag(xn) * gate.w(1) / 4 +
                  diag(xr - xz - xz.cwiseProduct(xr) / 2) * gate.w(2) / 8;
    CHECK(difference(explicit_transition<Gru<double>>(all, t, example.parameters[example.layer.weight_hh()]),
                     a) < 1e-14);
    CHECK(difference(all.g[0].col(t), xn / 2 - xn.cwiseProduct(xz) / 4) < 1e-15);
  }
}

TEST_CASE("Maclaurin: without biases the LSTM is equation (15) of the paper") {
  Example<Lstm<double>> example;
  example.parameters[example.layer.bias_ih()].setZero();
  example.parameters[example.layer.bias_hh()].setZero();
  const Gates<Lstm<double>> gate{example};
  const Index d = gate.d;
  const auto all = NgramUnroller(example.layer, example.parameters).token_coefficients(example.x);
  const Vec two = Vec::Constant(d, 2.0);
  for (Index t = 0; t < example.x.cols(); ++t) {
    const Vec xi = gate.input(0, t), xf = gate.input(1, t), xc = gate.input(2, t), xo = gate.input(3, t);
    const Vec g_c = (xi + two).cwiseProduct(xc) / 4, g_h = (xo + two).cwiseProduct(g_c) / 4;
    const Mat b = diag(xf + two) / 4, dd = diag(xi + two) * gate.w(2) / 4 + diag(xc) * gate.w(0) / 4,
              e = diag(xo + two) * b / 4, f = diag(xo + two) * dd / 4 + diag(g_c) * gate.w(3) / 4;
    Mat a(2 * d, 2 * d);
    a << f, e, dd, b;  // the paper's [c; h] blocks [[B, D], [E, F]] in the order [h; c]
    CHECK(difference(explicit_transition<Lstm<double>>(all, t, example.parameters[example.layer.weight_hh()]),
                     a) < 1e-14);
    CHECK(difference(all.g[0].col(t), g_h) < 1e-15);
    CHECK(difference(all.g[1].col(t), g_c) < 1e-15);
  }
}

TEST_CASE(
    "Maclaurin: with the terms of second and third order the GRU is the polynomial of its linearised gates") {
  const Example<Gru<double>> example;
  const Gates<Gru<double>> gate{example};
  const auto all = NgramUnroller(example.layer, example.parameters).token_coefficients(example.x);
  Random random(8);
  for (Index t = 0; t < example.x.cols(); ++t) {
    const Vec h = random_matrix<double>(random, gate.d, 1);
    const Vec hr = gate.w(0) * h, hz = gate.w(1) * h, hn = gate.w(2) * h, beta = gate.b_hh(2);
    const Vec zeta = half(gate.d) + gate.folded(1, t) / 4, rho = half(gate.d) + gate.folded(0, t) / 4;
    const Vec first =
        all.g[0].col(t) +
        explicit_transition<Gru<double>>(all, t, example.parameters[example.layer.weight_hh()]) * h;
    const Vec second =
        (hz.array() * h.array() / 4 + (1 - zeta.array()) * hr.array() * hn.array() / 4 -
         rho.array() * hz.array() * hn.array() / 4 - beta.array() * hz.array() * hr.array() / 16);
    const Vec third = -hz.array() * hr.array() * hn.array() / 16;
    const Vec whole = step(example, Vec(example.x.col(t)), h, LinearActivations{});
    CHECK(difference(first + second + third, whole) < 1e-14);
    CHECK(difference(first, whole) > 1e-3);  // the higher orders are there

    // The same terms, as the library names them in a run that begins at h.
    const auto linear = NgramUnroller(example.layer, example.parameters)
                            .linearise(PackedLayout::uniform(1, 1), example.x.col(t), {h});
    CHECK(difference(linear.second[0], second) < 1e-15);
    CHECK(difference(linear.third[0], third) < 1e-15);
    CHECK(difference(first + linear.second[0] + linear.third[0], whole) < 1e-14);
    CHECK(difference(linear.residual[0], step(example, Vec(example.x.col(t)), h, TrueActivations{}) - first) <
          1e-14);
  }
}

TEST_CASE(
    "Maclaurin: with the terms of second and third order the LSTM is the polynomial of its linearised gates") {
  const Example<Lstm<double>> example;
  const Gates<Lstm<double>> gate{example};
  const Index d = gate.d;
  const auto all = NgramUnroller(example.layer, example.parameters).token_coefficients(example.x);
  Random random(9);
  for (Index t = 0; t < example.x.cols(); ++t) {
    const Vec state = random_matrix<double>(random, 2 * d, 1), h = state.head(d);
    const Eigen::ArrayXd c = state.tail(d), qi = gate.w(0) * h, qf = gate.w(1) * h, qg = gate.w(2) * h,
                         qo = gate.w(3) * h;
    const Eigen::ArrayXd i = 0.5 + gate.folded(0, t).array() / 4, f = 0.5 + gate.folded(1, t).array() / 4,
                         u = gate.folded(2, t), o = 0.5 + gate.folded(3, t).array() / 4;
    Vec sum = stacked<Lstm<double>>(all.g, t) +
              explicit_transition<Lstm<double>>(all, t, example.parameters[example.layer.weight_hh()]) * state;
    const Eigen::ArrayXd c1 = f * c + u * qi / 4 + i * qg, c2 = qf * c / 4 + qi * qg / 4;
    const Vec second_h = o * c2 + qo * c1 / 4, third_h = qo * (qf * c + qi * qg) / 16;
    sum.tail(d) += c2.matrix();
    sum.head(d) += second_h + third_h;
    CHECK(difference(sum, step(example, Vec(example.x.col(t)), state, LinearActivations{})) < 1e-14);

    const auto linear =
        NgramUnroller(example.layer, example.parameters)
            .linearise(PackedLayout::uniform(1, 1), example.x.col(t), {Mat(state.head(d)), Mat(state.tail(d))});
    CHECK(difference(linear.second[0], second_h) < 1e-15);
    CHECK(difference(linear.second[1], c2.matrix()) < 1e-15);
    CHECK(difference(linear.third[0], third_h) < 1e-15);
    CHECK(linear.third[1].cwiseAbs().maxCoeff() == 0.0);
  }
}
