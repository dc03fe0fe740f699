// SPDX-License-Identifier: BSD-3-Clause
// Two-layer stacks against PyTorch: outputs, final states and all gradients
// (tests/data/make_torch_fixtures.py).
#include <doctest/doctest.h>

#include <filesystem>

#include "rnnscope/format/npy.hpp"
#include "rnnscope/model/torch_weights.hpp"
#include "rnnscope/nn/elman.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"
#include "rnnscope/nn/stack.hpp"

using namespace rnnscope;

namespace {

const std::filesystem::path fixtures =
    std::filesystem::path(__FILE__).parent_path().parent_path() / "data" / "torch";

/// Every parameter of `parameters` from `folder/<prefix><name>.npy`.
Parameters<double> load_parameters(const std::filesystem::path& folder, const std::string& prefix,
                                   const Parameters<double>& layout) {
  NamedArrays arrays;
  for (const TensorInfo& tensor : layout.tensors()) {
    const auto array = load_npy<double>(folder / (prefix + tensor.name + ".npy"));
    arrays.add<double>(tensor.name, std::vector<Index>(array.shape().begin(), array.shape().end()),
                       std::vector<double>(array.begin(), array.end()));
  }
  Parameters<double> result = layout;
  read_torch_weights(arrays, result, "embedding.weight");
  return result;
}

/// PyTorch's [layers, B, H] as the k-th part of a stack's state.
template <class Cell>
void load_state(const std::filesystem::path& file, std::size_t part, StackState<Cell>& state) {
  const Matrix<double> all = load_npy_matrix<double>(file);  // H x (layers * B)
  const Index batch = all.cols() / static_cast<Index>(state.size());
  for (std::size_t l = 0; l < state.size(); ++l)
    state[l][part] = all.middleCols(static_cast<Index>(l) * batch, batch);
}

template <class A, class B>
double difference(const A& a, const B& b) {
  REQUIRE(a.rows() == b.rows());
  REQUIRE(a.cols() == b.cols());
  return (a - b).cwiseAbs().maxCoeff();
}

}  // namespace

TEST_CASE_TEMPLATE("a stack equals PyTorch's module: forward 1e-12, gradients 1e-10", Cell, Elman<double>,
                   Gru<double>, Lstm<double>) {
  const auto folder = fixtures / Cell::name;
  Parameters<double> layout_only;
  const Stack<Cell> stack(layout_only, {.input_size = 3, .hidden_size = 5, .layers = 2});
  const Parameters<double> parameters = load_parameters(folder, "", layout_only);
  const auto layout = PackedLayout::ragged({6, 6, 4, 1});
  const Matrix<double> x = load_npy_matrix<double>(folder / "x.npy");
  const std::string parts = "hc";
  StackState<Cell> initial = stack.zero_state(4), final = initial, upstream_final = initial,
                   d_initial = initial;
  for (std::size_t k = 0; k < static_cast<std::size_t>(Cell::states); ++k) {
    const std::string part(1, parts[k]);
    load_state<Cell>(folder / (part + "0.npy"), k, initial);
    load_state<Cell>(folder / (part + "n.npy"), k, final);
    load_state<Cell>(folder / ("upstream_" + part + "n.npy"), k, upstream_final);
    load_state<Cell>(folder / ("grad_" + part + "0.npy"), k, d_initial);
  }
  StackTape<Cell> tape;
  stack.forward(parameters, layout, DenseInput<double>(x), initial, tape);
  CHECK(difference(tape.output(), load_npy_matrix<double>(folder / "output.npy")) < 1e-12);
  Matrix<double> d_output = load_npy_matrix<double>(folder / "upstream.npy");
  Matrix<double> d_x = Matrix<double>::Zero(x.rows(), x.cols());
  MatrixRef<double> d_x_ref(d_x);
  Parameters<double> gradient = parameters.zeros_like();
  const auto found_initial = stack.backward(parameters, layout, DenseInput<double>(x), tape, d_output,
                                            upstream_final, gradient, &d_x_ref);
  CHECK(difference(d_x, load_npy_matrix<double>(folder / "grad_x.npy")) < 1e-10);
  CHECK(difference(gradient.flat(), load_parameters(folder, "grad_", layout_only).flat()) < 1e-10);
  for (std::size_t l = 0; l < 2; ++l) {
    for (std::size_t k = 0; k < static_cast<std::size_t>(Cell::states); ++k) {
      CHECK(difference(tape.layers[l].final[k], final[l][k]) < 1e-12);
      CHECK(difference(found_initial[l][k], d_initial[l][k]) < 1e-10);
    }
  }

  // The same in single precision, by rounding everything first.
  using Single = typename Cell::template rebind<float>;
  Parameters<float> single_parameters;
  const Stack<Single> single(single_parameters, {.input_size = 3, .hidden_size = 5, .layers = 2});
  single_parameters = parameters.template cast<float>();
  StackState<Single> single_initial = single.zero_state(4);
  for (std::size_t l = 0; l < 2; ++l) {
    for (std::size_t k = 0; k < single_initial[l].size(); ++k)
      single_initial[l][k] = initial[l][k].template cast<float>();
  }
  StackTape<Single> single_tape;
  const Matrix<float> single_x = x.cast<float>();
  single.forward(single_parameters, layout, DenseInput<float>(single_x), single_initial, single_tape);
  CHECK(difference(single_tape.output().template cast<double>(),
                   load_npy_matrix<double>(folder / "output.npy")) < 2e-6);
}
