// SPDX-License-Identifier: BSD-3-Clause
// N-gram cells in the places of other cells: classifiers, language models, PyTorch's weights, model files.
#include <doctest/doctest.h>

#include <filesystem>

#include "../real_data.hpp"
#include "../temporary_folder.hpp"
#include "rnnscope/expand/ngram_cell.hpp"
#include "rnnscope/expand/origin.hpp"
#include "rnnscope/format/npy.hpp"
#include "rnnscope/model/evaluation.hpp"
#include "rnnscope/model/model_file.hpp"
#include "rnnscope/model/sequence_classifier.hpp"
#include "rnnscope/model/train.hpp"
#include "rnnscope/nn/gradcheck.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"
#include "rnnscope/nn/spectral_norm.hpp"
#include "rnnscope/text/plain_text.hpp"
#include "rnnscope/text/tokenizer.hpp"

using namespace rnnscope;

TEST_CASE_TEMPLATE("a classifier of two n-gram layers: the gradient of the whole model", Cell,
                   NgramCell<Lstm<double>>, NgramCell<Gru<double>, Origin>) {
  using Z = std::complex<double>;
  using ZCell = typename Cell::template rebind<Z>;
  const SequenceClassifierConfig config{
      .vocabulary_size = 3, .embedding_size = 2, .hidden_size = 4, .layers = 2, .labels = 3};
  const NgramCellOptions options{.clamp = 0.8};
  SequenceClassifier<Cell> model(config, options);
  Random random(81);
  for (Index k = 0; k < model.parameters.size(); ++k) model.parameters.flat()(k) = random.uniform(-1, 1);
  const std::vector<std::vector<Id>> phrases{{0, 1}, {2, 1, 0, 1, 2}, {1}, {0, 0, 2, 1}};
  const PackedBatch batch = pack(phrases);
  const std::vector<Id> classes{2, 0, 1, 2};
  const Vector<double> expected = complex_step_gradient(
      [&](const Vector<Z>& values) {
        SequenceClassifier<ZCell> moved(config, options);
        moved.parameters.flat() = values;
        typename SequenceClassifier<ZCell>::Workspace workspace;
        auto ignored = moved.parameters.zeros_like();
        return moved.loss_and_gradient(batch, classes, ignored, workspace) / Z(4);
      },
      model.parameters.flat());
  typename SequenceClassifier<Cell>::Workspace workspace;
  auto gradient = model.parameters.zeros_like();
  model.loss_and_gradient(batch, classes, gradient, workspace);
  CHECK(gradient_error(gradient.flat(), expected) < 1e-13);
}

TEST_CASE_TEMPLATE(
    "weights that PyTorch made for the cell load into its n-gram form, and a model file holds them", Cell,
    Lstm<double>, Gru<double>) {
  using Ngram = NgramCell<Cell, Origin>;
  const auto folder =
      std::filesystem::path(__FILE__).parent_path().parent_path() / "data" / "torch" / Cell::name;
  NamedArrays arrays;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const std::string name = file.path().stem().string();
    if (!name.starts_with("weight_") && !name.starts_with("bias_")) continue;
    const auto array = load_npy<double>(file.path());
    arrays.add<double>("rnn." + name, std::vector<Index>(array.shape().begin(), array.shape().end()),
                       std::vector<double>(array.begin(), array.end()));
  }
  const std::vector<double> zeros(4 * 5, 0.25);
  arrays.add<double>("embedding.weight", {4, 3}, std::vector<double>(zeros.begin(), zeros.begin() + 12));
  arrays.add<double>("readout.weight", {4, 5}, zeros);
  arrays.add<double>("readout.bias", {4}, std::vector<double>(4, 0.0));
  const auto of_cell = language_model_from_torch<Cell>(arrays);
  const auto of_ngram = language_model_from_torch<Ngram>(arrays);
  CHECK(of_ngram.config().layers == 2);
  CHECK(of_ngram.parameters == of_cell.parameters);

  const test::TemporaryFolder temporary;
  const Vocabulary vocabulary({"a", "b", "c", "d"});
  save_language_model(temporary / "ngram.safetensors", of_ngram, vocabulary);
  CHECK(load_language_model<Ngram>(temporary / "ngram.safetensors").model.parameters == of_cell.parameters);
  CHECK_THROWS_AS(static_cast<void>(load_language_model<Cell>(temporary / "ngram.safetensors")), FormatError);
}

TEST_CASE(
    "a language model on real text: the n-gram cell learns about as much as the cell, spectral norm included") {
  const auto file = test::data_file("wikitext2/valid.txt");
  if (!file) return;
  std::string text = read_text(*file);
  text.resize(text.find('\n', 50'000));
  const CharacterTokenizer tokenizer;
  const auto vocabulary = Vocabulary::from_text(text, tokenizer);
  const std::vector<Id> ids = vocabulary.encode(text, tokenizer);
  const std::span<const Id> training = std::span(ids).first(ids.size() * 9 / 10),
                            validation = std::span(ids).last(ids.size() / 10);
  const auto bits = [&]<class Cell>(Cell cell, bool with_spectral_norm) {
    LanguageModel<Cell> model(
        {.vocabulary_size = vocabulary.size(), .embedding_size = 24, .hidden_size = 48, .layers = 1}, cell);
    Random random(82);
    model.initialise(random);
    const TrainingOptions options{.batch = 16, .steps = 40, .epochs = 4, .validations = 2};
    const Tensor weight = model.stack().layers()[0].weight_hh();
    if (with_spectral_norm) {
      SpectralNorm optimizer(Adam<float>({.learning_rate = 1e-2}), model.parameters, {weight});
      train(model, optimizer, training, validation, options);
      CHECK(Vector<float>(model.parameters[weight] * Vector<float>::Constant(48, 1 / std::sqrt(48.0f))).norm() <
            1.05f);
    } else {
      Adam<float> optimizer({.learning_rate = 1e-2});
      train(model, optimizer, training, validation, options);
    }
    return evaluate(model, validation, {.batch = 1, .steps = 500}).bits();
  };
  double frequency_bits = 0;  // of a model that knows how often symbols occur
  std::vector<double> count(static_cast<std::size_t>(vocabulary.size()), 1.0);
  for (const Id id : training) count[static_cast<std::size_t>(id)] += 1;
  for (const Id id : validation)
    frequency_bits -= std::log2(count[static_cast<std::size_t>(id)] / static_cast<double>(training.size())) /
                      static_cast<double>(validation.size());
  const double gru = bits(Gru<float>{}, false);
  const double maclaurin = bits(NgramCell<Gru<float>>({.clamp = 3}), false);
  const double origin = bits(NgramCell<Gru<float>, Origin>(), true);
  MESSAGE("bits per character: frequencies " << frequency_bits << ", GRU " << gru << ", n-gram GRU "
                                             << maclaurin << ", n-gram GRU at the origin with spectral norm "
                                             << origin);
  CHECK(gru < 0.75 * frequency_bits);
  CHECK(maclaurin < 1.15 * gru);
  CHECK(origin < 1.15 * gru);
}
