// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/analysis/clustering_arrays.hpp"

#include <doctest/doctest.h>

#include "../cluster/brute_force.hpp"
#include "../temporary_folder.hpp"
#include "rnnscope/cluster/graph_hierarchy.hpp"
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
