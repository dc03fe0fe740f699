// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Language models in files: our own, which know their sizes and vocabulary, and those that PyTorch trained.
#pragma once

#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "rnnscope/format/safetensors.hpp"
#include "rnnscope/model/language_model.hpp"
#include "rnnscope/model/torch_weights.hpp"
#include "rnnscope/text/vocabulary.hpp"

namespace rnnscope {

/// Names that a PyTorch program gave to the three parts of its language model.
struct TorchNames {
  std::string embedding_name = "embedding.weight";
  std::string recurrent_prefix = "rnn.";
  std::string readout_prefix = "readout.";
};

/// Makes a language model from a PyTorch state_dict stored as safetensors. Sizes and number of layers come from
/// the shapes; loading is strict (see read_torch_weights). Dropout is not stored there. \throws
/// FormatError, ShapeError, ValueError naming the tensor.
template <class Cell>
[[nodiscard]] LanguageModel<Cell> language_model_from_torch(
    const NamedArrays& arrays, const TorchNames& names = {}, double dropout = 0,
    DropoutPlacement placement = DropoutPlacement::BetweenLayers) {
  const auto shape_of = [&](const std::string& name) {
    const auto& shape = arrays.at(name).shape;
    require<ShapeError>(shape.size() == 2 && shape[0] > 0 && shape[1] > 0, "weights: '", name,
                        "' must have two dimensions above 0, found shape ", shape_text(shape));
    return shape;
  };
  LanguageModelConfig config{.embedding_name = names.embedding_name,
                             .recurrent_prefix = names.recurrent_prefix,
                             .readout_prefix = names.readout_prefix};
  config.vocabulary_size = shape_of(names.embedding_name)[0];
  config.embedding_size = shape_of(names.embedding_name)[1];
  config.hidden_size = shape_of(names.recurrent_prefix + "weight_hh_l0")[1];
  config.dropout = dropout;
  config.placement = placement;
  config.layers = 0;
  while (arrays.contains(message(names.recurrent_prefix, "weight_hh_l", config.layers))) ++config.layers;
  LanguageModel<Cell> model(config);
  read_torch_weights(arrays, model.parameters, config.embedding_name);
  return model;
}

/// A model together with the meaning of its ids.
template <class Cell>
struct StoredLanguageModel {
  LanguageModel<Cell> model;
  Vocabulary vocabulary;
};

namespace detail {

inline constexpr std::string_view model_format = "rnnscope language model 1";

[[nodiscard]] inline const std::string& stored_text(const NamedArrays& arrays, const std::string& key,
                                                    const std::string& source) {
  const auto it = arrays.metadata.find(key);
  require<FormatError>(it != arrays.metadata.end(), source, ": not a model file of rnnscope, it has no '", key,
                       "'; for weights of PyTorch use language_model_from_torch");
  return it->second;
}

template <class Number>
[[nodiscard]] Number stored_number(const NamedArrays& arrays, const std::string& key,
                                   const std::string& source) {
  const std::string& text = stored_text(arrays, key, source);
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  require<FormatError>(error == std::errc{} && end == text.data() + text.size(), source, ": '", key,
                       "' must be a number, found '", text, "'");
  return number;
}

}  // namespace detail

/// Writes model and vocabulary as one safetensors file, completely or not at all. Tensors have PyTorch's names,
/// shapes and order; sizes, cell, dropout and symbols are in its metadata. \throws IoError, and ShapeError if
/// the vocabulary does not fit the model.
template <class Cell>
void save_language_model(const std::filesystem::path& path, const LanguageModel<Cell>& model,
                         const Vocabulary& vocabulary) {
  const LanguageModelConfig& config = model.config();
  require<ShapeError>(vocabulary.size() == config.vocabulary_size, "save_language_model: the model has ",
                      config.vocabulary_size, " symbols, the vocabulary ", vocabulary.size());
  std::string symbols;
  try {
    symbols = nlohmann::json(vocabulary.symbols()).dump();
  } catch (const nlohmann::json::exception&) {
    throw ValueError("save_language_model: a symbol of the vocabulary is not UTF-8");
  }
  NamedArrays arrays = torch_weights(model.parameters, config.embedding_name);
  arrays.metadata = {{"format", std::string(detail::model_format)},
                     {"cell", std::string(Cell::name)},
                     {"dropout", nlohmann::json(config.dropout).dump()},
                     {"dropout_after_each", config.placement == DropoutPlacement::AfterEach ? "1" : "0"},
                     {"embedding_name", config.embedding_name},
                     {"recurrent_prefix", config.recurrent_prefix},
                     {"readout_prefix", config.readout_prefix},
                     {"unknown_id", message(vocabulary.unknown_id().value_or(-1))},
                     {"symbols", symbols}};
  write_safetensors(path, arrays);
}

/// Reads what save_language_model wrote. \throws IoError; FormatError with the path if it is something else,
/// holds another cell, or is damaged.
template <class Cell>
[[nodiscard]] StoredLanguageModel<Cell> load_language_model(const std::filesystem::path& path) {
  const NamedArrays arrays = read_safetensors(path);
  const std::string source = path.string();
  const auto text = [&](const char* key) { return detail::stored_text(arrays, key, source); };
  require<FormatError>(text("format") == detail::model_format, source, ": expected format '",
                       detail::model_format, "', found '", text("format"), "'");
  require<FormatError>(text("cell") == Cell::name, source, ": the model's cell is '", text("cell"),
                       "', the program asked for '", Cell::name, "'");

  const nlohmann::json symbols = nlohmann::json::parse(text("symbols"), nullptr, false);
  bool is_list = symbols.is_array();
  for (const auto& symbol : symbols) is_list = is_list && symbol.is_string();
  require<FormatError>(is_list, source, ": 'symbols' must be a list of strings");
  const auto list = symbols.get<std::vector<std::string>>();
  const auto unknown = detail::stored_number<Id>(arrays, "unknown_id", source);
  require<FormatError>(unknown >= -1 && unknown < static_cast<Id>(list.size()), source, ": 'unknown_id' is ",
                       unknown, ", but there are ", list.size(), " symbols");
  try {
    const Vocabulary vocabulary =
        unknown < 0 ? Vocabulary(list)
                    : Vocabulary(list, UnknownPolicy::Replace, list[static_cast<std::size_t>(unknown)]);
    LanguageModel<Cell> model = language_model_from_torch<Cell>(
        arrays, {text("embedding_name"), text("recurrent_prefix"), text("readout_prefix")},
        detail::stored_number<double>(arrays, "dropout", source),
        text("dropout_after_each") == "1" ? DropoutPlacement::AfterEach : DropoutPlacement::BetweenLayers);
    require<FormatError>(model.config().vocabulary_size == vocabulary.size(), "the model has ",
                         model.config().vocabulary_size, " symbols, the vocabulary ", vocabulary.size());
    return {std::move(model), vocabulary};
  } catch (const Error& error) {
    throw FormatError(message(source, ": ", error.what()));
  }
}

}  // namespace rnnscope
