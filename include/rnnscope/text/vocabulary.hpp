// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Symbols (characters or words) and their ids.
#pragma once

#include <algorithm>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/file.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/text/tokenizer.hpp"

namespace rnnscope {

/// What a vocabulary does with a symbol that it does not hold.
enum class UnknownPolicy { Throw, Replace };
/// The order of ids when a vocabulary is built from a text. Frequency: most frequent first, ties by symbol.
enum class SymbolOrder { CodePoint, FirstAppearance, Frequency };

/// How a vocabulary is built from a text.
struct VocabularyOptions {
  SymbolOrder order = SymbolOrder::CodePoint;
  Index min_count = 1;  ///< rarer symbols are left out; above 1 needs UnknownPolicy::Replace
  UnknownPolicy unknown = UnknownPolicy::Throw;
  std::string unknown_symbol = "<unk>";

  void check() const {
    require<ValueError>(min_count >= 1, "VocabularyOptions: min_count must be at least 1, found ", min_count);
    require<ValueError>(min_count == 1 || unknown == UnknownPolicy::Replace, "VocabularyOptions: min_count ",
                        min_count,
                        " leaves symbols out, so the text could not be encoded; set unknown = Replace");
  }
};

/// A fixed list of distinct UTF-8 symbols; the id of a symbol is its place in the list. Regular value type.
/// Lookup is O(1) and takes string views. Threading: all members but the constructors are const.
class Vocabulary {
 public:
  Vocabulary() = default;

  /// The symbols in order of their ids. With UnknownPolicy::Replace, `unknown_symbol` must be one of them.
  /// \throws ValueError on duplicates (naming both places), an empty symbol, or a missing unknown symbol.
  explicit Vocabulary(std::vector<std::string> symbols, UnknownPolicy unknown = UnknownPolicy::Throw,
                      const std::string& unknown_symbol = "<unk>")
      : symbols_(std::move(symbols)) {
    require<ValueError>(symbols_.size() <= static_cast<std::size_t>(std::numeric_limits<Id>::max()),
                        "Vocabulary: ", symbols_.size(), " symbols are more than ids can count");
    ids_.reserve(symbols_.size());
    for (std::size_t k = 0; k < symbols_.size(); ++k) {
      require<ValueError>(!symbols_[k].empty(), "Vocabulary: symbol ", k, " is empty");
      const auto [place, is_new] = ids_.emplace(symbols_[k], static_cast<Id>(k));
      require<ValueError>(is_new, "Vocabulary: symbol '", symbols_[k], "' appears twice, as id ", place->second,
                          " and as id ", k);
    }
    if (unknown == UnknownPolicy::Replace) {
      unknown_id_ = find(unknown_symbol);
      require<ValueError>(unknown_id_.has_value(), "Vocabulary: the unknown symbol '", unknown_symbol,
                          "' is not among the ", size(), " symbols");
    }
  }

  /// The distinct tokens of a text. With UnknownPolicy::Replace the tokens that are left out count as
  /// `unknown_symbol`, which takes its place in the order (by FirstAppearance: where it first stands in the
  /// text, or last). Cost: O(text + V log V). \throws ValueError on bad options.
  template <Tokenizer T>
  [[nodiscard]] static Vocabulary from_text(std::string_view text, const T& tokenizer,
                                            const VocabularyOptions& options = {}) {
    options.check();
    Counts counts;
    std::vector<std::string> symbols;
    tokenizer.for_each(text, [&](std::string_view token) {
      const auto found = counts.find(token);
      if (found != counts.end()) {
        ++found->second;
      } else {
        symbols.emplace_back(token);
        counts.emplace(token, 1);
      }
    });
    return from_counts(std::move(symbols), std::move(counts), options);
  }

  [[nodiscard]] Index size() const { return static_cast<Index>(symbols_.size()); }
  [[nodiscard]] const std::vector<std::string>& symbols() const { return symbols_; }
  /// The id that stands for unknown symbols; nothing if the policy is Throw.
  [[nodiscard]] std::optional<Id> unknown_id() const { return unknown_id_; }
  [[nodiscard]] UnknownPolicy unknown_policy() const {
    return unknown_id_ ? UnknownPolicy::Replace : UnknownPolicy::Throw;
  }

  /// The id of a symbol of this vocabulary, or nothing.
  [[nodiscard]] std::optional<Id> find(std::string_view symbol) const {
    const auto place = ids_.find(symbol);
    return place == ids_.end() ? std::nullopt : std::optional<Id>(place->second);
  }

  /// The id of a symbol, by the policy for unknown ones. \throws ValueError if it is unknown and not replaced.
  [[nodiscard]] Id id(std::string_view symbol) const {
    const auto place = ids_.find(symbol);
    if (place != ids_.end()) return place->second;
    require<ValueError>(unknown_id_.has_value(), "Vocabulary: '", symbol, "' is none of the ", size(),
                        " symbols; build the vocabulary from all of the text, or with UnknownPolicy::Replace");
    return *unknown_id_;
  }

  /// The symbol of an id. \throws ValueError if there is none.
  [[nodiscard]] const std::string& symbol(Id id) const {
    require<ValueError>(id >= 0 && id < size(), "Vocabulary: id ", id, " is outside [0, ", size(), ")");
    return symbols_[static_cast<std::size_t>(id)];
  }

  /// The ids of the tokens of a text. Cost: one hash lookup a token. \throws ValueError as `id`, with the
  /// number of the token.
  template <Tokenizer T>
  [[nodiscard]] std::vector<Id> encode(std::string_view text, const T& tokenizer) const {
    std::vector<Id> ids;
    tokenizer.for_each(text, [&](std::string_view token) { ids.push_back(numbered_id(token, ids.size())); });
    return ids;
  }
  /// The ids of a list of tokens.
  [[nodiscard]] std::vector<Id> encode(std::span<const std::string> tokens) const {
    std::vector<Id> ids;
    ids.reserve(tokens.size());
    for (const std::string& token : tokens) ids.push_back(numbered_id(token, ids.size()));
    return ids;
  }

  /// The symbols of ids, joined by `separator`. \throws ValueError on an id outside the vocabulary.
  [[nodiscard]] std::string decode(std::span<const Id> ids, std::string_view separator = "") const {
    std::string text;
    for (std::size_t k = 0; k < ids.size(); ++k) {
      if (k > 0) text += separator;
      text += symbol(ids[k]);
    }
    return text;
  }

  /// Writes a small text file: a title, the policy, then one symbol a line with `\n`, `\r` and `\\` for line
  /// feed, carriage return and backslash. \throws IoError
  void save(const std::filesystem::path& path) const {
    std::string text = std::string(title) + '\n';
    text += unknown_id_ ? "replace " + escaped(symbol(*unknown_id_)) : std::string("throw");
    text += '\n';
    for (const std::string& symbol : symbols_) text += escaped(symbol) + '\n';
    write_file(path, {text});
  }

  /// Reads what `save` wrote; the result equals what was saved. (For a plain list of words see read_lines.)
  /// \throws IoError, FormatError with path and line, ValueError as the constructor.
  [[nodiscard]] static Vocabulary load(const std::filesystem::path& path) {
    const std::string text = read_file(path);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      require<FormatError>(end != std::string::npos, path.string(), ": line ", lines.size() + 1,
                           " has no line feed; the file is cut off");
      const std::string_view line(text.data() + at, end - at);
      lines.push_back(lines.empty() ? std::string(line) : unescaped(line, path, lines.size() + 1));
      at = end + 1;
    }
    require<FormatError>(lines.size() >= 2 && lines[0] == title, path.string(), ": expected the first line '",
                         title, "'");
    const std::string policy = lines[1];
    lines.erase(lines.begin(), lines.begin() + 2);
    if (policy == "throw") return Vocabulary(std::move(lines));
    require<FormatError>(policy.starts_with("replace "), path.string(),
                         ": line 2: expected 'throw' or 'replace <symbol>', found '", policy, "'");
    return Vocabulary(std::move(lines), UnknownPolicy::Replace, policy.substr(8));
  }

  friend bool operator==(const Vocabulary& a, const Vocabulary& b) {
    return a.symbols_ == b.symbols_ && a.unknown_id_ == b.unknown_id_;
  }

 private:
  static constexpr std::string_view title = "rnnscope vocabulary 1";

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view symbol) const { return std::hash<std::string_view>{}(symbol); }
  };
  using Ids = std::unordered_map<std::string, Id, Hash, std::equal_to<>>;
  using Counts = std::unordered_map<std::string, Index, Hash, std::equal_to<>>;

  /// `symbols` in order of first appearance.
  [[nodiscard]] static Vocabulary from_counts(std::vector<std::string> symbols, Counts counts,
                                              const VocabularyOptions& options) {
    if (options.unknown == UnknownPolicy::Replace) {
      Index rare = 0;
      for (const auto& [symbol, count] : counts) {
        if (count < options.min_count && symbol != options.unknown_symbol) rare += count;
      }
      const auto [unknown, is_new] = counts.try_emplace(options.unknown_symbol, 0);
      if (is_new) symbols.push_back(options.unknown_symbol);
      unknown->second += rare;
      std::erase_if(symbols, [&](const std::string& symbol) {
        return symbol != options.unknown_symbol && counts.at(symbol) < options.min_count;
      });
    }
    if (options.order == SymbolOrder::CodePoint) {
      std::sort(symbols.begin(), symbols.end());  // the byte order of UTF-8 is the order of code points
    } else if (options.order == SymbolOrder::Frequency) {
      std::sort(symbols.begin(), symbols.end(), [&](const std::string& a, const std::string& b) {
        const Index count_a = counts.at(a);
        const Index count_b = counts.at(b);
        return count_a != count_b ? count_a > count_b : a < b;
      });
    }
    return Vocabulary(std::move(symbols), options.unknown, options.unknown_symbol);
  }

  [[nodiscard]] Id numbered_id(std::string_view token, std::size_t number) const {
    const auto place = ids_.find(token);
    if (place != ids_.end()) return place->second;
    require<ValueError>(unknown_id_.has_value(), "Vocabulary: token ", number, ", '", token,
                        "', is none of the ", size(),
                        " symbols; build the vocabulary from all of the text, or with UnknownPolicy::Replace");
    return *unknown_id_;
  }

  [[nodiscard]] static std::string escaped(std::string_view symbol) {
    std::string line;
    for (const char c : symbol) {
      if (c == '\n' || c == '\r' || c == '\\') line += '\\';
      line += c == '\n' ? 'n' : c == '\r' ? 'r' : c;
    }
    return line;
  }
  [[nodiscard]] static std::string unescaped(std::string_view line, const std::filesystem::path& path,
                                             std::size_t number) {
    std::string symbol;
    for (std::size_t k = 0; k < line.size(); ++k) {
      if (line[k] != '\\') {
        symbol += line[k];
        continue;
      }
      const char next = ++k < line.size() ? line[k] : ' ';
      require<FormatError>(next == 'n' || next == 'r' || next == '\\', path.string(), ": line ", number,
                           ": a backslash must be followed by n, r or a backslash");
      symbol += next == 'n' ? '\n' : next == 'r' ? '\r' : '\\';
    }
    return symbol;
  }

  std::vector<std::string> symbols_;
  Ids ids_;
  std::optional<Id> unknown_id_;
};

}  // namespace rnnscope
