// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/nn/stack.hpp"

#include <doctest/doctest.h>

#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"
#include "support.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

TEST_CASE("dropout between layers and after each: backward equals the differences of the same masked loss") {
  using Cell = Gru<double>;
  for (const auto placement : {DropoutPlacement::BetweenLayers, DropoutPlacement::AfterEach}) {
    Random random(31);
    Parameters<double> parameters;
    const Stack<Cell> stack(
        parameters, {.input_size = 3, .hidden_size = 4, .layers = 3, .dropout = 0.4, .placement = placement});
    randomise(parameters, random);
    const auto layout = PackedLayout::ragged({5, 2, 4});
    const Matrix<double> x = random_matrix<double>(3, layout.columns(), random);
    const Matrix<double> upstream = random_matrix<double>(4, layout.columns(), random);
    StackState<Cell> initial, upstream_final;
    for (int l = 0; l < 3; ++l) {
      initial.push_back(random_state<Cell>(4, 3, random));
      upstream_final.push_back(random_state<Cell>(4, 3, random));
    }
    const DropoutKey key{5, 6};
    const auto loss = [&](const Vector<double>& values) {
      Parameters<double> moved = parameters;
      moved.flat() = values;
      StackTape<Cell> tape;
      stack.forward(moved, layout, DenseInput<double>(x), initial, tape, key);
      double sum = tape.output().cwiseProduct(upstream).sum();
      for (std::size_t l = 0; l < 3; ++l)
        sum += tape.layers[l].final[0].cwiseProduct(upstream_final[l][0]).sum();
      return sum;
    };
    StackTape<Cell> tape;
    stack.forward(parameters, layout, DenseInput<double>(x), initial, tape, key);
    Matrix<double> d_output = upstream, d_x = Matrix<double>::Zero(3, layout.columns());
    MatrixRef<double> d_x_ref(d_x);
    Parameters<double> gradient = parameters.zeros_like();
    stack.backward(parameters, layout, DenseInput<double>(x), tape, d_output, upstream_final, gradient,
                   &d_x_ref, key);
    const Vector<double> expected = central_difference_gradient(loss, parameters.flat());
    CHECK(gradient_error(gradient.flat(), expected) < 1e-8);

    // The last layer's output is dropped only with AfterEach; in evaluation nothing is.
    CHECK((tape.dropped[2].size() > 0) == (placement == DropoutPlacement::AfterEach));
    CHECK(tape.dropped[1].size() > 0);
    CHECK((tape.output(0).array() == 0).any());
    stack.forward(parameters, layout, DenseInput<double>(x), initial, tape);
    CHECK_FALSE((tape.output(0).array() == 0).any());
    CHECK(&tape.output() == &tape.layers[2].hidden());
  }
}

TEST_CASE("final_state and the names of the tensors") {
  Parameters<float> parameters;
  const Stack<Lstm<float>> stack(parameters,
                                 {.input_size = 2, .hidden_size = 3, .layers = 2, .prefix = "lstm."});
  CHECK(parameters.tensors()[0].name == "lstm.weight_ih_l0");
  CHECK(parameters.tensors()[7].name == "lstm.bias_hh_l1");
  CHECK(parameters.at("lstm.weight_ih_l1").cols() == 3);
  Random random(32);
  stack.initialise(parameters, random);
  CHECK(parameters.flat().cwiseAbs().maxCoeff() <= 1 / std::sqrt(3.0f));
  CHECK(parameters.flat().cwiseAbs().minCoeff() > 0);
  StackTape<Lstm<float>> tape;
  const Matrix<float> x = random_matrix<float>(2, 8, random);
  stack.forward(parameters, PackedLayout::uniform(4, 2), DenseInput<float>(x), stack.zero_state(2), tape);
  CHECK(tape.final_state()[1][0] == tape.layers[1].hidden().rightCols(2));
}

TEST_CASE("bad configurations are named") {
  Parameters<float> parameters;
  using S = Stack<Lstm<float>>;
  CHECK_THROWS_WITH_AS(S(parameters, {.input_size = 2, .hidden_size = 3, .layers = 0}),
                       "Stack: needs at least one layer, found 0", ValueError);
  CHECK_THROWS_WITH_AS(S(parameters, {.input_size = 2, .hidden_size = 3, .dropout = 1}),
                       "Stack: dropout must lie in [0, 1), found 1", ValueError);
  const S stack(parameters, {.input_size = 2, .hidden_size = 3, .layers = 2});
  StackTape<Lstm<float>> tape;
  const Matrix<float> x = Matrix<float>::Zero(2, 1);
  CHECK_THROWS_WITH_AS(stack.forward(parameters, PackedLayout::uniform(1, 1), DenseInput<float>(x), {}, tape),
                       "Stack::forward: 2 layers but 0 initial states", ShapeError);
}
