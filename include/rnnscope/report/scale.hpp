// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// From data to a share of an axis, with ticks at numbers that people like.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/report/numbers.hpp"

namespace rnnscope {

/// How an axis maps numbers to places.
enum class AxisKind : std::uint8_t { Linear, Logarithmic };

struct Tick {
  double value = 0;
  std::string label{};
};

/// The distance of ticks.
struct TickStep {
  double size = 1;
  int decimals = 0;  ///< what labels need

  /// 1, 2 or 5 times a power of ten that cuts high - low into about `target` pieces.
  /// \throws ValueError unless low < high, both finite, and target > 0.
  [[nodiscard]] static TickStep between(double low, double high, Index target = 6) {
    require<ValueError>(std::isfinite(low) && std::isfinite(high) && low < high && target > 0,
                        "TickStep: needs finite low < high and target > 0, found ", low, ", ", high, ", ",
                        target);
    const double raw = high / static_cast<double>(target) - low / static_cast<double>(target);
    const double power = std::floor(std::log10(raw));
    const double ratio = raw / std::pow(10.0, power);
    const double factor = ratio < 1.5 ? 1 : ratio < 3.5 ? 2 : ratio < 7.5 ? 5 : 10;
    return {factor * std::pow(10.0, power),
            static_cast<int>(std::clamp(-power - (factor == 10 ? 1 : 0), 0.0, 20.0))};
  }

  /// The multiples of the step inside [low, high], labelled with just the decimals they need.
  [[nodiscard]] std::vector<Tick> ticks(double low, double high) const {
    const bool plain = std::max(std::abs(low), std::abs(high)) < 1e7 && decimals < 7;
    const double first = std::ceil(low / size - 1e-9);
    std::vector<Tick> result;
    for (int n = 0; n < 50; ++n) {  // a bound, since steps may vanish in the rounding of huge values
      const double value = (first + n) * size;
      if (!(value <= high + 1e-9 * size)) break;
      result.push_back({value, with_minus_sign(plain ? fixed(value, decimals) : significant(value, 10))});
    }
    return result;
  }
};

/// One axis: a range of data, its ticks, and the place of every value as a share of the axis in [0, 1].
class Scale {
 public:
  /// Covers [low, high], widened a little to end at round numbers. A single value gets room on both sides.
  /// \throws ValueError unless low <= high, both finite; and both positive for a logarithmic axis.
  [[nodiscard]] static Scale covering(double low, double high, AxisKind kind = AxisKind::Linear) {
    require<ValueError>(std::isfinite(low) && std::isfinite(high) && low <= high,
                        "Scale: needs finite low <= high, found ", low, " and ", high);
    return kind == AxisKind::Linear ? linear(low, high) : logarithmic(low, high);
  }

  /// Places 0, 1, ..., n - 1 with names.
  /// \throws ValueError if there are none.
  [[nodiscard]] static Scale categories(const std::vector<std::string>& names) {
    require<ValueError>(!names.empty(), "Scale: an axis of categories needs at least one");
    Scale scale;
    for (const std::string& name : names)
      scale.ticks_.push_back({static_cast<double>(scale.ticks_.size()), name});
    scale.low_ = -0.5;
    scale.high_ = static_cast<double>(names.size()) - 0.5;
    scale.is_categorical_ = true;
    return scale;
  }

  [[nodiscard]] double low() const { return low_; }
  [[nodiscard]] double high() const { return high_; }
  [[nodiscard]] bool is_categorical() const { return is_categorical_; }
  [[nodiscard]] const std::vector<Tick>& ticks() const { return ticks_; }
  [[nodiscard]] double share(double value) const {
    if (kind_ == AxisKind::Linear) return (value - low_) / (high_ - low_);
    return std::log(value / low_) / std::log(high_ / low_);
  }

 private:
  [[nodiscard]] static Scale linear(double low, double high) {
    if (low == high) {
      const double room = low == 0 ? 1 : 0.1 * std::abs(low);
      low -= room;
      high += room;
    }
    const double step = TickStep::between(low, high, 12).size;
    Scale scale;
    scale.low_ = std::floor(low / step + 1e-9) * step;
    scale.high_ = std::ceil(high / step - 1e-9) * step;
    scale.ticks_ = TickStep::between(scale.low_, scale.high_).ticks(scale.low_, scale.high_);
    return scale;
  }

  /// Powers of ten; below three decades multiples of 1, 2 and 5; below a factor of four the ticks of a linear
  /// axis.
  [[nodiscard]] static Scale logarithmic(double low, double high) {
    require<ValueError>(low > 0, "Scale: a logarithmic axis needs positive values, found ", low);
    Scale scale = linear(low, high);
    scale.kind_ = AxisKind::Logarithmic;
    if (high / low >= 4) {
      const double first = std::floor(std::log10(low)), last = std::ceil(std::log10(high));
      const bool decades = high / low >= 1000;
      scale.ticks_.clear();
      const double stride = std::ceil((last - first) / 12);
      for (double power = first; power < last + stride; power += stride) {
        for (const double factor : {1.0, 2.0, 5.0}) {
          const double value = factor * std::pow(10.0, power);
          if (factor == 1 || !decades) scale.ticks_.push_back({value, significant(value, 6)});
        }
      }
      // The axis ends at the ticks next to the data.
      while (scale.ticks_.size() > 1 && scale.ticks_[1].value <= low) scale.ticks_.erase(scale.ticks_.begin());
      while (scale.ticks_.size() > 1 && scale.ticks_[scale.ticks_.size() - 2].value >= high)
        scale.ticks_.pop_back();
      scale.low_ = scale.ticks_.front().value;
      scale.high_ = scale.ticks_.back().value;
    }
    return scale;
  }

  AxisKind kind_ = AxisKind::Linear;
  bool is_categorical_ = false;
  double low_ = 0, high_ = 1;
  std::vector<Tick> ticks_;
};

}  // namespace rnnscope
