// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/model/checkpoint.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "../temporary_folder.hpp"
#include "rnnscope/nn/lstm.hpp"
#include "rnnscope/nn/optimizer.hpp"
#include "rnnscope/nn/stack.hpp"

using namespace rnnscope;
using rnnscope::test::TemporaryFolder;

namespace {

/// A type of the user.
struct Counter {
  Index seen = 0;
  std::vector<double> history;
  template <class Self, class Visit>
  static void visit_state(Self& self, Visit&& visit) {
    visit("seen", self.seen);
    visit("history", self.history);
  }
};

Parameters<float> some_parameters() {
  Parameters<float> parameters;
  parameters.add("table", 3, 2);
  parameters.add("layer.weight", 2, 3);
  parameters.add("layer.bias", 2);
  Random random(5);
  for (Index k = 0; k < parameters.size(); ++k) parameters.flat()(k) = static_cast<float>(random.normal());
  return parameters;
}

}  // namespace

TEST_CASE("what is put is got, bit for bit, through a file") {
  const TemporaryFolder folder;
  const Parameters<float> parameters = some_parameters();
  Random random(7, 8);
  for (int k = 0; k < 5; ++k) random.bits();
  StackState<Lstm<double>> state(2);
  for (auto& layer : state) {
    for (auto& part : layer) part = Matrix<double>::Random(4, 3);
  }
  const Vector<double> column = Vector<double>::Random(5);
  const Matrix<float> empty(0, 0);
  Checkpoint checkpoint;
  checkpoint.put("model", parameters, "table");
  checkpoint.put("random", random);
  checkpoint.put("state", state);
  checkpoint.put("column", column);
  checkpoint.put("empty", empty);
  checkpoint.put("step", Index{1} << 60);
  checkpoint.put("loss", 0.1 + 0.2);
  checkpoint.put("single", 1.0f / 3);
  checkpoint.put("tiny", std::numeric_limits<double>::denorm_min());
  checkpoint.put("title", std::string("a \"title\"\n"));
  checkpoint.put("flag", true);
  checkpoint.put("vocabulary", Vocabulary({"<unk>", "\xC3\xA9", "\n"}, UnknownPolicy::Replace));
  checkpoint.put("counter", Counter{3, {1.0 / 3, -0.0}});
  checkpoint.save(folder / "c");
  CHECK(folder.count() == 1);

  const Checkpoint found = Checkpoint::load(folder / "c");
  Parameters<float> again = parameters.zeros_like();
  found.get("model", again, "table");
  CHECK(again == parameters);
  CHECK(found.part("model").at("table").shape == std::vector<Index>{2, 3});  // PyTorch's [V, E]
  Random random_again(0);
  found.get("random", random_again);
  CHECK(random_again.position() == 5);
  CHECK(random_again.bits() == random.bits());
  StackState<Lstm<double>> state_again;
  found.get("state", state_again);
  CHECK(state_again == state);
  Vector<double> column_again;
  found.get("column", column_again);
  CHECK(column_again == column);
  Matrix<float> empty_again(2, 2);
  found.get("empty", empty_again);
  CHECK(empty_again.size() == 0);
  Index step = 0;
  double loss = 0, tiny = 0;
  float single = 0;
  std::string title;
  bool flag = false;
  Vocabulary vocabulary;
  Counter counter;
  found.get("step", step);
  found.get("loss", loss);
  found.get("single", single);
  found.get("tiny", tiny);
  found.get("title", title);
  found.get("flag", flag);
  found.get("vocabulary", vocabulary);
  found.get("counter", counter);
  CHECK(step == Index{1} << 60);
  CHECK(loss == 0.1 + 0.2);
  CHECK(single == 1.0f / 3);
  CHECK(tiny == std::numeric_limits<double>::denorm_min());
  CHECK(title == "a \"title\"\n");
  CHECK(flag);
  CHECK(vocabulary == Vocabulary({"<unk>", "\xC3\xA9", "\n"}, UnknownPolicy::Replace));
  CHECK(counter.seen == 3);
  CHECK(counter.history[0] == 1.0 / 3);
  CHECK(std::signbit(counter.history[1]));
}

TEST_CASE_TEMPLATE("an optimiser that was kept goes on as if nothing had happened", Optimizer, Sgd<float>,
                   Adagrad<double>, Adam<float>) {
  const TemporaryFolder folder;
  const auto make = [] {
    typename Optimizer::Config config;
    config.learning_rate = 0.1;
    if constexpr (requires { config.momentum; }) config.momentum = 0.9;
    return Optimizer(config);
  };
  using Scalar = std::conditional_t<std::is_same_v<Optimizer, Adagrad<double>>, double, float>;
  const Parameters<Scalar> start = some_parameters().cast<Scalar>();
  const auto gradient_of = [&](int step) {
    Parameters<Scalar> gradient = start.zeros_like();
    for (Index k = 0; k < gradient.size(); ++k)
      gradient.flat()(k) = static_cast<Scalar>(std::sin(static_cast<double>(k * 7 + step)));
    return gradient;
  };
  for (const int before : {0, 3}) {
    auto straight = start, broken = start;
    Optimizer one = make(), two = make(), three = make();
    for (int step = 0; step < 6; ++step) one.step(straight, gradient_of(step));
    for (int step = 0; step < before; ++step) two.step(broken, gradient_of(step));
    Checkpoint checkpoint;
    checkpoint.put("optimizer", two);
    checkpoint.save(folder / "c");
    Checkpoint::load(folder / "c").get("optimizer", three);
    for (int step = before; step < 6; ++step) three.step(broken, gradient_of(step));
    CHECK(broken == straight);
  }
}

TEST_CASE("what cannot be kept or does not fit is named") {
  const TemporaryFolder folder;
  Checkpoint checkpoint;
  checkpoint.put("a", 1);
  CHECK_THROWS_WITH_AS(checkpoint.put("a", 2), "Checkpoint: there is already something under 'a'", ValueError);
  CHECK_THROWS_WITH_AS(checkpoint.put("b", std::numeric_limits<double>::infinity()),
                       "Checkpoint: 'b' is not finite", ValueError);
  CHECK_THROWS_WITH_AS(checkpoint.put("c", std::string("\xFF")),
                       "Checkpoint: 'c' holds a text that is not UTF-8", ValueError);
  checkpoint.put("p", some_parameters());
  checkpoint.put("m", Matrix<float>(2, 3).setZero().eval());
  const std::string path = (folder / "c").string();
  checkpoint.save(path);
  const Checkpoint found = Checkpoint::load(path);
  int number = 0;
  Random random;
  CHECK_THROWS_WITH_AS(found.get("x", number), (path + ": the checkpoint has no 'x'").c_str(), FormatError);
  CHECK_THROWS_WITH_AS(found.get("a", random), (path + ": 'a' has no 'seed'").c_str(), FormatError);
  std::string text;
  CHECK_THROWS_WITH_AS(found.get("a", text), (path + ": 'a' is of another kind: 1").c_str(), FormatError);
  Matrix<double> wide;
  CHECK_THROWS_WITH_AS(found.get("m", wide), (path + ": 'm' holds F32, expected F64").c_str(), FormatError);
  Vector<float> column;
  CHECK_THROWS_WITH_AS(found.get("m", column), (path + ": 'm' has 3 columns, expected 1").c_str(), ShapeError);
  Parameters<float> other;
  other.add("table", 3, 2);
  CHECK_THROWS_AS(found.get("p", other), FormatError);
}

TEST_CASE("a checkpoint with any byte changed, or cut off anywhere, is refused") {
  const TemporaryFolder folder;
  Checkpoint checkpoint;
  checkpoint.put("p", some_parameters());
  checkpoint.put("loss", 1.5);
  checkpoint.put("n", std::string("text"));
  checkpoint.save(folder / "c");
  const std::string good = read_file(folder / "c");
  Index accepted = 0;
  const auto attempt = [&](const std::string& bytes) {
    // Not through write_file: that would hand each of them to the disk.
    {
      const auto file = detail::open_file(folder / "d", "wb");
      REQUIRE(std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size());
    }
    try {
      static_cast<void>(Checkpoint::load(folder / "d"));
      ++accepted;
    } catch (const FormatError&) {
    }
  };
  attempt(good);
  CHECK(accepted == 1);
  for (std::size_t k = 0; k < good.size(); ++k) {
    for (const int flip : {0x01, 0x80}) {
      std::string bad = good;
      bad[k] = static_cast<char>(bad[k] ^ flip);
      attempt(bad);
    }
    attempt(good.substr(0, k));
  }
  attempt(good + "x");
  CHECK(accepted == 1);
  NamedArrays arrays = read_safetensors(folder / "c");
  arrays.metadata["format"] = "something else";
  write_safetensors(folder / "c", arrays);
  CHECK_THROWS_WITH_AS(static_cast<void>(Checkpoint::load(folder / "c")),
                       doctest::Contains("expected format 'rnnscope checkpoint 1', found 'something else'"),
                       FormatError);
}
