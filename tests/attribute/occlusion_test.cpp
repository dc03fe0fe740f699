// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/attribute/occlusion.hpp"

#include <doctest/doctest.h>

#include "attribution_fixture.hpp"

using namespace attribution_test;

TEST_CASE_TEMPLATE("occlusion is the difference of the model's own logits", Cell, Lstm<double>, Gru<double>) {
  for (const Index layers : {1, 2}) {
    const Example<Cell> example(layers);
    const auto replaced = occlusion(example.model, example.batch);
    const auto removed = occlusion(example.model, example.batch, {.kind = OcclusionKind::Remove});
    for (Index s = 0; s < example.sequences(); ++s) {
      const std::vector<Id>& ids = example.phrases[static_cast<std::size_t>(s)];
      const Vector<double> all = example.logits(ids).col(0);
      for (Index t = 0; t < example.length(s); ++t) {
        std::vector<Id> blanked = ids, shorter = ids;
        blanked[static_cast<std::size_t>(t)] = example.blank;
        shorter.erase(shorter.begin() + t);
        const Vector<double> without_blank = example.logits(blanked).col(0);
        const Vector<double> without = shorter.empty()
                                           ? Vector<double>(example.model.parameters.at("readout.bias").col(0))
                                           : Vector<double>(example.logits(shorter).col(0));
        for (Index label = 0; label < 3; ++label) {
          CHECK(replaced[static_cast<std::size_t>(s)].at(t, example.length(s) - 1, label) ==
                doctest::Approx(all(label) - without_blank(label)).epsilon(1e-12));
          CHECK(removed[static_cast<std::size_t>(s)].at(t, example.length(s) - 1, label) ==
                doctest::Approx(all(label) - without(label)).epsilon(1e-12));
        }
      }
      const auto account = replaced[static_cast<std::size_t>(s)].account(example.length(s) - 1, 1);
      CHECK(account.sum() == doctest::Approx(all(1)).epsilon(1e-13));
    }
  }
}

TEST_CASE("the baseline is what takes the token's place") {
  Example<Gru<double>> example;
  Vector<double> baseline(3);
  baseline << 0.3, -0.2, 0.9;
  const auto scores = occlusion(example.model, example.batch, {.baseline = baseline});
  example.model.parameters.at("embedding.weight").col(example.blank) = baseline;
  const double expected = example.logits({0, 1})(2, 0) - example.logits({example.blank, 1})(2, 0);
  CHECK(scores[0].at(0, 1, 2) == doctest::Approx(expected).epsilon(1e-12));
  CHECK_THROWS_WITH_AS(static_cast<void>(occlusion(example.model, example.batch,
                                                   {.baseline = Vector<double>::Constant(3, NAN)})),
                       "occlusion: the baseline is not finite", ValueError);
}
