// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/core/parameters.hpp"

#include <doctest/doctest.h>

#include <type_traits>
#include <utility>

using namespace rnnscope;

namespace {
template <class S>
Parameters<S> example() {
  Parameters<S> p;
  p.add("weight", 2, 3);
  p.add("bias", 4);
  p.flat().setLinSpaced(10, S(1), S(10));
  return p;
}
}  // namespace

TEST_CASE_TEMPLATE("tensors lie one after another in one array", S, float, double) {
  Parameters<S> p;
  const Tensor weight = p.add("weight", 2, 3);
  const Tensor bias = p.add("bias", 4);
  CHECK(p.size() == 10);
  CHECK(p.flat().isZero(0));
  CHECK(p.tensors() == std::vector<TensorInfo>{{"weight", 2, 3, 0}, {"bias", 4, 1, 6}});
  p[weight] << 1, 3, 5, 2, 4, 6;  // column-major in memory
  p[bias] << 7, 8, 9, 10;
  for (Index k = 0; k < 10; ++k) CHECK(p.flat()(k) == S(k + 1));
  CHECK(p.at("weight")(1, 2) == S(6));
  p.at("bias")(0) = S(-1);
  CHECK(std::as_const(p).at("bias")(0) == S(-1));
  CHECK(std::as_const(p)[bias](0) == S(-1));
  CHECK(p.contains("bias"));
  CHECK_FALSE(p.contains("Bias"));
}

TEST_CASE("wrong names and sizes are refused") {
  Parameters<float> p = example<float>();
  CHECK_THROWS_WITH_AS(p.add("bias", 1), "Parameters::add: there is already a tensor named 'bias'", ValueError);
  CHECK_THROWS_WITH_AS(p.add("x", -1, 2), "Parameters::add: 'x' has a negative size -1 x 2", ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(p.at("gain")), "there is no tensor named 'gain'; known: weight bias",
                       ValueError);
  CHECK(p == example<float>());
  p.add("empty", 0, 5);
  CHECK(p.at("empty").size() == 0);
  CHECK(p.size() == 10);
}

TEST_CASE("parameters are a regular type") {
  static_assert(std::is_nothrow_move_constructible_v<Parameters<double>>);
  const Parameters<double> original = example<double>();
  Parameters<double> copy = original;
  CHECK(copy == original);
  copy.flat()(3) = 99;
  CHECK(copy != original);
  CHECK(original.flat()(3) == 4);
  const double* storage = copy.flat().data();
  const Parameters<double> moved = std::move(copy);
  CHECK(moved.flat().data() == storage);
  CHECK(moved.at("weight")(1, 1) == 99);
  Parameters<double> assigned;
  assigned = moved;
  assigned = *&assigned;
  CHECK(assigned == moved);
  Parameters<double> renamed;
  renamed.add("other", 2, 3);
  renamed.add("bias", 4);
  renamed.flat() = original.flat();
  CHECK(renamed != original);
}

TEST_CASE("zeros_like, cast and same_layout") {
  const Parameters<double> p = example<double>();
  const Parameters<double> zeros = p.zeros_like();
  CHECK(zeros.tensors() == p.tensors());
  CHECK(zeros.flat().isZero(0));
  CHECK(p.flat()(0) == 1);
  const Parameters<float> narrow = p.cast<float>();
  CHECK(narrow.at("weight")(1, 2) == 6.0f);
  CHECK(narrow.cast<double>() == p);
  CHECK(p.same_layout(narrow));
  CHECK(p.same_layout(zeros));
  Parameters<double> larger = p;
  larger.add("more", 1);
  CHECK_FALSE(p.same_layout(larger));
  CHECK(Parameters<double>().cast<float>().size() == 0);
}
