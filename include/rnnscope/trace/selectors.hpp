// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Which steps of a text to record.
#pragma once

#include <functional>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "rnnscope/core/types.hpp"
#include "rnnscope/text/vocabulary.hpp"

namespace rnnscope {

/// True if the state after reading `ids[position]` is to be kept. It may look at the whole text, and must give
/// the same answer when asked twice.
using StepSelector = std::function<bool(std::span<const Id> ids, Index position)>;

/// Keeps all steps.
[[nodiscard]] inline StepSelector every_step() {
  return [](std::span<const Id>, Index) { return true; };
}

/// Keeps the steps whose input is one of `symbols`. Symbols that the vocabulary lacks never occur and are
/// passed over. The whitespace set of Hiebert et al. is `after_symbols(vocabulary, {" ", "\n"})`.
[[nodiscard]] inline StepSelector after_symbols(const Vocabulary& vocabulary,
                                                std::initializer_list<std::string_view> symbols) {
  std::vector<bool> wanted(static_cast<std::size_t>(vocabulary.size()), false);
  for (const std::string_view symbol : symbols) {
    if (const auto id = vocabulary.find(symbol)) wanted[static_cast<std::size_t>(*id)] = true;
  }
  return [wanted = std::move(wanted)](std::span<const Id> ids, Index position) {
    const auto id = static_cast<std::size_t>(ids[static_cast<std::size_t>(position)]);
    return id < wanted.size() && wanted[id];
  };
}

}  // namespace rnnscope
