// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Distances divided by alpha, the scale of robust single linkage.
#pragma once

#include "rnnscope/metric/concept.hpp"

namespace rnnscope::detail {

/// The DistanceSource of d(i, j) / alpha; its proxies are the distances themselves. It refers to the other
/// source, which must outlive it.
template <metric::DistanceSource Source>
class ScaledDistances {
 public:
  static constexpr bool is_metric = Source::is_metric;

  ScaledDistances(const Source& source, double alpha) : source_(source), alpha_(alpha) {}

  [[nodiscard]] Index size() const { return source_.size(); }
  [[nodiscard]] double lift(double proxy) const { return proxy; }

  void proxies(Index i, const Id* others, Index count, double* out) const {
    source_.proxies(i, others, count, out);
    for (Index q = 0; q < count; ++q) out[q] = source_.lift(out[q]) / alpha_;
  }

 private:
  const Source& source_;
  double alpha_;
};

}  // namespace rnnscope::detail
