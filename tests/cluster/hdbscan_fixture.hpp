// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>

#include "reference_data.hpp"

namespace rnnscope::test {

/// An array of scikit-learn-contrib/hdbscan (tests/data/make_hdbscan_fixtures.py), row-major.
inline std::vector<double> contrib(const std::string& name) {
  return read_npy<double>(std::filesystem::path(__FILE__).parent_path() / ".." / "data" / "hdbscan" /
                          (name + ".npy"));
}

/// The same as a matrix whose columns are rows of the array.
inline Matrix<double> contrib_columns(const std::string& name, Index row_size) {
  const std::vector<double> values = contrib(name);
  return ConstMatrixMap<double>(values.data(), row_size, static_cast<Index>(values.size()) / row_size);
}

inline HdbscanParameters contrib_parameters(const SelectionParameters& selection = {}) {
  return {.min_cluster_size = 8, .min_samples = 4, .selection = selection};
}

/// `hierarchy` with the merges of a linkage in SciPy's format (columns: left, right, distance, size) in place
/// of its own: the same lengths, with those that are equal in the order of the other program.
inline Hierarchy with_linkage(Hierarchy hierarchy, const Matrix<double>& linkage) {
  std::vector<Id> first_point(static_cast<std::size_t>(hierarchy.points()));
  std::iota(first_point.begin(), first_point.end(), 0);
  std::vector<Edge> edges;
  for (Index k = 0; k < linkage.cols(); ++k) {
    const Id a = first_point[static_cast<std::size_t>(linkage(0, k))];
    const Id b = first_point[static_cast<std::size_t>(linkage(1, k))];
    edges.push_back(make_edge(linkage(2, k), a, b));
    first_point.push_back(a);
  }
  hierarchy.mst = std::move(edges);
  hierarchy.dendrogram = single_linkage(hierarchy.points(), hierarchy.mst, TieMode::Sequential);
  return hierarchy;
}

/// Labels as the fixtures hold them.
inline std::vector<Id> labels_of(const Eigen::Ref<const Vector<double>>& column) {
  std::vector<Id> result;
  for (const double each : column) result.push_back(static_cast<Id>(each));
  return result;
}

inline double largest_difference(const std::vector<double>& a, const Eigen::Ref<const Vector<double>>& b) {
  double result = static_cast<Index>(a.size()) == b.size() ? 0.0 : 1e300;
  for (std::size_t k = 0; k < a.size() && result < 1e300; ++k) {
    result = std::max(result, std::abs(a[k] - b(static_cast<Index>(k))));
  }
  return result;
}

}  // namespace rnnscope::test
