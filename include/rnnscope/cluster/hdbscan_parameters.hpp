// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The parameters of HDBSCAN.
#pragma once

#include <cmath>
#include <optional>

#include "rnnscope/cluster/core_distance.hpp"
#include "rnnscope/cluster/row_status.hpp"
#include "rnnscope/cluster/selection.hpp"
#include "rnnscope/cluster/single_linkage.hpp"
#include "rnnscope/cluster/tree_statistics.hpp"

namespace rnnscope {

struct HdbscanParameters {
  /// Sets of fewer points are not clusters. At least 2.
  Index min_cluster_size = 5;
  /// Which neighbour gives the core distance; if empty, `min_cluster_size`. Larger: smoother, more noise.
  std::optional<Index> min_samples = std::nullopt;
  /// Whether `min_samples` counts the point itself.
  CoreDistance core_distance = CoreDistance::ExcludesSelf;
  /// Distances are divided by it before they are compared with core distances (robust single linkage).
  double alpha = 1.0;
  TieMode ties = TieMode::Canonical;
  /// What to do about points with NaN or infinite coordinates.
  NonFiniteRows non_finite = NonFiniteRows::Refuse;
  /// How core distances and spanning tree are found; changes time and memory alone.
  TreeAlgorithm algorithm = TreeAlgorithm::Automatic;
  SelectionParameters selection = {};

  [[nodiscard]] Index effective_min_samples() const { return min_samples.value_or(min_cluster_size); }

  /// \throws ValueError at a value out of range.
  void check() const {
    require<ValueError>(min_cluster_size >= 2, "HDBSCAN: min_cluster_size must be at least 2, found ",
                        min_cluster_size);
    require<ValueError>(effective_min_samples() >= 1, "HDBSCAN: min_samples must be at least 1, found ",
                        effective_min_samples());
    require<ValueError>(alpha > 0.0 && std::isfinite(alpha),
                        "HDBSCAN: alpha must be finite and above 0, found ", alpha);
    selection.check();
  }
};

}  // namespace rnnscope
