// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/core/error.hpp"

#include <doctest/doctest.h>

#include <type_traits>

#include "rnnscope/core/types.hpp"

using namespace rnnscope;

TEST_CASE("message joins its parts") {
  CHECK(message("needs ", 3, " columns, found ", 2.5, '!') == "needs 3 columns, found 2.5!");
  CHECK(shape_text(3, 4) == "3 x 4");
}

TEST_CASE("require throws the asked type with the joined message, and only on failure") {
  CHECK_NOTHROW(require<ValueError>(true, "never"));
  CHECK_THROWS_WITH_AS(require<ValueError>(false, "expected ", 1, ", found ", 2), "expected 1, found 2",
                       ValueError);
  CHECK_THROWS_AS(require<IoError>(false, "x"), IoError);
}

TEST_CASE("require_shape names both shapes") {
  const Matrix<float> m = Matrix<float>::Zero(2, 3);
  CHECK_NOTHROW(require_shape(m, 2, 3, "weights"));
  CHECK_THROWS_WITH_AS(require_shape(m, 3, 2, "weights"), "weights: expected shape 3 x 2, found 2 x 3",
                       ShapeError);
}

TEST_CASE("every error is an Error and a std::runtime_error") {
  static_assert(std::is_base_of_v<std::runtime_error, Error>);
  CHECK_THROWS_AS(throw ShapeError("a"), Error);
  CHECK_THROWS_AS(throw ValueError("a"), Error);
  CHECK_THROWS_AS(throw FormatError("a"), Error);
  CHECK_THROWS_AS(throw IoError("a"), Error);
  CHECK_THROWS_AS(throw Cancelled("a"), Error);
}
