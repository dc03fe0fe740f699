// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/analysis/cluster_tags.hpp"

#include <doctest/doctest.h>

using namespace rnnscope;

TEST_CASE("precision, recall and purity of a small example, by hand") {
  const std::vector<Id> labels{0, 0, 0, 0, 0, 2, 2, 2, -1, -1};
  const std::vector<std::string> tags{"MD", "MD", "MD", "RB", "", "VBD", "VBD", "MD", "RB", "NN"};
  const ClusterTagAnalysis analysis = cluster_tags(labels, tags);
  CHECK(analysis.points == 10);
  CHECK(analysis.missing == 1);
  REQUIRE(analysis.tags.size() == 4);
  CHECK(analysis.tags[0].tag == "MD");
  CHECK(analysis.tags[0].count == 4);

  REQUIRE(analysis.clusters.size() == 3);
  CHECK(analysis.clusters[0].label == -1);
  const ClusterTags& noise = analysis.cluster(-1);
  REQUIRE(noise.scores.size() == 2);
  CHECK(noise.scores[0].tag == "NN");  // ties in the order of bytes
  CHECK(noise.scores[1].tag == "RB");
  CHECK(noise.scores[1].recall == 0.5);

  const ClusterTags& modal = analysis.cluster(0);
  CHECK(modal.size == 5);
  CHECK(modal.missing == 1);
  REQUIRE(modal.scores.size() == 2);
  CHECK(modal.scores[0].tag == "MD");
  CHECK(modal.scores[0].count == 3);
  CHECK(modal.scores[0].precision == 0.6);
  CHECK(modal.scores[0].recall == 0.75);
  CHECK(modal.scores[1].precision == 0.2);
  CHECK(modal.purity() == 0.6);
  CHECK(analysis.cluster(2).purity() == doctest::Approx(2.0 / 3));
  CHECK(purity(analysis) == doctest::Approx(5.0 / 8));
  CHECK_THROWS_WITH_AS(static_cast<void>(analysis.cluster(1)), "ClusterTagAnalysis: no point has the label 1",
                       ValueError);
}

TEST_CASE("over all clusters, recall of a tag adds up to one and precision times size to its count") {
  std::vector<Id> labels;
  std::vector<std::string> tags;
  for (int j = 0; j < 1000; ++j) {
    labels.push_back(j * j % 7 - 1);
    tags.push_back(std::string(1, static_cast<char>('A' + j * j * j % 11)));
  }
  const ClusterTagAnalysis analysis = cluster_tags(labels, tags);
  for (const TagCount& tag : analysis.tags) {
    double recall = 0, count = 0;
    for (const ClusterTags& cluster : analysis.clusters) {
      for (const TagScore& score : cluster.scores) {
        if (score.tag != tag.tag) continue;
        recall += score.recall;
        count += score.precision * static_cast<double>(cluster.size);
      }
    }
    CHECK(recall == doctest::Approx(1));
    CHECK(count == doctest::Approx(static_cast<double>(tag.count)));
  }
}

TEST_CASE("nothing, noise alone, and points without any tag") {
  CHECK(cluster_tags({}, {}).clusters.empty());
  CHECK(purity(cluster_tags({}, {})) == 0.0);
  CHECK(purity(cluster_tags(std::vector<Id>{-1}, std::vector<std::string>{"NN"})) == 0.0);
  const auto untagged = cluster_tags(std::vector<Id>{0, 0}, std::vector<std::string>(2));
  CHECK(untagged.missing == 2);
  CHECK(untagged.cluster(0).size == 2);
  CHECK(untagged.cluster(0).purity() == 0.0);
  CHECK(purity(untagged) == 0.0);
  CHECK_THROWS_WITH_AS(static_cast<void>(cluster_tags(std::vector<Id>{0}, {})),
                       "cluster_tags: 1 labels but 0 tags", ShapeError);
  CHECK_THROWS_AS(static_cast<void>(cluster_tags(std::vector<Id>{-2}, std::vector<std::string>(1))),
                  ValueError);
}
