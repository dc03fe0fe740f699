// SPDX-License-Identifier: BSD-3-Clause
// The fixtures of scikit-learn's HDBSCAN: data, parameters, labels and probabilities.
#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "rnnscope/cluster/hdbscan.hpp"

namespace rnnscope::test {

struct SklearnFixture {
  std::string name;
  std::string metric;
  Matrix<double> points;  // columns are points
  HdbscanParameters parameters;
  std::vector<Id> labels;
  std::vector<double> probabilities;
};

inline SklearnFixture read_sklearn_fixture(const std::filesystem::path& path) {
  const nlohmann::json file = nlohmann::json::parse(std::ifstream(path));
  const nlohmann::json& given = file.at("params");
  SklearnFixture fixture;
  fixture.name = path.stem().string();
  fixture.metric = given.value("metric", "euclidean");
  fixture.labels = file.at("expected_labels").get<std::vector<Id>>();
  fixture.probabilities = file.at("expected_probabilities").get<std::vector<double>>();

  const auto rows = file.at("data").get<std::vector<std::vector<double>>>();
  fixture.points.resize(static_cast<Index>(rows.front().size()), static_cast<Index>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    fixture.points.col(static_cast<Index>(i)) =
        Eigen::Map<const Vector<double>>(rows[i].data(), fixture.points.rows());
  }

  // Scikit-learn's matrix product leaves its distances unequal in the last bit above and below the diagonal.
  if (fixture.metric == "precomputed")
    fixture.points = (0.5 * (fixture.points + fixture.points.transpose())).eval();

  HdbscanParameters& p = fixture.parameters;
  p.min_cluster_size = given.at("min_cluster_size").get<Index>();
  p.min_samples = given.value("min_samples", p.min_cluster_size);
  p.core_distance = CoreDistance::IncludesSelf;
  p.ties = TieMode::Sequential;
  p.selection.method = given.value("cluster_selection_method", "eom") == "leaf" ? SelectionMethod::Leaf
                                                                                : SelectionMethod::ExcessOfMass;
  p.selection.epsilon = given.value("cluster_selection_epsilon", 0.0);
  p.selection.allow_single_cluster = given.value("allow_single_cluster", false);
  return fixture;
}

/// HDBSCAN with the fixture's own metric and parameters.
inline Clustering fit(const SklearnFixture& fixture) {
  const HdbscanParameters& p = fixture.parameters;
  if (fixture.metric == "manhattan") return Hdbscan<metric::Manhattan>(p).fit(fixture.points);
  if (fixture.metric == "precomputed") return Hdbscan<metric::Precomputed>(p).fit(fixture.points);
  return Hdbscan<metric::Euclidean>(p).fit(fixture.points);
}

}  // namespace rnnscope::test
