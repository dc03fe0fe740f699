// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Layer-wise relevance propagation through recurrent layers.
#pragma once

#include <array>
#include <vector>

#include "rnnscope/attribute/classifier_run.hpp"
#include "rnnscope/attribute/relevance_rule.hpp"
#include "rnnscope/attribute/token_scores.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"
#include "rnnscope/product/multiply.hpp"

namespace rnnscope {

namespace detail {

/// The gate whose input carries the signal, and what a step gives it of the relevance of its unit.
///
/// The new state is a sum of two terms, `kept` (of the old state) and `candidate` (of the candidate); the
/// candidate's input is  W_x x + scale * W_h h + bias.
template <class S>
struct RelevanceUnit {
  S sum, kept, candidate, scale, bias;
};

template <class S>
struct RelevanceCell;

/// Gates are factors that keep what they let pass: relevance goes along c_t = f c_{t-1} + i g and the candidate
/// g.
template <class S>
struct RelevanceCell<Lstm<S>> {
  static constexpr std::size_t carrier = 1;  // the state that is the sum: c
  static constexpr Index gate = 2;           // g
  RNNSCOPE_INLINE static RelevanceUnit<S> unit(const CellTape<Lstm<S>>& tape, S previous, S b_ih, S b_hh) {
    return {tape[1], tape[3] * previous, tape[2] * tape[4], S(1), b_ih + b_hh};
  }
};

/// The same along h_t = z h_{t-1} + (1 - z) n and the candidate n, whose recurrent input is r (W_hn h + b_hn).
template <class S>
struct RelevanceCell<Gru<S>> {
  static constexpr std::size_t carrier = 0;  // h
  static constexpr Index gate = 2;           // n
  RNNSCOPE_INLINE static RelevanceUnit<S> unit(const CellTape<Gru<S>>& tape, S previous, S b_ih, S b_hh) {
    return {tape[0], tape[2] * previous, (S(1) - tape[2]) * tape[3], tape[1], b_ih + tape[1] * b_hh};
  }
};

/// Carries the relevance at the hidden states of a layer (`H x N`, used up) to its inputs. Adds what arrives at
/// the initial state of every slot to `at_initial` (`B`). Returns `D x N`.
template <class Cell>
Matrix<typename Cell::Scalar> propagate_layer(const Recurrent<Cell>& layer,
                                              const Parameters<typename Cell::Scalar>& parameters,
                                              const PackedLayout& layout, const Tape<Cell>& tape,
                                              const Matrix<typename Cell::Scalar>& x,
                                              Matrix<typename Cell::Scalar>& at_hidden,
                                              Vector<typename Cell::Scalar>& at_initial,
                                              const RelevanceOptions& options) {
  using Scalar = typename Cell::Scalar;
  using Rule = RelevanceCell<Cell>;
  const Index hidden = layer.hidden_size(), inputs = x.rows() + hidden;
  const Index first_row = Rule::gate * hidden;
  const ConstMatrixRef<Scalar> b_ih = parameters[layer.bias_ih()].middleRows(first_row, hidden),
                               b_hh = parameters[layer.bias_hh()].middleRows(first_row, hidden),
                               weight_x = parameters[layer.weight_ih()].middleRows(first_row, hidden),
                               weight_h = parameters[layer.weight_hh()].middleRows(first_row, hidden);
  Matrix<Scalar> a(hidden, x.cols());
  multiply(weight_x, x, a);
  Matrix<Scalar> at_x(x.rows(), x.cols());
  const Index batch = layout.batch();
  // What step t + 1 gave the states of step t, slot by slot.
  LayerState<Cell> later = zero_state<Cell>(hidden, batch);
  Matrix<Scalar> q(hidden, batch), to_x(hidden, batch), to_h(hidden, batch), share(x.rows(), batch),
      share_h(hidden, batch);
  for (Index t = layout.steps() - 1; t >= 0; --t) {
    const Index live = layout.live(t), offset = layout.offset(t);
    const auto before = [&](std::size_t state) -> Matrix<Scalar> {
      const Matrix<Scalar>& all = t == 0 ? tape.initial[state] : tape.channels[state];
      return all.middleCols(t == 0 ? 0 : layout.offset(t - 1), live);
    };
    const Matrix<Scalar> h = before(0), carried = before(Rule::carrier);
    multiply(weight_h, h, q.leftCols(live));
    Vector<Scalar> spread = Vector<Scalar>::Zero(live);  // of a step's candidate inputs, for each of them
    for (Index b = 0; b < live; ++b) {
      const Index column = offset + b;
      for (Index u = 0; u < hidden; ++u) {
        CellTape<Cell> record;
        for (std::size_t k = 0; k < record.size(); ++k) record[k] = tape.channels[k](u, column);
        const auto unit = Rule::unit(record, carried(u, b), b_ih(u, 0), b_hh(u, 0));
        Scalar relevance = at_hidden(u, column) + later[0](u, b);
        if constexpr (Rule::carrier != 0) relevance += later[Rule::carrier](u, b);  // h passes all to c
        const RelevanceShare<Scalar> state(relevance, unit.sum, Scalar(0), options);
        const Scalar half = state.spread / Scalar(2);
        later[0](u, b) = Scalar(0);
        later[Rule::carrier](u, b) = unit.kept * state.per_unit + half;
        const Scalar input = a(u, column) + unit.scale * q(u, b) + unit.bias;
        const RelevanceShare<Scalar> candidate(unit.candidate * state.per_unit + half, input, unit.bias,
                                               options);
        to_x(u, b) = candidate.per_unit;
        to_h(u, b) = unit.scale * candidate.per_unit;
        spread(b) += candidate.spread / static_cast<Scalar>(inputs);
      }
    }
    multiply(weight_x.transpose(), to_x.leftCols(live), share.leftCols(live));
    multiply(weight_h.transpose(), to_h.leftCols(live), share_h.leftCols(live));
    for (Index b = 0; b < live; ++b) {
      at_x.col(offset + b) = x.col(offset + b).cwiseProduct(share.col(b)).array() + spread(b);
      later[0].col(b).array() += h.col(b).cwiseProduct(share_h.col(b)).array() + spread(b);
    }
  }
  for (const auto& part : later) at_initial += part.colwise().sum().transpose();
  return at_x;
}

}  // namespace detail

/// The score of token i for label k: the relevance that arrives at its embedding when that of the logit, the
/// logit itself, is passed back from sums to their terms in proportion (RelevanceShare). Gates receive nothing:
/// they only weigh. Of the LSTM, h_t passes all to c_t; c_t divides between f c_{t-1} and i g; g passes to W_ig
/// x and W_hg h. Of the GRU, h_t divides between z h_{t-1} and (1 - z) n; n passes to W_in x and r (W_hn h).
///
/// With bias_factor 1 nothing is lost: scores and `initial` add up to the logit, whose bias is then spread over
/// the tokens (`bias` is 0). With bias_factor 0, the published choice, biases and epsilon absorb relevance: the
/// residual. Single layer or stack. Evaluation mode. Cost: one run and about as much again for each label.
/// \throws ValueError. Source: L. Arras et al., "Explaining recurrent neural network predictions in sentiment
/// analysis", 2017; the rule for the GRU is ours, by analogy.
template <class Cell>
[[nodiscard]] std::vector<PolarityScores<typename Cell::Scalar>> relevance_propagation(
    const SequenceClassifier<Cell>& model, const PackedBatch& batch, const RelevanceOptions& options = {}) {
  using Scalar = typename Cell::Scalar;
  options.check();
  const PackedLayout& layout = batch.layout;
  const Index labels = model.config().labels, hidden = model.config().hidden_size;
  const Matrix<Scalar> x = detail::embedded(model, batch.ids);
  const ClassifierRun<Cell> run(model, layout, x);
  const auto weight = model.parameters[model.readout().weight()];
  const Vector<Scalar> bias = model.parameters[model.readout().bias()].col(0);
  Matrix<Scalar> scores(labels, layout.columns()), initial(labels, layout.batch());
  for (Index label = 0; label < labels; ++label) {
    Matrix<Scalar> relevance = Matrix<Scalar>::Zero(hidden, layout.columns());
    for (Index s = 0; s < layout.batch(); ++s) {
      const Index last = run.last_column(s);
      const Scalar logit = run.logits()(label, s);
      const RelevanceShare<Scalar> share(logit, logit, bias(label), options);
      for (Index u = 0; u < hidden; ++u)
        relevance(u, last) = weight(label, u) * run.tape().output()(u, last) * share.per_unit +
                             share.spread / static_cast<Scalar>(hidden);
    }
    Vector<Scalar> at_initial = Vector<Scalar>::Zero(layout.batch());
    for (std::size_t l = model.stack().layers().size(); l-- > 0;) {
      relevance =
          detail::propagate_layer(model.stack().layers()[l], model.parameters, layout, run.tape().layers[l],
                                  l == 0 ? x : run.tape().output(l - 1), relevance, at_initial, options);
    }
    scores.row(label) = relevance.colwise().sum();
    for (Index s = 0; s < layout.batch(); ++s) initial(label, s) = at_initial(layout.slot(s));
  }
  const Vector<Scalar> kept = static_cast<Scalar>(1 - options.bias_factor) * bias;
  return token_scores<Scalar>(layout, scores, run.logits(), initial, kept);
}

}  // namespace rnnscope
