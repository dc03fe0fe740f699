// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Sequences of ids with a label each.
#pragma once

#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

/// What a SequenceClassifier learns from: `labels[s]` belongs to `sequences[s]`.
struct LabelledSequences {
  std::vector<std::vector<Id>> sequences;
  std::vector<Id> labels;

  [[nodiscard]] Index size() const { return static_cast<Index>(sequences.size()); }

  /// \throws ShapeError if their numbers differ, ValueError naming an empty sequence, or if there is none.
  void check() const {
    require<ShapeError>(sequences.size() == labels.size(), "LabelledSequences: ", sequences.size(),
                        " sequences but ", labels.size(), " labels");
    require<ValueError>(!sequences.empty(), "LabelledSequences: there are no sequences");
    for (std::size_t s = 0; s < sequences.size(); ++s)
      require<ValueError>(!sequences[s].empty(), "LabelledSequences: sequence ", s, " is empty");
  }
};

}  // namespace rnnscope
