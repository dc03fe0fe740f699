// SPDX-License-Identifier: BSD-3-Clause
// Reads what tests/data/make_torch_fixtures.py wrote.
#pragma once

#include <filesystem>
#include <string>

#include "rnnscope/core/parameters.hpp"
#include "rnnscope/format/npy.hpp"

namespace rnnscope::test {

/// The directory of one case.
inline std::filesystem::path torch_fixture(const std::string& name) {
  return std::filesystem::path(__FILE__).parent_path().parent_path() / "data" / "torch" / name;
}

/// PyTorch's [.., H] as `H x ..`.
inline Matrix<double> load_columns(const std::filesystem::path& folder, const std::string& name) {
  return load_npy_matrix<double>(folder / (name + ".npy"));
}

inline Vector<double> load_numbers(const std::filesystem::path& folder, const std::string& name) {
  const std::vector<double> values = load_npy_vector<double>(folder / (name + ".npy"));
  return Eigen::Map<const Vector<double>>(values.data(), static_cast<Index>(values.size()));
}

/// "parameters.npy" or "gradients.npy": our own flat order.
inline Parameters<double> load_flat(const std::filesystem::path& folder, const std::string& name,
                                    const Parameters<double>& layout) {
  const Vector<double> values = load_numbers(folder, name);
  require<ShapeError>(values.size() == layout.size(), "fixture ", name, " has ", values.size(),
                      " numbers, expected ", layout.size());
  Parameters<double> result = layout;
  result.flat() = values;
  return result;
}

}  // namespace rnnscope::test
