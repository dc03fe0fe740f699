// SPDX-License-Identifier: BSD-3-Clause
// Cells of our own and of a user.
#include "rnnscope/nn/cell.hpp"

#include <doctest/doctest.h>

#include "leaky_cell.hpp"
#include "rnnscope/nn/bidirectional.hpp"
#include "rnnscope/nn/elman.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"
#include "support.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

namespace {

/// Everything that a cell may do: two states, two gates, dL/da different from dL/dq, the step, and a setting.
///
///     p = a_u + b_u    s = q_u + b'_u    u = tanh(p s)    f = sigmoid(a_f + b_f + q_f + b'_f)
///     c_t = f c_{t-1} + (1 - f) u        h_t = strength c_t + h_{t-1} / (t + 2)
template <class S>
struct ProductCell {
  using Scalar = S;
  template <class Other>
  using rebind = ProductCell<Other>;
  static constexpr std::string_view name = "product";
  static constexpr int states = 2;
  static constexpr std::array<std::string_view, 2> gate_names{"u", "f"};
  static constexpr std::array<std::string_view, 6> channel_names{"h", "c", "u", "f", "p", "s"};
  static constexpr bool shared_gradient = false;
  double strength = 0.8;

  void forward(const CellInput<ProductCell>& in, CellTape<ProductCell>& tape) const {
    const S p = in.a[0] + in.b_ih[0], s = in.q[0] + in.b_hh[0];
    const S u = tanh_value(p * s);
    const S f = sigmoid(in.a[1] + in.b_ih[1] + in.q[1] + in.b_hh[1]);
    const S c = f * in.previous[1] + (S(1) - f) * u;
    tape = {S(strength) * c + in.previous[0] / S(static_cast<double>(in.step + 2)), c, u, f, p, s};
  }
  void backward(const CellInput<ProductCell>& in, const CellTape<ProductCell>& tape,
                const CellState<ProductCell>& d_state, CellGradient<ProductCell>& d) const {
    const S u = tape[2], f = tape[3];
    const S d_c = d_state[1] + S(strength) * d_state[0];
    const S d_product = d_c * (S(1) - f) * (S(1) - u * u);
    d.a[0] = d_product * tape[5];
    d.q[0] = d_product * tape[4];
    d.a[1] = d.q[1] = d_c * (in.previous[1] - u) * f * (S(1) - f);
    d.previous[0] = d_state[0] / S(static_cast<double>(in.step + 2));
    d.previous[1] = d_c * f;
  }
};

struct Incomplete {  // which duties it misses, and what the compiler then says: cell_errors.sh
  using Scalar = float;
};

}  // namespace

static_assert(RecurrentCell<Elman<float>> && RecurrentCell<Gru<float>> && RecurrentCell<Lstm<float>>);
static_assert(RecurrentCell<Lstm<double>> && RecurrentCell<Gru<std::complex<double>>>);
static_assert(RecurrentCell<LeakyCell<double>> && RecurrentCell<ProductCell<float>>);
static_assert(!RecurrentCell<Incomplete> && !RecurrentCell<int>);
static_assert(gate_count<Gru<float>> == 3 && channel_count<Lstm<float>> == 6);

TEST_CASE_TEMPLATE("a cell written by a user trains in the same layer: gradients by complex step", Cell,
                   LeakyCell<double>, ProductCell<double>) {
  Random random(21);
  const LayerProblem<Cell> problem(3, 4, PackedLayout::ragged({3, 6, 0, 4}), random);
  const Vector<double> expected = complex_step_gradient(
      [&](const Vector<std::complex<double>>& v) { return problem.loss(v); }, problem.pack_inputs());
  CHECK(gradient_error(problem.gradient(), expected) < 1e-13);
}

TEST_CASE_TEMPLATE("the layer gives a user's cell what it promises", S, float, double) {
  using Cell = ProductCell<S>;
  const double tolerance = std::is_same_v<S, float> ? 1e-6 : 1e-14;
  Random random(22);
  Parameters<S> parameters;
  const Recurrent<Cell> layer(parameters, {.input_size = 1, .hidden_size = 1}, Cell{.strength = 0.3});
  CHECK(layer.cell().strength == 0.3);
  randomise(parameters, random);
  const Matrix<S> x = random_matrix<S>(1, 5, random);
  const LayerState<Cell> start = random_state<Cell>(1, 1, random);
  Tape<Cell> tape;
  layer.forward(parameters, PackedLayout::uniform(5, 1), DenseInput<S>(x), start, tape);
  const auto weight = [&](const char* name, Index row) {
    return static_cast<double>(parameters.at(name)(row, 0));
  };
  double h = static_cast<double>(start[0](0, 0)), c = static_cast<double>(start[1](0, 0));
  for (Index t = 0; t < 5; ++t) {
    const double v = static_cast<double>(x(0, t));
    const double p = weight("weight_ih_l0", 0) * v + weight("bias_ih_l0", 0);
    const double s = weight("weight_hh_l0", 0) * h + weight("bias_hh_l0", 0);
    const double f = 1 / (1 + std::exp(-weight("weight_ih_l0", 1) * v - weight("bias_ih_l0", 1) -
                                       weight("weight_hh_l0", 1) * h - weight("bias_hh_l0", 1)));
    c = f * c + (1 - f) * std::tanh(p * s);
    h = 0.3 * c + h / static_cast<double>(t + 2);
    CHECK(std::abs(static_cast<double>(tape.channel("p")(0, t)) - p) < tolerance);
    CHECK(std::abs(static_cast<double>(tape.channel("s")(0, t)) - s) < tolerance);
    CHECK(std::abs(static_cast<double>(tape.channel("f")(0, t)) - f) < tolerance);
    CHECK(std::abs(static_cast<double>(tape.channel("c")(0, t)) - c) < tolerance);
    CHECK(std::abs(static_cast<double>(tape.hidden()(0, t)) - h) < tolerance);
  }
  CHECK(tape.final[1](0, 0) == tape.channel("c")(0, 4));
}

TEST_CASE("a user's cell works in stacks that read in both directions") {
  using Cell = LeakyCell<double>;
  Random random(23);
  Parameters<double> parameters;
  const BidirectionalStack<Cell> stack(parameters, {.input_size = 2, .hidden_size = 3, .layers = 2});
  randomise(parameters, random);
  const auto layout = PackedLayout::ragged({4, 5});
  const Matrix<double> x = random_matrix<double>(2, layout.columns(), random);
  const Matrix<double> upstream = random_matrix<double>(6, layout.columns(), random);
  const auto loss = [&](const Vector<double>& values) {
    Parameters<double> moved = parameters;
    moved.flat() = values;
    StackTape<Cell, Bidirectional> tape;
    stack.forward(moved, layout, DenseInput<double>(x), stack.zero_state(2), tape);
    return tape.output().cwiseProduct(upstream).sum();
  };
  StackTape<Cell, Bidirectional> tape;
  stack.forward(parameters, layout, DenseInput<double>(x), stack.zero_state(2), tape);
  Parameters<double> gradient = parameters.zeros_like();
  Matrix<double> d_output = upstream;
  stack.backward(parameters, layout, DenseInput<double>(x), tape, d_output, stack.zero_state(2), gradient,
                 nullptr);
  CHECK(gradient_error(gradient.flat(), central_difference_gradient(loss, parameters.flat())) < 1e-9);
}
