// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The safetensors file format: a length, a JSON header, and the bytes of all tensors without holes.
///
/// Source: https://huggingface.co/docs/safetensors, "Format". The reader trusts nothing: every length is
/// checked before it is used, and what the format forbids is refused.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/file.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/format/named_arrays.hpp"

namespace rnnscope {

namespace detail {

inline constexpr std::uint64_t safetensors_header_limit = 100'000'000;
inline constexpr std::string_view safetensors_metadata_key = "__metadata__";

/// Parses JSON; duplicate keys and values nested deeper than the format needs are errors.
[[nodiscard]] inline nlohmann::json parse_strict_json(std::string_view text, std::string_view source) {
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    require<FormatError>(depth <= 3, source, ": the header is nested too deeply");
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      require<FormatError>(keys.back().insert(key).second, source, ": the header has the key '", key,
                           "' twice");
    }
    return true;
  };
  // The parser would take a zero byte for the end of the text.
  require<FormatError>(text.find('\0') == std::string_view::npos, source,
                       ": the header is not valid JSON: it holds a zero byte");
  try {
    return nlohmann::json::parse(text.begin(), text.end(), watch);
  } catch (const nlohmann::json::exception& error) {
    throw FormatError(message(source, ": the header is not valid JSON: ", error.what()));
  }
}

/// What the header says about one tensor, checked as far as it can be without the others.
struct SafetensorsEntry {
  NamedArray array;  ///< without its bytes
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

[[nodiscard]] inline SafetensorsEntry safetensors_entry(const std::string& name, const nlohmann::json& json,
                                                        std::string_view source) {
  const auto check = [&](bool condition, const auto&... parts) {
    require<FormatError>(condition, source, ": tensor '", name, "': ", parts...);
  };
  const auto is_list_of_sizes = [](const nlohmann::json& list) {
    return list.is_array() && std::all_of(list.begin(), list.end(), [](const nlohmann::json& item) {
             return item.is_number_unsigned() &&
                    item.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<Index>::max());
           });
  };
  check(json.is_object() && json.size() == 3 && json.contains("dtype") && json.contains("shape") &&
            json.contains("data_offsets"),
        "expected exactly the keys dtype, shape and data_offsets, found ", json.dump());
  const nlohmann::json& dtype_name = json["dtype"];
  const nlohmann::json& shape = json["shape"];
  const nlohmann::json& offsets = json["data_offsets"];
  const std::optional<Dtype> dtype =
      dtype_name.is_string() ? find_dtype(dtype_name.get_ref<const std::string&>()) : std::nullopt;
  check(dtype.has_value(), "unknown dtype ", dtype_name.dump());
  check(is_list_of_sizes(shape), "expected a shape of whole numbers, found ", shape.dump());
  check(is_list_of_sizes(offsets) && offsets.size() == 2, "expected two data_offsets, found ", offsets.dump());

  SafetensorsEntry entry;
  entry.array.name = name;
  entry.array.dtype = *dtype;
  entry.array.shape = shape.get<std::vector<Index>>();
  entry.begin = offsets[0].get<std::uint64_t>();
  entry.end = offsets[1].get<std::uint64_t>();
  const std::optional<Index> bytes = checked_product(entry.array.shape, dtype_info(*dtype).size);
  check(bytes.has_value(), "shape ", shape_text(entry.array.shape), " is too large");
  check(entry.begin <= entry.end && entry.end - entry.begin == static_cast<std::uint64_t>(*bytes), "shape ",
        shape_text(entry.array.shape), " of ", dtype_info(*dtype).name, " needs ", *bytes,
        " bytes, data_offsets are ", offsets.dump());
  return entry;
}

}  // namespace detail

/// The arrays of a safetensors file in memory, in the order of their bytes. `source` goes into messages.
/// Cost: O(size); the bytes are copied. \throws FormatError naming the tensor where there is one.
[[nodiscard]] inline NamedArrays parse_safetensors(std::string_view bytes,
                                                   std::string_view source = "safetensors") {
  require<FormatError>(bytes.size() >= 8, source, ": expected at least 8 bytes, found ", bytes.size());
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, bytes.data(), 8);
  require<FormatError>(header_size <= detail::safetensors_header_limit, source, ": a header of ", header_size,
                       " bytes is above the limit of ", detail::safetensors_header_limit,
                       "; this is no safetensors file");
  require<FormatError>(header_size <= bytes.size() - 8, source, ": the header of ", header_size,
                       " bytes does not fit into the file of ", bytes.size());
  const std::string_view header = bytes.substr(8, static_cast<std::size_t>(header_size));
  const std::string_view data = bytes.substr(8 + header.size());
  require<FormatError>(header.starts_with('{'), source, ": the header must start with '{'");
  const nlohmann::json json = detail::parse_strict_json(header, source);

  NamedArrays result;
  std::vector<detail::SafetensorsEntry> entries;
  for (const auto& [name, value] : json.items()) {
    if (name != detail::safetensors_metadata_key) {
      entries.push_back(detail::safetensors_entry(name, value, source));
      continue;
    }
    require<FormatError>(value.is_object(), source, ": __metadata__ must be an object of strings");
    for (const auto& [key, text] : value.items()) {
      require<FormatError>(text.is_string(), source, ": __metadata__: '", key, "' must be a string, found ",
                           text.dump());
      result.metadata[key] = text.get<std::string>();
    }
  }
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
  std::uint64_t at = 0;
  for (detail::SafetensorsEntry& entry : entries) {
    require<FormatError>(entry.begin == at, source, ": tensor '", entry.array.name, "' begins at byte ",
                         entry.begin, " of the data, expected ", at,
                         ": tensors must follow one another without hole or overlap");
    require<FormatError>(entry.end <= data.size(), source, ": tensor '", entry.array.name, "' ends at byte ",
                         entry.end, ", but there are only ", data.size(),
                         " bytes of data; is the file cut off?");
    const std::span<const char> part(data.data() + at, static_cast<std::size_t>(entry.end - at));
    const auto part_bytes = std::as_bytes(part);
    entry.array.bytes.assign(part_bytes.begin(), part_bytes.end());
    at = entry.end;
    result.add(std::move(entry.array));
  }
  require<FormatError>(at == data.size(), source, ": ", data.size() - at, " bytes follow the last tensor");
  return result;
}

/// Reads a safetensors file. \throws IoError, and FormatError with the path.
[[nodiscard]] inline NamedArrays read_safetensors(const std::filesystem::path& path) {
  return parse_safetensors(read_file(path), path.string());
}

namespace detail {

/// In the order of the file: wide numbers first, so that every tensor is aligned.
[[nodiscard]] inline std::vector<const NamedArray*> safetensors_order(const NamedArrays& arrays) {
  std::vector<const NamedArray*> order;
  for (const NamedArray& array : arrays.arrays()) order.push_back(&array);
  std::stable_sort(order.begin(), order.end(), [](const NamedArray* a, const NamedArray* b) {
    return dtype_info(a->dtype).size > dtype_info(b->dtype).size;
  });
  return order;
}

/// Length and header.
[[nodiscard]] inline std::string safetensors_head(const NamedArrays& arrays) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  if (!arrays.metadata.empty()) json[std::string(safetensors_metadata_key)] = arrays.metadata;
  std::uint64_t at = 0;
  for (const NamedArray* array : safetensors_order(arrays)) {
    require<ValueError>(array->name != safetensors_metadata_key, "safetensors: an array cannot be named '",
                        safetensors_metadata_key, "'");
    const std::uint64_t end = at + array->bytes.size();
    json[array->name] = {
        {"dtype", dtype_info(array->dtype).name}, {"shape", array->shape}, {"data_offsets", {at, end}}};
    at = end;
  }
  std::string header;
  try {
    header = json.dump();
  } catch (const nlohmann::json::exception& error) {
    throw ValueError(message("safetensors: a name or metadata is not UTF-8: ", error.what()));
  }
  header.append((8 - header.size() % 8) % 8, ' ');
  require<ValueError>(header.size() <= safetensors_header_limit, "safetensors: names and metadata need ",
                      header.size(), " bytes, the limit is ", safetensors_header_limit);
  const std::uint64_t size = header.size();
  std::string length(8, '\0');
  std::memcpy(length.data(), &size, 8);
  return length + header;
}

}  // namespace detail

/// The bytes of a safetensors file: 8-byte aligned, arrays ordered by the width of their numbers (widest
/// first), else as they were added. \throws ValueError on a name or metadata that is not UTF-8.
[[nodiscard]] inline std::string safetensors_bytes(const NamedArrays& arrays) {
  std::string bytes = detail::safetensors_head(arrays);
  for (const NamedArray* array : detail::safetensors_order(arrays)) {
    bytes.append(reinterpret_cast<const char*>(array->bytes.data()), array->bytes.size());
  }
  return bytes;
}

/// Writes them to a file, completely or not at all. \throws IoError, ValueError as safetensors_bytes.
inline void write_safetensors(const std::filesystem::path& path, const NamedArrays& arrays) {
  write_file(path, {safetensors_bytes(arrays)});
}

}  // namespace rnnscope
