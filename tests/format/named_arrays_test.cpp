// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/format/named_arrays.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

using namespace rnnscope;

TEST_CASE("dtypes know their names and sizes") {
  CHECK(dtype_info(Dtype::F64).size == 8);
  CHECK(dtype_info(Dtype::BF16).name == "BF16");
  CHECK(dtype_info(Dtype::Bool).name == "BOOL");
  CHECK(find_dtype("F16") == Dtype::F16);
  CHECK(find_dtype("U8") == Dtype::U8);
  CHECK(find_dtype("BOOL") == Dtype::Bool);
  CHECK_FALSE(find_dtype("f32").has_value());
  CHECK_FALSE(find_dtype("").has_value());
}

TEST_CASE("products of shapes are checked") {
  using Shape = std::vector<Index>;
  CHECK(checked_product(Shape{}) == 1);
  CHECK(checked_product(Shape{3, 4}, 8) == 96);
  CHECK(checked_product(Shape{3, 0, 4}) == 0);
  CHECK_FALSE(checked_product(Shape{3, -1}).has_value());
  const Index half = Index{1} << 31;
  CHECK(checked_product(Shape{half, half}) == Index{1} << 62);
  CHECK_FALSE(checked_product(Shape{half, half}, 2).has_value());
  CHECK_FALSE(checked_product(Shape{half, half, half}).has_value());
  CHECK(shape_text(Shape{2, 3}) == "[2, 3]");
  CHECK(shape_text(Shape{}) == "[]");
}

TEST_CASE("numbers come back in the asked type") {
  NamedArrays arrays;
  const std::vector<double> wide{1.0, -2.5, 1.0 / 3, 1e300};
  const std::vector<float> narrow{1.5f, -0.0f, 3e38f};
  const std::vector<std::int64_t> big{-5, std::int64_t{1} << 60};
  const std::vector<std::int32_t> small{7, -8};
  arrays.add<double>("wide", {2, 2}, wide);
  arrays.add<float>("narrow", {3}, narrow);
  arrays.add<std::int64_t>("big", {2, 1}, big);
  arrays.add<std::int32_t>("small", {2}, small);
  arrays.add<float>("none", {0, 4}, {});
  arrays.add<double>("one", {}, std::vector<double>{4.0});

  CHECK(arrays.arrays().size() == 6);
  CHECK(arrays.arrays()[1].name == "narrow");
  CHECK(arrays.at("wide").shape == std::vector<Index>{2, 2});
  CHECK(arrays.at("wide").size() == 4);
  CHECK(arrays.values<double>("wide") == wide);
  const std::vector<float> rounded = arrays.values<float>("wide");
  CHECK(rounded[2] == 1.0f / 3);
  CHECK(std::isinf(rounded[3]));
  CHECK(arrays.values<float>("narrow") == narrow);
  CHECK(arrays.values<double>("narrow")[0] == 1.5);
  CHECK(arrays.values<std::int64_t>("big") == big);
  CHECK(arrays.values<std::int32_t>("small") == small);
  CHECK(arrays.values<float>("none").empty());
  CHECK(arrays.values<double>("one") == std::vector<double>{4.0});
  CHECK(arrays.values<double>("wide", std::vector<Index>{2, 2}) == wide);
}

TEST_CASE("16-bit numbers are rounded when stored") {
  NamedArrays arrays;
  const std::vector<double> values{1.0, 1.0 / 3, 100000.0, -2.0};
  arrays.add<double>("half", {4}, values, Dtype::F16);
  arrays.add<double>("brain", {4}, values, Dtype::BF16);
  arrays.add<double>("single", {4}, values, Dtype::F32);
  CHECK(arrays.at("half").bytes.size() == 8);
  const auto half = arrays.values<double>("half");
  CHECK(half[0] == 1.0);
  CHECK(half[1] == 0.333251953125);  // 1365 / 4096
  CHECK(std::isinf(half[2]));
  const auto brain = arrays.values<float>("brain");
  CHECK(brain[1] == 0.333984375f);  // 171 / 512
  CHECK(brain[2] == 99840.0f);
  CHECK(arrays.values<double>("single")[1] == static_cast<double>(1.0f / 3));
}

TEST_CASE("wrong names, shapes and types are refused") {
  NamedArrays arrays;
  arrays.add<float>("w", {2}, std::vector<float>{1, 2});
  arrays.add<std::int32_t>("n", {1}, std::vector<std::int32_t>{1});
  const NamedArrays before = arrays;
  CHECK_THROWS_WITH_AS(arrays.add<float>("w", {1}, std::vector<float>{1}),
                       "NamedArrays::add: there is already an array named 'w'", ValueError);
  CHECK_THROWS_WITH_AS(arrays.add<float>("v", {2, 3}, std::vector<float>{1}),
                       "NamedArrays::add: 'v': shape [2, 3] does not fit 1 values", ShapeError);
  CHECK_THROWS_AS(arrays.add<float>("v", {-1, -1}, std::vector<float>{1}), ShapeError);
  CHECK_THROWS_AS(arrays.add<float>("", {1}, std::vector<float>{1}), ValueError);
  CHECK_THROWS_AS(arrays.add<float>("v", {1}, std::vector<float>{1}, Dtype::I32), ValueError);
  CHECK_THROWS_AS(arrays.add<std::int32_t>("v", {1}, std::vector<std::int32_t>{1}, Dtype::F32), ValueError);
  CHECK_THROWS_WITH_AS(arrays.add({"v", Dtype::F32, {2}, std::vector<std::byte>(7)}),
                       "NamedArrays::add: 'v': shape [2] of F32 does not fit 7 bytes", ShapeError);
  CHECK(arrays == before);
  CHECK_THROWS_WITH_AS(static_cast<void>(arrays.at("x")), "there is no array named 'x'; known: w n",
                       ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(arrays.values<float>("n")),
                       "array 'n': expected floating-point numbers, found I32", FormatError);
  CHECK_THROWS_WITH_AS(static_cast<void>(arrays.values<std::int64_t>("n")),
                       "array 'n': expected I64, found I32", FormatError);
  CHECK_THROWS_WITH_AS(static_cast<void>(arrays.values<float>("w", std::vector<Index>{2, 1})),
                       "array 'w': expected shape [2, 1], found [2]", ShapeError);
}

TEST_CASE("a regular type") {
  NamedArrays a;
  a.add<float>("w", {2}, std::vector<float>{1, 2});
  a.metadata["k"] = "v";
  NamedArrays b = a;
  CHECK(a == b);
  b.metadata["k"] = "other";
  CHECK(a != b);
  b = a;
  b.add<float>("x", {1}, std::vector<float>{1});
  CHECK(a != b);
  CHECK_FALSE(a.contains("x"));
  const NamedArrays c = std::move(b);
  CHECK(c.values<float>("x").front() == 1);
}
