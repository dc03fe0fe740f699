// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// How much one labelling says about another: mutual information, adjusted for chance, and the V-measure.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

namespace detail {

/// How often each pair of labels occurs, and each label.
struct Contingency {
  struct Cell {
    std::size_t a = 0, b = 0;  ///< positions in `a_sizes` and `b_sizes`
    double count = 0.0;
  };
  std::vector<Cell> cells;  ///< only pairs that occur
  std::vector<double> a_sizes, b_sizes;
  double points = 0.0;

  /// \throws ShapeError unless both label equally many points.
  Contingency(std::span<const Id> a, std::span<const Id> b) : points(static_cast<double>(a.size())) {
    require<ShapeError>(a.size() == b.size(), "labellings: ", a.size(), " labels against ", b.size());
    const std::vector<Id> a_names = names(a), b_names = names(b);
    a_sizes.assign(a_names.size(), 0.0);
    b_sizes.assign(b_names.size(), 0.0);
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    for (std::size_t p = 0; p < a.size(); ++p) {
      pairs.emplace_back(place(a_names, a[p]), place(b_names, b[p]));
      a_sizes[pairs.back().first] += 1.0;
      b_sizes[pairs.back().second] += 1.0;
    }
    std::sort(pairs.begin(), pairs.end());
    for (std::size_t p = 0; p < pairs.size(); ++p) {
      if (p == 0 || pairs[p] != pairs[p - 1]) cells.push_back({pairs[p].first, pairs[p].second, 0.0});
      cells.back().count += 1.0;
    }
  }

  /// Whether both are the same partition under other names.
  [[nodiscard]] bool same() const { return cells.size() == a_sizes.size() && cells.size() == b_sizes.size(); }

  [[nodiscard]] double information() const {
    double sum = 0.0;
    for (const Cell& each : cells) sum += term(each.count, a_sizes[each.a], b_sizes[each.b]);
    return std::max(sum, 0.0);
  }
  [[nodiscard]] double entropy(const std::vector<double>& sizes) const {
    double sum = 0.0;
    for (const double size : sizes) sum -= size / points * std::log(size / points);
    return sizes.size() < 2 ? 0.0 : sum;
  }

  /// The expected information of two labellings with these cluster sizes, all else random (hypergeometric).
  [[nodiscard]] double expected_information() const {
    std::vector<double> log_factorial{0.0};
    for (double k = 1.0; k <= points; k += 1.0) log_factorial.push_back(log_factorial.back() + std::log(k));
    const auto factorial = [&](double k) { return log_factorial[static_cast<std::size_t>(k)]; };
    double sum = 0.0;
    for (const double a : a_sizes) {
      for (const double b : b_sizes) {
        const double constant =
            factorial(a) + factorial(b) + factorial(points - a) + factorial(points - b) - factorial(points);
        for (double both = std::max(1.0, a + b - points); both <= std::min(a, b); both += 1.0) {
          const double chance = constant - factorial(both) - factorial(a - both) - factorial(b - both) -
                                factorial(points - a - b + both);
          sum += term(both, a, b) * std::exp(chance);
        }
      }
    }
    return sum;
  }

 private:
  [[nodiscard]] double term(double both, double a, double b) const {
    return both / points * (std::log(both / a) + std::log(points / b));
  }
  [[nodiscard]] static std::vector<Id> names(std::span<const Id> labels) {
    std::vector<Id> result(labels.begin(), labels.end());
    std::sort(result.begin(), result.end());
    result.erase(std::unique(result.begin(), result.end()), result.end());
    return result;
  }
  [[nodiscard]] static std::size_t place(const std::vector<Id>& names, Id label) {
    return static_cast<std::size_t>(std::lower_bound(names.begin(), names.end(), label) - names.begin());
  }
};

}  // namespace detail

/// sum_ij n_ij / n log(n n_ij / (a_i b_j)) in nats. Every label, noise too, counts as a cluster.
/// \throws ShapeError unless both label equally many points. Cost: O(N log N).
[[nodiscard]] inline double mutual_information(std::span<const Id> a, std::span<const Id> b) {
  return detail::Contingency(a, b).information();
}

/// The mutual information of two labellings, adjusted for chance: 1 if they are the same up to renaming, about
/// 0 if they are independent.
///
///     (I - E) / ((H(a) + H(b)) / 2 - E)
///
/// with E the expected information of random labellings with the same cluster sizes. Every label, noise too,
/// counts as a cluster. \throws ShapeError unless both label equally many points. Cost: O(N log N + N
/// clusters). Source: N. Vinh, J. Epps and J. Bailey, "Information theoretic measures for clusterings
/// comparison", 2010.
[[nodiscard]] inline double adjusted_mutual_information(std::span<const Id> a, std::span<const Id> b) {
  const detail::Contingency table(a, b);
  if (table.same()) return 1.0;
  const double expected = table.expected_information();
  const double mean = 0.5 * (table.entropy(table.a_sizes) + table.entropy(table.b_sizes));
  const double range = mean - expected;
  return range > 1e-15 * mean ? (table.information() - expected) / range : 0.0;
}

/// Whether clusters hold one class each, classes lie in one cluster each, and both.
struct VMeasure {
  double homogeneity = 1.0;   ///< 1 - H(class | cluster) / H(class)
  double completeness = 1.0;  ///< 1 - H(cluster | class) / H(cluster)
  double v = 1.0;             ///< (1 + beta) h c / (beta h + c)

  friend bool operator==(const VMeasure&, const VMeasure&) = default;
};

/// `beta` > 1 gives completeness more weight. Every label, noise too, counts as a cluster.
/// \throws ShapeError unless both label equally many points; ValueError unless beta >= 0. Cost: O(N log N).
/// Source: A. Rosenberg and J. Hirschberg, "V-measure: a conditional entropy-based external cluster evaluation
/// measure", 2007.
[[nodiscard]] inline VMeasure v_measure(std::span<const Id> classes, std::span<const Id> clusters,
                                        double beta = 1.0) {
  require<ValueError>(beta >= 0.0 && std::isfinite(beta),
                      "v_measure: beta must be finite and at least 0, found ", beta);
  const detail::Contingency table(classes, clusters);
  const double information = table.information();
  const double of_classes = table.entropy(table.a_sizes), of_clusters = table.entropy(table.b_sizes);
  VMeasure result;
  if (of_classes > 0.0) result.homogeneity = std::min(1.0, information / of_classes);
  if (of_clusters > 0.0) result.completeness = std::min(1.0, information / of_clusters);
  const double weighted = beta * result.homogeneity + result.completeness;
  result.v = weighted > 0.0 ? (1.0 + beta) * result.homogeneity * result.completeness / weighted : 0.0;
  return result;
}

}  // namespace rnnscope
