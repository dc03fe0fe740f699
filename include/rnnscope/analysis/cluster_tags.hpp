// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// How well clusters agree with tags, for instance parts of speech.
#pragma once

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

/// One tag in one cluster.
struct TagScore {
  std::string tag{};
  Index count = 0;       ///< points of the cluster with the tag
  double precision = 0;  ///< count / size of the cluster
  double recall = 0;     ///< count / points with the tag, of all points
};

struct ClusterTags {
  Id label = 0;
  Index size = 0;
  Index missing = 0;               ///< points without a tag; they count in `size`
  std::vector<TagScore> scores{};  ///< tags that occur, highest precision first, ties in the order of bytes

  /// The precision of the most frequent tag; 0 if there is none.
  [[nodiscard]] double purity() const { return scores.empty() ? 0.0 : scores.front().precision; }
};

struct TagCount {
  std::string tag{};
  Index count = 0;
};

/// The tags of all clusters.
struct ClusterTagAnalysis {
  Index points = 0;
  Index missing = 0;                    ///< points without a tag
  std::vector<TagCount> tags{};         ///< of all points, in the order of bytes
  std::vector<ClusterTags> clusters{};  ///< every label that occurs, ascending, noise (-1) first

  /// The cluster of that label.
  /// \throws ValueError if there is none.
  [[nodiscard]] const ClusterTags& cluster(Id label) const {
    const auto place = std::find_if(clusters.begin(), clusters.end(),
                                    [label](const ClusterTags& each) { return each.label == label; });
    require<ValueError>(place != clusters.end(), "ClusterTagAnalysis: no point has the label ", label);
    return *place;
  }
};

/// Counts tags by cluster. `labels[j]` is the cluster of point j (-1 is noise) and `tags[j]` its tag, empty if
/// it has none; see preceding_tags. Precision and recall as defined by A. Hiebert et al., "Interpreting
/// word-level hidden state behaviour of character-level LSTM language models", 2018, section 4.3: recall is
/// over the points, so words that no point follows do not count. Noise is treated as a cluster of its own.
/// Cost: O(points * log tags).
/// \throws ShapeError if the sizes differ, ValueError on a label below -1.
[[nodiscard]] inline ClusterTagAnalysis cluster_tags(std::span<const Id> labels,
                                                     std::span<const std::string> tags) {
  require<ShapeError>(labels.size() == tags.size(), "cluster_tags: ", labels.size(), " labels but ",
                      tags.size(), " tags");
  std::map<std::string_view, Index> totals;
  std::map<Id, std::map<std::string_view, Index>> counts;
  for (std::size_t j = 0; j < labels.size(); ++j) {
    require<ValueError>(labels[j] >= -1, "cluster_tags: the label of point ", j, " is ", labels[j]);
    ++totals[tags[j]];
    ++counts[labels[j]][tags[j]];
  }
  ClusterTagAnalysis analysis;
  analysis.points = static_cast<Index>(labels.size());
  for (const auto& [tag, count] : totals) {
    if (tag.empty()) {
      analysis.missing = count;
    } else {
      analysis.tags.push_back({std::string(tag), count});
    }
  }
  for (const auto& [label, tag_counts] : counts) {
    ClusterTags& cluster = analysis.clusters.emplace_back();
    cluster.label = label;
    for (const auto& [tag, count] : tag_counts) cluster.size += count;
    for (const auto& [tag, count] : tag_counts) {
      if (tag.empty()) {
        cluster.missing = count;
        continue;
      }
      cluster.scores.push_back({std::string(tag), count,
                                static_cast<double>(count) / static_cast<double>(cluster.size),
                                static_cast<double>(count) / static_cast<double>(totals[tag])});
    }
    std::stable_sort(cluster.scores.begin(), cluster.scores.end(),
                     [](const TagScore& a, const TagScore& b) { return a.count > b.count; });
  }
  return analysis;
}

/// The share of the points in clusters that have the most frequent tag of their cluster; noise does not count,
/// and without clusters it is 0. Source: C. Manning et al., "Introduction to information retrieval", 2008,
/// section 16.3.
[[nodiscard]] inline double purity(const ClusterTagAnalysis& analysis) {
  Index agreeing = 0, clustered = 0;
  for (const ClusterTags& cluster : analysis.clusters) {
    if (cluster.label < 0) continue;
    clustered += cluster.size;
    if (!cluster.scores.empty()) agreeing += cluster.scores.front().count;
  }
  return clustered == 0 ? 0.0 : static_cast<double>(agreeing) / static_cast<double>(clustered);
}

}  // namespace rnnscope
