// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A file from which a training run goes on, to the bit, after the program was killed.
#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/parameters.hpp"
#include "rnnscope/core/random.hpp"
#include "rnnscope/format/crc32.hpp"
#include "rnnscope/format/safetensors.hpp"
#include "rnnscope/model/stored_vocabulary.hpp"
#include "rnnscope/model/torch_weights.hpp"
#include "rnnscope/nn/schedule.hpp"

namespace rnnscope {

namespace detail {
struct IgnoreState {
  template <class T>
  void operator()(std::string_view, T&) const {}
};
/// A type that shows a checkpoint what to keep of it.
template <class T>
concept HasVisitState = requires(T& value) {
  T::visit_state(value, IgnoreState{});
};
/// An optimiser, with its OptimizerState.
template <class T>
concept HasMemories = requires(const T& value) {
  value.state().memories;
};
}  // namespace detail

/// Named things of a training run: counters, numbers, texts, lists of numbers, Eigen matrices, Parameters,
/// states of layers and stacks, Random, Vocabulary, optimisers, ScheduleState, and every type of yours with a
///
///     template <class Self, class Visit>
///     static void visit_state(Self& self, Visit&& visit) { visit("steps", self.steps_); ... }
///
/// The file is safetensors: tensors under `<key>.<name>` with PyTorch's names and shapes, everything else as
/// JSON in its metadata, and a checksum over all of it. `save` replaces the file completely or not at all, also
/// if the program is killed meanwhile or the power goes.
///
/// \code
///   rnnscope::Checkpoint checkpoint;                       // after each 100 steps of your own loop
///   checkpoint.put("model", model.parameters);
///   checkpoint.put("adam", adam);
///   checkpoint.put("step", step);
///   checkpoint.save("run.checkpoint");
///
///   const auto found = rnnscope::Checkpoint::load("run.checkpoint");   // when the program starts again
///   found.get("model", model.parameters);
///   found.get("adam", adam);
///   found.get("step", step);
/// \endcode
///
/// `train` (model/train.hpp) does this by itself when it is given a path.
class Checkpoint {
 public:
  /// The `format` in the file's metadata.
  static constexpr std::string_view format_name = "rnnscope checkpoint 1";

  Checkpoint() = default;

  /// Reads a file that `save` wrote. \throws IoError; FormatError with the path and the reason if it is
  /// something else, cut off or damaged.
  [[nodiscard]] static Checkpoint load(const std::filesystem::path& path) {
    Checkpoint checkpoint;
    checkpoint.source_ = path.string();
    checkpoint.arrays_ = read_safetensors(path);
    auto& metadata = checkpoint.arrays_.metadata;
    require<FormatError>(metadata["format"] == format_name, checkpoint.source_, ": expected format '",
                         format_name, "', found '", metadata["format"], "'");
    const std::string found = checkpoint.checksum(metadata["values"]);
    require<FormatError>(found == metadata["checksum"], checkpoint.source_,
                         ": the file is damaged: its checksum is ", found, ", expected ", metadata["checksum"]);
    checkpoint.values_ = nlohmann::json::parse(metadata["values"], nullptr, false);
    require<FormatError>(checkpoint.values_.is_object(), checkpoint.source_,
                         ": 'values' must be a JSON object");
    metadata.clear();
    return checkpoint;
  }

  /// Writes the file by way of a temporary one in the same folder (see write_file). \throws IoError
  void save(const std::filesystem::path& path) const {
    const std::string values = values_.dump();
    NamedArrays arrays = arrays_;
    arrays.metadata = {
        {"format", std::string(format_name)}, {"values", values}, {"checksum", checksum(values)}};
    write_safetensors(path, arrays);
  }

  [[nodiscard]] bool contains(const std::string& key) const { return values_.contains(key); }

  /// Keeps `value` under `key`. \throws ValueError if the key is taken, or the value is a number that is not
  /// finite or a text that is not UTF-8.
  template <class T>
  void put(const std::string& key, const T& value) {
    if constexpr (detail::HasVisitState<const T>) {
      mark(key, "object");
      T::visit_state(value,
                     [&](std::string_view name, const auto& part) { put(message(key, ".", name), part); });
    } else if constexpr (detail::HasMemories<T>) {
      const auto state = value.state();
      mark(key, "optimiser");
      put(key + ".learning_rate", state.learning_rate);
      put(key + ".steps", state.steps);
      for (const auto& [name, memory] : state.memories) put(message(key, ".", name), memory);
    } else if constexpr (std::same_as<T, ScheduleState>) {
      mark(key, value.to_numbers());
    } else if constexpr (IsStateList<T>::value) {
      mark(key, value.size());
      for (std::size_t k = 0; k < value.size(); ++k) put(message(key, ".", k), value[k]);
    } else if constexpr (std::is_base_of_v<Eigen::EigenBase<T>, T>) {
      static_assert(!T::IsRowMajor, "rnnscope: a checkpoint keeps column-major matrices");
      mark(key, "matrix");
      add(key, {value.cols(), value.rows()},
          std::span<const typename T::Scalar>(value.data(), static_cast<std::size_t>(value.size())));
    } else if constexpr (std::same_as<T, Random>) {
      mark(key, {{"seed", value.seed()}, {"stream", value.stream()}, {"position", value.position()}});
    } else if constexpr (std::same_as<T, Vocabulary>) {
      mark(key, {{"symbols", detail::symbols_json(value, "Checkpoint")},
                 {"unknown_id", value.unknown_id().value_or(-1)}});
    } else if constexpr (std::floating_point<T>) {
      require<ValueError>(std::isfinite(value), "Checkpoint: '", key, "' is not finite");
      mark(key, value);
    } else {
      mark(key, value);
    }
  }

  /// Keeps all tensors; `embedding_name` as for torch_weights.
  template <class S>
  void put(const std::string& key, const Parameters<S>& parameters, std::string_view embedding_name = {}) {
    mark(key, "parameters");
    const NamedArrays tensors = torch_weights(parameters, embedding_name);
    for (NamedArray array : tensors.arrays()) {
      array.name = key + "." + array.name;
      arrays_.add(std::move(array));
    }
  }

  /// Reads what `put` kept, bit for bit. What a matrix or a state holds before does not matter; Parameters must
  /// have the same tensors. \throws FormatError, ShapeError naming the key.
  template <class T>
  void get(const std::string& key, T& value) const {
    if constexpr (detail::HasVisitState<T>) {
      static_cast<void>(at(key));
      T::visit_state(value, [&](std::string_view name, auto& part) { get(message(key, ".", name), part); });
    } else if constexpr (detail::HasMemories<T>) {
      static_cast<void>(at(key));
      auto state = value.state();
      get(key + ".learning_rate", state.learning_rate);
      get(key + ".steps", state.steps);
      for (auto& [name, memory] : state.memories) get(message(key, ".", name), memory);
      value.restore(state);
    } else if constexpr (std::same_as<T, ScheduleState>) {
      value = ScheduleState::from_numbers(typed<std::vector<double>>(key));
    } else if constexpr (IsStateList<T>::value) {
      const auto count = typed<std::size_t>(key);
      if constexpr (requires { value.resize(count); }) value.resize(count);
      require<FormatError>(value.size() == count, source_, ": '", key, "' has ", count, " parts, expected ",
                           value.size());
      for (std::size_t k = 0; k < value.size(); ++k) get(message(key, ".", k), value[k]);
    } else if constexpr (std::is_base_of_v<Eigen::EigenBase<T>, T>) {
      using S = typename T::Scalar;
      const NamedArray& array = stored(key);
      require<ShapeError>(array.shape.size() == 2, source_, ": '", key, "' must have two dimensions, found ",
                          shape_text(array.shape));
      require<ShapeError>(T::ColsAtCompileTime == Eigen::Dynamic || T::ColsAtCompileTime == array.shape[0],
                          source_, ": '", key, "' has ", array.shape[0], " columns, expected ",
                          T::ColsAtCompileTime);
      const std::vector<S> numbers = numbers_of<S>(array);
      value = Eigen::Map<const T>(numbers.data(), array.shape[1], array.shape[0]);
    } else if constexpr (std::same_as<T, Random>) {
      const nlohmann::json& json = at(key);
      const auto seed = typed<std::uint64_t>(key, json, "seed");
      value = Random(seed, typed<std::uint64_t>(key, json, "stream"));
      value.seek(typed<std::uint64_t>(key, json, "position"));
    } else if constexpr (std::same_as<T, Vocabulary>) {
      const nlohmann::json& json = at(key);
      value = detail::stored_vocabulary(typed<std::string>(key, json, "symbols"),
                                        typed<Id>(key, json, "unknown_id"), source_);
    } else {
      value = typed<T>(key);
    }
  }
  template <class S>
  void get(const std::string& key, Parameters<S>& parameters, std::string_view embedding_name = {}) const {
    read_torch_weights(part(key), parameters, embedding_name);
  }

  /// The arrays under `<key>.`, with the rest of their names.
  [[nodiscard]] NamedArrays part(const std::string& key) const {
    static_cast<void>(at(key));
    NamedArrays result;
    for (NamedArray array : arrays_.arrays()) {
      if (!array.name.starts_with(key + ".")) continue;
      array.name.erase(0, key.size() + 1);
      result.add(std::move(array));
    }
    return result;
  }

  /// Where it was loaded from; empty for a new one.
  [[nodiscard]] const std::string& source() const { return source_; }

 private:
  /// The states of a layer, and of a stack.
  template <class T>
  struct IsStateList : std::false_type {};
  template <class S, std::size_t N>
  struct IsStateList<std::array<Matrix<S>, N>> : std::true_type {};
  template <class S, std::size_t N>
  struct IsStateList<std::vector<std::array<Matrix<S>, N>>> : std::true_type {};

  void mark(const std::string& key, nlohmann::json value) {
    require<ValueError>(!contains(key), "Checkpoint: there is already something under '", key, "'");
    try {
      static_cast<void>(value.dump());
    } catch (const nlohmann::json::exception&) {
      throw ValueError(message("Checkpoint: '", key, "' holds a text that is not UTF-8"));
    }
    values_[key] = std::move(value);
  }
  template <class S>
  void add(const std::string& key, std::vector<Index> shape, std::span<const S> values) {
    arrays_.add<S>(key, std::move(shape), values);
  }

  [[nodiscard]] const nlohmann::json& at(const std::string& key) const {
    const auto found = values_.find(key);
    require<FormatError>(found != values_.end(), source_, ": the checkpoint has no '", key, "'");
    return *found;
  }
  [[nodiscard]] const NamedArray& stored(const std::string& key) const {
    require<FormatError>(arrays_.contains(key), source_, ": the checkpoint has no matrix '", key, "'");
    return arrays_.at(key);
  }
  template <class S>
  [[nodiscard]] std::vector<S> numbers_of(const NamedArray& array) const {
    const Dtype expected = sizeof(S) == 8 ? Dtype::F64 : Dtype::F32;
    require<FormatError>(array.dtype == expected, source_, ": '", array.name, "' holds ",
                         dtype_info(array.dtype).name, ", expected ", dtype_info(expected).name);
    return arrays_.values<S>(array.name);
  }
  template <class T>
  [[nodiscard]] T typed(const std::string& key) const {
    return converted<T>(key, at(key));
  }
  template <class T>
  [[nodiscard]] T typed(const std::string& key, const nlohmann::json& json, const char* name) const {
    require<FormatError>(json.is_object() && json.contains(name), source_, ": '", key, "' has no '", name, "'");
    return converted<T>(key, json[name]);
  }
  template <class T>
  [[nodiscard]] T converted(const std::string& key, const nlohmann::json& json) const {
    try {
      return json.get<T>();
    } catch (const nlohmann::json::exception&) {
      throw FormatError(message(source_, ": '", key, "' is of another kind: ", json.dump()));
    }
  }

  /// Over values and arrays, these in the order of their names.
  [[nodiscard]] std::string checksum(const std::string& values) const {
    std::map<std::string_view, const NamedArray*> by_name;
    for (const NamedArray& array : arrays_.arrays()) by_name[array.name] = &array;
    std::uint32_t sum = crc32(values);
    for (const auto& [name, array] : by_name) {
      sum = crc32(message(name, dtype_info(array->dtype).name, shape_text(array->shape)), sum);
      sum = crc32({reinterpret_cast<const char*>(array->bytes.data()), array->bytes.size()}, sum);
    }
    return message(sum);
  }

  NamedArrays arrays_;
  nlohmann::json values_ = nlohmann::json::object();
  std::string source_ = "checkpoint";
};

}  // namespace rnnscope
