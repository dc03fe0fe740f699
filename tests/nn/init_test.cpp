// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/nn/init.hpp"

#include <doctest/doctest.h>

#include "rnnscope/core/parameters.hpp"

using namespace rnnscope;

namespace {
template <class S>
double variance(const Matrix<S>& m) {
  return m.template cast<double>().squaredNorm() / static_cast<double>(m.size());
}
}  // namespace

TEST_CASE_TEMPLATE("uniform, normal, Xavier: bounds and variances", S, float, double) {
  Random random(91);
  Matrix<S> m(200, 300);
  fill_uniform(m, 0.5, random);
  CHECK(static_cast<double>(m.cwiseAbs().maxCoeff()) <= 0.5);
  CHECK(static_cast<double>(m.cwiseAbs().maxCoeff()) > 0.499);
  CHECK(variance(m) == doctest::Approx(0.25 / 3).epsilon(0.02));
  fill_normal(m, 2, random);
  CHECK(variance(m) == doctest::Approx(4).epsilon(0.02));
  CHECK(std::abs(m.template cast<double>().mean()) < 0.05);
  fill_by_fan(m, 300, random);
  CHECK(static_cast<double>(m.cwiseAbs().maxCoeff()) <= 1 / std::sqrt(300.0));
  CHECK(variance(m) == doctest::Approx(1.0 / 900).epsilon(0.02));
  fill_xavier_uniform(m, random, 3);
  CHECK(static_cast<double>(m.cwiseAbs().maxCoeff()) <= 3 * std::sqrt(6.0 / 500) * 1.000001);
  CHECK(variance(m) == doctest::Approx(9 * 2.0 / 500).epsilon(0.02));
  fill_xavier_normal(m, random);
  CHECK(variance(m) == doctest::Approx(2.0 / 500).epsilon(0.02));
  CHECK_THROWS_WITH_AS(fill_by_fan(m, 0, random), "fill_by_fan: the fan must be at least 1, found 0",
                       ValueError);
}

TEST_CASE_TEMPLATE("orthogonal: short side orthonormal, times the gain", S, float, double) {
  const double tolerance = std::is_same_v<S, float> ? 1e-6 : 1e-14;
  Random random(92);
  for (const auto& [rows, cols] : {std::pair<Index, Index>{40, 40}, {60, 7}, {7, 60}, {1, 3}, {3, 1}}) {
    Matrix<S> m(rows, cols);
    fill_orthogonal(m, random, 2);
    const Matrix<double> q = m.template cast<double>() / 2;
    const Matrix<double> gram = rows < cols ? Matrix<double>(q * q.transpose()) : q.transpose() * q;
    CHECK((gram - Matrix<double>::Identity(gram.rows(), gram.cols())).cwiseAbs().maxCoeff() < tolerance);
  }
}

TEST_CASE("orthogonal matrices are uniform: every entry has mean 0 and variance 1/n, both signs of det occur") {
  Random random(93);
  Matrix<double> mean = Matrix<double>::Zero(2, 2), square = mean, q(2, 2);
  const int draws = 20000;
  int positive = 0;
  for (int k = 0; k < draws; ++k) {
    fill_orthogonal(q, random);
    mean += q / draws;
    square += q.cwiseAbs2() / draws;
    positive += q(0, 0) * q(1, 1) > q(0, 1) * q(1, 0) ? 1 : 0;
  }
  CHECK(mean.cwiseAbs().maxCoeff() < 0.03);
  CHECK((square.array() - 0.5).abs().maxCoeff() < 0.02);
  CHECK(positive == doctest::Approx(draws / 2).epsilon(0.05));
}

TEST_CASE("one gate's rows of a tensor can be filled alone") {
  Parameters<float> parameters;
  const Tensor weight = parameters.add("weight_hh_l0", 8, 4);
  Random random(94);
  fill_orthogonal(parameters[weight].middleRows(4, 4), random);
  CHECK(parameters[weight].topRows(4).isZero());
  const Matrix<float> block = parameters[weight].bottomRows(4);
  CHECK((block.transpose() * block).isIdentity(1e-5f));
  Random again(94);
  Matrix<float> same(4, 4);
  fill_orthogonal(same, again);
  CHECK(same == block);
}
