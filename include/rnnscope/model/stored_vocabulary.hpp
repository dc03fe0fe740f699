// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A vocabulary as JSON, for model files and checkpoints.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/text/vocabulary.hpp"

namespace rnnscope::detail {

/// The list of symbols. \throws ValueError if one is not UTF-8.
[[nodiscard]] inline std::string symbols_json(const Vocabulary& vocabulary, std::string_view who) {
  try {
    return nlohmann::json(vocabulary.symbols()).dump();
  } catch (const nlohmann::json::exception&) {
    throw ValueError(message(who, ": a symbol of the vocabulary is not UTF-8"));
  }
}

/// The vocabulary of a list of symbols and the id of the unknown one, -1 if there is none. \throws FormatError
[[nodiscard]] inline Vocabulary stored_vocabulary(const std::string& symbols_json, Id unknown,
                                                  std::string_view source) {
  const nlohmann::json symbols = nlohmann::json::parse(symbols_json, nullptr, false);
  bool is_list = symbols.is_array();
  for (const auto& symbol : symbols) is_list = is_list && symbol.is_string();
  require<FormatError>(is_list, source, ": 'symbols' must be a list of strings");
  const auto list = symbols.get<std::vector<std::string>>();
  require<FormatError>(unknown >= -1 && unknown < static_cast<Id>(list.size()), source, ": 'unknown_id' is ",
                       unknown, ", but there are ", list.size(), " symbols");
  try {
    return unknown < 0 ? Vocabulary(list)
                       : Vocabulary(list, UnknownPolicy::Replace, list[static_cast<std::size_t>(unknown)]);
  } catch (const Error& error) {
    throw FormatError(message(source, ": ", error.what()));
  }
}

}  // namespace rnnscope::detail
