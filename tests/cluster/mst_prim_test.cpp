// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/cluster/mst_prim.hpp"

#include <doctest/doctest.h>

#include "brute_force.hpp"
#include "rnnscope/cluster/core_distance.hpp"
#include "rnnscope/metric/euclidean.hpp"
#include "rnnscope/metric/manhattan.hpp"

using namespace rnnscope;

namespace {

/// The tree by Prim, and the tree by Kruskal from the distances and core distances in full.
template <class Metric, class Points>
std::pair<std::vector<Edge>, std::vector<Edge>> both_trees(const Metric& metric, const Points& points,
                                                           Index rank) {
  const auto source = metric::distance_source(metric, points);
  const Matrix<double> distances = metric::distance_matrix(metric, points);
  const std::vector<double> core = test::core_distances_by_sorting(distances, rank);
  return {detail::mst_prim(source, detail::EdgeScale(source, 1.0), detail::core_proxies(source, rank, {}), {}),
          test::mst_by_kruskal(test::mutual_reachability(distances, core))};
}

}  // namespace

TEST_CASE_TEMPLATE("Prim finds the smallest of all minimum spanning trees", S, float, double) {
  for (const Index n : {1, 2, 3, 20, 129, 160}) {
    for (const Index rank : {0, 1, 4, 15}) {
      if (rank >= n) continue;
      const auto [smooth, smooth_expected] =
          both_trees(metric::Euclidean{}, test::blobs<S>(4, n, 3, static_cast<std::uint64_t>(n + rank)), rank);
      CHECK(smooth == smooth_expected);
      const auto [tied, tied_expected] =
          both_trees(metric::Manhattan{}, test::grid<S>(2, n, 5, static_cast<std::uint64_t>(n)), rank);
      CHECK(tied == tied_expected);
    }
  }
}

TEST_CASE("distances beyond the range of double are refused, not compared") {
  Matrix<double> points(1, 3);
  points << 0.0, 1e200, 1.0;
  const auto source = metric::distance_source(metric::Euclidean{}, points);
  CHECK_THROWS_WITH_AS(
      static_cast<void>(detail::mst_prim(source, detail::EdgeScale(source, 1.0), {0.0, 0.0, 0.0}, {})),
      "minimum spanning tree: the distance of points 0 and 1 is too large for a double; scale the "
      "points down",
      ValueError);
}

TEST_CASE("the work can be watched and stopped") {
  const Matrix<double> points = test::blobs<double>(2, 500, 3, 1);
  const auto source = metric::distance_source(metric::Euclidean{}, points);
  const std::vector<double> core = detail::core_proxies(source, 5, {});
  Index calls = 0, last = -1;
  const auto watch = [&](const Progress& progress) {
    CHECK(progress.stage == "minimum spanning tree");
    CHECK(progress.done > last);
    CHECK(progress.total == 499);
    last = progress.done;
    return ++calls < 3;
  };
  CHECK_THROWS_AS(static_cast<void>(detail::mst_prim(source, detail::EdgeScale(source, 1.0), core, watch)),
                  Cancelled);
  CHECK(calls == 3);
}
