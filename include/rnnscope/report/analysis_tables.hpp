// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The results of analysis/ as tables.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rnnscope/analysis/cluster_summary.hpp"
#include "rnnscope/analysis/cluster_tags.hpp"
#include "rnnscope/analysis/nearest_neighbours.hpp"
#include "rnnscope/analysis/word_similarity.hpp"
#include "rnnscope/analysis/word_vectors.hpp"
#include "rnnscope/report/table.hpp"
#include "rnnscope/report/table_format.hpp"

namespace rnnscope {

/// One row a cluster: size, mean probability, distinct words, the most frequent words with their shares, and
/// the members in their context, separated by semicolons as in the tables of Hiebert et al.
[[nodiscard]] inline Table cluster_table(std::span<const ClusterSummary> clusters) {
  Table table({{"cluster", ColumnKind::Number},
               {"size", ColumnKind::Number},
               {"probability", ColumnKind::Number},
               {"distinct words", ColumnKind::Number},
               {"frequent words"},
               {"members"}});
  for (const ClusterSummary& cluster : clusters) {
    std::vector<std::string> words, members;
    for (const WordCount& word : cluster.words) words.push_back(word.word + " " + percent(word.share, 0));
    for (const ClusterMember& member : cluster.members) members.push_back(member.excerpt);
    table.add(cluster.label, cluster.size, fixed(cluster.mean_probability, 3), cluster.distinct_words,
              detail::join(words, ", "), detail::join(members, "; "));
  }
  return table;
}

/// One row for each of the `best` tags of highest precision of every cluster. Precision and recall are shares
/// of one.
[[nodiscard]] inline Table tag_table(const ClusterTagAnalysis& analysis,
                                     Index best = std::numeric_limits<Index>::max()) {
  Table table({{"cluster", ColumnKind::Number},
               {"size", ColumnKind::Number},
               {"tag"},
               {"count", ColumnKind::Number},
               {"precision", ColumnKind::Number},
               {"recall", ColumnKind::Number}});
  for (const ClusterTags& cluster : analysis.clusters) {
    for (Index k = 0; k < std::min(best, static_cast<Index>(cluster.scores.size())); ++k) {
      const TagScore& score = cluster.scores[static_cast<std::size_t>(k)];
      table.add(cluster.label, cluster.size, score.tag, score.count, fixed(score.precision, 4),
                fixed(score.recall, 4));
    }
  }
  return table;
}

/// One row a cluster as in Table 2 of Hiebert et al.: words of the members, the tags of highest precision, and
/// the recall of the same tags. Clusters are matched by label.
/// \throws ValueError if `analysis` has no cluster of a summary's label.
[[nodiscard]] inline Table cluster_tag_table(std::span<const ClusterSummary> clusters,
                                             const ClusterTagAnalysis& analysis, Index best = 3) {
  Table table({{"cluster", ColumnKind::Number}, {"sample members"}, {"precision"}, {"recall"}});
  for (const ClusterSummary& cluster : clusters) {
    const ClusterTags& tags = analysis.cluster(cluster.label);
    std::vector<std::string> words, precision, recall;
    for (const ClusterMember& member : cluster.members) words.push_back(member.word);
    for (Index k = 0; k < std::min(best, static_cast<Index>(tags.scores.size())); ++k) {
      const TagScore& score = tags.scores[static_cast<std::size_t>(k)];
      precision.push_back(score.tag + ": " + percent(score.precision));
      recall.push_back(score.tag + ": " + percent(score.recall));
    }
    table.add(cluster.label, detail::join(words, "; "), detail::join(precision, ", "),
              detail::join(recall, ", "));
  }
  return table;
}

/// One row a query as in Table 3 of Hiebert et al.: `neighbours[q]` are columns of `vectors`, found for column
/// `queries[q]`.
/// \throws ShapeError if there are not as many queries as lists.
template <class Scalar>
[[nodiscard]] Table neighbour_table(const WordVectors<Scalar>& vectors, std::span<const Index> queries,
                                    std::span<const std::vector<Neighbour>> neighbours) {
  require<ShapeError>(queries.size() == neighbours.size(), "neighbour_table: ", queries.size(), " queries but ",
                      neighbours.size(), " lists of neighbours");
  const auto word = [&](Index w) { return vectors.words().at(static_cast<std::size_t>(w)); };
  Table table({{"word"}, {"occurrences", ColumnKind::Number}, {"nearest neighbours"}});
  for (std::size_t q = 0; q < queries.size(); ++q) {
    std::vector<std::string> words;
    for (const Neighbour& neighbour : neighbours[q]) words.push_back(word(neighbour.index));
    table.add(word(queries[q]), vectors.counts().at(static_cast<std::size_t>(queries[q])),
              detail::join(words, ", "));
  }
  return table;
}

/// One row a task as in Table 4 of Hiebert et al.: its name, the number of its lines, those with both words
/// known, and the correlation (empty where it is not defined).
[[nodiscard]] inline Table similarity_table(std::span<const std::pair<std::string, WordSimilarity>> tasks) {
  Table table({{"task"},
               {"lines", ColumnKind::Number},
               {"found", ColumnKind::Number},
               {"correlation", ColumnKind::Number}});
  for (const auto& [name, result] : tasks) {
    table.add(name, result.lines, result.found, std::isnan(result.rho) ? std::string() : fixed(result.rho, 4));
  }
  return table;
}

}  // namespace rnnscope
