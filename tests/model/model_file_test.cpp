// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/model/model_file.hpp"

#include <doctest/doctest.h>

#include "../temporary_folder.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"

using namespace rnnscope;
using rnnscope::test::TemporaryFolder;

namespace {

using Model = LanguageModel<Lstm<float>>;

Model small_model() {
  Model model({.vocabulary_size = 4,
               .embedding_size = 3,
               .hidden_size = 5,
               .layers = 2,
               .dropout = 1.0 / 3,
               .placement = DropoutPlacement::AfterEach,
               .recurrent_prefix = "lstm."});
  Random random(81);
  model.initialise(random);
  return model;
}

const Vocabulary symbols({"a", "\n", "\"", "\xC3\xA9"});

}  // namespace

TEST_CASE("what is saved is loaded: parameters, sizes, dropout, symbols") {
  const TemporaryFolder folder;
  const Model model = small_model();
  save_language_model(folder / "m.safetensors", model, symbols);
  CHECK(folder.count() == 1);
  const auto loaded = load_language_model<Lstm<float>>(folder / "m.safetensors");
  CHECK(loaded.model.parameters == model.parameters);
  CHECK(loaded.vocabulary == symbols);
  CHECK(loaded.model.config().layers == 2);
  CHECK(loaded.model.config().hidden_size == 5);
  CHECK(loaded.model.config().dropout == 1.0 / 3);
  CHECK(loaded.model.config().placement == DropoutPlacement::AfterEach);
  // The same file in double holds the rounded numbers.
  const auto wide = load_language_model<Lstm<double>>(folder / "m.safetensors");
  CHECK(wide.model.parameters == model.parameters.cast<double>());

  const Vocabulary with_unknown({"<unk>", "b", "c", "d"}, UnknownPolicy::Replace);
  save_language_model(folder / "m.safetensors", model, with_unknown);
  CHECK(load_language_model<Lstm<float>>(folder / "m.safetensors").vocabulary == with_unknown);
}

TEST_CASE(
    "PyTorch's layout: row-major weights, [V, E] embeddings, one-dimensional biases; sizes from the shapes") {
  const Model model = small_model();
  const NamedArrays arrays = torch_weights(model.parameters, "embedding.weight");
  CHECK(arrays.at("embedding.weight").shape == std::vector<Index>{4, 3});
  CHECK(arrays.at("lstm.weight_ih_l0").shape == std::vector<Index>{20, 3});
  CHECK(arrays.at("lstm.bias_hh_l1").shape == std::vector<Index>{20});
  CHECK(arrays.at("readout.weight").shape == std::vector<Index>{4, 5});
  CHECK(arrays.values<float>("lstm.weight_ih_l0")[3 * 7 + 2] == model.parameters.at("lstm.weight_ih_l0")(7, 2));
  CHECK(arrays.values<float>("embedding.weight")[3 * 2 + 1] == model.parameters.at("embedding.weight")(1, 2));
  const auto read = language_model_from_torch<Lstm<float>>(arrays, {.recurrent_prefix = "lstm."});
  CHECK(read.parameters == model.parameters);
}

TEST_CASE("loading refuses what is missing, left over, misshaped or not finite, and names it") {
  const NamedArrays good = torch_weights(small_model().parameters, "embedding.weight");
  const auto with = [&](const std::string& name, auto change) {
    NamedArrays result;
    for (NamedArray array : good.arrays()) {
      if (array.name == name && !change(array)) continue;
      result.add(array);
    }
    return result;
  };
  const auto load = [](const NamedArrays& arrays) {
    Model model = small_model();
    const auto before = model.parameters;
    try {
      read_torch_weights(arrays, model.parameters, "embedding.weight");
    } catch (...) {
      CHECK(model.parameters == before);
      throw;
    }
  };
  load(good);
  CHECK_THROWS_WITH_AS(load(with("lstm.bias_ih_l1", [](NamedArray&) { return false; })),
                       "weights: the file has no tensor 'lstm.bias_ih_l1'; the model needs it with shape [20]",
                       FormatError);
  NamedArrays extra = good;
  extra.add<float>("lstm.weight_ih_l2", {1}, std::vector<float>{1});
  CHECK_THROWS_WITH_AS(
      load(extra),
      "weights: the model has no tensor 'lstm.weight_ih_l2', which the file holds; its shape there is [1]",
      FormatError);
  CHECK_THROWS_WITH_AS(load(with("lstm.weight_hh_l0",
                                 [](NamedArray& a) {
                                   a.shape = {5, 20};
                                   return true;
                                 })),
                       "array 'lstm.weight_hh_l0': expected shape [20, 5], found [5, 20]", ShapeError);
  CHECK_THROWS_WITH_AS(load(with("readout.bias",
                                 [](NamedArray& a) {
                                   std::fill(a.bytes.begin(), a.bytes.end(), std::byte{0xFF});
                                   return true;
                                 })),
                       "weights: tensor 'readout.bias' holds a NaN or an infinity", FormatError);
  CHECK_THROWS_WITH_AS(
      static_cast<void>(language_model_from_torch<Lstm<float>>(good, {.embedding_name = "word.weight"})),
      doctest::Contains("there is no array named 'word.weight'; known: embedding.weight"), ValueError);
}

TEST_CASE("other files are refused with the reason") {
  const TemporaryFolder folder;
  const Model model = small_model();
  CHECK_THROWS_WITH_AS(save_language_model(folder / "m.safetensors", model, Vocabulary({"a"})),
                       "save_language_model: the model has 4 symbols, the vocabulary 1", ShapeError);
  CHECK(folder.count() == 0);
  save_language_model(folder / "m.safetensors", model, symbols);
  CHECK_THROWS_WITH_AS(static_cast<void>(load_language_model<Gru<float>>(folder / "m.safetensors")),
                       doctest::Contains("the model's cell is 'lstm', the program asked for 'gru'"),
                       FormatError);
  NamedArrays arrays = read_safetensors(folder / "m.safetensors");
  arrays.metadata["unknown_id"] = "two";
  write_safetensors(folder / "m.safetensors", arrays);
  CHECK_THROWS_WITH_AS(static_cast<void>(load_language_model<Lstm<float>>(folder / "m.safetensors")),
                       doctest::Contains("'unknown_id' must be a number, found 'two'"), FormatError);
  arrays.metadata["unknown_id"] = "4";
  write_safetensors(folder / "m.safetensors", arrays);
  CHECK_THROWS_WITH_AS(static_cast<void>(load_language_model<Lstm<float>>(folder / "m.safetensors")),
                       doctest::Contains("'unknown_id' is 4, but there are 4 symbols"), FormatError);
  arrays.metadata["unknown_id"] = "-1";
  arrays.metadata["symbols"] = "[\"a\", \"b\"]";
  write_safetensors(folder / "m.safetensors", arrays);
  CHECK_THROWS_WITH_AS(static_cast<void>(load_language_model<Lstm<float>>(folder / "m.safetensors")),
                       doctest::Contains("m.safetensors: the model has 4 symbols, the vocabulary 2"),
                       FormatError);
  arrays.metadata["symbols"] = "{}";
  write_safetensors(folder / "m.safetensors", arrays);
  CHECK_THROWS_WITH_AS(static_cast<void>(load_language_model<Lstm<float>>(folder / "m.safetensors")),
                       doctest::Contains("'symbols' must be a list of strings"), FormatError);
  arrays.metadata.clear();
  write_safetensors(folder / "m.safetensors", arrays);
  CHECK_THROWS_WITH_AS(static_cast<void>(load_language_model<Lstm<float>>(folder / "m.safetensors")),
                       doctest::Contains("not a model file of rnnscope, it has no 'format'"), FormatError);
  CHECK_THROWS_AS(static_cast<void>(load_language_model<Lstm<float>>(folder / "absent.safetensors")), IoError);
}
