// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/report/condensed_tree_plot.hpp"

#include <doctest/doctest.h>

#include <sstream>

#include "../cluster/brute_force.hpp"
#include "plot_checks.hpp"
#include "rnnscope/cluster/hdbscan.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

namespace {

struct Box {
  double left = 1e300, right = -1e300, top = 1e300, bottom = -1e300;
};

Box box_of(const XmlElement& path) {
  std::string data = path.attributes.at("d");
  std::replace_if(
      data.begin(), data.end(), [](char c) { return c == 'M' || c == 'L' || c == 'Z'; }, ' ');
  std::istringstream numbers(data);
  Box box;
  for (double x, y; numbers >> x >> y;) {
    box = {std::min(box.left, x), std::max(box.right, x), std::min(box.top, y), std::max(box.bottom, y)};
  }
  return box;
}

}  // namespace

TEST_CASE(
    "icicles: one shape a cluster, from birth to death, as wide as it has points, children below parents") {
  const Clustering clustering =
      Hdbscan<>({.min_cluster_size = 8, .min_samples = 4}).fit(blobs<double>(2, 300, 5, 3));
  const auto& clusters = clustering.condensed_tree.clusters;
  REQUIRE(clustering.cluster_count() > 2);
  for (const AxisKind kind : {AxisKind::Linear, AxisKind::Logarithmic}) {
    const Figure figure = condensed_tree_plot(clustering, {.frame = {.title = "Tree"}, .scale = kind});
    const XmlReader xml(figure.svg);
    check_inside(xml);
    const auto paths = xml.named("path");
    REQUIRE(paths.size() == clusters.size());
    const Box root = box_of(paths[0]);
    const double unit = (root.right - root.left) / 300.0;
    std::vector<double> sizes(clusters.size(), 0.0);
    for (std::size_t c = 0; c < clusters.size(); ++c) sizes[c] = std::stod(figure.table.rows()[c][3]);
    CHECK(sizes[0] == 300.0);
    for (std::size_t c = 1; c < clusters.size(); ++c) {
      CHECK(sizes[c] == clusters[c].size);
      const Box box = box_of(paths[c]), parent = box_of(paths[static_cast<std::size_t>(clusters[c].parent)]);
      CHECK(box.right - box.left == doctest::Approx(sizes[c] * unit).epsilon(1e-2));
      CHECK(box.top == doctest::Approx(parent.bottom).epsilon(1e-3));
      CHECK(box.left >= parent.left - 0.1);
      CHECK(box.right <= parent.right + 0.1);
      for (std::size_t other = 1; other < c; ++other) {
        if (clusters[other].parent != clusters[c].parent) continue;
        const Box sibling = box_of(paths[other]);
        CHECK((sibling.right <= box.left + 0.1 || sibling.left >= box.right - 0.1));
      }
    }
    for (std::size_t k = 0; k < clustering.nodes.size(); ++k) {
      const auto node = static_cast<std::size_t>(clustering.nodes[k]);
      CHECK(paths[node].attributes.at("fill") == category_colour(static_cast<Index>(k)).hex());
      CHECK(figure.table.rows()[node][2] == std::to_string(k));
    }
    CHECK(figure.table.rows()[0][2].empty());
  }
}

TEST_CASE("icicles of duplicates, of components, of two points; nothing to show") {
  Matrix<double> points(1, 40);
  for (Index j = 0; j < 40; ++j)
    points(0, j) = j < 39 ? static_cast<double>(j % 3) : std::numeric_limits<double>::infinity();
  const HdbscanParameters parameters{
      .min_cluster_size = 5, .min_samples = 2, .non_finite = NonFiniteRows::Noise};
  check_inside(XmlReader(condensed_tree_plot(Hdbscan<>(parameters).fit(points)).svg));
  check_inside(
      XmlReader(condensed_tree_plot(Hdbscan<>(parameters).fit(points), {.scale = AxisKind::Linear}).svg));
  Matrix<double> two(1, 2);
  two << 1, 2;
  check_inside(XmlReader(condensed_tree_plot(Hdbscan<>().fit(two)).svg));
  CHECK_THROWS_AS(static_cast<void>(condensed_tree_plot(Clustering{})), ValueError);
  CHECK_THROWS_AS(static_cast<void>(condensed_tree_plot(Hdbscan<>().fit(Matrix<double>::Zero(2, 9).eval()))),
                  ValueError);
  CHECK_THROWS_AS(static_cast<void>(condensed_tree_plot(Hdbscan<>().fit(two), {.steps = 0})), ValueError);
}
