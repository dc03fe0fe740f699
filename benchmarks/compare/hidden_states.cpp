// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Writes the hidden states of a trained character model over a text as a `.npy` file of float, one row a
/// state: the points that HDBSCAN is timed on.
///
///     hidden_states MODEL_DIRECTORY TEXT OUTPUT.npy [--characters N] [--every-step] [--pieces P] [--warm-up W]
///
/// MODEL_DIRECTORY holds `model.safetensors` (PyTorch names, as in tests/trace/reference_model_test.cpp) and
/// `charset.json`. States are those of the top layer after each whitespace, or with `--every-step` after each
/// character, of the first N characters (default: the whole text). With P pieces the text is read as P streams
/// side by side, which is many times faster; each stream but the first starts W characters early from a zero
/// state, so its states differ from those of one long stream by what the model remembers after W characters.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "rnnscope/format/npy.hpp"
#include "rnnscope/format/safetensors.hpp"
#include "rnnscope/model/model_file.hpp"
#include "rnnscope/nn/lstm.hpp"
#include "rnnscope/text/plain_text.hpp"
#include "rnnscope/text/tokenizer.hpp"

int main(int argc, char** argv) {
  using namespace rnnscope;
  CLI::App app("Hidden states of a character model as .npy");
  std::string model_directory, text_path, output_path;
  Index characters = -1, pieces = 1, warm_up = 1000;
  bool every_step = false;
  app.add_option("model", model_directory)->required()->check(CLI::ExistingDirectory);
  app.add_option("text", text_path)->required()->check(CLI::ExistingFile);
  app.add_option("output", output_path)->required();
  app.add_option("--characters", characters, "read only so many");
  app.add_option("--pieces", pieces, "streams side by side")->check(CLI::PositiveNumber);
  app.add_option("--warm-up", warm_up, "characters before each piece")->check(CLI::NonNegativeNumber);
  app.add_flag("--every-step", every_step, "after each character instead of each whitespace");
  CLI11_PARSE(app, argc, argv);

  std::ifstream charset(model_directory + "/charset.json");
  const Vocabulary vocabulary(nlohmann::json::parse(charset).get<std::vector<std::string>>());
  std::vector<Id> ids = vocabulary.encode(read_text(text_path), CharacterTokenizer());
  if (characters >= 0) ids.resize(std::min(ids.size(), static_cast<std::size_t>(characters)));
  const auto model = language_model_from_torch<Lstm<float>>(
      read_safetensors(model_directory + "/model.safetensors"), {.embedding_name = "char_embeddings.weight",
                                                                 .recurrent_prefix = "lstm.",
                                                                 .readout_prefix = "hidden2chars."});

  const auto length = static_cast<Index>(ids.size());
  const Id space = vocabulary.id(" "), line = vocabulary.id("\n");
  std::vector<Index> column(ids.size(), -1);
  Index columns = 0;
  for (std::size_t t = 0; t < ids.size(); ++t) {
    if (every_step || ids[t] == space || ids[t] == line) column[t] = columns++;
  }
  Matrix<float> result(model.config().hidden_size, columns);
  const Index piece_length = (length + pieces - 1) / pieces;
  const Index lead = pieces == 1 ? 0 : std::min(warm_up, piece_length);
  const auto start = [&](Index p) { return std::max<Index>(0, p * piece_length - lead); };
  constexpr Index window = 100;
  LanguageModel<Lstm<float>>::Workspace workspace;
  auto state = model.zero_state(pieces);
  for (Index first = 0; first < piece_length + lead; first += window) {
    const Index steps = std::min(window, piece_length + lead - first);
    std::vector<Id> batch(static_cast<std::size_t>(steps * pieces), space);
    for (Index s = 0; s < steps; ++s) {
      for (Index p = 0; p < pieces; ++p) {
        const Index t = start(p) + first + s;
        if (t < length) batch[static_cast<std::size_t>(s * pieces + p)] = ids[static_cast<std::size_t>(t)];
      }
    }
    model.run(PackedLayout::uniform(steps, pieces), batch, state, workspace);
    for (Index s = 0; s < steps; ++s) {
      for (Index p = 0; p < pieces; ++p) {
        const Index t = start(p) + first + s;
        if (t >= length || t < p * piece_length || t >= (p + 1) * piece_length) continue;
        const Index to = column[static_cast<std::size_t>(t)];
        if (to >= 0) result.col(to) = workspace.tape.output().col(s * pieces + p);
      }
    }
  }
  save_npy(output_path, result);
  std::cout << output_path << ": " << result.cols() << " x " << result.rows() << '\n';
}
