// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A record of gates and states at chosen steps, named, owned, and independent of the model that made it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/points/point_set.hpp"

namespace rnnscope {

/// One gate or state of one layer: column n belongs to `Trace::positions[n]`.
template <class Scalar>
struct TraceChannel {
  Index layer = 0;        ///< from the bottom, 0 first
  std::string name;       ///< as in the cell's `channel_names`: "h", "c", "i", ...
  Matrix<Scalar> values;  ///< `H x N`
};

/// N recorded steps. In memory a channel is a row-major [N, H] array of NumPy or xtensor.
template <class Scalar>
struct Trace {
  std::vector<Index> positions;  ///< which input each column followed: 0 is the first token of the text
  std::vector<TraceChannel<Scalar>> channels;

  [[nodiscard]] Index size() const { return static_cast<Index>(positions.size()); }

  /// The channel `name` of `layer`, `H x N`. \throws ValueError naming what was recorded if it is missing.
  [[nodiscard]] const Matrix<Scalar>& channel(Index layer, std::string_view name) const {
    std::string known;
    for (const auto& each : channels) {
      if (each.layer == layer && each.name == name) return each.values;
      known += message(" ", each.layer, ":", each.name);
    }
    throw ValueError(
        message("Trace: no channel '", name, "' of layer ", layer, "; recorded (layer:name):", known));
  }

  /// The same channel as points for clustering; every span is the one token that had just been read.
  [[nodiscard]] PointSet<Scalar> points(Index layer, std::string_view name) const {
    PointSet<Scalar> result{channel(layer, name), {}};
    result.spans.reserve(positions.size());
    for (const Index position : positions) result.spans.push_back({0, position, position + 1});
    return result;
  }
};

}  // namespace rnnscope
