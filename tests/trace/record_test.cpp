// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/trace/record.hpp"

#include <doctest/doctest.h>

#include "rnnscope/nn/lstm.hpp"

using namespace rnnscope;

namespace {

struct Fixture {
  Vocabulary vocabulary{{"a", " ", "b", "\n"}};
  std::vector<Id> ids;
  LanguageModel<Lstm<double>> model{
      {.vocabulary_size = 4, .embedding_size = 3, .hidden_size = 5, .layers = 2, .dropout = 0.5}};

  Fixture() {
    Random random(91);
    model.initialise(random);
    for (int k = 0; k < 40; ++k) ids.push_back(static_cast<Id>(random.below(4)));
  }
};

}  // namespace

TEST_CASE("every gate and state of every step, whatever the window, without dropout") {
  const Fixture f;
  const auto trace = record(f.model, f.ids);
  CHECK(trace.size() == 40);
  CHECK(trace.channels.size() == 12);
  for (const Index window : {1, 7, 40}) {
    const auto other = record(f.model, f.ids, {.window = window});
    for (std::size_t c = 0; c < trace.channels.size(); ++c) {
      CHECK((trace.channels[c].values - other.channels[c].values).cwiseAbs().maxCoeff() < 1e-15);
    }
  }
  // By hand: one step at a time with the state carried along, and the identity h = o tanh(c).
  auto state = f.model.zero_state(1);
  LanguageModelWorkspace<Lstm<double>> workspace;
  for (Index t = 0; t < 40; ++t) {
    f.model.run(PackedLayout::uniform(1, 1), std::span(&f.ids[static_cast<std::size_t>(t)], 1), state,
                workspace);
    CHECK((trace.channel(1, "h").col(t) - state[1][0].col(0)).norm() < 1e-15);
    CHECK((trace.channel(0, "c").col(t) - state[0][1].col(0)).norm() < 1e-15);
  }
  const auto& o = trace.channel(1, "o");
  const Matrix<double> h = o.array() * trace.channel(1, "c").array().tanh();
  CHECK((trace.channel(1, "h") - h).cwiseAbs().maxCoeff() < 1e-15);
}

TEST_CASE("chosen layers, channels and steps; points know where they came from") {
  const Fixture f;
  const auto all = record(f.model, f.ids);
  const auto some = record(f.model, f.ids,
                           {.layers = {1},
                            .channels = {"o", "h"},
                            .select = after_symbols(f.vocabulary, {" ", "\n", "?"}),
                            .window = 6});
  CHECK(some.channels.size() == 2);
  Index count = 0;
  for (std::size_t t = 0; t < f.ids.size(); ++t) {
    if (f.ids[t] != 1 && f.ids[t] != 3) continue;
    REQUIRE(some.positions[static_cast<std::size_t>(count)] == static_cast<Index>(t));
    CHECK((some.channel(1, "o").col(count) - all.channel(1, "o").col(static_cast<Index>(t))).norm() < 1e-15);
    ++count;
  }
  CHECK(some.size() == count);
  const PointSet<double> points = some.points(1, "h");
  points.check();
  CHECK(points.dimension() == 5);
  CHECK(points.spans[0] == Span{0, some.positions[0], some.positions[0] + 1});
  CHECK(record(f.model, f.ids, {.select = [](std::span<const Id>, Index) { return false; }}).size() == 0);
  CHECK(record(f.model, {}).size() == 0);
}

TEST_CASE("bad requests are named, and recording can be stopped") {
  const Fixture f;
  const auto call = [&](const RecordOptions& options, const ProgressCallback& progress = {}) {
    static_cast<void>(record(f.model, f.ids, options, progress));
  };
  CHECK_THROWS_WITH_AS(call({.layers = {2}}), "record: layer 2 of a model of 2 layers", ValueError);
  CHECK_THROWS_WITH_AS(call({.channels = {"r"}}), "record: the cell has no channel 'r'; it has: h c i f g o",
                       ValueError);
  CHECK_THROWS_WITH_AS(call({.window = 0}), "record: window must be at least 1, found 0", ValueError);
  CHECK_THROWS_WITH_AS(call({.window = 10}, [](const Progress& p) { return p.done < 20; }),
                       "stopped by the progress callback during 'recording' after 20 of 40", Cancelled);
  const auto trace = record(f.model, f.ids, {.layers = {0}, .channels = {"h"}});
  CHECK_THROWS_WITH_AS(static_cast<void>(trace.channel(1, "h")),
                       "Trace: no channel 'h' of layer 1; recorded (layer:name): 0:h", ValueError);
  const std::vector<Id> strange{0, 9};
  CHECK_THROWS_WITH_AS(static_cast<void>(record(f.model, strange)),
                       "Embedding: id 9 at position 1 is outside the vocabulary of 4", ValueError);
}
