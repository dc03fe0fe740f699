// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/analysis/clustering_arrays.hpp"

#include <doctest/doctest.h>

#include <cstring>

#include "../cluster/brute_force.hpp"
#include "../temporary_folder.hpp"
#include "rnnscope/cluster/hdbscan.hpp"
#include "rnnscope/format/safetensors.hpp"

using namespace rnnscope;

TEST_CASE("a clustering survives arrays and a file bit for bit, and can be cut again") {
  const test::TemporaryFolder folder;
  Matrix<double> points = test::blobs<double>(2, 120, 4, 3);
  points(1, 17) = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> weights;
  for (int p = 0; p < 120; ++p) weights.push_back(1.0 + 0.25 * (p % 5));
  for (const TieMode ties : {TieMode::Canonical, TieMode::Sequential}) {
    const Hdbscan<> hdbscan({.min_cluster_size = 6,
                             .min_samples = 3,
                             .alpha = 1.5,
                             .ties = ties,
                             .non_finite = NonFiniteRows::Noise});
    const Clustering clustering = hdbscan.fit(points, weights);
    CHECK(clustering.cluster_count() > 1);
    CHECK(clustering_from(to_arrays(clustering)) == clustering);
    write_safetensors(folder / "clusters.safetensors", to_arrays(clustering));
    const Clustering read = clustering_from(read_safetensors(folder / "clusters.safetensors"));
    CHECK(read == clustering);
    CHECK(cut(read.hierarchy, 12) == cut(clustering.hierarchy, 12));
  }
  const Clustering none = Hdbscan<>().fit(Matrix<double>(2, 0));
  CHECK(clustering_from(to_arrays(none)) == none);
}

TEST_CASE("arrays that are no clustering are refused") {
  const Clustering clustering = Hdbscan<>().fit(test::blobs<double>(2, 60, 2, 1));
  const auto with = [&](const std::string& name, auto change) {
    const NamedArrays all = to_arrays(clustering);
    NamedArrays result;
    for (NamedArray each : all.arrays()) {
      if (each.name == name) change(each);
      result.add(std::move(each));
    }
    return result;
  };
  const auto shorten = [](NamedArray& array) {
    const Index row = static_cast<Index>(array.bytes.size()) / array.shape[0];
    --array.shape[0];
    array.bytes.resize(array.bytes.size() - static_cast<std::size_t>(row));
  };
  const auto zero = [](NamedArray& array) { std::fill(array.bytes.begin(), array.bytes.end(), std::byte{0}); };
  const auto fill = [](NamedArray& array) {
    std::fill(array.bytes.begin(), array.bytes.end(), std::byte{0x7f});
  };
  for (const char* name : {"hierarchy.mst.distances", "hierarchy.mst.points", "hierarchy.dendrogram.children",
                           "hierarchy.neighbour", "clustering.labels", "clustering.nodes",
                           "condensed_tree.parents", "condensed_tree.point_clusters"}) {
    INFO(name);
    CHECK_THROWS_AS(static_cast<void>(clustering_from(with(name, shorten))), Error);
  }
  CHECK_THROWS_AS(static_cast<void>(clustering_from(with("hierarchy.dendrogram.children", zero))), ValueError);
  CHECK_THROWS_AS(static_cast<void>(clustering_from(with("condensed_tree.parents", zero))), ValueError);
  for (const char* name :
       {"clustering.labels", "clustering.nodes", "condensed_tree.point_clusters", "hierarchy.mst.points"}) {
    INFO(name);
    CHECK_THROWS_AS(static_cast<void>(clustering_from(with(name, fill))), ValueError);
  }
  CHECK_THROWS_AS(static_cast<void>(clustering_from(NamedArrays{})), ValueError);
}

namespace {

/// `arrays` with one number replaced.
template <class T>
NamedArrays with_number(const NamedArrays& arrays, const std::string& name, std::size_t place, T value) {
  NamedArrays result;
  for (NamedArray each : arrays.arrays()) {
    if (each.name == name) {
      REQUIRE((place + 1) * sizeof(T) <= each.bytes.size());
      std::memcpy(each.bytes.data() + place * sizeof(T), &value, sizeof(T));
    }
    result.add(std::move(each));
  }
  return result;
}

}  // namespace

TEST_CASE("every array with a number that does not fit is refused, by name") {
  Matrix<double> points = test::blobs<double>(2, 90, 3, 4);
  points(0, 5) = std::numeric_limits<double>::infinity();
  std::vector<double> weights;
  for (int p = 0; p < 90; ++p) weights.push_back(0.3 * (1 + p % 4));
  const Clustering clustering =
      Hdbscan<>({.min_cluster_size = 4, .min_samples = 3, .non_finite = NonFiniteRows::Noise})
          .fit(points, weights);
  const NamedArrays all = to_arrays(clustering);
  REQUIRE(clustering_from(all) == clustering);
  REQUIRE(clustering.cluster_count() > 1);
  REQUIRE(clustering.noise_count() > 1);
  const auto refuse = [&](const std::string& name, std::size_t place, auto value, const std::string& what) {
    INFO(name, " ", place, " ", value);
    CHECK_THROWS_WITH_AS(static_cast<void>(clustering_from(with_number(all, name, place, value))),
                         doctest::Contains(what.c_str()), ValueError);
  };
  const auto refuse_numbers = [&](const std::string& name, std::size_t place, const std::string& what) {
    for (const double bad : {-1.0, std::nan(""), 1e12}) refuse(name, place, bad, what);
  };
  const auto member = static_cast<std::size_t>(
      std::find(clustering.labels.begin(), clustering.labels.end(), Id{1}) - clustering.labels.begin());
  const auto noise = static_cast<std::size_t>(
      std::find(clustering.labels.begin(), clustering.labels.end(), Clustering::noise) -
      clustering.labels.begin());

  refuse("hierarchy.neighbour", 0, std::int64_t{-1}, "hierarchy: core distances of neighbour -1");
  refuse("hierarchy.neighbour", 1, std::int64_t{2}, "for whether neighbours were too few; expected 0 or 1");
  for (const double bad : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    refuse("hierarchy.alpha", 0, bad, "hierarchy: alpha is ");
    refuse("hierarchy.weights", 12, bad, "sample weights: weight 12 is ");
  }
  refuse("hierarchy.core_distances", 7, std::nan(""), "the core distance of point 7 is nan");
  refuse("hierarchy.core_distances", 7, -1.0, "the core distance of point 7 is -1");
  refuse("hierarchy.core_distances", 5, 1.0, "point 5 is not finite, but its core distance is 1");
  refuse("hierarchy.row_status", 9, Id{3}, "status 3 of a point");
  refuse("hierarchy.row_status", member, Id{2}, "is not finite, but its core distance is");
  refuse("hierarchy.mst.distances", 0, -1.0, "of length -1");
  refuse("hierarchy.mst.distances", 3, std::nan(""), "of length nan");
  refuse("hierarchy.mst.distances", 88, 0.0, "not sorted");
  refuse("hierarchy.mst.points", 4, Id{90}, "expected points below 90");
  refuse("hierarchy.dendrogram.distances", 2, 1e9, "the dendrogram is not that of the spanning tree");
  refuse("hierarchy.dendrogram.sizes", 2, Id{88}, "the dendrogram is not that of the spanning tree");
  refuse("hierarchy.dendrogram.first_children", 2, Id{1}, "the dendrogram is not that of the spanning tree");

  refuse("condensed_tree.parents", 0, Id{0}, "cluster 0 has parent 0");
  refuse("condensed_tree.parents", 1, Id{1}, "cluster 1 has parent 1");
  const char* const number[] = {"has size", "is born", "dies", "has stability", "has stability"};
  for (std::size_t k = 0; k < 5; ++k) refuse_numbers("condensed_tree.clusters", 5 + k, number[k]);
  refuse("condensed_tree.point_clusters", 3, Id{-1}, "point 3 is in cluster -1");
  refuse("condensed_tree.point_clusters", 3, Id{1000}, "point 3 is in cluster 1000");
  refuse("condensed_tree.point_distances", member, std::nan(""), "at distance nan, not between");
  refuse("condensed_tree.point_distances", member, 1e12, "at distance 1e+12, not between");

  refuse("clustering.labels", member, Id{0}, "has label 0, but the condensed tree puts it into cluster 1");
  refuse("clustering.labels", member, Clustering::noise, "has label -1, but the condensed tree puts it");
  refuse("clustering.labels", noise, Id{0}, "has label 0, but the condensed tree puts it into cluster -1");
  refuse("clustering.labels", 5, Id{1}, "point 5 has label 1");
  refuse_numbers("clustering.probabilities", member, "has probability");
  refuse("clustering.probabilities", noise, 0.5, "has probability 0.5; by its tree it is 0");
  refuse_numbers("clustering.outlier_scores", member, "has outlier score");
  refuse("clustering.sizes", 1, std::int64_t{3}, "cluster 1 has size 3, but");
  refuse_numbers("clustering.persistence", 1, "cluster 1 has persistence");
  refuse("clustering.nodes", 1, clustering.nodes[0], "are the same one of the condensed tree");
  refuse("clustering.nodes", 1, Id{-3}, "cluster 1 is number -3 of a condensed tree of");
  refuse("clustering.nodes", 1, Id{1000}, "cluster 1 is number 1000 of a condensed tree of");
  refuse("clustering.nodes", 1, Id{0}, "lies inside another");

  Clustering odd = clustering;
  odd.probabilities.pop_back();
  CHECK_THROWS_AS(check_clustering(odd), ShapeError);
  odd = clustering;
  odd.hierarchy.weights.pop_back();
  CHECK_THROWS_AS(check_clustering(odd), ShapeError);
}
