// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "brute_force.hpp"
#include "rnnscope/cluster/hdbscan.hpp"

namespace rnnscope::test {

/// The numbers of a little-endian C-order .npy file of version 1, whose dtype is that of `T`.
template <class T>
std::vector<T> read_npy(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (bytes.size() < 10) throw std::runtime_error(path.string() + ": no .npy file");
  const std::size_t header = static_cast<unsigned char>(bytes[8]) + 256u * static_cast<unsigned char>(bytes[9]);
  const std::string type = std::string(std::is_integral_v<T> ? "<i" : "<f") + std::to_string(sizeof(T));
  const std::string text = bytes.substr(10, header);
  if (text.find(type) == std::string::npos || text.find("'fortran_order': False") == std::string::npos) {
    throw std::runtime_error(path.string() + ": unexpected header " + text);
  }
  std::vector<T> values((bytes.size() - 10 - header) / sizeof(T));
  std::memcpy(values.data(), bytes.data() + 10 + header, values.size() * sizeof(T));
  return values;
}

/// The same edges with those of equal length in a random order. Seed 0 changes nothing.
inline Hierarchy with_ties_shuffled(const Hierarchy& hierarchy, std::uint64_t seed) {
  Hierarchy result = hierarchy;
  if (seed > 0) {
    const std::vector<Index> order = shuffled(static_cast<Index>(hierarchy.mst.size()), seed);
    for (std::size_t k = 0; k < order.size(); ++k)
      result.mst[k] = hierarchy.mst[static_cast<std::size_t>(order[k])];
    std::stable_sort(result.mst.begin(), result.mst.end(),
                     [](const Edge& a, const Edge& b) { return a.distance < b.distance; });
  }
  result.dendrogram = single_linkage(hierarchy.points(), result.mst, TieMode::Sequential);
  return result;
}

}  // namespace rnnscope::test
