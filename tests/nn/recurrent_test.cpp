// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/nn/recurrent.hpp"

#include <doctest/doctest.h>

#include "rnnscope/nn/elman.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"
#include "support.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

TEST_CASE_TEMPLATE("backward equals the complex-step derivative: ragged, all biases, gradients everywhere",
                   Cell, Elman<double>, Gru<double>, Lstm<double>) {
  Random random(11);
  for (const auto& lengths :
       {std::vector<Index>{4, 6, 1, 6}, std::vector<Index>{5, 5}, std::vector<Index>{7, 0, 2}}) {
    const LayerProblem<Cell> problem(3, 5, PackedLayout::ragged(lengths), random);
    const Vector<double> expected = complex_step_gradient(
        [&](const Vector<std::complex<double>>& v) { return problem.loss(v); }, problem.pack_inputs());
    const Vector<double> found = problem.gradient();
    CHECK(expected.cwiseAbs().maxCoeff() > 0.1);
    CHECK(gradient_error(found, expected) < 1e-13);
  }
}

TEST_CASE_TEMPLATE("central differences agree with the complex step", Cell, Elman<double>, Gru<double>,
                   Lstm<double>) {
  Random random(12);
  const LayerProblem<Cell> problem(2, 3, PackedLayout::ragged({4, 2}), random);
  const Vector<double> expected = central_difference_gradient(
      [&](const Vector<double>& v) { return problem.loss(v); }, problem.pack_inputs());
  CHECK(gradient_error(problem.gradient(), expected) < 1e-8);
}

TEST_CASE_TEMPLATE("a packed ragged batch equals its sequences one by one", Cell, Elman<float>, Gru<float>,
                   Lstm<float>, Lstm<double>) {
  using S = typename Cell::Scalar;
  const double tolerance = std::is_same_v<S, float> ? 2e-6 : 1e-14;
  Random random(13);
  const Index input = 4, hidden = 19;
  Parameters<S> parameters;
  const Recurrent<Cell> layer(parameters, {.input_size = input, .hidden_size = hidden});
  randomise(parameters, random);
  const auto layout = PackedLayout::ragged({3, 8, 5});
  const Matrix<S> x = random_matrix<S>(input, layout.columns(), random);
  const LayerState<Cell> initial = random_state<Cell>(hidden, 3, random);
  Tape<Cell> tape;
  layer.forward(parameters, layout, DenseInput<S>(x), initial, tape);
  for (Index s = 0; s < 3; ++s) {
    const Index length = layout.length(s), slot = layout.slot(s);
    Matrix<S> own(input, length);
    for (Index t = 0; t < length; ++t) own.col(t) = x.col(layout.column(s, t));
    LayerState<Cell> start;
    for (std::size_t k = 0; k < start.size(); ++k) start[k] = initial[k].col(slot);
    Tape<Cell> alone;
    layer.forward(parameters, PackedLayout::uniform(length, 1), DenseInput<S>(own), start, alone);
    for (std::size_t k = 0; k < tape.channels.size(); ++k) {
      for (Index t = 0; t < length; ++t) {
        CHECK((tape.channels[k].col(layout.column(s, t)) - alone.channels[k].col(t)).norm() <
              tolerance * hidden);
      }
    }
    for (std::size_t k = 0; k < start.size(); ++k) {
      CHECK((tape.final[k].col(slot) - alone.final[k]).norm() < tolerance * hidden);
      CHECK(tape.final[k].col(slot) == tape.channels[k].col(layout.column(s, length - 1)));
    }
  }
}

TEST_CASE("two windows with the state carried over equal one long window") {
  using Cell = Lstm<double>;
  Random random(14);
  Parameters<double> parameters;
  const Recurrent<Cell> layer(parameters, {.input_size = 3, .hidden_size = 4});
  randomise(parameters, random);
  const Matrix<double> x = random_matrix<double>(3, 10 * 2, random);
  Tape<Cell> whole, first, second;
  layer.forward(parameters, PackedLayout::uniform(10, 2), DenseInput<double>(x), layer.zero_state(2), whole);
  layer.forward(parameters, PackedLayout::uniform(6, 2), DenseInput<double>(x.leftCols(12)),
                layer.zero_state(2), first);
  layer.forward(parameters, PackedLayout::uniform(4, 2), DenseInput<double>(x.rightCols(8)), first.final,
                second);
  CHECK((whole.hidden().rightCols(8) - second.hidden()).cwiseAbs().maxCoeff() < 1e-15);
  CHECK((whole.final[1] - second.final[1]).cwiseAbs().maxCoeff() < 1e-15);
}

TEST_CASE("windows wider than one projection chunk give the same as narrow ones") {
  using Cell = Gru<double>;
  Random random(15);
  Parameters<double> parameters;
  const Recurrent<Cell> layer(parameters, {.input_size = 2, .hidden_size = 3});
  randomise(parameters, random);
  const Index batch = 700, steps = 4;  // the buffer of projections holds one step
  const Matrix<double> x = random_matrix<double>(2, steps * batch, random);
  Tape<Cell> wide, narrow;
  layer.forward(parameters, PackedLayout::uniform(steps, batch), DenseInput<double>(x), layer.zero_state(batch),
                wide);
  Matrix<double> some(2, steps * 5);
  for (Index t = 0; t < steps; ++t) some.middleCols(t * 5, 5) = x.middleCols(t * batch + 300, 5);
  layer.forward(parameters, PackedLayout::uniform(steps, 5), DenseInput<double>(some), layer.zero_state(5),
                narrow);
  for (Index t = 0; t < steps; ++t) {
    CHECK((wide.hidden().middleCols(t * batch + 300, 5) - narrow.hidden().middleCols(t * 5, 5))
              .cwiseAbs()
              .maxCoeff() < 1e-14);
  }
}

TEST_CASE_TEMPLATE("same bits on repeat and for 1, 2 and 4 threads, forward and backward", Cell, Gru<float>,
                   Lstm<double>) {
  using S = typename Cell::Scalar;
  Random random(16);
  const Index input = 40, hidden = 150, batch = 30;
  Parameters<S> parameters;
  const Recurrent<Cell> layer(parameters, {.input_size = input, .hidden_size = hidden});
  layer.initialise(parameters, random);
  const auto layout = PackedLayout::uniform(6, batch);
  const Matrix<S> x = random_matrix<S>(input, layout.columns(), random);
  const int threads_before = thread_count();
  Matrix<S> hidden_states;
  Parameters<S> first_gradient;
  for (const int threads : {1, 2, 4, 2}) {
    set_thread_count(threads);
    Tape<Cell> tape;
    layer.forward(parameters, layout, DenseInput<S>(x), layer.zero_state(batch), tape);
    Parameters<S> gradient = parameters.zeros_like();
    layer.backward(parameters, layout, DenseInput<S>(x), tape, tape.hidden(), layer.zero_state(batch), gradient,
                   nullptr);
    if (hidden_states.size() == 0) {
      hidden_states = tape.hidden();
      first_gradient = gradient;
    }
    CHECK(tape.hidden() == hidden_states);
    CHECK(gradient == first_gradient);
  }
  set_thread_count(threads_before);
}

TEST_CASE("backward reads the tape only: twice the call, twice the gradient") {
  using Cell = Lstm<double>;
  Random random(17);
  const LayerProblem<Cell> problem(3, 4, PackedLayout::uniform(5, 2), random);
  CHECK(problem.gradient() == problem.gradient());
}

TEST_CASE("LSTM gates in isolation follow the closed formulas") {
  using Cell = Lstm<double>;
  Parameters<double> parameters;
  const Recurrent<Cell> layer(parameters, {.input_size = 1, .hidden_size = 1});
  const auto layout = PackedLayout::uniform(1, 1);
  Matrix<double> x(1, 1);
  x << 0.7;
  LayerState<Cell> start{Matrix<double>::Constant(1, 1, 0.3), Matrix<double>::Constant(1, 1, -0.9)};
  Tape<Cell> tape;
  const auto logistic = [](double v) { return 1 / (1 + std::exp(-v)); };
  for (Index gate = 0; gate < 4; ++gate) {
    parameters.set_zero();
    parameters[layer.weight_ih()](gate, 0) = 1.5;
    parameters[layer.weight_hh()](gate, 0) = -0.8;
    parameters[layer.bias_ih()](gate, 0) = 0.25;
    parameters[layer.bias_hh()](gate, 0) = 0.5;
    layer.forward(parameters, layout, DenseInput<double>(x), start, tape);
    const double p = 1.5 * 0.7 - 0.8 * 0.3 + 0.25 + 0.5;
    const double i = gate == 0 ? logistic(p) : 0.5, f = gate == 1 ? logistic(p) : 0.5;
    const double g = gate == 2 ? std::tanh(p) : 0.0, o = gate == 3 ? logistic(p) : 0.5;
    const double c = f * -0.9 + i * g;
    CHECK(tape.channel("i")(0, 0) == doctest::Approx(i).epsilon(1e-14));
    CHECK(tape.channel("f")(0, 0) == doctest::Approx(f).epsilon(1e-14));
    CHECK(tape.channel("g")(0, 0) == doctest::Approx(g).epsilon(1e-14));
    CHECK(tape.channel("o")(0, 0) == doctest::Approx(o).epsilon(1e-14));
    CHECK(tape.channel("c")(0, 0) == doctest::Approx(c).epsilon(1e-14));
    CHECK(tape.channel("h")(0, 0) == doctest::Approx(o * std::tanh(c)).epsilon(1e-14));
  }
}

TEST_CASE("no steps and no sequences are fine") {
  using Cell = Gru<float>;
  Parameters<float> parameters;
  const Recurrent<Cell> layer(parameters, {.input_size = 2, .hidden_size = 3});
  Tape<Cell> tape;
  const Matrix<float> nothing(2, 0);
  LayerState<Cell> start = layer.zero_state(2);
  start[0].setConstant(0.5f);
  layer.forward(parameters, PackedLayout::ragged({0, 0}), DenseInput<float>(nothing), start, tape);
  CHECK(tape.final[0] == start[0]);
  auto gradient = parameters.zeros_like();
  const auto d_initial = layer.backward(parameters, PackedLayout::ragged({0, 0}), DenseInput<float>(nothing),
                                        tape, Matrix<float>(3, 0), start, gradient, nullptr);
  CHECK(d_initial[0] == start[0]);  // what arrives at the final state is what reaches the initial one
  CHECK(gradient.flat().norm() == 0);
  layer.forward(parameters, PackedLayout(), DenseInput<float>(nothing), layer.zero_state(0), tape);
  CHECK(tape.final[0].cols() == 0);
}

TEST_CASE("wrong shapes are named") {
  using Cell = Lstm<float>;
  Parameters<float> parameters;
  CHECK_THROWS_WITH_AS(Recurrent<Cell>(parameters, {.input_size = 0, .hidden_size = 3}),
                       "Recurrent: input and hidden size must be at least 1, found 0 and 3", ValueError);
  const Recurrent<Cell> layer(parameters, {.input_size = 2, .hidden_size = 3});
  CHECK_THROWS_WITH_AS(Recurrent<Cell>(parameters, {.input_size = 2, .hidden_size = 3}),
                       "Parameters::add: there is already a tensor named 'weight_ih_l0'", ValueError);
  Tape<Cell> tape;
  const auto layout = PackedLayout::uniform(4, 2);
  const Matrix<float> x = Matrix<float>::Zero(2, 8), narrow = Matrix<float>::Zero(2, 7),
                      tall = Matrix<float>::Zero(3, 8);
  CHECK_THROWS_WITH_AS(layer.forward(parameters, layout, DenseInput<float>(tall), layer.zero_state(2), tape),
                       "Recurrent::forward: the layer reads vectors of size 2, found 3", ShapeError);
  CHECK_THROWS_WITH_AS(layer.forward(parameters, layout, DenseInput<float>(narrow), layer.zero_state(2), tape),
                       "Recurrent::forward: the layout has 8 columns, the input 7", ShapeError);
  CHECK_THROWS_WITH_AS(layer.forward(parameters, layout, DenseInput<float>(x), layer.zero_state(3), tape),
                       "Recurrent::forward: initial state: expected shape 3 x 2, found 3 x 3", ShapeError);
  layer.forward(parameters, layout, DenseInput<float>(x), layer.zero_state(2), tape);
  auto gradient = parameters.zeros_like();
  CHECK_THROWS_WITH_AS(layer.backward(parameters, layout, DenseInput<float>(x), tape, Matrix<float>::Zero(3, 7),
                                      layer.zero_state(2), gradient, nullptr),
                       "Recurrent::backward: d_hidden: expected shape 3 x 8, found 3 x 7", ShapeError);
  Parameters<float> other;
  CHECK_THROWS_WITH_AS(layer.backward(parameters, layout, DenseInput<float>(x), tape, tape.hidden(),
                                      layer.zero_state(2), other, nullptr),
                       "Recurrent::backward: gradient and parameters hold different tensors", ShapeError);
  const auto call = [&](const Tape<Cell>& recorded, MatrixRef<float>* d_input,
                        const LayerState<Cell>& d_final) {
    layer.backward(parameters, layout, DenseInput<float>(x), recorded, tape.hidden(), d_final, gradient,
                   d_input);
  };
  Matrix<float> small(2, 7);
  MatrixRef<float> small_ref(small);
  CHECK_THROWS_WITH_AS(call(tape, &small_ref, layer.zero_state(2)),
                       "Recurrent::backward: d_input: expected shape 2 x 8, found 2 x 7", ShapeError);
  CHECK_THROWS_WITH_AS(call(tape, nullptr, layer.zero_state(3)),
                       "Recurrent::backward: d_final: expected shape 3 x 2, found 3 x 3", ShapeError);
  Tape<Cell> other_cut;
  layer.forward(parameters, PackedLayout::uniform(2, 4), DenseInput<float>(x), layer.zero_state(4), other_cut);
  CHECK_THROWS_WITH_AS(call(other_cut, nullptr, layer.zero_state(2)),
                       "Recurrent::backward: initial state of the tape: expected shape 3 x 2, found 3 x 4",
                       ShapeError);
  CHECK_THROWS_WITH_AS(layer.backward(parameters, layout, DenseInput<float>(narrow), tape, tape.hidden(),
                                      layer.zero_state(2), gradient, nullptr),
                       "Recurrent::backward: expected an input of 2 x 8, found 2 x 7", ShapeError);
  CHECK_THROWS_WITH_AS(static_cast<void>(tape.channel("r")),
                       "Tape::channel: no channel 'r'; known: h c i f g o", ValueError);
}

TEST_CASE("a tape of states has the same states, and says what it does not have") {
  Random random(77);
  Parameters<double> parameters;
  const Recurrent<Lstm<double>> layer(parameters, {.input_size = 5, .hidden_size = 70});
  layer.initialise(parameters, random);
  const auto layout = PackedLayout::ragged({6, 4, 1});
  const Matrix<double> x = random_matrix<double>(5, layout.columns(), random);
  const LayerState<Lstm<double>> initial{random_matrix<double>(70, 3, random),
                                         random_matrix<double>(70, 3, random)};
  Tape<Lstm<double>> everything, states;
  states.keep(TapeContent::States);
  layer.forward(parameters, layout, DenseInput<double>(x), initial, everything);
  layer.forward(parameters, layout, DenseInput<double>(x), initial, states);
  CHECK(states.hidden() == everything.hidden());
  CHECK(states.channel("c") == everything.channel("c"));
  CHECK(states.final == everything.final);
  CHECK(states.channels[2].size() == 0);
  CHECK_THROWS_WITH_AS(static_cast<void>(states.channel("f")),
                       "Tape::channel: 'f' was not recorded: the run kept states only", ValueError);
  Parameters<double> gradient = parameters.zeros_like();
  CHECK_THROWS_WITH_AS(static_cast<void>(layer.backward(parameters, layout, DenseInput<double>(x), states,
                                                        everything.hidden(), initial, gradient, nullptr)),
                       "Recurrent::backward: the tape has no gates: the forward run kept states only",
                       ValueError);
  states.keep(TapeContent::Everything);
  layer.forward(parameters, layout, DenseInput<double>(x), initial, states);
  CHECK(states.channel("f") == everything.channel("f"));
}

TEST_CASE_TEMPLATE("wide layers over long ragged batches: states and gradient, across blocks and chunks", Cell,
                   Elman<double>, Lstm<double>, Gru<double>) {
  Random random(78);
  std::vector<Index> lengths;  // more than a thousand columns, steps of every width
  for (Index s = 0; s < 70; ++s) lengths.push_back(1 + (s * 7) % 33);
  LayerProblem<Cell> problem(5, 150, PackedLayout::ragged(lengths), random);
  REQUIRE(problem.layout.columns() > 1100);
  problem.parameters.flat() *= 0.1;
  // The complex step takes Eigen's products, so it shares neither kernels nor packing with what it checks.
  const Vector<double> at = problem.pack_inputs(), gradient = problem.gradient();
  for (int direction = 0; direction < 2; ++direction) {
    Vector<std::complex<double>> moved = at.template cast<std::complex<double>>();
    Vector<double> along(at.size());
    for (Index k = 0; k < at.size(); ++k) {
      along[k] = random.uniform(-1.0, 1.0);
      moved[k] += std::complex<double>(0, 1e-30 * along[k]);
    }
    const double expected = problem.loss(moved).imag() / 1e-30,
                 scale = gradient.cwiseProduct(along).cwiseAbs().sum();
    CHECK(std::abs(gradient.dot(along) - expected) < 1e-13 * scale);
    CHECK(std::abs(problem.loss(at) - problem.loss(moved).real()) < 1e-12 * std::abs(problem.loss(at)) + 1e-10);
  }
}

TEST_CASE_TEMPLATE("one stream has the same bits for 1, 2, 3 and 4 threads", Cell, Gru<float>, Lstm<double>) {
  using S = typename Cell::Scalar;
  Random random(79);
  Parameters<S> parameters;
  const Recurrent<Cell> layer(parameters, {.input_size = 7, .hidden_size = 330});
  layer.initialise(parameters, random);
  const auto layout = PackedLayout::uniform(40, 1);
  const Matrix<S> x = random_matrix<S>(7, 40, random);
  const int threads_before = thread_count();
  Tape<Cell> first;
  layer.forward(parameters, layout, DenseInput<S>(x), layer.zero_state(1), first);
  for (const int threads : {1, 2, 3, 4}) {
    set_thread_count(threads);
    Tape<Cell> tape;
    layer.forward(parameters, layout, DenseInput<S>(x), layer.zero_state(1), tape);
    CHECK((tape.hidden() - first.hidden()).cwiseAbs().maxCoeff() == 0);
  }
  set_thread_count(threads_before);
}
