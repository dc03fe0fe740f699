// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A small table of texts and numbers: what every result of the library can be turned into, and what Markdown,
/// CSV, JSON and HTML are made from.
#pragma once

#include <cmath>
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/report/numbers.hpp"

namespace rnnscope {

/// Text is set left; numbers are set right, and JSON writes them without quotes.
enum class ColumnKind { Text, Number };

struct Column {
  std::string header{};
  ColumnKind kind = ColumnKind::Text;
  friend bool operator==(const Column&, const Column&) = default;
};

/// Rows of cells under named columns; all texts are UTF-8. Every row has one cell for each column, always.
///
///     Table table({{"word"}, {"count", ColumnKind::Number}});
///     table.add("prince", 1926);
class Table {
 public:
  Table() = default;
  /// \throws ValueError if two columns have the same header.
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      for (std::size_t earlier = 0; earlier < c; ++earlier) {
        require<ValueError>(columns_[earlier].header != columns_[c].header, "Table: columns ", earlier, " and ",
                            c, " have the same header '", columns_[c].header, "'");
      }
    }
  }

  /// Appends a row of finished cells.
  /// \throws ShapeError unless there is one for every column.
  void add_row(std::vector<std::string> cells) {
    require<ShapeError>(cells.size() == columns_.size(), "Table: row ", rows_.size(), " has ", cells.size(),
                        " cells, but there are ", columns_.size(), " columns");
    rows_.push_back(std::move(cells));
  }

  /// Appends a row of texts, integers and floating-point numbers (written by `shortest`; NaN is an empty cell).
  /// \throws ShapeError as add_row.
  template <class... Values>
  void add(const Values&... values) {
    add_row({cell(values)...});
  }

  [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }
  [[nodiscard]] const std::vector<std::vector<std::string>>& rows() const { return rows_; }
  [[nodiscard]] bool empty() const { return rows_.empty(); }

  friend bool operator==(const Table&, const Table&) = default;

 private:
  template <class Value>
  [[nodiscard]] static std::string cell(const Value& value) {
    if constexpr (std::floating_point<Value>) {
      return std::isnan(value) ? std::string() : shortest(value);
    } else if constexpr (std::integral<Value>) {
      return std::to_string(value);
    } else {
      static_assert(std::is_convertible_v<Value, std::string_view>, "Table::add takes texts and numbers");
      return std::string(std::string_view(value));
    }
  }

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace rnnscope
