// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/expand/gauss_legendre.hpp"

#define DOCTEST_CONFIG_VOID_CAST_EXPRESSIONS
#include <doctest/doctest.h>

#include <numeric>

using namespace rnnscope;

TEST_CASE("gauss_legendre: the known rules of one, two and three nodes") {
  const QuadratureRule one = gauss_legendre(1), two = gauss_legendre(2), three = gauss_legendre(3);
  CHECK(one.nodes[0] == doctest::Approx(0.5));
  CHECK(one.weights[0] == doctest::Approx(1));
  CHECK(two.nodes[0] == doctest::Approx(0.5 - std::sqrt(1.0 / 12)).epsilon(1e-14));
  CHECK(two.nodes[1] == doctest::Approx(0.5 + std::sqrt(1.0 / 12)).epsilon(1e-14));
  CHECK(three.nodes[0] == doctest::Approx(0.5 - std::sqrt(3.0 / 20)).epsilon(1e-14));
  CHECK(three.nodes[1] == doctest::Approx(0.5).epsilon(1e-14));
  CHECK(three.weights[0] == doctest::Approx(5.0 / 18).epsilon(1e-14));
  CHECK(three.weights[1] == doctest::Approx(8.0 / 18).epsilon(1e-14));
}

TEST_CASE("gauss_legendre: n nodes integrate polynomials of degree 2n - 1 exactly, and not of degree 2n") {
  for (const Index n : {2, 5, 8, 64, 128, 256}) {
    const QuadratureRule rule = gauss_legendre(n);
    const auto integral = [&](Index power) {
      double sum = 0;
      for (std::size_t k = 0; k < rule.nodes.size(); ++k)
        sum += rule.weights[k] * std::pow(rule.nodes[k], static_cast<double>(power));
      return sum;
    };
    for (const Index power : {Index{0}, Index{1}, n, 2 * n - 1}) {
      CHECK(std::abs(integral(power) * static_cast<double>(power + 1) - 1) < 1e-12);
    }
    if (n <= 5) CHECK(std::abs(integral(2 * n) * static_cast<double>(2 * n + 1) - 1) > 1e-6);
    CHECK(std::is_sorted(rule.nodes.begin(), rule.nodes.end()));
    CHECK((rule.nodes.front() > 0 && rule.nodes.back() < 1));
    CHECK(std::all_of(rule.weights.begin(), rule.weights.end(), [](double w) { return w > 0; }));
  }
  CHECK_THROWS_WITH_AS(gauss_legendre(0), "gauss_legendre: needs at least 1 node, found 0", ValueError);
}

TEST_CASE("Quadrature: shared rules, and what it refuses") {
  CHECK(Quadrature::rule(32).nodes == gauss_legendre(32).nodes);
  CHECK(&Quadrature::rule(256) == &Quadrature::rule(256));
  CHECK_NOTHROW(Quadrature{}.check());
  CHECK_THROWS_WITH_AS((Quadrature{.first = 12}.check()), doctest::Contains("powers of two"), ValueError);
  CHECK_THROWS_WITH_AS((Quadrature{.first = 8, .most = 4}.check()), doctest::Contains("found 8 and 4"),
                       ValueError);
  CHECK_THROWS_AS((Quadrature{.most = 512}.check()), ValueError);
  CHECK_THROWS_WITH_AS((Quadrature{.tolerance = -1}.check()),
                       "Quadrature: the tolerance must not be negative, found -1", ValueError);
}
