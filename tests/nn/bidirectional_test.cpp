// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/nn/bidirectional.hpp"

#include <doctest/doctest.h>

#include "rnnscope/nn/elman.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"
#include "support.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

namespace {

/// Every number of a state, in order, as references that can be written.
template <class Cell, class Visit>
void for_each_part(StackState<Cell, Bidirectional>& state, Visit&& visit) {
  for (auto& layer : state) {
    for (auto& part : layer.forward) visit(part);
    for (auto& part : layer.reverse) visit(part);
  }
}

/// Three bidirectional layers over a ragged batch, one sequence empty; the loss reads every output and every
/// final state. All inputs (parameters, x, initial states) lie in one vector that a check can move.
template <class Cell>
struct StackProblem {
  static constexpr Index input_size = 3, hidden_size = 2, layer_count = 3;
  using Scalar = typename Cell::Scalar;

  PackedLayout layout = PackedLayout::ragged({2, 5, 0, 4});
  double dropout = 0;
  DropoutPlacement placement = DropoutPlacement::BetweenLayers;
  std::optional<DropoutKey> key;
  Matrix<double> upstream;
  std::vector<Matrix<double>> upstream_final;
  Vector<double> at;

  explicit StackProblem(Random& random) {
    Parameters<double> parameters;
    const BidirectionalStack<Cell> stack = make<Cell>(parameters);
    auto state = stack.zero_state(layout.batch());
    Index size = parameters.size() + input_size * layout.columns();
    upstream = random_matrix<double>(2 * hidden_size, layout.columns(), random);
    for_each_part<Cell>(state, [&](Matrix<double>& part) {
      size += part.size();
      upstream_final.push_back(random_matrix<double>(part.rows(), part.cols(), random));
    });
    at = random_matrix<double>(size, 1, random);
  }

  template <class ZCell>
  BidirectionalStack<ZCell> make(Parameters<typename ZCell::Scalar>& parameters) const {
    return BidirectionalStack<ZCell>(parameters, {.input_size = input_size,
                                                  .hidden_size = hidden_size,
                                                  .layers = layer_count,
                                                  .dropout = dropout,
                                                  .placement = placement});
  }

  template <class ZCell>
  struct Inputs {
    using Z = typename ZCell::Scalar;
    Parameters<Z> parameters;
    Matrix<Z> x;
    StackState<ZCell, Bidirectional> initial;
  };

  template <class ZCell>
  Inputs<ZCell> unpack(const Vector<typename ZCell::Scalar>& all) const {
    Inputs<ZCell> in;
    in.initial = make<ZCell>(in.parameters).zero_state(layout.batch());
    in.parameters.flat() = all.head(in.parameters.size());
    Index place = in.parameters.size();
    in.x = all.segment(place, input_size * layout.columns()).reshaped(input_size, layout.columns());
    place += in.x.size();
    for_each_part<ZCell>(in.initial, [&](auto& part) {
      part = all.segment(place, part.size()).reshaped(part.rows(), part.cols());
      place += part.size();
    });
    return in;
  }

  template <class Z>
  Z loss(const Vector<Z>& all) const {
    using ZCell = typename Cell::template rebind<Z>;
    const Inputs<ZCell> in = unpack<ZCell>(all);
    Parameters<Z> unused;
    StackTape<ZCell, Bidirectional> tape;
    make<ZCell>(unused).forward(in.parameters, layout, DenseInput<Z>(in.x), in.initial, tape, key);
    Z sum = tape.output().cwiseProduct(upstream.template cast<Z>()).sum();
    auto final = tape.final_state();
    std::size_t k = 0;
    for_each_part<ZCell>(final, [&](const Matrix<Z>& part) {
      sum += part.cwiseProduct(upstream_final[k++].template cast<Z>()).sum();
    });
    return sum;
  }

  Vector<double> gradient() const {
    Inputs<Cell> in = unpack<Cell>(at);
    Parameters<double> unused;
    const BidirectionalStack<Cell> stack = make<Cell>(unused);
    StackTape<Cell, Bidirectional> tape;
    stack.forward(in.parameters, layout, DenseInput<double>(in.x), in.initial, tape, key);
    auto d_final = in.initial;
    std::size_t k = 0;
    for_each_part<Cell>(d_final, [&](Matrix<double>& part) { part = upstream_final[k++]; });
    Matrix<double> d_output = upstream, d_x = Matrix<double>::Zero(in.x.rows(), in.x.cols());
    MatrixRef<double> d_x_ref(d_x);
    Parameters<double> d_parameters = in.parameters.zeros_like();
    auto d_initial = stack.backward(in.parameters, layout, DenseInput<double>(in.x), tape, d_output, d_final,
                                    d_parameters, &d_x_ref, key);
    Vector<double> result(at.size());
    result.head(d_parameters.size()) = d_parameters.flat();
    result.segment(d_parameters.size(), d_x.size()) = d_x.reshaped();
    Index place = d_parameters.size() + d_x.size();
    for_each_part<Cell>(d_initial, [&](const Matrix<double>& part) {
      result.segment(place, part.size()) = part.reshaped();
      place += part.size();
    });
    REQUIRE(place == result.size());
    return result;
  }
};

}  // namespace

TEST_CASE("mirrored columns: the other end of every sequence") {
  const auto layout = PackedLayout::ragged({1, 3, 0, 2});  // slots: 1 (3 tokens), 3 (2), 0 (1), 2 (none)
  std::vector<std::pair<Index, Index>> pairs;
  const auto note = [&](Index column, Index mirrored) { pairs.push_back({column, mirrored}); };
  detail::for_mirrored_columns(layout, note);
  std::sort(pairs.begin(), pairs.end());
  CHECK(pairs == std::vector<std::pair<Index, Index>>{{0, 5}, {1, 4}, {2, 2}, {3, 3}, {4, 1}, {5, 0}});
}

TEST_CASE_TEMPLATE("three bidirectional layers, ragged: gradients by complex step and by differences", Cell,
                   Elman<double>, Gru<double>, Lstm<double>) {
  Random random(71);
  const StackProblem<Cell> problem(random);
  const Vector<double> found = problem.gradient();
  const Vector<double> by_complex_step =
      complex_step_gradient([&](const Vector<std::complex<double>>& v) { return problem.loss(v); }, problem.at);
  CHECK(gradient_error(found, by_complex_step) < 1e-13);
  const Vector<double> by_differences =
      central_difference_gradient([&](const Vector<double>& v) { return problem.loss(v); }, problem.at);
  CHECK(gradient_error(found, by_differences) < 1e-8);
}

TEST_CASE("dropout between bidirectional layers: backward follows the same masks") {
  for (const auto placement : {DropoutPlacement::BetweenLayers, DropoutPlacement::AfterEach}) {
    Random random(72);
    StackProblem<Gru<double>> problem(random);
    problem.dropout = 0.4;
    problem.placement = placement;
    problem.key = DropoutKey{3, 4};
    const Vector<double> expected =
        central_difference_gradient([&](const Vector<double>& v) { return problem.loss(v); }, problem.at);
    CHECK(gradient_error(problem.gradient(), expected) < 1e-8);
  }
}

TEST_CASE_TEMPLATE("both directions equal plain runs over each sequence and over its reverse", Cell, Gru<float>,
                   Lstm<double>) {
  using S = typename Cell::Scalar;
  const double tolerance = std::is_same_v<S, float> ? 1e-6 : 1e-14;
  Random random(73);
  const Index input = 3, hidden = 4;
  Parameters<S> parameters;
  const Bidirectional<Cell> layer(parameters, {.input_size = input, .hidden_size = hidden, .prefix = "rnn."});
  std::vector<std::string> names;
  for (const TensorInfo& tensor : parameters.tensors()) names.push_back(tensor.name);
  CHECK(names == std::vector<std::string>{"rnn.weight_ih_l0", "rnn.weight_hh_l0", "rnn.bias_ih_l0",
                                          "rnn.bias_hh_l0", "rnn.weight_ih_l0_reverse",
                                          "rnn.weight_hh_l0_reverse", "rnn.bias_ih_l0_reverse",
                                          "rnn.bias_hh_l0_reverse"});
  randomise(parameters, random);
  const std::vector<Index> lengths{4, 7, 1, 6};
  const auto layout = PackedLayout::ragged(lengths);
  const Matrix<S> x = random_matrix<S>(input, layout.columns(), random);
  const BidirectionalState<Cell> initial{random_state<Cell>(hidden, 4, random),
                                         random_state<Cell>(hidden, 4, random)};
  BidirectionalTape<Cell> tape;
  layer.forward(parameters, layout, DenseInput<S>(x), initial, tape);
  CHECK(tape.hidden().rows() == layer.output_size());
  const Matrix<S> reverse_hidden = tape.reverse_channel("h");
  CHECK(reverse_hidden == tape.output.bottomRows(hidden));

  for (Index s = 0; s < layout.batch(); ++s) {
    const Index length = layout.length(s), slot = layout.slot(s);
    const auto alone = PackedLayout::uniform(length, 1);
    Matrix<S> ahead(input, length), back(input, length);
    for (Index t = 0; t < length; ++t) {
      ahead.col(t) = x.col(layout.column(s, t));
      back.col(length - 1 - t) = ahead.col(t);
    }
    LayerState<Cell> start_ahead, start_back;
    for (std::size_t k = 0; k < start_ahead.size(); ++k) {
      start_ahead[k] = initial.forward[k].col(slot);
      start_back[k] = initial.reverse[k].col(slot);
    }
    Tape<Cell> plain_ahead, plain_back;
    layer.forward_layer().forward(parameters, alone, DenseInput<S>(ahead), start_ahead, plain_ahead);
    layer.reverse_layer().forward(parameters, alone, DenseInput<S>(back), start_back, plain_back);
    for (Index t = 0; t < length; ++t) {
      const Vector<S> found = tape.output.col(layout.column(s, t));
      CHECK(static_cast<double>((found.head(hidden) - plain_ahead.hidden().col(t)).cwiseAbs().maxCoeff()) <
            tolerance);
      CHECK(static_cast<double>(
                (found.tail(hidden) - plain_back.hidden().col(length - 1 - t)).cwiseAbs().maxCoeff()) <
            tolerance);
    }
    for (std::size_t k = 0; k < start_ahead.size(); ++k) {
      CHECK(static_cast<double>((tape.final.forward[k].col(slot) - plain_ahead.final[k]).norm()) < tolerance);
      CHECK(static_cast<double>((tape.final.reverse[k].col(slot) - plain_back.final[k]).norm()) < tolerance);
    }
  }
}

TEST_CASE_TEMPLATE(
    "many columns: the reverse direction is a layer over reversed sequences, the same on any number "
    "of threads",
    S, float, double) {
  using Cell = Gru<S>;
  const double tolerance = std::is_same_v<S, float> ? 2e-4 : 1e-12;
  Random random(75);
  Parameters<S> parameters;
  const Index input = 21, hidden = 37;
  const Bidirectional<Cell> layer(parameters, {.input_size = input, .hidden_size = hidden});
  layer.initialise(parameters, random);
  std::vector<Index> lengths;
  for (int s = 0; s < 40; ++s) lengths.push_back(4 + random.below(60));
  const auto layout = PackedLayout::ragged(lengths);
  REQUIRE(layout.columns() > 1000);  // several chunks of gradients
  const Matrix<S> x = random_matrix<S>(input, layout.columns(), random);
  const Matrix<S> upstream = random_matrix<S>(2 * hidden, layout.columns(), random);
  Matrix<S> reversed_x = x, reversed_upstream = upstream.bottomRows(hidden);
  for (Index s = 0; s < layout.batch(); ++s) {
    for (Index t = 0; t < layout.length(s); ++t) {
      const Index from = layout.column(s, layout.length(s) - 1 - t), to = layout.column(s, t);
      reversed_x.col(to) = x.col(from);
      reversed_upstream.col(to) = upstream.col(from).tail(hidden);
    }
  }
  const auto zero = layer.zero_state(40);
  Tape<Cell> plain;
  const DenseInput<S> reversed_input(reversed_x);
  layer.reverse_layer().forward(parameters, layout, reversed_input, zero.reverse, plain);
  Parameters<S> expected = parameters.zeros_like(), first;
  Matrix<S> expected_d_x = Matrix<S>::Zero(input, layout.columns());
  MatrixRef<S> expected_d_x_ref(expected_d_x);
  layer.reverse_layer().backward(parameters, layout, reversed_input, plain, reversed_upstream, zero.reverse,
                                 expected, &expected_d_x_ref);
  const int threads_before = thread_count();
  for (const int threads : {1, 3, 2}) {
    set_thread_count(threads);
    BidirectionalTape<Cell> tape;
    layer.forward(parameters, layout, DenseInput<S>(x), zero, tape);
    Parameters<S> gradient = parameters.zeros_like();
    Matrix<S> d_x = Matrix<S>::Zero(input, layout.columns()), d_x_ahead = d_x;
    MatrixRef<S> d_x_ref(d_x), d_x_ahead_ref(d_x_ahead);
    layer.backward(parameters, layout, DenseInput<S>(x), tape, upstream, zero, gradient, &d_x_ref);
    CHECK((tape.reverse.hidden() - plain.hidden()).cwiseAbs().maxCoeff() < tolerance);
    Parameters<S> ahead = parameters.zeros_like();
    const Matrix<S> upper = upstream.topRows(hidden);
    layer.forward_layer().backward(parameters, layout, DenseInput<S>(x), tape.forward, upper, zero.forward,
                                   ahead, &d_x_ahead_ref);
    CHECK((gradient.flat() - ahead.flat() - expected.flat()).cwiseAbs().maxCoeff() < 20 * tolerance);
    double largest = 0;
    for (Index s = 0; s < layout.batch(); ++s) {
      for (Index t = 0; t < layout.length(s); ++t) {
        const Index n = layout.column(s, t), mirrored = layout.column(s, layout.length(s) - 1 - t);
        largest = std::max(
            largest, static_cast<double>(
                         (d_x.col(n) - d_x_ahead.col(n) - expected_d_x.col(mirrored)).cwiseAbs().maxCoeff()));
      }
    }
    CHECK(largest < tolerance);
    if (first.size() == 0) first = gradient;
    CHECK(gradient == first);
  }
  set_thread_count(threads_before);
}

TEST_CASE_TEMPLATE("a table of symbols equals the dense columns it stands for", Cell, Gru<float>,
                   Lstm<double>) {
  using S = typename Cell::Scalar;
  const double tolerance = std::is_same_v<S, float> ? 2e-4 : 1e-12;
  Random random(74);
  Parameters<S> parameters;
  const Bidirectional<Cell> layer(parameters, {.input_size = 3, .hidden_size = 5});
  randomise(parameters, random);
  const auto layout = PackedLayout::ragged({5, 8, 2});
  const Matrix<S> table = random_matrix<S>(3, 6, random);
  std::vector<Id> ids;
  Matrix<S> x(3, layout.columns());
  for (Index n = 0; n < layout.columns(); ++n) {
    ids.push_back(static_cast<Id>(random.below(6)));
    x.col(n) = table.col(ids.back());
  }
  const BidirectionalState<Cell> initial{random_state<Cell>(5, 3, random), random_state<Cell>(5, 3, random)};
  const Matrix<S> upstream = random_matrix<S>(10, layout.columns(), random);
  const auto run = [&](const auto& input, Index columns, Parameters<S>& gradient, Matrix<S>& d_input) {
    BidirectionalTape<Cell> tape;
    layer.forward(parameters, layout, input, initial, tape);
    gradient = parameters.zeros_like();
    d_input = Matrix<S>::Zero(3, columns);
    MatrixRef<S> d_input_ref(d_input);
    layer.backward(parameters, layout, input, tape, upstream, layer.zero_state(3), gradient, &d_input_ref);
    return tape.output;
  };
  Parameters<S> by_table, by_column;
  Matrix<S> d_table, d_x, summed = Matrix<S>::Zero(3, 6);
  const Matrix<S> from_table = run(TableInput<S>(table, ids), 6, by_table, d_table);
  const Matrix<S> from_columns = run(DenseInput<S>(x), layout.columns(), by_column, d_x);
  for (Index n = 0; n < layout.columns(); ++n) summed.col(ids[static_cast<std::size_t>(n)]) += d_x.col(n);
  CHECK((from_table - from_columns).cwiseAbs().maxCoeff() < tolerance);
  CHECK((by_table.flat() - by_column.flat()).cwiseAbs().maxCoeff() < tolerance);
  CHECK((d_table - summed).cwiseAbs().maxCoeff() < tolerance);
  CHECK(d_table.cwiseAbs().maxCoeff() > S(0.1));
}

TEST_CASE("wrong shapes are named; no steps are fine") {
  using Cell = Lstm<float>;
  Parameters<float> parameters;
  const Bidirectional<Cell> layer(parameters, {.input_size = 2, .hidden_size = 3});
  const auto layout = PackedLayout::uniform(4, 2);
  const Matrix<float> x = Matrix<float>::Zero(2, 8);
  BidirectionalTape<Cell> tape;
  layer.forward(parameters, layout, DenseInput<float>(x), layer.zero_state(2), tape);
  auto gradient = parameters.zeros_like();
  CHECK_THROWS_WITH_AS(layer.backward(parameters, layout, DenseInput<float>(x), tape, Matrix<float>::Zero(3, 8),
                                      layer.zero_state(2), gradient, nullptr),
                       "Bidirectional::backward: d_hidden: expected shape 6 x 8, found 3 x 8", ShapeError);
  CHECK_THROWS_WITH_AS(layer.backward(parameters, layout, DenseInput<float>(x), {}, Matrix<float>::Zero(6, 8),
                                      layer.zero_state(2), gradient, nullptr),
                       "Bidirectional::backward: tape: expected shape 6 x 8, found 0 x 0", ShapeError);
  CHECK_THROWS_WITH_AS(layer.backward(parameters, PackedLayout::uniform(2, 4), DenseInput<float>(x), tape,
                                      Matrix<float>::Zero(6, 8), layer.zero_state(4), gradient, nullptr),
                       "Bidirectional::backward: the tape was recorded under another layout", ShapeError);
  CHECK_THROWS_WITH_AS(
      layer.forward(parameters, layout, DenseInput<float>(x), {layer.zero_state(2).forward, {}}, tape),
      "Recurrent::forward: initial state: expected shape 3 x 2, found 0 x 0", ShapeError);
  CHECK_THROWS_WITH_AS(Bidirectional<Cell>(parameters, {.input_size = 2, .hidden_size = 3}),
                       "Parameters::add: there is already a tensor named 'weight_ih_l0'", ValueError);
  const Matrix<float> nothing(2, 0);
  layer.forward(parameters, PackedLayout::ragged({0, 0}), DenseInput<float>(nothing), layer.zero_state(2),
                tape);
  CHECK(tape.output.cols() == 0);
  CHECK(tape.final.reverse[1].isZero());
}
