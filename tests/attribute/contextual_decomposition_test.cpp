// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/attribute/contextual_decomposition.hpp"

#include <doctest/doctest.h>

#include "attribution_fixture.hpp"

using namespace attribution_test;

namespace {

using Vec = Vector<double>;

struct Parts {
  Vec relevant, irrelevant, bias;
};

/// The three parts of f(relevant + irrelevant + bias), as published.
template <class Function>
Parts linearised(const Vec& r, const Vec& i, const Vec& b, const Function& f) {
  Parts out{Vec(r.size()), Vec(r.size()), Vec(r.size())};
  for (Index u = 0; u < r.size(); ++u) {
    out.bias(u) = f(b(u));
    out.relevant(u) = (f(r(u) + b(u)) - f(b(u)) + f(r(u) + i(u) + b(u)) - f(i(u) + b(u))) / 2;
    out.irrelevant(u) = (f(i(u) + b(u)) - f(b(u)) + f(r(u) + i(u) + b(u)) - f(r(u) + b(u))) / 2;
  }
  return out;
}

double logistic(double u) { return 1 / (1 + std::exp(-u)); }

}  // namespace

TEST_CASE("LSTM: the published rules, term by term") {
  const Example<Lstm<double>> example;
  const std::vector<Id>& ids = example.phrases[1];
  const auto& p = example.model.parameters;
  const Index first = 1, last = 4, d = 5;
  const Matrix<double> w_ih = p.at("rnn.weight_ih_l0"), w_hh = p.at("rnn.weight_hh_l0");
  const Vec bias = p.at("rnn.bias_ih_l0").col(0) + p.at("rnn.bias_hh_l0").col(0);
  Vec rel_c = Vec::Zero(d), irrel_c = rel_c, rel_h = rel_c, irrel_h = rel_c;
  for (Index t = 0; t < static_cast<Index>(ids.size()); ++t) {
    const bool in_phrase = t >= first && t < last;
    const Vec x = p.at("embedding.weight").col(ids[static_cast<std::size_t>(t)]), none = Vec::Zero(3);
    const Vec rel = w_ih * (in_phrase ? x : none) + w_hh * rel_h,
              irrel = w_ih * (in_phrase ? none : x) + w_hh * irrel_h;
    const auto gate = [&](Index k, auto f) {
      return linearised(rel.segment(k * d, d), irrel.segment(k * d, d), bias.segment(k * d, d), f);
    };
    const auto i = gate(0, logistic), f = gate(1, logistic), g = gate(2, [](double u) { return std::tanh(u); });
    const auto times = [](const Vec& a, const Vec& b) -> Vec { return a.cwiseProduct(b); };
    const Vec both = times(i.bias, g.bias);
    Vec new_rel =
        times(i.relevant, g.relevant + g.bias) + times(i.bias, g.relevant) + times(f.relevant + f.bias, rel_c);
    Vec new_irrel = times(i.irrelevant, g.relevant + g.irrelevant + g.bias) +
                    times(i.relevant + i.bias, g.irrelevant) +
                    times(f.relevant + f.irrelevant + f.bias, irrel_c) + times(f.irrelevant, rel_c);
    (in_phrase ? new_rel : new_irrel) += both;
    rel_c = new_rel;
    irrel_c = new_irrel;
    for (Index u = 0; u < d; ++u) {
      const double o = logistic(rel(3 * d + u) + irrel(3 * d + u) + bias(3 * d + u));
      const double a = rel_c(u), b = irrel_c(u);
      rel_h(u) = o * 0.5 * (std::tanh(a) + std::tanh(a + b) - std::tanh(b));
      irrel_h(u) = o * 0.5 * (std::tanh(b) + std::tanh(a + b) - std::tanh(a));
    }
  }
  const std::vector<Span> phrases{{0, first, last}};
  const auto found = decompose_phrases<Lstm<double>>(example.model, ids, phrases);
  const Matrix<double> w = p.at("readout.weight");
  CHECK((found.relevant.col(0) - w * rel_h).norm() < 1e-14);
  CHECK((found.irrelevant.col(0) - w * irrel_h).norm() < 1e-14);
  CHECK(found.relevant.norm() > 0.1);
}

TEST_CASE_TEMPLATE("relevant + irrelevant + bias is the logit; all tokens cause all, no token nothing", Cell,
                   Lstm<double>, Gru<double>, Elman<double>) {
  for (const Index layers : {1, 2}) {
    const Example<Cell> example(layers);
    for (const auto& ids : example.phrases) {
      const auto length = static_cast<Index>(ids.size());
      std::vector<Span> phrases{{0, 0, length}, {0, 0, 0}};
      for (Index i = 0; i < length; ++i) {
        for (Index t = i + 1; t <= length; ++t) phrases.push_back({0, i, t});
      }
      const auto parts = decompose_phrases<Cell>(example.model, ids, phrases);
      const Vec logit = example.logits(ids).col(0);
      CHECK((parts.logit - logit).norm() < 1e-13);
      const Matrix<double> sum = (parts.relevant + parts.irrelevant).colwise() + parts.bias;
      CHECK((sum.colwise() - logit).cwiseAbs().maxCoeff() < 1e-12);
      CHECK(parts.irrelevant.col(0).norm() < 1e-13);
      CHECK(parts.relevant.col(1).norm() == 0);
    }
  }
}

TEST_CASE_TEMPLATE("token scores are the phrases of one token; the residual is what they miss", Cell,
                   Lstm<double>, Gru<double>) {
  const Example<Cell> example;
  const auto scores = contextual_decomposition(example.model, example.batch);
  for (Index s = 0; s < example.sequences(); ++s) {
    const auto& ids = example.phrases[static_cast<std::size_t>(s)];
    const auto& found = scores[static_cast<std::size_t>(s)];
    const Index end = example.length(s) - 1;
    Vec missed = example.logits(ids).col(0) - found.bias;
    for (Index t = 0; t <= end; ++t) {
      const std::vector<Span> token{{0, t, t + 1}};
      const auto parts = decompose_phrases<Cell>(example.model, ids, token);
      for (Index label = 0; label < 3; ++label)
        CHECK(found.at(t, end, label) == doctest::Approx(parts.relevant(label, 0)).epsilon(1e-13));
      missed -= parts.relevant.col(0);
    }
    CHECK((found.residual.col(0) - missed).norm() < 1e-13);
  }
  CHECK(scores[2].residual_ratio(0) < 1e-13);  // one token alone
  CHECK(scores[1].residual_ratio(0) > 1e-3);
}

TEST_CASE("a phrase must lie in the sequence") {
  const Example<Gru<double>> example;
  const std::vector<Id> ids{0, 1}, none;
  const std::vector<Span> beyond{{0, 1, 3}};
  CHECK_THROWS_WITH_AS(static_cast<void>(decompose_phrases<Gru<double>>(example.model, ids, beyond)),
                       "decompose_phrases: the phrase [1, 3) does not lie in the 2 tokens", ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(decompose_phrases<Gru<double>>(example.model, none, {})),
                       "decompose_phrases: the sequence is empty", ValueError);
}
