// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/nn/non_finite.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace rnnscope;

TEST_CASE_TEMPLATE("a step with a NaN or an infinity is refused by name, or skipped", S, float, double) {
  const S infinity = std::numeric_limits<S>::infinity(), nan = std::numeric_limits<S>::quiet_NaN();
  Parameters<S> gradient;
  gradient.add("a", 3, 2);
  gradient.add("b", 4);
  CHECK(first_non_finite(gradient).empty());
  CHECK(accept_step(NonFinite::Throw, 1.5, gradient, "train"));
  gradient.at("b")(3, 0) = -infinity;
  CHECK(first_non_finite(gradient) == "b");
  CHECK_FALSE(accept_step(NonFinite::Skip, 1.5, gradient, "train"));
  CHECK_THROWS_WITH_AS(static_cast<void>(accept_step(NonFinite::Throw, 1.5, gradient, "train")),
                       "train: the gradient of 'b' is not finite", ValueError);
  gradient.at("a")(2, 1) = nan;
  CHECK(first_non_finite(gradient) == "a");
  gradient.set_zero();
  CHECK_FALSE(accept_step(NonFinite::Skip, std::nan(""), gradient, "train"));
  CHECK_THROWS_WITH_AS(static_cast<void>(accept_step(NonFinite::Throw, 1.0 / 0.0, gradient, "train")),
                       "train: the loss is not finite (inf); lower the learning rate or clip the gradient",
                       ValueError);
}
