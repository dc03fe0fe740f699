// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/nn/cell.hpp"

#include <doctest/doctest.h>

#include "rnnscope/nn/elman.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"
#include "support.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

namespace {

/// A user's own cell: h_t = (1 - k) h_{t-1} + k tanh(W x + b + W_hh h_{t-1} + b'), a leaky integrator.
template <class S>
struct LeakyCell {
  using Scalar = S;
  template <class Other>
  using rebind = LeakyCell<Other>;
  static constexpr std::string_view name = "leaky";
  static constexpr int states = 1;
  static constexpr std::array<std::string_view, 1> gate_names{"u"};
  static constexpr std::array<std::string_view, 2> channel_names{"h", "u"};
  static constexpr bool shared_gradient = true;
  static constexpr double k = 0.3;

  void forward(const CellInput<LeakyCell>& in, CellTape<LeakyCell>& tape) const {
    const S u = tanh_value(in.a[0] + in.b_ih[0] + in.q[0] + in.b_hh[0]);
    tape[0] = S(1 - k) * in.previous[0] + S(k) * u;
    tape[1] = u;
  }
  void backward(const CellInput<LeakyCell>&, const CellTape<LeakyCell>& tape,
                const CellState<LeakyCell>& d_state, CellGradient<LeakyCell>& d) const {
    d.a[0] = d.q[0] = d_state[0] * S(k) * (S(1) - tape[1] * tape[1]);
    d.previous[0] = S(1 - k) * d_state[0];
  }
};

struct Incomplete {
  using Scalar = float;
  static constexpr int states = 1;
};

}  // namespace

static_assert(RecurrentCell<Elman<float>> && RecurrentCell<Gru<float>> && RecurrentCell<Lstm<float>>);
static_assert(RecurrentCell<Lstm<double>> && RecurrentCell<Gru<std::complex<double>>>);
static_assert(RecurrentCell<LeakyCell<double>>);
static_assert(!RecurrentCell<Incomplete> && !RecurrentCell<int>);
static_assert(gate_count<Gru<float>> == 3 && channel_count<Lstm<float>> == 6);

TEST_CASE("a cell written by a user runs and trains in the same layer") {
  Random random(21);
  const LayerProblem<LeakyCell<double>> problem(3, 4, PackedLayout::ragged({5, 3}), random);
  const Vector<double> expected = complex_step_gradient(
      [&](const Vector<std::complex<double>>& v) { return problem.loss(v); }, problem.pack_inputs());
  CHECK(gradient_error(problem.gradient(), expected) < 1e-13);
}
