// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/nn/spectral_norm.hpp"

#include <doctest/doctest.h>

#include <Eigen/SVD>
#include <filesystem>

#include "rnnscope/format/npy.hpp"
#include "rnnscope/nn/optimizer.hpp"

using namespace rnnscope;

namespace {

Matrix<double> random_matrix(Random& random, Index rows, Index cols) {
  Matrix<double> m(rows, cols);
  for (Index k = 0; k < m.size(); ++k) m.data()[k] = random.normal();
  return m;
}

double spectral_norm(const Matrix<double>& m) {
  return Eigen::JacobiSVD<Matrix<double>>(m).singularValues()(0);
}

}  // namespace

TEST_CASE("five steps of plain descent are PyTorch's, number for number") {
  const auto file = std::filesystem::path(__FILE__).parent_path().parent_path() / "data/ngram/spectral.npy";
  Matrix<double> all = load_npy_matrix<double>(file);
  all.resize(all.size(), 1);
  Index at = 0;
  const auto take = [&](Index rows, Index cols) -> Matrix<double> {
    REQUIRE(at + rows * cols <= all.size());
    at += rows * cols;
    return all.col(0).segment(at - rows * cols, rows * cols).reshaped(rows, cols);
  };
  Parameters<double> parameters;
  const Tensor weight = parameters.add("weight", 12, 4);
  parameters[weight] = take(12, 4);
  SpectralScale<double> scale;
  scale.u = take(12, 1);
  scale.v = take(4, 1);
  const Matrix<double> target = take(12, 4);
  for (int step = 0; step < 5; ++step) {
    scale.divide(parameters[weight], 1);
    CHECK((parameters[weight] - take(12, 4)).cwiseAbs().maxCoeff() < 1e-14);
    Parameters<double> gradient = parameters;
    gradient[weight] = target;
    scale.pull_back(std::as_const(parameters)[weight], gradient[weight]);
    scale.multiply_back(parameters[weight]);
    parameters[weight] -= 0.3 * gradient[weight];
  }
  CHECK(at == all.size());
}

TEST_CASE("the optimiser keeps its matrices at norm 1, moves the others as without it, and learns") {
  Random random(41);
  Parameters<double> parameters;
  const Tensor bound = parameters.add("bound", 9, 3), free = parameters.add("free", 2, 2);
  parameters[bound] = random_matrix(random, 9, 3);
  parameters[free] = random_matrix(random, 2, 2);
  Parameters<double> without = parameters;
  Matrix<double> target = random_matrix(random, 9, 3);
  target /= spectral_norm(target);
  SpectralNorm optimizer(Adam<double>({.learning_rate = 0.02}), parameters, {bound});
  Adam<double> plain({.learning_rate = 0.02});
  CHECK(spectral_norm(parameters[bound]) == doctest::Approx(1).epsilon(1e-3));
  const auto loss = [&] { return (parameters[bound] - target).squaredNorm(); };
  const double before = loss();
  for (int step = 0; step < 400; ++step) {
    for (auto* moved : {&parameters, &without}) {
      Parameters<double> gradient = moved->zeros_like();
      gradient[bound] = 2 * ((*moved)[bound] - target);
      gradient[free] = 2 * (*moved)[free];
      if (moved == &parameters) {
        optimizer.step(parameters, gradient);
      } else {
        plain.step(without, gradient);
      }
    }
  }
  CHECK(spectral_norm(parameters[bound]) == doctest::Approx(1).epsilon(1e-6));
  CHECK(loss() < 1e-3 * before);
  CHECK(parameters[free] == without[free]);
  CHECK(optimizer.sigma(0) > 0.1);
  optimizer.set_learning_rate(0.5);
  CHECK(optimizer.config().learning_rate == 0.5);
}

TEST_CASE("a zero matrix has no direction, and iterations are counted from 1") {
  Parameters<float> parameters;
  const Tensor zero = parameters.add("zero", 3, 3);
  using Norm = SpectralNorm<Sgd<float>, float>;
  CHECK_THROWS_WITH_AS(Norm(Sgd<float>(), parameters, {zero}),
                       "spectral norm: the largest singular value must be positive, found 0", ValueError);
  parameters[zero].setIdentity();
  CHECK_THROWS_WITH_AS(Norm(Sgd<float>(), parameters, {zero}, {.iterations = 0}),
                       "SpectralNorm: at least 1 power iteration is needed, found 0 and 15", ValueError);
  const Tensor second = parameters.add("second", 2, 2);
  parameters[second] << 3, 0, 0, 2;
  const Parameters<float> before = parameters;
  CHECK_THROWS_WITH_AS(Norm(Sgd<float>(), parameters, {zero, second, second}),
                       "SpectralNorm: tensor 'second' is listed twice; a matrix is kept at norm 1 by one scale",
                       ValueError);
  CHECK(parameters == before);
  Norm norm(Sgd<float>(), parameters, {zero, second});
  Parameters<float> other;
  CHECK_THROWS_WITH_AS(norm.step(parameters, other),
                       "SpectralNorm: gradient and parameters hold different tensors", ShapeError);
}
