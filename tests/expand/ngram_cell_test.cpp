// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/expand/ngram_cell.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "../nn/support.hpp"
#include "rnnscope/expand/maclaurin.hpp"
#include "rnnscope/expand/ngram_unroller.hpp"
#include "rnnscope/expand/origin.hpp"
#include "rnnscope/expand/simplified.hpp"
#include "rnnscope/format/npy.hpp"
#include "rnnscope/nn/elman.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"

using namespace rnnscope;
using namespace rnnscope::test;
using Z = std::complex<double>;

static_assert(RecurrentCell<NgramCell<Gru<float>>> && RecurrentCell<NgramCell<Lstm<double>, Origin>>);
static_assert(NgramCell<Lstm<float>, Origin>::name == "ngram-lstm-origin");
static_assert(NgramCell<Lstm<float>>::channel_names[1] == "c" &&
              NgramCell<Lstm<float>>::channel_names[3] == "x_f");
static_assert(NgramCell<Gru<float>>::channel_names.size() == 7 &&
              NgramCell<Gru<float>>::channel_names[6] == "h_n");
static_assert(TrainableExpansion<Origin, Gru<float>> && TrainableExpansion<Maclaurin, Elman<float>>);
static_assert(separate_bias_gradient<NgramCell<Gru<float>>> && !separate_bias_gradient<Gru<float>>);

namespace {

/// Takes the numbers of a fixture one after another.
struct Reader {
  Matrix<double> all;
  Index at = 0;

  explicit Reader(const std::string& name)
      : all(load_npy_matrix<double>(std::filesystem::path(__FILE__).parent_path().parent_path() / "data" /
                                    "ngram" / (name + ".npy"))) {
    all.resize(all.size(), 1);
  }
  Matrix<double> take(Index rows, Index cols) {
    REQUIRE(at + rows * cols <= all.size());
    at += rows * cols;
    return all.col(0).segment(at - rows * cols, rows * cols).reshaped(rows, cols);
  }
};

template <class Cell>
Vector<double> complex_gradient(const LayerProblem<Cell>& problem) {
  return complex_step_gradient([&](const Vector<Z>& v) { return problem.loss(v); }, problem.pack_inputs());
}

/// Largest difference relative to the largest entry.
double relative_error(const Vector<double>& found, const Vector<double>& expected) {
  return (found - expected).cwiseAbs().maxCoeff() / expected.cwiseAbs().maxCoeff();
}

}  // namespace

#define ALL_NGRAM_CELLS                                                                                        \
  NgramCell<Elman<double>>, NgramCell<Gru<double>>, NgramCell<Lstm<double>>, NgramCell<Elman<double>, Origin>, \
      NgramCell<Gru<double>, Origin>, NgramCell<Lstm<double>, Origin>,                                         \
      NgramCell<Elman<double>, Simplified<Maclaurin>>, NgramCell<Gru<double>, Simplified<Maclaurin>>,          \
      NgramCell<Lstm<double>, Simplified<Maclaurin>>, NgramCell<Elman<double>, Simplified<Origin>>,            \
      NgramCell<Gru<double>, Simplified<Origin>>, NgramCell<Lstm<double>, Simplified<Origin>>

TEST_CASE_TEMPLATE("states and gradients are those of PyTorch's cells, expanded by its own Jacobians", Cell,
                   ALL_NGRAM_CELLS) {
  const std::string name(Cell::name.substr(Cell::name.find('-') + 1));  // cell-expansion
  const auto dash = name.find('-');
  Reader fixture(name.substr(dash + 1) + "_" + name.substr(0, dash));
  Random random(1);
  LayerProblem<Cell> problem(3, 4, PackedLayout::ragged({5, 5, 3, 1}), random);
  const Index columns = problem.layout.columns();
  for (const TensorInfo& t : problem.parameters.tensors())
    problem.parameters.at(t.name) = fixture.take(t.rows, t.cols);
  problem.x = fixture.take(3, columns);
  for (auto& part : problem.initial) part = fixture.take(4, 4);
  problem.upstream = fixture.take(4, columns);
  for (auto& part : problem.upstream_final) part = fixture.take(4, 4);
  const Matrix<double> states = fixture.take(4, columns);
  const Vector<double> expected = fixture.take(problem.pack_inputs().size(), 1).col(0);
  CHECK(fixture.at == fixture.all.size());

  Parameters<double> unused;
  const Recurrent<Cell> layer(unused, {.input_size = 3, .hidden_size = 4});
  Tape<Cell> tape;
  layer.forward(problem.parameters, problem.layout, DenseInput<double>(problem.x), problem.initial, tape);
  CHECK((tape.hidden() - states).cwiseAbs().maxCoeff() / states.cwiseAbs().maxCoeff() < 1e-13);
  CHECK(relative_error(problem.gradient(), expected) < 1e-12);
}

TEST_CASE_TEMPLATE("gradients: complex steps and differences agree, with every option", Cell, ALL_NGRAM_CELLS) {
  Random random(12);
  for (const NgramCellOptions& options :
       {NgramCellOptions{}, NgramCellOptions{.clamp = 0.7}, NgramCellOptions{.terms = NgramTerms::Longest}}) {
    CAPTURE(options.clamp);
    const LayerProblem<Cell> problem(3, 5, PackedLayout::ragged({1, 6, 4, 4}), random, Cell(options));
    const Vector<double> found = problem.gradient();
    CHECK(relative_error(found, complex_gradient(problem)) < 1e-12);
    CHECK(relative_error(found, central_difference_gradient(
                                    [&](const Vector<double>& v) { return problem.template loss<double>(v); },
                                    problem.pack_inputs())) < 1e-7);
  }
}

TEST_CASE_TEMPLATE("weights that first order does not see get no gradient, and no others", Cell,
                   ALL_NGRAM_CELLS) {
  Random random(13);
  LayerProblem<Cell> problem(3, 5, PackedLayout::ragged({6, 4}), random);
  const auto zero_rows = [&](const LayerProblem<Cell>& p) {
    LayerProblem<Cell> result = p;
    Parameters<double> gradient = p.parameters;
    gradient.flat() = result.gradient().head(gradient.size());
    std::vector<Index> zero;
    for (std::size_t k = 0; k < Cell::gate_names.size(); ++k) {
      if (gradient.at("weight_hh_l0").middleRows(static_cast<Index>(k) * 5, 5).isZero(0))
        zero.push_back(static_cast<Index>(k));
    }
    return zero;
  };
  if constexpr (gate_count<Cell> == 1) CHECK(zero_rows(problem).empty());
  if constexpr (gate_count<Cell> == 4) CHECK(zero_rows(problem) == std::vector<Index>{1});
  if constexpr (gate_count<Cell> == 3) {
    CHECK(zero_rows(problem).empty());
    problem.parameters.at("bias_hh_l0").bottomRows(5).setZero();  // b_hn
    CHECK(zero_rows(problem) == std::vector<Index>{0});
  }
}

TEST_CASE_TEMPLATE("the state is the account of NgramUnroller without its residual", Cell, ALL_NGRAM_CELLS) {
  const auto check = [&]<class Base, class Expansion>(const NgramCell<Base, Expansion>&) {
    Random random(14);
    const LayerProblem<Cell> problem(3, 5, PackedLayout::ragged({6, 4, 4, 1}), random);
    Parameters<double> of_base, of_ngram;
    const Recurrent<Base> base(of_base, {.input_size = 3, .hidden_size = 5});
    const Recurrent<Cell> ngram(of_ngram, {.input_size = 3, .hidden_size = 5});
    CHECK(of_base.same_layout(of_ngram));
    const Matrix<double> weight = random_matrix<double>(2, 5, random),
                         bias = random_matrix<double>(2, 1, random);
    const NgramUnroller unroller(base, problem.parameters, Expansion{});
    const auto scores =
        unroller.polarity(weight, bias, problem.layout, problem.x, {.initial = problem.initial});
    Tape<Cell> tape;
    ngram.forward(problem.parameters, problem.layout, DenseInput<double>(problem.x), problem.initial, tape);
    Tape<Cell> longest;
    const Recurrent<Cell> keeps_longest(of_ngram, {.input_size = 3, .hidden_size = 5, .prefix = "longest."},
                                        Cell({.terms = NgramTerms::Longest}));
    Parameters<double> weights = of_ngram;
    weights.flat().tail(problem.parameters.size()) = problem.parameters.flat();
    keeps_longest.forward(weights, problem.layout, DenseInput<double>(problem.x), ngram.zero_state(4), longest);
    for (Index s = 0; s < 4; ++s) {
      const auto& of_sequence = scores[static_cast<std::size_t>(s)];
      for (Index t = 0; t < problem.layout.length(s); ++t) {
        const Vector<double> h = tape.hidden().col(problem.layout.column(s, t)),
                             h_longest = longest.hidden().col(problem.layout.column(s, t));
        const double size = std::max(1.0, h.norm() * weight.norm());
        for (Index label = 0; label < 2; ++label) {
          const auto account = of_sequence.account(t, label);
          CHECK(std::abs(weight.row(label).dot(h) + bias(label) - (account.sum() - account.residual)) <
                1e-13 * size);
          CHECK(std::abs(weight.row(label).dot(h_longest) - of_sequence.at(0, t, label)) < 1e-13 * size);
        }
      }
    }
  };
  check(Cell{});
}

TEST_CASE("Origin: the first state from zero is the cell's own, in float too") {
  Random random(15);
  Parameters<float> parameters;
  const Recurrent<Lstm<float>> lstm(parameters, {.input_size = 3, .hidden_size = 8});
  randomise(parameters, random);
  Parameters<float> same;
  const Recurrent<NgramCell<Lstm<float>, Origin>> ngram(same, {.input_size = 3, .hidden_size = 8});
  const Matrix<float> x = random_matrix<float>(3, 5, random);
  const auto layout = PackedLayout::uniform(1, 5);
  Tape<Lstm<float>> expected;
  Tape<NgramCell<Lstm<float>, Origin>> tape;
  lstm.forward(parameters, layout, DenseInput<float>(x), lstm.zero_state(5), expected);
  ngram.forward(parameters, layout, DenseInput<float>(x), ngram.zero_state(5), tape);
  CHECK((tape.hidden() - expected.hidden()).cwiseAbs().maxCoeff() < 1e-6f);
  CHECK((tape.channel("c") - expected.channel("c")).cwiseAbs().maxCoeff() < 1e-6f);
  CHECK(tape.hidden().cwiseAbs().maxCoeff() > 0.1f);
}

TEST_CASE_TEMPLATE("the clamp bounds every state, and one that is never reached changes no bit", Cell,
                   NgramCell<Gru<float>>, NgramCell<Lstm<float>>) {
  Random random(16);
  Parameters<float> parameters;
  const Recurrent<Cell> free(parameters, {.input_size = 3, .hidden_size = 8});
  Parameters<float> same = parameters;
  randomise(parameters, random, 2);
  const Recurrent<Cell> wide(same, {.input_size = 3, .hidden_size = 8, .prefix = "wide."},
                             Cell({.clamp = 1e30}));
  Parameters<float> again;
  const Recurrent<Cell> narrow(again, {.input_size = 3, .hidden_size = 8}, Cell({.clamp = 3}));
  same.flat().tail(parameters.size()) = parameters.flat();
  const Matrix<float> x = random_matrix<float>(3, 60, random, 2);
  const auto layout = PackedLayout::uniform(20, 3);
  Tape<Cell> by_free, by_wide, by_narrow;
  free.forward(parameters, layout, DenseInput<float>(x), free.zero_state(3), by_free);
  wide.forward(same, layout, DenseInput<float>(x), free.zero_state(3), by_wide);
  narrow.forward(parameters, layout, DenseInput<float>(x), free.zero_state(3), by_narrow);
  CHECK(by_free.hidden() == by_wide.hidden());
  CHECK(by_free.hidden().cwiseAbs().maxCoeff() > 3);
  for (std::size_t s = 0; s < static_cast<std::size_t>(Cell::states); ++s)
    CHECK(by_narrow.channels[s].cwiseAbs().maxCoeff() == 3);
}

TEST_CASE("a clamp must be positive") {
  CHECK_THROWS_WITH_AS(NgramCell<Gru<float>>({.clamp = 0}),
                       "NgramCellOptions: the clamp must be positive, found 0", ValueError);
}
