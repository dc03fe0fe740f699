// SPDX-License-Identifier: BSD-3-Clause
// Weights in the layouts of Keras, ONNX and oneDNN: plain loops over the exported numbers, in the formulas and
// gate orders of their documentation, compute the states of our layers.
#include "rnnscope/model/layer_weights.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <functional>

#include "rnnscope/core/file.hpp"
#include "rnnscope/format/npy.hpp"
#include "rnnscope/format/npy_array.hpp"
#include "rnnscope/model/keras_weights.hpp"
#include "rnnscope/model/onednn_weights.hpp"
#include "rnnscope/model/onnx_weights.hpp"
#include "rnnscope/nn/bidirectional.hpp"
#include "rnnscope/nn/elman.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"

using namespace rnnscope;

namespace {

constexpr Index size = 4, hidden = 4, steps = 6;  // equal, as oneDNN wants them

/// Where a framework keeps the numbers of gate k, unit u.
struct Numbers {
  std::function<double(Index k, Index u, Index i)> input, recurrent;
  std::function<double(Index k, Index u)> input_bias, recurrent_bias;
};

/// Which block is which gate.
struct LstmOrder {
  Index i, f, c, o;
};
struct GruOrder {
  Index z, r, h;
};

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

/// h_t of all steps, `hidden x steps`.
Matrix<double> states(const Numbers& numbers, const std::string& cell, const LstmOrder& lstm,
                      const GruOrder& gru, const Matrix<double>& x, bool reverse) {
  Matrix<double> result(hidden, steps);
  std::vector<double> h(hidden, 0), c(hidden, 0);
  for (Index k = 0; k < steps; ++k) {
    const Index t = reverse ? steps - 1 - k : k;
    std::vector<double> next(hidden);
    for (Index u = 0; u < hidden; ++u) {
      const auto from_x = [&](Index gate) {
        double sum = numbers.input_bias(gate, u);
        for (Index i = 0; i < size; ++i) sum += numbers.input(gate, u, i) * x(i, t);
        return sum;
      };
      const auto from_h = [&](Index gate) {
        double sum = numbers.recurrent_bias(gate, u);
        for (Index j = 0; j < hidden; ++j)
          sum += numbers.recurrent(gate, u, j) * h[static_cast<std::size_t>(j)];
        return sum;
      };
      const auto both = [&](Index gate) { return from_x(gate) + from_h(gate); };
      const auto place = static_cast<std::size_t>(u);
      if (cell == "lstm") {
        c[place] = logistic(both(lstm.f)) * c[place] + logistic(both(lstm.i)) * std::tanh(both(lstm.c));
        next[place] = logistic(both(lstm.o)) * std::tanh(c[place]);
      } else if (cell == "gru") {  // reset after the product
        const double z = logistic(both(gru.z)), r = logistic(both(gru.r));
        next[place] = z * h[place] + (1 - z) * std::tanh(from_x(gru.h) + r * from_h(gru.h));
      } else {
        next[place] = std::tanh(both(0));
      }
    }
    h = next;
    for (Index u = 0; u < hidden; ++u) result(u, t) = h[static_cast<std::size_t>(u)];
  }
  return result;
}

std::size_t at(Index place) { return static_cast<std::size_t>(place); }

/// A layer that reads both ways, with random weights, every gate different.
template <class Cell>
struct Fixture {
  using S = typename Cell::Scalar;
  Parameters<S> parameters;
  Bidirectional<Cell> layer{parameters, {.input_size = size, .hidden_size = hidden, .prefix = "rnn."}};
  Matrix<double> x = Matrix<double>(size, steps);
  static constexpr Index gates = gate_count<Cell>;
  static constexpr double tolerance = std::is_same_v<S, double> ? 1e-14 : 1e-6;

  Fixture() {
    Random random(31);
    for (Index k = 0; k < parameters.size(); ++k) parameters.flat()(k) = static_cast<S>(random.uniform(-1, 1));
    for (Index k = 0; k < x.size(); ++k) x.data()[k] = static_cast<double>(static_cast<S>(random.normal()));
  }
  /// `2 hidden x steps`: forward above reverse.
  Matrix<double> run(const Parameters<S>& weights) const {
    const Matrix<S> input = x.cast<S>();
    BidirectionalTape<Cell> tape;
    layer.forward(weights, PackedLayout::uniform(steps, 1), DenseInput<S>(input), layer.zero_state(1), tape);
    return tape.output.template cast<double>();
  }
  [[nodiscard]] LayerWeights<S> weights(bool reverse) const {
    return layer_weights(parameters, "rnn.", reverse ? "_l0_reverse" : "_l0");
  }
  void check(const Numbers& numbers, bool reverse, const LstmOrder& lstm, const GruOrder& gru) const {
    const Matrix<double> expected = run(parameters).middleRows(reverse ? hidden : 0, hidden);
    const Matrix<double> found = states(numbers, std::string(Cell::name), lstm, gru, x, reverse);
    CHECK((found - expected).cwiseAbs().maxCoeff() < tolerance);
  }
  void check_import(const LayerWeights<S>& forward, const LayerWeights<S>& reverse) const {
    Parameters<S> again = parameters.zeros_like();
    set_layer_weights(again, "rnn.", "_l0", forward);
    set_layer_weights(again, "rnn.", "_l0_reverse", reverse);
    CHECK((run(again) - run(parameters)).cwiseAbs().maxCoeff() < tolerance);
  }
};

}  // namespace

TEST_CASE_TEMPLATE("Keras", Cell, Lstm<double>, Gru<double>, Elman<double>, Gru<float>) {
  using S = typename Cell::Scalar;
  const Fixture<Cell> fixture;
  constexpr Index rows = Fixture<Cell>::gates * hidden;
  const bool gru = Cell::name == "gru";
  std::vector<LayerWeights<S>> imported;
  for (const bool reverse : {false, true}) {
    const NamedArrays arrays = keras_weights<Cell>(fixture.weights(reverse), "layer/");
    CHECK(arrays.at("layer/kernel").shape == std::vector<Index>{size, rows});
    CHECK(arrays.at("layer/bias").shape == (gru ? std::vector<Index>{2, rows} : std::vector<Index>{rows}));
    const auto kernel = arrays.values<double>("layer/kernel"),
               recurrent = arrays.values<double>("layer/recurrent_kernel"),
               bias = arrays.values<double>("layer/bias");
    const Numbers numbers{[&](Index k, Index u, Index i) { return kernel[at(i * rows + k * hidden + u)]; },
                          [&](Index k, Index u, Index j) { return recurrent[at(j * rows + k * hidden + u)]; },
                          [&](Index k, Index u) { return bias[at(k * hidden + u)]; },
                          [&](Index k, Index u) { return gru ? bias[at(rows + k * hidden + u)] : 0; }};
    fixture.check(numbers, reverse, {.i = 0, .f = 1, .c = 2, .o = 3}, {.z = 0, .r = 1, .h = 2});
    imported.push_back(weights_from_keras<Cell>(arrays, "layer/"));
    CHECK(keras_weights<Cell>(imported.back(), "layer/") == arrays);
  }
  fixture.check_import(imported[0], imported[1]);
}

TEST_CASE_TEMPLATE("ONNX", Cell, Lstm<double>, Gru<double>, Elman<double>, Lstm<float>) {
  using S = typename Cell::Scalar;
  const Fixture<Cell> fixture;
  constexpr Index rows = Fixture<Cell>::gates * hidden;
  const std::vector<LayerWeights<S>> both{fixture.weights(false), fixture.weights(true)};
  const NamedArrays arrays = onnx_weights<Cell>(both);
  CHECK(arrays.at("W").shape == std::vector<Index>{2, rows, size});
  CHECK(arrays.at("R").shape == std::vector<Index>{2, rows, hidden});
  CHECK(arrays.at("B").shape == std::vector<Index>{2, 2 * rows});
  const auto w = arrays.values<double>("W"), r = arrays.values<double>("R"), b = arrays.values<double>("B");
  for (const Index d : {0, 1}) {
    const Numbers numbers{
        [&](Index k, Index u, Index i) { return w[at((d * rows + k * hidden + u) * size + i)]; },
        [&](Index k, Index u, Index j) { return r[at((d * rows + k * hidden + u) * hidden + j)]; },
        [&](Index k, Index u) { return b[at(d * 2 * rows + k * hidden + u)]; },
        [&](Index k, Index u) { return b[at(d * 2 * rows + rows + k * hidden + u)]; }};
    fixture.check(numbers, d == 1, {.i = 0, .f = 2, .c = 3, .o = 1}, {.z = 0, .r = 1, .h = 2});
  }
  const auto imported = weights_from_onnx<Cell>(arrays);
  REQUIRE(imported.size() == 2);
  fixture.check_import(imported[0], imported[1]);
  CHECK(imported[1].weight_ih == both[1].weight_ih);  // nothing is lost here
  CHECK(imported[1].bias_hh == both[1].bias_hh);
  const NamedArrays one = onnx_weights<Cell>(std::span(both).first(1), "node.");
  CHECK(one.at("node.W").shape == std::vector<Index>{1, rows, size});
  CHECK(weights_from_onnx<Cell>(one, "node.")[0].bias_ih == both[0].bias_ih);
}

TEST_CASE_TEMPLATE("the operators of ONNX Runtime (tests/data/make_onnx_fixtures.mjs)", Cell, Lstm<float>,
                   Gru<float>, Elman<float>) {
  const auto folder = std::filesystem::path(__FILE__).parent_path() / ".." / "data" / "onnx" / Cell::name;
  NamedArrays arrays;
  for (const char* const name : {"W", "R", "B"})
    arrays.add(named_array_from_npy(name, read_file(folder / message(name, ".npy")), name));
  const auto weights = weights_from_onnx<Cell>(arrays);
  REQUIRE(weights.size() == 2);
  Parameters<float> parameters;
  const Bidirectional<Cell> layer(parameters, {.input_size = 3, .hidden_size = 4});
  set_layer_weights(parameters, "", "_l0", weights[0]);
  set_layer_weights(parameters, "", "_l0_reverse", weights[1]);
  const Matrix<float> x = load_npy_matrix<float>(folder / "X.npy");         // [5, 2, 3]
  const Matrix<float> expected = load_npy_matrix<float>(folder / "Y.npy");  // [5, directions, 2, 4]
  BidirectionalTape<Cell> tape;
  layer.forward(parameters, PackedLayout::uniform(5, 2), DenseInput<float>(x), layer.zero_state(2), tape);
  for (Index t = 0; t < 5; ++t) {
    for (const Index direction : {0, 1}) {
      const Matrix<float> ours = tape.output.block(direction * 4, t * 2, 4, 2);
      CHECK((ours - expected.middleCols((t * 2 + direction) * 2, 2)).cwiseAbs().maxCoeff() < 2e-6f);
    }
  }
}

TEST_CASE_TEMPLATE("the layers of TensorFlow.js, which are Keras's (tests/data/make_keras_fixtures.mjs)", Cell,
                   Lstm<float>, Elman<float>) {
  const auto folder = std::filesystem::path(__FILE__).parent_path() / ".." / "data" / "keras" / Cell::name;
  NamedArrays arrays;
  for (const char* const name : {"kernel", "recurrent_kernel", "bias"})
    arrays.add(named_array_from_npy(name, read_file(folder / message(name, ".npy")), name));
  Parameters<float> parameters;
  const Recurrent<Cell> layer(parameters, {.input_size = 3, .hidden_size = 4});
  set_layer_weights(parameters, "", "_l0", weights_from_keras<Cell>(arrays));
  const Matrix<float> x = load_npy_matrix<float>(folder / "x.npy");         // [2, 5, 3], batch first
  const Matrix<float> expected = load_npy_matrix<float>(folder / "y.npy");  // [2, 5, 4]
  for (const Index b : {0, 1}) {
    const Matrix<float> sequence = x.middleCols(b * 5, 5);
    Tape<Cell> tape;
    layer.forward(parameters, PackedLayout::uniform(5, 1), DenseInput<float>(sequence), layer.zero_state(1),
                  tape);
    CHECK((tape.hidden() - expected.middleCols(b * 5, 5)).cwiseAbs().maxCoeff() < 2e-6f);
  }
}

TEST_CASE_TEMPLATE("oneDNN", Cell, Lstm<double>, Gru<double>, Elman<double>, Gru<float>) {
  using S = typename Cell::Scalar;
  const Fixture<Cell> fixture;
  constexpr Index gates = Fixture<Cell>::gates;
  const bool gru = Cell::name == "gru";
  const Index parts = gates + (gru ? 1 : 0);
  // Two layers with two directions each; the second one swapped.
  const std::vector<std::vector<LayerWeights<S>>> layers{{fixture.weights(false), fixture.weights(true)},
                                                         {fixture.weights(true), fixture.weights(false)}};
  const NamedArrays arrays = onednn_weights<Cell>(layers, "dnn.");
  CHECK(arrays.at("dnn.weights_layer").shape == std::vector<Index>{2, 2, size, gates, hidden});
  CHECK(arrays.at("dnn.bias").shape == std::vector<Index>{2, 2, parts, hidden});
  const auto input = arrays.values<double>("dnn.weights_layer"),
             recurrent = arrays.values<double>("dnn.weights_iter"), bias = arrays.values<double>("dnn.bias");
  for (const Index l : {0, 1}) {
    for (const Index d : {0, 1}) {
      const Index place = l * 2 + d;
      const Numbers numbers{
          [&](Index k, Index u, Index i) { return input[at(((place * size + i) * gates + k) * hidden + u)]; },
          [&](Index k, Index u, Index j) {
            return recurrent[at(((place * hidden + j) * gates + k) * hidden + u)];
          },
          [&](Index k, Index u) { return bias[at((place * parts + k) * hidden + u)]; },
          // lbr_gru: the fourth bias is inside the product with the reset gate.
          [&](Index k, Index u) { return gru && k == 2 ? bias[at((place * parts + 3) * hidden + u)] : 0; }};
      fixture.check(numbers, l != d, {.i = 0, .f = 1, .c = 2, .o = 3}, {.z = 0, .r = 1, .h = 2});
    }
  }
  const auto imported = weights_from_onednn<Cell>(arrays, "dnn.");
  REQUIRE(imported.size() == 2);
  REQUIRE(imported[1].size() == 2);
  fixture.check_import(imported[0][0], imported[0][1]);
  fixture.check_import(imported[1][1], imported[1][0]);
  CHECK(onednn_weights<Cell>(imported, "dnn.") == arrays);
}

TEST_CASE_TEMPLATE("the primitives of oneDNN (tests/data/make_onednn_fixtures.cpp)", Cell, Lstm<float>,
                   Gru<float>, Elman<float>) {
  const auto folder = std::filesystem::path(__FILE__).parent_path() / ".." / "data" / "onednn" / Cell::name;
  NamedArrays arrays;
  for (const char* const name : {"weights_layer", "weights_iter", "bias"})
    arrays.add(named_array_from_npy(name, read_file(folder / message(name, ".npy")), name));
  const auto weights = weights_from_onednn<Cell>(arrays);
  REQUIRE(weights.size() == 1);
  REQUIRE(weights[0].size() == 2);
  Parameters<float> parameters;
  const Bidirectional<Cell> layer(parameters, {.input_size = 3, .hidden_size = 4});
  set_layer_weights(parameters, "", "_l0", weights[0][0]);
  set_layer_weights(parameters, "", "_l0_reverse", weights[0][1]);
  const Matrix<float> x = load_npy_matrix<float>(folder / "x.npy");         // [5, 2, 3]
  const Matrix<float> expected = load_npy_matrix<float>(folder / "y.npy");  // [5, 2, 8]: both directions
  BidirectionalTape<Cell> tape;
  layer.forward(parameters, PackedLayout::uniform(5, 2), DenseInput<float>(x), layer.zero_state(2), tape);
  CHECK((tape.output - expected).cwiseAbs().maxCoeff() < 2e-6f);
}

TEST_CASE("the tables of gate orders") {
  using Four = std::array<std::size_t, 4>;
  using Three = std::array<std::size_t, 3>;
  CHECK(gate_order<Lstm<float>>(Framework::Keras) == Four{0, 1, 2, 3});
  CHECK(gate_order<Lstm<float>>(Framework::Onnx) == Four{0, 3, 1, 2});
  CHECK(gate_order<Lstm<float>>(Framework::OneDnn) == Four{0, 1, 2, 3});
  CHECK(gate_order<Gru<float>>(Framework::Keras) == Three{1, 0, 2});
  CHECK(gate_order<Gru<float>>(Framework::Onnx) == Three{1, 0, 2});
  CHECK(gate_order<Gru<float>>(Framework::OneDnn) == Three{1, 0, 2});
  static_assert(gate_order<Elman<double>>(Framework::Onnx)[0] == 0);
}

TEST_CASE("what does not fit is refused and named") {
  using Cell = Gru<double>;
  const Fixture<Cell> fixture;
  const auto change = [](const NamedArrays& arrays, const std::string& name, auto body) {
    NamedArrays result;
    for (NamedArray array : arrays.arrays()) {
      if (array.name != name || body(array)) result.add(array);
    }
    return result;
  };
  const auto gone = [](NamedArray&) { return false; };
  const auto spoilt = [](NamedArray& array) {
    std::fill(array.bytes.begin(), array.bytes.end(), std::byte{0xFF});
    return true;
  };
  const auto reshaped = [](std::vector<Index> shape) {
    return [shape](NamedArray& array) {
      array.shape = shape;
      return true;
    };
  };
  const NamedArrays keras = keras_weights<Cell>(fixture.weights(false), "a/");
  const auto from_keras = [](const NamedArrays& arrays) {
    static_cast<void>(weights_from_keras<Cell>(arrays, "a/"));
  };
  CHECK_THROWS_WITH_AS(from_keras(change(keras, "a/kernel", gone)), "weights: there is no tensor 'a/kernel'",
                       FormatError);
  CHECK_THROWS_WITH_AS(from_keras(change(keras, "a/bias", gone)),
                       "weights: the file has no tensor 'a/bias'; the model needs it with shape [2, 12]",
                       FormatError);
  CHECK_THROWS_WITH_AS(from_keras(change(keras, "a/recurrent_kernel", spoilt)),
                       "weights: tensor 'a/recurrent_kernel' holds a NaN or an infinity", FormatError);
  CHECK_THROWS_WITH_AS(from_keras(change(keras, "a/kernel", reshaped({12, 4}))),
                       "array 'a/kernel': expected shape [12, 12], found [12, 4]", ShapeError);
  CHECK_THROWS_WITH_AS(
      from_keras(change(keras, "a/bias", reshaped({24}))),
      "weights: 'a/bias' has one dimension: that of a GRU with reset_after=False, which is another cell",
      FormatError);
  NamedArrays extra = keras;
  extra.add<float>("b/other", {1}, std::vector<float>{1});  // of another layer
  from_keras(extra);
  extra.add<float>("a/gamma", {1}, std::vector<float>{1});
  CHECK_THROWS_WITH_AS(from_keras(extra),
                       "weights: there is no place for the tensor 'a/gamma' with shape [1]; expected: a/kernel "
                       "a/recurrent_kernel a/bias",
                       FormatError);

  const std::vector<LayerWeights<double>> both{fixture.weights(false), fixture.weights(true)};
  NamedArrays onnx = onnx_weights<Cell>(both);
  CHECK_THROWS_WITH_AS(static_cast<void>(weights_from_onnx<Lstm<double>>(onnx)),
                       "array 'W': expected shape [2, 16, 4], found [2, 12, 4]", ShapeError);
  CHECK_THROWS_WITH_AS(static_cast<void>(weights_from_onnx<Cell>(change(onnx, "R", reshaped({24, 4})))),
                       "weights: 'R' must have 3 dimensions above 0, found shape [24, 4]", ShapeError);
  onnx.add<double>("P", {1}, std::vector<double>{1});
  CHECK_THROWS_WITH_AS(static_cast<void>(weights_from_onnx<Cell>(onnx)),
                       "weights: there is no place for the tensor 'P' with shape [1]; expected: W R B",
                       FormatError);
  const NamedArrays onednn = onednn_weights<Cell>({both});
  CHECK_THROWS_WITH_AS(
      static_cast<void>(weights_from_onednn<Cell>(change(onednn, "bias", reshaped({1, 2, 2, 8})))),
      "array 'bias': expected shape [1, 2, 4, 4], found [1, 2, 2, 8]", ShapeError);
  CHECK_THROWS_WITH_AS(static_cast<void>(onednn_weights<Cell>({both, {both[0]}})),
                       "onednn_weights: a layer has 1 directions, expected 2", ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(onnx_weights<Cell>({})),
                       "onnx_weights: expected one direction or two, found 0", ValueError);
  LayerWeights<double> odd = both[0];
  odd.bias_hh.resize(3);
  CHECK_THROWS_WITH_AS(static_cast<void>(keras_weights<Cell>(odd)),
                       "LayerWeights: bias_hh: expected shape 12 x 1, found 3 x 1", ShapeError);
  Parameters<double> untouched = fixture.parameters;
  CHECK_THROWS_WITH_AS(set_layer_weights(untouched, "rnn.", "_l0", odd),
                       "rnn.bias_hh_l0: expected shape 12 x 1, found 3 x 1", ShapeError);
  CHECK(untouched == fixture.parameters);
  CHECK_THROWS_AS(static_cast<void>(layer_weights(untouched, "rnn.", "_l1")), ValueError);
}
