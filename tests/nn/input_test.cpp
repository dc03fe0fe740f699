// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/nn/input.hpp"

#include <doctest/doctest.h>

#include "rnnscope/nn/embedding.hpp"
#include "rnnscope/nn/linear.hpp"
#include "support.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

TEST_CASE_TEMPLATE("a table of symbols equals the dense columns it stands for", S, float, double) {
  const double tolerance = std::is_same_v<S, float> ? 1e-4 : 1e-12;
  Random random(51);
  const Matrix<S> table = random_matrix<S>(6, 9, random), weight = random_matrix<S>(130, 6, random);
  std::vector<Id> ids;
  Matrix<S> dense(6, 70);
  for (Index n = 0; n < 70; ++n) {
    ids.push_back(static_cast<Id>(random.below(9)));
    dense.col(n) = table.col(ids.back());
  }
  const TableInput<S> by_table(table, ids);
  const DenseInput<S> by_column(dense);
  CHECK(by_table.columns() == by_column.columns());
  const Scratch scratch;
  auto a = by_table.projection(weight, 7, scratch);
  auto b = by_column.projection(weight, 7, scratch);
  for (Index first = 0; first < 70; first += 7) {
    a.reach(first, first + 7);
    b.reach(first, first + 7);
    for (Index n = first; n < first + 7; ++n) {
      const Eigen::Map<const Vector<S>> x(a.column(n), 130), y(b.column(n), 130);
      CHECK((x - y).cwiseAbs().maxCoeff() < tolerance);
      CHECK((x - weight * dense.col(n)).cwiseAbs().maxCoeff() < tolerance);
    }
  }

  Matrix<S> d_a = random_matrix<S>(130, 70, random);
  Matrix<S> w_table = Matrix<S>::Zero(130, 6), w_dense = w_table;
  Matrix<S> d_table = Matrix<S>::Zero(6, 9), d_dense = Matrix<S>::Zero(6, 70), summed = Matrix<S>::Zero(6, 9);
  MatrixRef<S> table_ref(d_table), dense_ref(d_dense);
  const auto feed = [&](auto&& gradient) {  // in two chunks, the later one first, as backward does
    gradient.add(30, MatrixMap<S>(d_a.col(30).data(), 130, 40));
    gradient.add(0, MatrixMap<S>(d_a.data(), 130, 30));
    gradient.finish();
  };
  feed(by_table.gradient(weight, MatrixMap<S>(w_table.data(), 130, 6), &table_ref, scratch));
  feed(by_column.gradient(weight, MatrixMap<S>(w_dense.data(), 130, 6), &dense_ref, scratch));
  for (Index n = 0; n < 70; ++n) summed.col(ids[static_cast<std::size_t>(n)]) += d_dense.col(n);
  CHECK((w_table - w_dense).cwiseAbs().maxCoeff() < tolerance);
  CHECK((d_table - summed).cwiseAbs().maxCoeff() < tolerance);
}

TEST_CASE("an embedding gathers, scatters and refuses strangers") {
  Parameters<double> parameters;
  const Embedding<double> embedding(parameters, "e", 4, 3);
  Random random(52);
  embedding.initialise(parameters, random);
  Matrix<double> x;
  const std::vector<Id> ids{2, 0, 2};
  embedding.forward(parameters, ids, x);
  CHECK(x.col(0) == parameters[embedding.weight()].col(2));
  CHECK(x.col(1) == parameters[embedding.weight()].col(0));
  Parameters<double> gradient = parameters.zeros_like();
  const Matrix<double> d = random_matrix<double>(3, 3, random);
  embedding.backward(ids, d, gradient);
  CHECK((gradient[embedding.weight()].col(2) - d.col(0) - d.col(2)).norm() < 1e-15);
  CHECK(gradient[embedding.weight()].col(1).norm() == 0);
  CHECK_THROWS_WITH_AS(embedding.forward(parameters, std::vector<Id>{1, 4}, x),
                       "Embedding: id 4 at position 1 is outside the vocabulary of 4", ValueError);
  CHECK_THROWS_WITH_AS(embedding.backward(ids, Matrix<double>::Zero(2, 3), gradient),
                       "Embedding::backward: vectors of size 2, expected 3", ShapeError);
  CHECK_THROWS_WITH_AS(embedding.backward(ids, Matrix<double>::Zero(3, 2), gradient),
                       "Embedding::backward: 3 ids but 2 columns", ShapeError);
  CHECK_THROWS_WITH_AS(TableInput<double>(parameters[embedding.weight()], std::vector<Id>{-1}),
                       "TableInput: id -1 at position 0 is outside the table of 4 columns", ValueError);
  CHECK_THROWS_WITH_AS(Embedding<double>(parameters, "f", 0, 3),
                       "Embedding: vocabulary and vector size must be at least 1, found 0 and 3", ValueError);
}

TEST_CASE("a linear layer: value, gradients, errors") {
  Parameters<double> parameters;
  const Linear<double> linear(parameters, {.input_size = 3, .output_size = 2, .prefix = "out."});
  parameters.at("out.weight") << 1, 2, 3, 4, 5, 6;
  parameters.at("out.bias") << 10, 20;
  Matrix<double> x(3, 2), y, d_x;
  x << 1, 0, 0, 1, 2, 0;
  linear.forward(parameters, x, y);
  Matrix<double> expected(2, 2);
  expected << 17, 12, 36, 25;
  CHECK(y == expected);
  Matrix<double> d_y(2, 2);
  d_y << 1, 0, 0, 2;
  Parameters<double> gradient = parameters.zeros_like();
  linear.backward(parameters, x, d_y, gradient, &d_x);
  Matrix<double> expected_w(2, 3), expected_x(3, 2);
  expected_w << 1, 0, 2, 0, 2, 0;
  expected_x << 1, 8, 2, 10, 3, 12;
  CHECK(gradient.at("out.weight") == expected_w);
  CHECK(gradient.at("out.bias") == (Matrix<double>(2, 1) << 1, 2).finished());
  CHECK(d_x == expected_x);
  CHECK_THROWS_WITH_AS(linear.backward(parameters, x, Matrix<double>::Zero(3, 2), gradient, nullptr),
                       "Linear::backward: d_y: expected shape 2 x 2, found 3 x 2", ShapeError);
  CHECK_THROWS_WITH_AS(Linear<double>(parameters, {.input_size = 3}),
                       "Linear: input and output size must be at least 1, found 3 and 0", ValueError);
  CHECK_THROWS_WITH_AS(linear.forward(parameters, Matrix<double>::Zero(4, 1), y),
                       "Linear: reads vectors of size 3, found 4", ShapeError);
}
