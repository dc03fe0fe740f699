// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The numbers by which edges of the mutual-reachability graph are compared.
#pragma once

#include <limits>

#include "rnnscope/metric/concept.hpp"

namespace rnnscope::detail {

/// An edge weighs max(core(i), core(j), weight(proxy of d(i, j))). Weights are proxies, which are cheap, unless
/// distances are divided by an alpha (robust single linkage): then they are d / alpha, and core weights are
/// distances. It refers to the source, which must outlive it.
template <metric::DistanceSource Source>
class EdgeScale {
 public:
  EdgeScale(const Source& source, double alpha) : source_(source), alpha_(alpha) {}

  /// Never falls as the proxy grows.
  [[nodiscard]] double weight(double proxy) const {
    return by_proxies() ? proxy : source_.lift(proxy) / alpha_;
  }
  [[nodiscard]] double core_weight(double proxy) const { return by_proxies() ? proxy : source_.lift(proxy); }

  /// Not below any proxy whose weight is `weight` or less.
  [[nodiscard]] double largest_proxy(double weight) const {
    return by_proxies() ? weight : lower(weight) * (1.0 + margin);
  }
  /// Not above `largest_proxy` of this or any larger weight.
  [[nodiscard]] double smallest_proxy(double weight) const {
    return by_proxies() ? weight : lower(weight) * (1.0 - margin);
  }

  /// What users see of a weight.
  [[nodiscard]] double distance(double weight) const { return by_proxies() ? source_.lift(weight) : weight; }

 private:
  static constexpr double margin = 1e-12;  // `lower` inverts `lift` up to rounding

  [[nodiscard]] bool by_proxies() const { return alpha_ == 1.0; }
  [[nodiscard]] double lower(double weight) const {
    return weight < std::numeric_limits<double>::infinity() ? source_.lower(weight * alpha_) : weight;
  }

  const Source& source_;
  double alpha_;
};

}  // namespace rnnscope::detail
