// SPDX-License-Identifier: BSD-3-Clause
// Two bidirectional layers against PyTorch: outputs, final states and all gradients.
#include <doctest/doctest.h>

#include "rnnscope/nn/bidirectional.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"
#include "torch_fixture.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

namespace {

/// PyTorch's [2 * layers, B, H]: layer 0, layer 0 reverse, layer 1, ...
template <class Cell>
StackState<Cell, Bidirectional> load_state(const std::filesystem::path& folder, const std::string& before,
                                           const std::string& after, Index layers) {
  const std::string parts = "hc";
  StackState<Cell, Bidirectional> state(static_cast<std::size_t>(layers));
  for (std::size_t k = 0; k < static_cast<std::size_t>(Cell::states); ++k) {
    const Matrix<double> all = load_columns(folder, before + parts[k] + after);
    const Index batch = all.cols() / (2 * layers);
    for (Index l = 0; l < layers; ++l) {
      state[static_cast<std::size_t>(l)].forward[k] = all.middleCols(2 * l * batch, batch);
      state[static_cast<std::size_t>(l)].reverse[k] = all.middleCols((2 * l + 1) * batch, batch);
    }
  }
  return state;
}

template <class Cell>
double state_difference(const StackState<Cell, Bidirectional>& a, const StackState<Cell, Bidirectional>& b) {
  double largest = 0;
  for (std::size_t l = 0; l < a.size(); ++l) {
    for (std::size_t k = 0; k < a[l].forward.size(); ++k) {
      largest = std::max({largest, (a[l].forward[k] - b[l].forward[k]).cwiseAbs().maxCoeff(),
                          (a[l].reverse[k] - b[l].reverse[k]).cwiseAbs().maxCoeff()});
    }
  }
  return largest;
}

}  // namespace

TEST_CASE_TEMPLATE("a bidirectional stack equals PyTorch's: forward 1e-12, gradients 1e-10", Cell, Gru<double>,
                   Lstm<double>) {
  const auto folder = torch_fixture("bidirectional_" + std::string(Cell::name));
  Parameters<double> names;
  const BidirectionalStack<Cell> stack(names, {.input_size = 3, .hidden_size = 4, .layers = 2});
  CHECK(names.tensors()[12].name == "weight_ih_l1_reverse");
  CHECK(names.at("weight_ih_l1_reverse").cols() == 8);
  const Parameters<double> parameters = load_flat(folder, "parameters", names);
  const auto layout = PackedLayout::ragged({7, 5, 5, 1});
  const Matrix<double> x = load_columns(folder, "x");
  StackTape<Cell, Bidirectional> tape;
  stack.forward(parameters, layout, DenseInput<double>(x), load_state<Cell>(folder, "", "0", 2), tape);
  CHECK((tape.output() - load_columns(folder, "output")).cwiseAbs().maxCoeff() < 1e-12);
  CHECK(state_difference<Cell>(tape.final_state(), load_state<Cell>(folder, "", "n", 2)) < 1e-12);

  Matrix<double> d_output = load_columns(folder, "upstream"), d_x = Matrix<double>::Zero(3, layout.columns());
  MatrixRef<double> d_x_ref(d_x);
  Parameters<double> gradient = parameters.zeros_like();
  const auto d_initial = stack.backward(parameters, layout, DenseInput<double>(x), tape, d_output,
                                        load_state<Cell>(folder, "upstream_", "n", 2), gradient, &d_x_ref);
  CHECK((d_x - load_columns(folder, "grad_x")).cwiseAbs().maxCoeff() < 1e-10);
  CHECK((gradient.flat() - load_flat(folder, "gradients", names).flat()).cwiseAbs().maxCoeff() < 1e-10);
  CHECK(state_difference<Cell>(d_initial, load_state<Cell>(folder, "grad_", "0", 2)) < 1e-10);
}
