// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/nn/dropout.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

using namespace rnnscope;

TEST_CASE_TEMPLATE("the mask keeps the mean, repeats under its key, and differs under others", S, float,
                   double) {
  const Matrix<S> ones = Matrix<S>::Ones(301, 997);  // several pieces, none of them full blocks
  Matrix<S> out, again, other;
  apply_dropout(ones, 0.3, {1, 2}, 0, out);
  const double kept = static_cast<double>((out.array() != S(0)).count()) / static_cast<double>(out.size());
  CHECK(kept == doctest::Approx(0.7).epsilon(0.01));
  CHECK(static_cast<double>(out.maxCoeff()) == doctest::Approx(1 / 0.7).epsilon(1e-4));
  CHECK(static_cast<double>(out.template cast<double>().mean()) == doctest::Approx(1.0).epsilon(0.01));
  apply_dropout(ones, 0.3, {1, 2}, 0, again);
  CHECK(out == again);
  for (const auto& [key, site] :
       {std::pair<DropoutKey, std::uint32_t>{{1, 3}, 0u}, {{2, 2}, 0u}, {{1, 2}, 1u}}) {
    apply_dropout(ones, 0.3, key, site, other);
    const double equal =
        static_cast<double>((other.array() == out.array()).count()) / static_cast<double>(out.size());
    CHECK(equal == doctest::Approx(0.7 * 0.7 + 0.3 * 0.3).epsilon(0.02));  // as independent masks would agree
  }
}

TEST_CASE("neighbouring entries are independent") {
  const Matrix<float> ones = Matrix<float>::Ones(512, 400);
  Matrix<float> out;
  apply_dropout(ones, 0.5, {7, 7}, 0, out);
  for (const Index lag : {1, 2, 63, 64, 65, 128, 512}) {
    Index equal = 0;
    for (Index k = 0; k + lag < out.size(); ++k)
      equal += (out.data()[k] > 0) == (out.data()[k + lag] > 0) ? 1 : 0;
    CHECK(static_cast<double>(equal) / static_cast<double>(out.size() - lag) ==
          doctest::Approx(0.5).epsilon(0.02));
  }
}

TEST_CASE("rate 0 changes nothing, works in place, and rates outside [0, 1) are refused") {
  Matrix<float> x = Matrix<float>::Random(5, 9);
  const Matrix<float> before = x;
  apply_dropout(x, 0.0, {1, 1}, 0, x);
  CHECK(x == before);
  CHECK_THROWS_WITH_AS(apply_dropout(x, 1.0, {1, 1}, 0, x), "dropout: the rate must lie in [0, 1), found 1",
                       ValueError);
  CHECK_THROWS_AS(apply_dropout(x, std::nan(""), {1, 1}, 0, x), ValueError);
}

TEST_CASE("a rate next to 1 keeps almost nothing, and nothing becomes infinite") {
  Matrix<float> out;
  apply_dropout<float>(Matrix<float>::Ones(100, 100), 0.9999999, {1, 2}, 0, out);
  CHECK(out.allFinite());
}
