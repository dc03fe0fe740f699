// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Models in files: our own, which know their sizes and vocabulary, and those that PyTorch trained.
#pragma once

#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "rnnscope/format/safetensors.hpp"
#include "rnnscope/model/checkpoint.hpp"
#include "rnnscope/model/language_model.hpp"
#include "rnnscope/model/sequence_classifier.hpp"
#include "rnnscope/model/stored_vocabulary.hpp"
#include "rnnscope/model/torch_weights.hpp"
#include "rnnscope/text/vocabulary.hpp"

namespace rnnscope {

/// Names that a PyTorch program gave to the three parts of its model.
struct TorchNames {
  std::string embedding_name = "embedding.weight";
  std::string recurrent_prefix = "rnn.";
  std::string readout_prefix = "readout.";
};

namespace detail {

/// Sizes and number of layers from the shapes; `outputs` is the first size of the read-out.
template <class Config>
[[nodiscard]] Config torch_config(const NamedArrays& arrays, const TorchNames& names, double dropout,
                                  DropoutPlacement placement, Index& outputs) {
  const auto shape_of = [&](const std::string& name) {
    const auto& shape = arrays.at(name).shape;
    require<ShapeError>(shape.size() == 2 && shape[0] > 0 && shape[1] > 0, "weights: '", name,
                        "' must have two dimensions above 0, found shape ", shape_text(shape));
    return shape;
  };
  Config config;
  config.embedding_name = names.embedding_name;
  config.recurrent_prefix = names.recurrent_prefix;
  config.readout_prefix = names.readout_prefix;
  config.vocabulary_size = shape_of(names.embedding_name)[0];
  config.embedding_size = shape_of(names.embedding_name)[1];
  config.hidden_size = shape_of(names.recurrent_prefix + "weight_hh_l0")[1];
  config.dropout = dropout;
  config.placement = placement;
  config.layers = 0;
  while (arrays.contains(message(names.recurrent_prefix, "weight_hh_l", config.layers))) ++config.layers;
  outputs = shape_of(names.readout_prefix + "weight")[0];
  return config;
}

}  // namespace detail

/// Makes a language model from a PyTorch state_dict, read from safetensors or npz. Sizes and number of layers
/// come from the shapes; loading is strict (see read_torch_weights). Dropout is not stored there. \throws
/// FormatError, ShapeError, ValueError naming the tensor.
template <class Cell>
[[nodiscard]] LanguageModel<Cell> language_model_from_torch(
    const NamedArrays& arrays, const TorchNames& names = {}, double dropout = 0,
    DropoutPlacement placement = DropoutPlacement::BetweenLayers) {
  Index outputs = 0;
  LanguageModel<Cell> model(
      detail::torch_config<LanguageModelConfig>(arrays, names, dropout, placement, outputs));
  read_torch_weights(arrays, model.parameters, names.embedding_name);
  return model;
}

/// The same for a sequence classifier.
template <class Cell>
[[nodiscard]] SequenceClassifier<Cell> sequence_classifier_from_torch(
    const NamedArrays& arrays, const TorchNames& names = {}, double dropout = 0,
    DropoutPlacement placement = DropoutPlacement::BetweenLayers) {
  Index outputs = 0;
  auto config = detail::torch_config<SequenceClassifierConfig>(arrays, names, dropout, placement, outputs);
  config.labels = outputs;
  SequenceClassifier<Cell> model(config);
  read_torch_weights(arrays, model.parameters, names.embedding_name);
  return model;
}

/// A model together with the meaning of its ids.
template <class Cell>
struct StoredLanguageModel {
  LanguageModel<Cell> model;
  Vocabulary vocabulary;
};
template <class Cell>
struct StoredSequenceClassifier {
  SequenceClassifier<Cell> model;
  Vocabulary vocabulary;
};

namespace detail {

template <class Model>
struct ModelFormat;
template <class Cell>
struct ModelFormat<LanguageModel<Cell>> {
  static constexpr std::string_view name = "rnnscope language model 1";
};
template <class Cell>
struct ModelFormat<SequenceClassifier<Cell>> {
  static constexpr std::string_view name = "rnnscope sequence classifier 1";
};

/// What a file says about a model besides its tensors; the vocabulary may be null.
template <class Model>
[[nodiscard]] std::map<std::string, std::string> model_metadata(const Model& model,
                                                                const Vocabulary* vocabulary,
                                                                std::string_view who) {
  const auto& config = model.config();
  std::map<std::string, std::string> metadata{
      {"format", std::string(ModelFormat<Model>::name)},
      {"cell", std::string(Model::CellType::name)},
      {"dropout", nlohmann::json(config.dropout).dump()},
      {"dropout_after_each", config.placement == DropoutPlacement::AfterEach ? "1" : "0"},
      {"embedding_name", config.embedding_name},
      {"recurrent_prefix", config.recurrent_prefix},
      {"readout_prefix", config.readout_prefix}};
  if (vocabulary != nullptr) {
    require<ShapeError>(vocabulary->size() == config.vocabulary_size, who, ": the model has ",
                        config.vocabulary_size, " symbols, the vocabulary ", vocabulary->size());
    metadata["unknown_id"] = message(vocabulary->unknown_id().value_or(-1));
    metadata["symbols"] = symbols_json(*vocabulary, who);
  }
  return metadata;
}

template <class Model>
void save_model(const std::filesystem::path& path, const Model& model, const Vocabulary& vocabulary,
                std::string_view who) {
  NamedArrays arrays = torch_weights(model.parameters, model.config().embedding_name);
  arrays.metadata = model_metadata(model, &vocabulary, who);
  write_safetensors(path, arrays);
}

/// Model and vocabulary from tensors and metadata.
template <class Stored, class Model, class FromTorch>
[[nodiscard]] Stored stored_model(const NamedArrays& arrays, const std::string& source, FromTorch from_torch) {
  const auto text = [&](const std::string& key) -> const std::string& {
    const auto found = arrays.metadata.find(key);
    require<FormatError>(found != arrays.metadata.end(), source, ": not a model file of rnnscope, it has no '",
                         key, "'; for weights of PyTorch use language_model_from_torch");
    return found->second;
  };
  const auto number = [&]<class Number>(const std::string& key, Number value) {
    const std::string& digits = text(key);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    require<FormatError>(error == std::errc{} && end == digits.data() + digits.size(), source, ": '", key,
                         "' must be a number, found '", digits, "'");
    return value;
  };
  require<FormatError>(text("format") == ModelFormat<Model>::name, source, ": expected format '",
                       ModelFormat<Model>::name, "', found '", text("format"), "'");
  require<FormatError>(text("cell") == Model::CellType::name, source, ": the model's cell is '", text("cell"),
                       "', the program asked for '", Model::CellType::name, "'");
  const Vocabulary vocabulary = stored_vocabulary(text("symbols"), number("unknown_id", Id{}), source);
  try {
    Model model = from_torch(
        arrays, TorchNames{text("embedding_name"), text("recurrent_prefix"), text("readout_prefix")},
        number("dropout", 0.0),
        text("dropout_after_each") == "1" ? DropoutPlacement::AfterEach : DropoutPlacement::BetweenLayers);
    require<FormatError>(model.config().vocabulary_size == vocabulary.size(), "the model has ",
                         model.config().vocabulary_size, " symbols, the vocabulary ", vocabulary.size());
    return {std::move(model), vocabulary};
  } catch (const Error& error) {
    throw FormatError(message(source, ": ", error.what()));
  }
}

/// The tensors and metadata of a model file, or those of the best model in a checkpoint of `train`.
[[nodiscard]] inline NamedArrays read_model_arrays(const std::filesystem::path& path) {
  NamedArrays arrays = read_safetensors(path);
  const auto format = arrays.metadata.find("format");
  if (format == arrays.metadata.end() || format->second != Checkpoint::format_name) return arrays;
  const Checkpoint checkpoint = Checkpoint::load(path);
  arrays = checkpoint.part("best");
  checkpoint.get("metadata", arrays.metadata);
  return arrays;
}

}  // namespace detail

/// Writes model and vocabulary as one safetensors file, completely or not at all. Tensors have PyTorch's names,
/// shapes and order; sizes, cell, dropout and symbols are in its metadata. \throws IoError, and ShapeError if
/// the vocabulary does not fit the model.
template <class Cell>
void save_language_model(const std::filesystem::path& path, const LanguageModel<Cell>& model,
                         const Vocabulary& vocabulary) {
  detail::save_model(path, model, vocabulary, "save_language_model");
}
/// The same for a sequence classifier.
template <class Cell>
void save_sequence_classifier(const std::filesystem::path& path, const SequenceClassifier<Cell>& model,
                              const Vocabulary& vocabulary) {
  detail::save_model(path, model, vocabulary, "save_sequence_classifier");
}

/// Reads what save_language_model wrote, or the best model so far from a checkpoint of `train` that was given a
/// vocabulary. \throws IoError; FormatError with the path if it is something else, holds another cell, or is
/// damaged.
template <class Cell>
[[nodiscard]] StoredLanguageModel<Cell> load_language_model(const std::filesystem::path& path) {
  return detail::stored_model<StoredLanguageModel<Cell>, LanguageModel<Cell>>(
      detail::read_model_arrays(path), path.string(),
      [](const auto&... arguments) { return language_model_from_torch<Cell>(arguments...); });
}
/// The same for a sequence classifier.
template <class Cell>
[[nodiscard]] StoredSequenceClassifier<Cell> load_sequence_classifier(const std::filesystem::path& path) {
  return detail::stored_model<StoredSequenceClassifier<Cell>, SequenceClassifier<Cell>>(
      detail::read_model_arrays(path), path.string(),
      [](const auto&... arguments) { return sequence_classifier_from_torch<Cell>(arguments...); });
}

}  // namespace rnnscope
