// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Who is the neighbour of whom among the columns of a packed batch.
#pragma once

#include <vector>

#include "rnnscope/core/types.hpp"
#include "rnnscope/text/packed_layout.hpp"

namespace rnnscope {

/// For every column of a packed batch: the token it holds, and the columns of the tokens beside it.
struct PackedLinks {
  struct Column {
    Index sequence;  ///< as the caller of the layout numbers them
    Index slot;      ///< its column in states of shape `H x B`
    Index step;      ///< t
    Index previous;  ///< column of token t - 1, or -1
    Index next;      ///< column of token t + 1, or -1
  };

  explicit PackedLinks(const PackedLayout& layout) {
    columns.reserve(static_cast<std::size_t>(layout.columns()));
    for (Index t = 0; t < layout.steps(); ++t) {
      const bool last_step = t + 1 == layout.steps();
      for (Index slot = 0; slot < layout.live(t); ++slot) {
        columns.push_back({layout.sequence(slot), slot, t, t == 0 ? -1 : layout.offset(t - 1) + slot,
                           last_step || slot >= layout.live(t + 1) ? -1 : layout.offset(t + 1) + slot});
      }
    }
  }

  [[nodiscard]] const Column& operator[](Index column) const {
    return columns[static_cast<std::size_t>(column)];
  }
  [[nodiscard]] Index size() const { return static_cast<Index>(columns.size()); }

  std::vector<Column> columns;
};

}  // namespace rnnscope
