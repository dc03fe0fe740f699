// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Arrays with names: what a model file holds.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/format/half.hpp"

namespace rnnscope {

static_assert(std::endian::native == std::endian::little,
              "rnnscope's file formats need a little-endian machine");

/// What the numbers of an array are; the names of the safetensors format.
enum class Dtype { F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, Bool };

/// Name and bytes per number.
struct DtypeInfo {
  std::string_view name;
  Index size;
};

[[nodiscard]] inline const DtypeInfo& dtype_info(Dtype dtype) {
  static constexpr std::array<DtypeInfo, 13> table{{{"F64", 8},
                                                    {"F32", 4},
                                                    {"F16", 2},
                                                    {"BF16", 2},
                                                    {"I64", 8},
                                                    {"I32", 4},
                                                    {"I16", 2},
                                                    {"I8", 1},
                                                    {"U64", 8},
                                                    {"U32", 4},
                                                    {"U16", 2},
                                                    {"U8", 1},
                                                    {"BOOL", 1}}};
  return table[static_cast<std::size_t>(dtype)];
}

/// The dtype of that name, or nothing.
[[nodiscard]] inline std::optional<Dtype> find_dtype(std::string_view name) {
  for (int k = 0; k <= static_cast<int>(Dtype::Bool); ++k) {
    if (dtype_info(static_cast<Dtype>(k)).name == name) return static_cast<Dtype>(k);
  }
  return std::nullopt;
}

/// `[2, 3]`, for messages.
[[nodiscard]] inline std::string shape_text(std::span<const Index> shape) {
  std::string text = "[";
  for (std::size_t k = 0; k < shape.size(); ++k) text += (k > 0 ? ", " : "") + std::to_string(shape[k]);
  return text + "]";
}

/// `factor * size of every dimension`, or nothing if one is negative or the product does not fit.
[[nodiscard]] inline std::optional<Index> checked_product(std::span<const Index> shape, Index factor = 1) {
  Index product = factor;
  for (const Index size : shape) {
    if (size < 0 || (size > 0 && product > std::numeric_limits<Index>::max() / size)) return std::nullopt;
    product *= size;
  }
  return product;
}

/// One array: row-major numbers as little-endian bytes.
struct NamedArray {
  std::string name;
  Dtype dtype = Dtype::F32;
  std::vector<Index> shape;
  std::vector<std::byte> bytes;

  /// How many numbers.
  [[nodiscard]] Index size() const { return static_cast<Index>(bytes.size()) / dtype_info(dtype).size; }
  friend bool operator==(const NamedArray&, const NamedArray&) = default;
};

/// An ordered collection of arrays with distinct names, and a map of strings about them. Regular value type.
/// Threading: const members may run together.
class NamedArrays {
 public:
  std::map<std::string, std::string> metadata;

  [[nodiscard]] const std::vector<NamedArray>& arrays() const { return arrays_; }
  [[nodiscard]] bool contains(std::string_view name) const { return find(name) != nullptr; }

  /// The array of that name. \throws ValueError naming all arrays if there is none.
  [[nodiscard]] const NamedArray& at(std::string_view name) const {
    const NamedArray* array = find(name);
    if (array == nullptr) {
      std::string known;
      for (const NamedArray& each : arrays_) known += " " + each.name;
      throw ValueError(message("there is no array named '", name, "'; known:", known));
    }
    return *array;
  }

  /// The numbers of an array, row-major. Floating-point types are converted to `S` (float or double) with one
  /// rounding at most; integers are given as they are (`S` = std::int32_t for I32, std::int64_t for I64).
  /// \throws ValueError if there is no such array, FormatError if its dtype does not go with `S`.
  template <class S>
  [[nodiscard]] std::vector<S> values(std::string_view name) const {
    const NamedArray& array = at(name);
    if constexpr (std::floating_point<S>) {
      switch (array.dtype) {
        case Dtype::F64:
          return converted<S, double>(array, [](double x) { return x; });
        case Dtype::F32:
          return converted<S, float>(array, [](float x) { return x; });
        case Dtype::F16:
          return converted<S, std::uint16_t>(array, float_from_f16);
        case Dtype::BF16:
          return converted<S, std::uint16_t>(array, float_from_bf16);
        default:
          break;
      }
    } else {
      static_assert(std::same_as<S, std::int32_t> || std::same_as<S, std::int64_t>);
      if (array.dtype == native_dtype<S>()) return converted<S, S>(array, [](S x) { return x; });
    }
    throw FormatError(
        message("array '", name, "': expected ",
                std::floating_point<S> ? "floating-point numbers" : dtype_info(native_dtype<S>()).name,
                ", found ", dtype_info(array.dtype).name));
  }

  /// The same after a check of the shape. \throws ShapeError naming the array and both shapes; as above.
  template <class S>
  [[nodiscard]] std::vector<S> values(std::string_view name, std::span<const Index> shape) const {
    const NamedArray& array = at(name);
    require<ShapeError>(std::equal(shape.begin(), shape.end(), array.shape.begin(), array.shape.end()),
                        "array '", name, "': expected shape ", shape_text(shape), ", found ",
                        shape_text(array.shape));
    return values<S>(name);
  }

  /// Appends an array of row-major `values` in the dtype of `S` (double, float, std::int32_t, std::int64_t).
  /// \throws ValueError if the name is taken or empty, ShapeError if shape and number of values disagree.
  template <class S>
  void add(std::string name, std::vector<Index> shape, std::span<const S> values) {
    add<S>(std::move(name), std::move(shape), values, native_dtype<S>());
  }
  /// The same, with floating-point numbers rounded to `dtype`: F64, F32, F16 or BF16.
  template <class S>
  void add(std::string name, std::vector<Index> shape, std::span<const S> values, Dtype dtype) {
    const std::optional<Index> count = checked_product(shape);
    require<ShapeError>(count && *count == static_cast<Index>(values.size()), "NamedArrays::add: '", name,
                        "': shape ", shape_text(shape), " does not fit ", values.size(), " values");
    NamedArray array{std::move(name), dtype, std::move(shape), {}};
    const auto store = [&](auto convert) {
      using Stored = decltype(convert(S{}));
      array.bytes.resize(values.size() * sizeof(Stored));
      for (std::size_t k = 0; k < values.size(); ++k) {
        const Stored stored = convert(values[k]);
        std::memcpy(array.bytes.data() + k * sizeof stored, &stored, sizeof stored);
      }
    };
    if (dtype == native_dtype<S>()) {
      store([](S x) { return x; });
    } else if constexpr (std::floating_point<S>) {
      switch (dtype) {
        case Dtype::F64:
          store([](S x) { return static_cast<double>(x); });
          break;
        case Dtype::F32:
          store([](S x) { return static_cast<float>(x); });
          break;
        case Dtype::F16:
          store([](S x) { return f16_from_float(static_cast<float>(x)); });
          break;
        case Dtype::BF16:
          store([](S x) { return bf16_from_float(static_cast<float>(x)); });
          break;
        default:
          throw ValueError(
              message("NamedArrays::add: cannot store floating-point numbers as ", dtype_info(dtype).name));
      }
    } else {
      throw ValueError(message("NamedArrays::add: cannot store these integers as ", dtype_info(dtype).name));
    }
    add(std::move(array));
  }
  /// Appends an array as it is. \throws as above.
  void add(NamedArray array) {
    require<ValueError>(!array.name.empty(), "NamedArrays::add: an array needs a name");
    const std::optional<Index> bytes = checked_product(array.shape, dtype_info(array.dtype).size);
    require<ShapeError>(bytes && *bytes == static_cast<Index>(array.bytes.size()), "NamedArrays::add: '",
                        array.name, "': shape ", shape_text(array.shape), " of ", dtype_info(array.dtype).name,
                        " does not fit ", array.bytes.size(), " bytes");
    const bool is_new = places_.emplace(array.name, arrays_.size()).second;
    require<ValueError>(is_new, "NamedArrays::add: there is already an array named '", array.name, "'");
    arrays_.push_back(std::move(array));
  }

  friend bool operator==(const NamedArrays& a, const NamedArrays& b) {
    return a.arrays_ == b.arrays_ && a.metadata == b.metadata;
  }

 private:
  template <class S>
  [[nodiscard]] static constexpr Dtype native_dtype() {
    if constexpr (std::same_as<S, double>) {
      return Dtype::F64;
    } else if constexpr (std::same_as<S, float>) {
      return Dtype::F32;
    } else if constexpr (std::same_as<S, std::int64_t>) {
      return Dtype::I64;
    } else {
      static_assert(std::same_as<S, std::int32_t>, "NamedArrays holds double, float, int32_t and int64_t");
      return Dtype::I32;
    }
  }

  template <class S, class Stored, class Convert>
  [[nodiscard]] static std::vector<S> converted(const NamedArray& array, Convert convert) {
    std::vector<S> values(array.bytes.size() / sizeof(Stored));
    for (std::size_t k = 0; k < values.size(); ++k) {
      Stored stored;
      std::memcpy(&stored, array.bytes.data() + k * sizeof stored, sizeof stored);
      values[k] = static_cast<S>(convert(stored));
    }
    return values;
  }

  [[nodiscard]] const NamedArray* find(std::string_view name) const {
    const auto place = places_.find(std::string(name));
    return place == places_.end() ? nullptr : &arrays_[place->second];
  }

  std::vector<NamedArray> arrays_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace rnnscope
