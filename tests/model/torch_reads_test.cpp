// SPDX-License-Identifier: BSD-3-Clause
// PyTorch itself reads what we write and computes the same; we read what it writes. Skipped without it.
#include <doctest/doctest.h>

#include "../python.hpp"
#include "../temporary_folder.hpp"
#include "rnnscope/format/npy.hpp"
#include "rnnscope/format/npz.hpp"
#include "rnnscope/format/safetensors.hpp"
#include "rnnscope/model/model_file.hpp"
#include "rnnscope/nn/bidirectional.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"

using namespace rnnscope;
using rnnscope::test::TemporaryFolder;

namespace {

/// A reader of safetensors that shares nothing with ours, and a stack of layers of either kind.
const std::string beginning = R"(
import json, sys
import numpy as np, torch
torch.set_default_dtype(torch.float64)

def read_safetensors(path):
    raw = open(path, 'rb').read()
    size = int.from_bytes(raw[:8], 'little')
    header = json.loads(raw[8:8 + size])
    header.pop('__metadata__', None)
    types = {'F64': '<f8', 'F32': '<f4', 'F16': '<f2'}
    result = {}
    for name, entry in header.items():
        begin, end = entry['data_offsets']
        data = np.frombuffer(raw[8 + size + begin:8 + size + end], types[entry['dtype']])
        result[name] = torch.tensor(data.reshape(entry['shape']).copy())
    return result
)";

Matrix<double> random_matrix(Index rows, Index cols, Random& random) {
  Matrix<double> result(rows, cols);
  for (Index k = 0; k < result.size(); ++k) result.data()[k] = random.normal();
  return result;
}

template <class Stack, class S>
Matrix<S> output(const Stack& stack, const Parameters<S>& parameters, const Matrix<S>& x) {
  using Cell = Lstm<S>;
  StackTape<Cell, Bidirectional> tape;
  stack.forward(parameters, PackedLayout::uniform(7, 3), DenseInput<S>(x), stack.zero_state(3), tape);
  return tape.output();
}

double difference(const Matrix<double>& a, const Matrix<double>& b) {
  REQUIRE(a.rows() == b.rows());
  REQUIRE(a.cols() == b.cols());
  return (a - b).cwiseAbs().maxCoeff();
}

}  // namespace

TEST_CASE("nn.LSTM with two layers in both directions: our file in, its output; its file in, our output") {
  const auto python = test::python_with("numpy, torch");
  if (!python) return;
  const TemporaryFolder folder;
  Parameters<double> parameters;
  const BidirectionalStack<Lstm<double>> stack(parameters, {.input_size = 4, .hidden_size = 5, .layers = 2});
  Random random(71);
  for (Index k = 0; k < parameters.size(); ++k) parameters.flat()(k) = random.uniform(-0.8, 0.8);
  const Matrix<double> x = random_matrix(4, 7 * 3, random);
  save_npy(folder / "x.npy", x, {7, 3, 4});
  const NamedArrays arrays = torch_weights(parameters, "");
  CHECK(arrays.contains("weight_hh_l1_reverse"));
  write_safetensors(folder / "ours.safetensors", arrays);
  write_npz(folder / "ours.npz", arrays);
  const std::string program = beginning + R"(
import os; os.chdir(os.path.dirname(os.path.abspath(__file__)))
x = torch.tensor(np.load('x.npy'))
lstm = torch.nn.LSTM(4, 5, num_layers=2, bidirectional=True)
lstm.load_state_dict(read_safetensors('ours.safetensors'), strict=True)
np.save('one.npy', lstm(x)[0].detach().numpy())
packed = np.load('ours.npz')
lstm.load_state_dict({name: torch.tensor(packed[name]) for name in packed}, strict=True)
np.save('two.npy', lstm(x)[0].detach().numpy())
torch.manual_seed(1)
other = torch.nn.LSTM(4, 5, num_layers=2, bidirectional=True)
np.savez_compressed('theirs.npz', **{name: value.numpy() for name, value in other.state_dict().items()})
np.save('three.npy', other(x)[0].detach().numpy())
)";
  REQUIRE(test::run_python(*python, folder / "check.py", program));
  const Matrix<double> ours = output(stack, parameters, x);
  CHECK(difference(load_npy_matrix<double>(folder / "one.npy"), ours) < 1e-13);
  CHECK(difference(load_npy_matrix<double>(folder / "two.npy"), ours) < 1e-13);
  const NamedArrays theirs = read_npz(folder / "theirs.npz");
  read_torch_weights(theirs, parameters, "");
  CHECK(difference(load_npy_matrix<double>(folder / "three.npy"), output(stack, parameters, x)) < 1e-13);
  CHECK(torch_weights(parameters, "").at("bias_hh_l1_reverse") == theirs.at("bias_hh_l1_reverse"));
}

TEST_CASE_TEMPLATE("a saved language model gives PyTorch the same probabilities", Cell, Lstm<float>,
                   Gru<double>) {
  const auto python = test::python_with("numpy, torch");
  if (!python) return;
  using S = typename Cell::Scalar;
  const TemporaryFolder folder;
  LanguageModel<Cell> model({.vocabulary_size = 6, .embedding_size = 3, .hidden_size = 5, .layers = 2});
  Random random(72);
  model.initialise(random);
  save_language_model(folder / "model.safetensors", model, Vocabulary({"a", "b", "c", "d", "e", "f"}));
  const std::vector<Id> ids{0, 3, 5, 1, 1, 4, 2, 0};
  save_npy_vector<Id>(folder / "ids.npy", ids);
  const std::string program = beginning + R"(
import os; os.chdir(os.path.dirname(os.path.abspath(__file__)))
class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(6, 3)
        self.rnn = torch.nn.)" +
                              std::string(Cell::name == "lstm" ? "LSTM" : "GRU") + R"((3, 5, num_layers=2)
        self.readout = torch.nn.Linear(5, 6)
    def forward(self, ids):
        return self.readout(self.rnn(self.embedding(ids))[0])
model = Model()
model.load_state_dict({name: value.double() for name, value in read_safetensors('model.safetensors').items()})
scores = model(torch.tensor(np.load('ids.npy')).long().reshape(-1, 1))
np.save('scores.npy', scores.detach().numpy().reshape(-1, 6))
)";
  REQUIRE(test::run_python(*python, folder / "check.py", program));
  typename LanguageModel<Cell>::Workspace workspace;
  auto state = model.zero_state(1);
  model.run(PackedLayout::uniform(8, 1), ids, state, workspace);
  model.score(workspace);
  CHECK(difference(load_npy_matrix<double>(folder / "scores.npy"), workspace.scores.template cast<double>()) <
        (std::is_same_v<S, double> ? 1e-14 : 1e-6));
}
