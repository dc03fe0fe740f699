// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/expand/spectral_radius.hpp"

#define DOCTEST_CONFIG_VOID_CAST_EXPRESSIONS
#include <doctest/doctest.h>

#include "expansion_fixture.hpp"

using namespace expansion_test;

TEST_CASE("spectral_radius: of known matrices") {
  Example<Elman<double>> example(2, 3);  // A = W_hh
  auto weight = example.parameters[example.layer.weight_hh()];
  const NgramUnroller unroller(example.layer, example.parameters);
  SUBCASE("one dominant eigenvalue, not symmetric") {
    weight << 0.5, 2.0, 0.0, -1.25;
    for (const double radius : unroller.spectral_radius(example.x))
      CHECK(radius == doctest::Approx(1.25).epsilon(0.01));
  }
  SUBCASE("a complex pair of modulus 0.8") {
    weight << 0.48, -1.28, 0.32, 0.48;
    for (const double radius : unroller.spectral_radius(example.x, 200))
      CHECK(radius == doctest::Approx(0.8).epsilon(0.02));
  }
  SUBCASE("zero") {
    weight.setZero();
    for (const double radius : unroller.spectral_radius(example.x)) CHECK(radius == 0.0);
  }
}

TEST_CASE("spectral_radius: agrees with the dense A of an LSTM") {
  const Example<Lstm<double>> example(5, 3);
  const NgramUnroller unroller(example.layer, example.parameters);
  const auto all = unroller.token_coefficients(example.x);
  const Vector<double> radius = unroller.spectral_radius(example.x, 400);
  for (Index t = 0; t < 3; ++t) {
    Matrix<double> power =
        explicit_transition<Lstm<double>>(all, t, example.parameters[example.layer.weight_hh()]);
    double log_scale = 0, exponent = 1;
    for (int k = 0; k < 12; ++k) {  // norm(A^4096)^(1/4096)
      const double norm = power.norm();
      log_scale += std::log(norm) / exponent;
      power = (power / norm) * (power / norm);
      exponent *= 2;
    }
    CHECK(radius(t) == doctest::Approx(std::exp(log_scale)).epsilon(0.02));
  }
  CHECK_THROWS_WITH_AS(unroller.spectral_radius(example.x, 1),
                       "spectral_radius: at least 2 iterations are needed, found 1", ValueError);
}
