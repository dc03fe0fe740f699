// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/attribute/relevance_propagation.hpp"

#include <doctest/doctest.h>

#include "attribution_fixture.hpp"

using namespace attribution_test;

namespace {

using Vec = Vector<double>;
using Mat = Matrix<double>;

/// The published rule as it reads: messages from every output j of  z = W in + b  to every input i.
/// `shared` is the number of inputs that share bias and stabiliser.
Vec messages(const Mat& w, const Vec& in, const Vec& b, const Vec& z, const Vec& relevance, double shared,
             const RelevanceOptions& o) {
  Vec result = Vec::Zero(in.size());
  for (Index i = 0; i < in.size(); ++i) {
    for (Index j = 0; j < z.size(); ++j) {
      const double e = z(j) >= 0 ? o.epsilon : -o.epsilon;
      result(i) += (w(j, i) * in(i) + o.bias_factor * (b(j) + e) / shared) / (z(j) + e) * relevance(j);
    }
  }
  return result;
}

double logistic(double u) { return 1 / (1 + std::exp(-u)); }

/// Relevance of the tokens of one sequence for one label, a single layer, step by step and message by message.
template <class Cell>
std::vector<double> by_messages(const Example<Cell>& example, const std::vector<Id>& ids, Index label,
                                const RelevanceOptions& o) {
  const auto& p = example.model.parameters;
  const Index d = 5, e = 3, steps = static_cast<Index>(ids.size());
  const Mat w_ih = p.at("rnn.weight_ih_l0"), w_hh = p.at("rnn.weight_hh_l0"), w = p.at("readout.weight");
  const Vec b_ih = p.at("rnn.bias_ih_l0").col(0), b_hh = p.at("rnn.bias_hh_l0").col(0);
  std::vector<Vec> x, h{Vec::Zero(d)}, c{Vec::Zero(d)}, kept, candidate, input, scale;
  for (const Id id : ids) {
    x.push_back(p.at("embedding.weight").col(id));
    const Vec a = w_ih * x.back() + b_ih, q = w_hh * h.back() + b_hh;
    Vec new_h(d), new_c(d), keep(d), cand(d), in(d), by(d);
    for (Index u = 0; u < d; ++u) {
      if constexpr (gate_count<Cell> == 4) {
        in(u) = a(2 * d + u) + q(2 * d + u);
        by(u) = 1;
        keep(u) = logistic(a(d + u) + q(d + u)) * c.back()(u);
        cand(u) = logistic(a(u) + q(u)) * std::tanh(in(u));
        new_c(u) = keep(u) + cand(u);
        new_h(u) = logistic(a(3 * d + u) + q(3 * d + u)) * std::tanh(new_c(u));
      } else {
        const double r = logistic(a(u) + q(u)), z = logistic(a(d + u) + q(d + u));
        in(u) = a(2 * d + u) + r * q(2 * d + u);
        by(u) = r;
        keep(u) = z * h.back()(u);
        cand(u) = (1 - z) * std::tanh(in(u));
        new_h(u) = keep(u) + cand(u);
        new_c(u) = new_h(u);
      }
    }
    h.push_back(new_h);
    c.push_back(new_c);
    kept.push_back(keep);
    candidate.push_back(cand);
    input.push_back(in);
    scale.push_back(by);
  }
  const Vec bias = p.at("readout.bias").col(0);
  const Vec logit = Vec::Constant(1, w.row(label).dot(h.back()) + bias(label));
  Vec at_h = messages(w.row(label), h.back(), bias.segment(label, 1), logit, logit, d, o), at_c = Vec::Zero(d);
  std::vector<double> scores(ids.size());
  const Mat identity = Mat::Identity(d, d), w_x = w_ih.bottomRows(gate_count<Cell> == 4 ? 2 * d : d).topRows(d),
            w_h = w_hh.bottomRows(gate_count<Cell> == 4 ? 2 * d : d).topRows(d);
  for (Index t = steps - 1; t >= 0; --t) {
    const auto k = static_cast<std::size_t>(t);
    const Vec at_sum = gate_count<Cell> == 4 ? Vec(at_h + at_c) : at_h;
    // A unit of the sum has two inputs, kept and candidate.
    Vec at_kept(d), at_candidate(d);
    for (Index u = 0; u < d; ++u) {
      Mat ones = Mat::Ones(1, 2);
      Vec in(2);
      in << kept[k](u), candidate[k](u);
      const Vec share =
          messages(ones, in, Vec::Zero(1), Vec::Constant(1, c[k + 1](u)), at_sum.segment(u, 1), 2, o);
      at_kept(u) = share(0);
      at_candidate(u) = share(1);
    }
    Vec b(d);
    for (Index u = 0; u < d; ++u) b(u) = b_ih(2 * d + u) + scale[k](u) * b_hh(2 * d + u);
    scores[k] = messages(w_x, x[k], b, input[k], at_candidate, double(d + e), o).sum();
    at_h = messages(scale[k].asDiagonal() * w_h, h[k], b, input[k], at_candidate, double(d + e), o);
    if (gate_count<Cell> == 4) {
      at_c = at_kept;
    } else {
      at_h += at_kept;
    }
  }
  return scores;
}

}  // namespace

TEST_CASE_TEMPLATE("the rule as published, message by message", Cell, Lstm<double>, Gru<double>) {
  const Example<Cell> example;
  for (const RelevanceOptions& options :
       {RelevanceOptions{}, RelevanceOptions{.epsilon = 0.01, .bias_factor = 1},
        RelevanceOptions{.bias_factor = 0.5}}) {
    const auto scores = relevance_propagation(example.model, example.batch, options);
    for (Index s = 0; s < example.sequences(); ++s) {
      for (Index label = 0; label < 3; ++label) {
        const auto expected =
            by_messages(example, example.phrases[static_cast<std::size_t>(s)], label, options);
        for (Index t = 0; t < example.length(s); ++t) {
          CHECK(scores[static_cast<std::size_t>(s)].at(t, example.length(s) - 1, label) ==
                doctest::Approx(expected[static_cast<std::size_t>(t)]).epsilon(1e-9));
        }
      }
    }
  }
}

TEST_CASE_TEMPLATE("with bias_factor 1 all relevance is conserved, without it biases keep some", Cell,
                   Lstm<double>, Gru<double>) {
  for (const Index layers : {1, 2}) {
    const Example<Cell> example(layers);
    const auto conserved = relevance_propagation(example.model, example.batch, {.bias_factor = 1});
    const auto published = relevance_propagation(example.model, example.batch);
    const Mat logits = example.model.scores(example.batch);
    for (Index s = 0; s < example.sequences(); ++s) {
      const auto& all = conserved[static_cast<std::size_t>(s)];
      const auto& some = published[static_cast<std::size_t>(s)];
      const double scale = std::max(1.0, all.ngram.cwiseAbs().maxCoeff());
      CHECK(all.bias.isZero(0));
      CHECK((all.ngram.rowwise().sum() + all.initial.col(0) - logits.col(s)).cwiseAbs().maxCoeff() <
            1e-11 * scale);
      CHECK(all.residual.cwiseAbs().maxCoeff() < 1e-11 * scale);
      CHECK(some.residual.cwiseAbs().maxCoeff() > 1e-3);
      CHECK(some.initial.isZero(0));  // nothing arrives at a state of zeros
      CHECK(some.bias == example.model.parameters.at("readout.bias").col(0));
    }
  }
}

TEST_CASE("bad options are named") {
  const Example<Gru<double>> example;
  CHECK_THROWS_WITH_AS(
      static_cast<void>(relevance_propagation(example.model, example.batch, {.bias_factor = 1.5})),
      "RelevanceOptions: bias_factor must lie in [0, 1], found 1.5", ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(relevance_propagation(example.model, example.batch, {.epsilon = -1})),
                       "RelevanceOptions: epsilon must not be negative, found -1", ValueError);
}
