// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Quantiles, the numbers of a box plot, and histograms.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

namespace detail {
inline void require_finite_values(std::span<const double> values, std::string_view where) {
  for (std::size_t k = 0; k < values.size(); ++k) {
    require<ValueError>(std::isfinite(values[k]), where, ": value ", k, " of ", values.size(), " is ",
                        values[k]);
  }
}

[[nodiscard]] inline double sorted_quantile(std::span<const double> sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - static_cast<double>(below));
}
}  // namespace detail

/// The value below which that share of the values lies. Rule: with the values sorted as v_0 <= ... <= v_{n-1},
/// the quantile is at place p = share * (n - 1), linearly between its two neighbours: the default of NumPy and
/// of R (type 7 of R. Hyndman and Y. Fan, "Sample quantiles in statistical packages", 1996).
/// Cost: O(n log n).
/// \throws ValueError if there are no values, one is not finite, or share is not in [0, 1].
[[nodiscard]] inline double quantile(std::span<const double> values, double share) {
  require<ValueError>(!values.empty(), "quantile: there are no values");
  require<ValueError>(share >= 0 && share <= 1, "quantile: share must be in [0, 1], found ", share);
  detail::require_finite_values(values, "quantile");
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  return detail::sorted_quantile(sorted, share);
}

/// The numbers of one box of a box plot.
struct BoxStatistics {
  Index count = 0;
  double mean = 0;
  double minimum = 0, lower_quartile = 0, median = 0, upper_quartile = 0, maximum = 0;
  double lower_whisker = 0, upper_whisker = 0;  ///< the outermost values that are not outliers
  std::vector<double> outliers;                 ///< in ascending order
};

/// Quartiles by the rule of `quantile`. Outliers are the values further than `reach` times the distance of the
/// quartiles below the lower or above the upper one (J. W. Tukey, "Exploratory data analysis", 1977).
/// Cost: O(n log n).
/// \throws ValueError if there are no values, one is not finite, or reach is negative.
[[nodiscard]] inline BoxStatistics box_statistics(std::span<const double> values, double reach = 1.5) {
  require<ValueError>(!values.empty(), "box_statistics: there are no values");
  require<ValueError>(reach >= 0, "box_statistics: reach must not be negative, found ", reach);
  detail::require_finite_values(values, "box_statistics");
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  BoxStatistics box;
  box.count = static_cast<Index>(sorted.size());
  for (const double value : sorted) box.mean += value / static_cast<double>(sorted.size());
  box.minimum = sorted.front();
  box.maximum = sorted.back();
  box.lower_quartile = detail::sorted_quantile(sorted, 0.25);
  box.median = detail::sorted_quantile(sorted, 0.5);
  box.upper_quartile = detail::sorted_quantile(sorted, 0.75);
  const double fence = reach * (box.upper_quartile - box.lower_quartile);
  const auto first = std::lower_bound(sorted.begin(), sorted.end(), box.lower_quartile - fence);
  const auto last = std::upper_bound(first, sorted.end(), box.upper_quartile + fence);
  // A whisker never ends inside the box, also where no value lies between the quartile and the fence.
  box.lower_whisker = std::min(*first, box.lower_quartile);
  box.upper_whisker = std::max(*(last - 1), box.upper_quartile);
  box.outliers.assign(sorted.begin(), first);
  box.outliers.insert(box.outliers.end(), last, sorted.end());
  return box;
}

/// Counts of values in equal bins. Bin b holds `edges[b] <= v < edges[b + 1]`, the last one its right edge too.
struct Histogram {
  std::vector<double> edges;  ///< one more than there are bins
  std::vector<Index> counts;
  Index below = 0;  ///< values left of the first edge
  Index above = 0;  ///< values right of the last edge
};

struct HistogramParameters {
  Index bins = 30;
  std::optional<double> low{};   ///< the first edge; the smallest value if not given
  std::optional<double> high{};  ///< the last edge; the largest value if not given

  /// \throws ValueError unless bins > 0 and the edges are finite and ascending.
  void check() const {
    require<ValueError>(bins > 0, "HistogramParameters: bins must be at least 1, found ", bins);
    require<ValueError>(
        std::isfinite(low.value_or(0)) && std::isfinite(high.value_or(0)) && (!low || !high || *low < *high),
        "HistogramParameters: needs finite low < high, found ", low.value_or(0), " and ", high.value_or(0));
  }
};

/// Cost: O(n + bins). All values equal: the edges are half a unit to both sides.
/// \throws ValueError as HistogramParameters::check, if a value is not finite, or if there is nothing to take
/// the edges from.
[[nodiscard]] inline Histogram histogram(std::span<const double> values,
                                         const HistogramParameters& parameters = {}) {
  parameters.check();
  detail::require_finite_values(values, "histogram");
  require<ValueError>(!values.empty() || (parameters.low && parameters.high),
                      "histogram: there are no values to take the edges from; give low and high");
  double low = parameters.low ? *parameters.low : *std::min_element(values.begin(), values.end());
  double high = parameters.high ? *parameters.high : *std::max_element(values.begin(), values.end());
  if (low >= high) {  // all values are equal, or lie on the far side of the one given edge
    if (!parameters.low) low = high - (parameters.high ? 1 : 0.5);
    if (!parameters.high) high = low + 1;
  }
  require<ValueError>(std::isfinite(high - low), "histogram: the range from ", low, " to ", high,
                      " is too wide");
  Histogram result;
  result.counts.assign(static_cast<std::size_t>(parameters.bins), 0);
  const double width = (high - low) / static_cast<double>(parameters.bins);
  for (Index b = 0; b < parameters.bins; ++b) result.edges.push_back(low + static_cast<double>(b) * width);
  result.edges.push_back(high);
  for (const double value : values) {
    if (value < low || value > high) {
      ++(value < low ? result.below : result.above);
      continue;
    }
    const auto edge = std::upper_bound(result.edges.begin(), result.edges.end() - 1, value);
    ++result.counts[static_cast<std::size_t>(edge - result.edges.begin() - 1)];
  }
  return result;
}

}  // namespace rnnscope
