// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// What every plot returns: the drawing, and the numbers in it.
#pragma once

#include <filesystem>
#include <string>

#include "rnnscope/core/file.hpp"
#include "rnnscope/report/table.hpp"
#include "rnnscope/report/table_format.hpp"

namespace rnnscope {

/// A complete SVG document together with the table of what it shows.
struct Figure {
  std::string svg{};
  Table table{};
};

/// Writes `stem.svg` and `stem.csv`.
/// \throws IoError as write_file.
inline void write_figure(const Figure& figure, const std::filesystem::path& stem) {
  const auto with = [&](const char* extension) {
    std::filesystem::path path = stem;
    path += extension;
    return path;
  };
  write_file(with(".svg"), {figure.svg});
  write_file(with(".csv"), {to_csv(figure.table)});
}

}  // namespace rnnscope
