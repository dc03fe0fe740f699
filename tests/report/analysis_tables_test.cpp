// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/report/analysis_tables.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace rnnscope;
using Rows = std::vector<std::vector<std::string>>;

namespace {
const std::vector<Id> labels{-1, 3, 3, 3};
const std::vector<Span> spans{{0, 2, 3}, {0, 5, 6}, {0, 8, 9}, {0, 11, 12}};
const std::vector<std::string> words{"he", "we", "we", "he"};
const std::vector<std::string> tags{"PRP", "PRP", "PRP", "NN"};

std::vector<ClusterSummary> summaries() {
  return summarise_clusters({.labels = labels, .spans = spans, .words = words}, U"he we we he ", {.window = 2});
}
}  // namespace

TEST_CASE("clusters with words and members") {
  const Table table = cluster_table(summaries());
  REQUIRE(table.rows().size() == 2);
  CHECK(table.rows()[0] == std::vector<std::string>{"-1", "1", "1.000", "1", "he 100%", "he[ ]we"});
  CHECK(table.rows()[1][4] == "we 67%, he 33%");
  CHECK(std::count(table.rows()[1][5].begin(), table.rows()[1][5].end(), ';') == 2);
}

TEST_CASE("tags, all or the best, and beside members") {
  const auto analysis = cluster_tags(labels, tags);
  CHECK(tag_table(analysis).rows() == Rows{{"-1", "1", "PRP", "1", "1.0000", "0.3333"},
                                           {"3", "3", "PRP", "2", "0.6667", "0.6667"},
                                           {"3", "3", "NN", "1", "0.3333", "1.0000"}});
  CHECK(tag_table(analysis, 1).rows().size() == 2);
  const Table both = cluster_tag_table(summaries(), analysis);
  CHECK(both.rows()[0] == std::vector<std::string>{"-1", "he", "PRP: 100.0%", "PRP: 33.3%"});
  CHECK(both.rows()[1][2] == "PRP: 66.7%, NN: 33.3%");
  CHECK_THROWS_AS(static_cast<void>(cluster_tag_table(summaries(), cluster_tags({}, {}))), ValueError);
}

TEST_CASE("neighbours and similarity") {
  Matrix<float> vectors(2, 3);
  vectors << 1, 1, 0,  //
      0, 0.1f, 1;
  const WordVectors<float> known(vectors, {"we", "you", "soldier"}, {1069, 20, 201});
  const std::vector<Index> queries{0, 2};
  const auto found = CosineNeighbours<float>(known.vectors()).of_columns(queries, 2);
  CHECK(neighbour_table(known, queries, found).rows() ==
        Rows{{"we", "1069", "you, soldier"}, {"soldier", "201", "you, we"}});
  CHECK_THROWS_AS(static_cast<void>(neighbour_table(known, queries, {})), ShapeError);

  const std::vector<std::pair<std::string, WordSimilarity>> tasks{
      {"WS-353", {.lines = 353, .found = 290, .used = 289, .skipped = 63, .rho = 0.13761}},
      {"none", {.rho = std::numeric_limits<double>::quiet_NaN()}}};
  CHECK(similarity_table(tasks).rows() == Rows{{"WS-353", "353", "290", "0.1376"}, {"none", "0", "0", ""}});
}
