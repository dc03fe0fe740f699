// SPDX-License-Identifier: BSD-3-Clause
// Against the Java program of the authors of HDBSCAN*: partition, outlier scores, condensed tree and levels of
// the hierarchy. Its core distances count the point itself.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "../real_data.hpp"
#include "rnnscope/cluster/hdbscan.hpp"
#include "rnnscope/cluster/validity.hpp"
#include "rnnscope/metric/manhattan.hpp"

using namespace rnnscope;

namespace {

/// Lines of numbers between commas or blanks.
std::vector<std::vector<double>> read_numbers(const std::filesystem::path& path) {
  std::vector<std::vector<double>> rows;
  std::ifstream file(path);
  for (std::string line, field; std::getline(file, line);) {
    std::replace(line.begin(), line.end(), ',', ' ');
    std::istringstream fields(line);
    rows.emplace_back();
    while (fields >> field) rows.back().push_back(std::strtod(field.c_str(), nullptr));  // also "NaN"
  }
  return rows;
}

/// One point a line.
Matrix<double> read_points(const std::filesystem::path& path) {
  const std::vector<std::vector<double>> rows = read_numbers(path);
  REQUIRE_FALSE(rows.empty());
  Matrix<double> points(static_cast<Index>(rows[0].size()), static_cast<Index>(rows.size()));
  for (Index j = 0; j < points.cols(); ++j) {
    const std::vector<double>& row = rows[static_cast<std::size_t>(j)];
    REQUIRE(static_cast<Index>(row.size()) == points.rows());
    points.col(j) = Eigen::Map<const Vector<double>>(row.data(), points.rows());
  }
  return points;
}

std::vector<Id> ids(std::span<const double> numbers) {
  std::vector<Id> result;
  for (const double each : numbers) result.push_back(static_cast<Id>(each));
  return result;
}

/// The clusters of the condensed tree when points up to `distance` apart are joined; -1 for points in none.
std::vector<Id> level(const CondensedTree& tree, double distance) {
  std::vector<Id> result = tree.point_cluster;
  for (std::size_t p = 0; p < result.size(); ++p) {
    double left_at = tree.point_distance[p];
    while (tree.clusters[static_cast<std::size_t>(result[p])].birth <= distance) {
      left_at = 0.0;  // it goes on in the parent
      result[p] = tree.clusters[static_cast<std::size_t>(result[p])].parent;
    }
    if (left_at > distance) result[p] = -1;
  }
  return result;
}

const HdbscanParameters authors{
    .min_cluster_size = 8, .min_samples = 8, .core_distance = CoreDistance::IncludesSelf};

}  // namespace

TEST_CASE("the authors' results for 10,000 points of 32 features") {
  const auto folder = test::data_file("hdbscan/java_reference");
  if (!folder) return;
  const std::string name = "example_high_dim_10000_32";
  const Matrix<double> points = read_points(*folder / (name + ".csv"));
  REQUIRE(points.cols() == 10000);
  const Clustering found = Hdbscan<>(authors).fit(points);

  const auto partition = read_numbers(*folder / (name + "_partition.csv"));
  REQUIRE(partition.size() == 1);
  CHECK(adjusted_rand_index(found.labels, ids(partition[0])) == 1.0);

  const auto scores = read_numbers(*folder / (name + "_outlier_scores.csv"));  // score, point
  REQUIRE(scores.size() == 10000);
  double worst = 0.0;
  for (const auto& each : scores)
    worst = std::max(worst, std::abs(found.outlier_scores[static_cast<std::size_t>(each[1])] - each[0]));
  CHECK(worst < 2e-15);

  // Label, birth, death, stability, ..., label of the parent. Of two children of one parent either may come
  // first.
  const auto theirs = read_numbers(*folder / (name + "_tree.csv"));
  const std::vector<CondensedTree::Cluster>& clusters = found.condensed_tree.clusters;
  REQUIRE(clusters.size() == theirs.size());
  std::vector<std::size_t> own_of(theirs.size() + 1);  // by their label
  for (const auto& row : theirs) {
    const auto same = [&](const CondensedTree::Cluster& each) {
      return std::abs(each.death / row[2] - 1.0) < 1e-14;
    };
    CHECK(std::count_if(clusters.begin(), clusters.end(), same) == 1);
    const auto own = std::find_if(clusters.begin(), clusters.end(), same);
    REQUIRE(own != clusters.end());
    own_of[static_cast<std::size_t>(row[0])] = static_cast<std::size_t>(own - clusters.begin());
    if (std::isnan(row[1])) {
      CHECK(own->parent == -1);
      continue;
    }
    CHECK(static_cast<std::size_t>(own->parent) == own_of[static_cast<std::size_t>(row.back())]);
    CHECK(own->birth == doctest::Approx(row[1]).epsilon(1e-14));
    CHECK(own->stability.at_infinity == 0.0);
    CHECK(own->stability.finite == doctest::Approx(row[3]).epsilon(1e-12));
  }

  // A distance, and the cluster of every point when points up to that distance are joined; 0 for none.
  const auto levels = read_numbers(*folder / (name + "_compact_hierarchy.csv"));
  REQUIRE(levels.size() == 4);
  for (const auto& row : levels) {
    std::vector<Id> expected;
    for (std::size_t p = 1; p < row.size(); ++p)
      expected.push_back(row[p] == 0.0 ? -1 : static_cast<Id>(own_of[static_cast<std::size_t>(row[p])]));
    // Their last digit is not ours.
    CHECK(level(found.condensed_tree, row[0] * (1.0 + 1e-14)) == expected);
  }
}

TEST_CASE("three clouds of 1,000 points in 32 dimensions are found as they were made") {
  const auto folder = test::data_file("hdbscan/java_reference");
  if (!folder) return;
  const Matrix<double> points = read_points(*folder / "small_1000_32.csv");
  const auto rows = read_numbers(*folder / "small_1000_32_labels.csv");
  std::vector<Id> made;
  for (const auto& each : rows) made.push_back(static_cast<Id>(each[0]));
  const Clustering found = Hdbscan<>(authors).fit(points);
  CHECK(found.cluster_count() == 3);
  CHECK(found.noise_count() == 0);
  CHECK(adjusted_rand_index(found.labels, made) == 1.0);
}

TEST_CASE("every way to the tree is the same for the shapes of Chameleon") {
  for (const char* name : {"t4.8k.dat", "t5.8k.dat"}) {
    const auto file = test::data_file(std::string("hdbscan/chameleon/") + name);
    if (!file) return;
    const Matrix<double> points = read_points(*file);
    REQUIRE(points.rows() == 2);
    REQUIRE(points.cols() == 8000);
    const auto check = [&](const auto& metric, std::initializer_list<TreeAlgorithm> algorithms) {
      const auto hierarchy = [&](TreeAlgorithm algorithm) {
        return Hdbscan({.min_cluster_size = 30, .min_samples = 10, .algorithm = algorithm}, metric)
            .hierarchy(points);
      };
      const Hierarchy plain = hierarchy(TreeAlgorithm::Prim);
      CHECK(plain.statistics.algorithm == TreeAlgorithm::Prim);
      for (const TreeAlgorithm algorithm : algorithms) {
        CAPTURE(static_cast<int>(algorithm));
        const Hierarchy fast = hierarchy(algorithm);
        CHECK(fast.statistics.algorithm == algorithm);
        CHECK(fast.statistics.evaluated_pairs < 0.6 * plain.statistics.evaluated_pairs);
        CHECK(fast.core_distances == plain.core_distances);
        CHECK(fast.mst == plain.mst);
        CHECK(fast.dendrogram == plain.dendrogram);
      }
    };
    check(metric::Euclidean{}, {TreeAlgorithm::Tiles, TreeAlgorithm::KdTree, TreeAlgorithm::VpTree});
    check(metric::Manhattan{}, {TreeAlgorithm::KdTree, TreeAlgorithm::VpTree});
  }
}
