// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/nn/tied_linear.hpp"

#include <doctest/doctest.h>

#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/loss.hpp"
#include "support.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

namespace {

/// Embedding -> GRU -> scores by the same table -> cross-entropy, in any arithmetic.
template <class Z>
struct TiedModel {
  using Cell = Gru<Z>;
  Parameters<Z> parameters;
  Embedding<Z> embedding{parameters, "embedding.weight", 6, 3};
  Recurrent<Cell> gru{parameters, {.input_size = 3, .hidden_size = 3}};
  TiedLinear<Z> readout{parameters, embedding, {.prefix = "readout."}};

  Z loss(const PackedLayout& layout, const std::vector<Id>& ids, const std::vector<Id>& targets,
         Parameters<Z>* gradient) const {
    Matrix<Z> x, scores, d_hidden;
    Tape<Cell> tape;
    embedding.forward(parameters, ids, x);
    const DenseInput<Z> input(x);
    gru.forward(parameters, layout, input, gru.zero_state(layout.batch()), tape);
    readout.forward(parameters, tape.hidden(), scores);
    const Z sum = softmax_cross_entropy<Z>(scores, targets, Z(1));
    if (gradient != nullptr) {
      readout.backward(parameters, tape.hidden(), scores, *gradient, &d_hidden);
      Matrix<Z> d_x = Matrix<Z>::Zero(x.rows(), x.cols());
      MatrixRef<Z> d_x_ref(d_x);
      gru.backward(parameters, layout, input, tape, d_hidden, gru.zero_state(layout.batch()), *gradient,
                   &d_x_ref);
      embedding.backward(ids, d_x, *gradient);
    }
    return sum;
  }
};

}  // namespace

TEST_CASE("one table for input and scores: the gradient of both uses arrives in it") {
  Random random(96);
  TiedModel<double> model;
  randomise(model.parameters, random);
  const auto layout = PackedLayout::ragged({5, 3, 4});
  std::vector<Id> ids, targets;
  for (Index n = 0; n < layout.columns(); ++n) {
    ids.push_back(static_cast<Id>(random.below(5)));  // symbol 5 is only ever scored
    targets.push_back(static_cast<Id>(random.below(6)));
  }
  Parameters<double> gradient = model.parameters.zeros_like();
  model.loss(layout, ids, targets, &gradient);
  const Vector<double> expected = complex_step_gradient(
      [&](const Vector<std::complex<double>>& v) {
        TiedModel<std::complex<double>> moved;
        moved.parameters.flat() = v;
        return moved.loss(layout, ids, targets, nullptr);
      },
      model.parameters.flat());
  CHECK(gradient_error(gradient.flat(), expected) < 1e-13);
  CHECK(model.parameters.tensors().size() == 6);
  CHECK(model.parameters.contains("readout.bias"));
}

TEST_CASE_TEMPLATE("the scores are E^T h + b", S, float, double) {
  Random random(97);
  Parameters<S> parameters;
  const Embedding<S> embedding(parameters, "e", 50, 7);
  const TiedLinear<S> readout(parameters, embedding);
  randomise(parameters, random);
  const Matrix<S> h = random_matrix<S>(7, 9, random);
  Matrix<S> y;
  readout.forward(parameters, h, y);
  const Matrix<double> table = parameters.at("e").template cast<double>();
  const Matrix<double> expected = (table.transpose() * h.template cast<double>()).colwise() +
                                  Vector<double>(parameters.at("bias").template cast<double>());
  CHECK((y.template cast<double>() - expected).cwiseAbs().maxCoeff() <
        (std::is_same_v<S, float> ? 1e-5 : 1e-14));
  readout.initialise(parameters);
  CHECK(parameters.at("bias").isZero());
  CHECK_FALSE(parameters.at("e").isZero());
  CHECK_THROWS_WITH_AS(
      readout.forward(parameters, Matrix<S>(8, 2), y),
      "TiedLinear: the embedding's vectors have size 7, so the hidden states must have, found 8", ShapeError);
  Parameters<S> gradient = parameters.zeros_like();
  CHECK_THROWS_WITH_AS(readout.backward(parameters, h, Matrix<S>(49, 9), gradient, nullptr),
                       "TiedLinear::backward: d_y: expected shape 50 x 9, found 49 x 9", ShapeError);
}
