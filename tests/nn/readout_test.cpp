// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/nn/readout.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

TEST_CASE_TEMPLATE("every step, the last one, the mean: by definition, and backward is the transpose", S, float,
                   double) {
  const double tolerance = std::is_same_v<S, float> ? 1e-5 : 1e-13;
  Random random(81);
  const auto layout = PackedLayout::ragged({2, 6, 1, 4, 6});
  const Matrix<S> hidden = random_matrix<S>(3, layout.columns(), random);
  for (const auto readout : {Readout::EveryStep, Readout::LastStep, Readout::MeanOverSteps}) {
    Matrix<S> out, d_hidden = Matrix<S>::Constant(1, 1, S(7));  // what was in it must not matter
    read_out(readout, layout, hidden, out);
    if (readout == Readout::EveryStep) {
      CHECK(out == hidden);
    } else {
      REQUIRE(out.cols() == 5);
      for (Index s = 0; s < 5; ++s) {
        Vector<S> expected = Vector<S>::Zero(3);
        const Index length = layout.length(s);
        for (Index t = readout == Readout::LastStep ? length - 1 : 0; t < length; ++t) {
          expected += hidden.col(layout.column(s, t));
        }
        if (readout == Readout::MeanOverSteps) expected /= S(length);
        CHECK(static_cast<double>((out.col(layout.slot(s)) - expected).cwiseAbs().maxCoeff()) < tolerance);
      }
    }
    const Matrix<S> d_out = random_matrix<S>(3, out.cols(), random);
    read_out_backward(readout, layout, d_out, d_hidden);
    REQUIRE(d_hidden.cols() == layout.columns());
    // Both are linear and act on each row alone, so <A e_n, d> row by row is column n of A^T d.
    for (Index n = 0; n < layout.columns(); ++n) {
      Matrix<S> unit = Matrix<S>::Zero(3, layout.columns());
      unit.col(n).setOnes();
      read_out(readout, layout, unit, out);
      const Vector<S> expected = out.cwiseProduct(d_out).rowwise().sum();
      CHECK(static_cast<double>((d_hidden.col(n) - expected).cwiseAbs().maxCoeff()) < tolerance);
    }
  }
}

TEST_CASE("empty sequences and wrong shapes are named") {
  const auto layout = PackedLayout::ragged({2, 0});
  Matrix<double> out;
  CHECK_THROWS_WITH_AS(read_out(Readout::LastStep, layout, Matrix<double>(3, 2), out),
                       "read_out: sequence 1 is empty, so it has no step to read", ValueError);
  CHECK_THROWS_WITH_AS(read_out_backward(Readout::MeanOverSteps, layout, Matrix<double>(3, 2), out),
                       "read_out: sequence 1 is empty, so it has no step to read", ValueError);
  CHECK_NOTHROW(read_out(Readout::EveryStep, layout, Matrix<double>(3, 2), out));
  CHECK_THROWS_WITH_AS(read_out(Readout::LastStep, layout, Matrix<double>(3, 3), out),
                       "read_out: hidden: expected shape 3 x 2, found 3 x 3", ShapeError);
  CHECK_THROWS_WITH_AS(read_out_backward(Readout::EveryStep, layout, Matrix<double>(3, 1), out),
                       "read_out_backward: d_out: expected shape 3 x 2, found 3 x 1", ShapeError);
}
