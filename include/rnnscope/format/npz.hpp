// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// NumPy's `.npz` files: zip archives of `.npy` arrays, as NamedArrays.
///
/// Source: PKWARE, "APPNOTE.TXT - .ZIP File Format Specification", 6.3.10; NumPy, `numpy.lib.format`. The
/// reader trusts nothing: every length is checked before it is used.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/file.hpp"
#include "rnnscope/format/crc32.hpp"
#include "rnnscope/format/deflate.hpp"
#include "rnnscope/format/named_arrays.hpp"
#include "rnnscope/format/npy_array.hpp"

namespace rnnscope {

struct NpzLimits {
  std::uint64_t max_bytes = std::uint64_t{1} << 32;  ///< of all arrays together, unpacked
};

namespace detail {

inline constexpr std::uint32_t zip_local = 0x04034b50, zip_central = 0x02014b50, zip_end = 0x06054b50;
inline constexpr std::string_view npy_ending = ".npy";

/// Little-endian numbers at places that are checked.
class ZipBytes {
 public:
  ZipBytes(std::string_view bytes, std::string_view source) : bytes_(bytes), source_(source) {}

  [[nodiscard]] std::string_view part(std::uint64_t first, std::uint64_t count, std::string_view what) const {
    require<FormatError>(first <= bytes_.size() && count <= bytes_.size() - first, source_, ": ", what,
                         " does not fit into the file of ", bytes_.size(), " bytes; is it cut off?");
    return bytes_.substr(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
  }
  template <class Number>
  [[nodiscard]] static Number number(std::string_view part, std::size_t place) {
    Number value{};
    std::memcpy(&value, part.data() + place, sizeof value);
    return value;
  }

 private:
  std::string_view bytes_, source_;
};

/// One line of the archive's list of contents.
struct ZipEntry {
  std::string name;
  std::uint16_t flags = 0, method = 0;
  std::uint32_t checksum = 0, packed = 0, unpacked = 0, offset = 0;
};

/// The list of contents at the end of the archive, and where it begins.
[[nodiscard]] inline std::pair<std::vector<ZipEntry>, std::uint64_t> zip_entries(std::string_view bytes,
                                                                                 std::string_view source) {
  const ZipBytes zip(bytes, source);
  constexpr std::size_t end_size = 22;
  require<FormatError>(bytes.size() >= end_size, source, ": this is no zip archive, it has only ", bytes.size(),
                       " bytes");
  // The end record is followed by a comment of at most 65,535 bytes, whose length it holds.
  std::optional<std::size_t> end;
  for (std::size_t comment = 0; comment <= 65535 && comment + end_size <= bytes.size() && !end; ++comment) {
    const std::size_t at = bytes.size() - end_size - comment;
    const std::string_view record = bytes.substr(at);
    if (ZipBytes::number<std::uint32_t>(record, 0) == zip_end &&
        ZipBytes::number<std::uint16_t>(record, 20) == comment) {
      end = at;
    }
  }
  require<FormatError>(end.has_value(), source, ": this is no zip archive, or its end is missing");
  const std::string_view record = bytes.substr(*end);
  const auto disk = ZipBytes::number<std::uint32_t>(record, 4);
  const auto here = ZipBytes::number<std::uint16_t>(record, 8),
             count = ZipBytes::number<std::uint16_t>(record, 10);
  const auto size = ZipBytes::number<std::uint32_t>(record, 12),
             first = ZipBytes::number<std::uint32_t>(record, 16);
  require<FormatError>(count != 0xFFFFu && size != 0xFFFFFFFFu && first != 0xFFFFFFFFu, source,
                       ": archives of the zip64 kind (beyond 4 GiB) are not supported");
  require<FormatError>(disk == 0 && here == count, source, ": archives in several parts are not supported");
  require<FormatError>(std::uint64_t{first} + size == *end, source,
                       ": the list of contents is not where the archive says");

  std::vector<ZipEntry> entries;
  std::uint64_t at = first;
  for (int k = 0; k < count; ++k) {
    constexpr std::size_t head_size = 46;
    const std::string_view head = zip.part(at, head_size, "the list of contents");
    require<FormatError>(ZipBytes::number<std::uint32_t>(head, 0) == zip_central, source, ": entry ", k,
                         " of the list of contents is damaged");
    const auto name_size = ZipBytes::number<std::uint16_t>(head, 28);
    const std::uint64_t rest =
        std::uint64_t{ZipBytes::number<std::uint16_t>(head, 30)} + ZipBytes::number<std::uint16_t>(head, 32);
    ZipEntry entry{std::string(zip.part(at + head_size, name_size, "a name")),
                   ZipBytes::number<std::uint16_t>(head, 8),
                   ZipBytes::number<std::uint16_t>(head, 10),
                   ZipBytes::number<std::uint32_t>(head, 16),
                   ZipBytes::number<std::uint32_t>(head, 20),
                   ZipBytes::number<std::uint32_t>(head, 24),
                   ZipBytes::number<std::uint32_t>(head, 42)};
    at += head_size + name_size + rest;
    require<FormatError>(at <= *end, source, ": the list of contents is longer than the archive says");
    entries.push_back(std::move(entry));
  }
  require<FormatError>(at == *end, source, ": the list of contents is shorter than the archive says");
  return {std::move(entries), first};
}

}  // namespace detail

/// The arrays of a `.npz` archive in memory (`numpy.savez`, `numpy.savez_compressed`), in the order of the
/// archive, named without ".npy". Cost: O(unpacked size). \throws FormatError naming the array where there is
/// one: if the archive is damaged, holds anything but `.npy` files, or more than the limits allow.
[[nodiscard]] inline NamedArrays parse_npz(std::string_view bytes, std::string_view source = "npz",
                                           const NpzLimits& limits = {}) {
  using detail::ZipBytes;
  const ZipBytes zip(bytes, source);
  const auto [entries, contents] = detail::zip_entries(bytes, source);
  NamedArrays result;
  std::uint64_t unpacked = 0, packed = 0;
  for (const detail::ZipEntry& entry : entries) {
    const std::string where = message(source, ": '", entry.name, "'");
    require<FormatError>(entry.name.ends_with(detail::npy_ending) && entry.name.size() > 4, where,
                         ": expected a name that ends with .npy");
    require<FormatError>((entry.flags & 1u) == 0, where, ": it is encrypted");
    require<FormatError>(entry.method == 0 || entry.method == 8, where, ": compression method ", entry.method,
                         " is not supported, expected 0 (stored) or 8 (deflate)");
    packed += entry.packed;
    unpacked += entry.unpacked;
    require<FormatError>(packed <= bytes.size(), where, ": the arrays overlap");
    require<FormatError>(unpacked <= limits.max_bytes, where, ": the arrays need more than the limit of ",
                         limits.max_bytes, " bytes");
    // Deflate packs at most 258 bytes into two bits.
    require<FormatError>(
        entry.method == 0 ? entry.packed == entry.unpacked : entry.unpacked / 1032 <= entry.packed, where, ": ",
        entry.packed, " bytes cannot hold ", entry.unpacked);
    constexpr std::uint64_t head_size = 30;
    const std::string_view head = zip.part(entry.offset, head_size, "an array");
    require<FormatError>(ZipBytes::number<std::uint32_t>(head, 0) == detail::zip_local, where,
                         ": there is no file where the list of contents says");
    const std::uint64_t name_size = ZipBytes::number<std::uint16_t>(head, 26);
    require<FormatError>(zip.part(entry.offset + head_size, name_size, "a name") == entry.name, where,
                         ": the file has another name than the list of contents says");
    const std::uint64_t first =
        entry.offset + head_size + name_size + ZipBytes::number<std::uint16_t>(head, 28);
    require<FormatError>(first + entry.packed <= contents, where, ": it reaches into the list of contents");
    const std::string_view data = zip.part(first, entry.packed, "an array");
    const std::string inflated =
        entry.method == 8 ? detail::unpack_deflate(data, entry.unpacked, where) : std::string();
    const std::string_view npy = entry.method == 8 ? std::string_view(inflated) : data;
    require<FormatError>(crc32(npy) == entry.checksum, where, ": the checksum is wrong");
    const std::string name = entry.name.substr(0, entry.name.size() - detail::npy_ending.size());
    require<FormatError>(!result.contains(name), where, ": there are two of that name");
    result.add(named_array_from_npy(name, npy, where));
  }
  return result;
}

/// Reads a `.npz` file. \throws IoError, and FormatError with the path.
[[nodiscard]] inline NamedArrays read_npz(const std::filesystem::path& path, const NpzLimits& limits = {}) {
  return parse_npz(read_file(path), path.string(), limits);
}

/// The bytes of a `.npz` archive, stored without compression: weights hardly shrink, and readers stay fast. The
/// metadata has no place in it and is left out. Equal arrays give equal bytes.
/// \throws ValueError for BF16, and beyond the 4 GiB or 65,534 arrays of plain zip archives.
[[nodiscard]] inline std::string npz_bytes(const NamedArrays& arrays) {
  std::string bytes, contents;
  const auto put = [](std::string& out, auto number) {
    char raw[sizeof number];
    std::memcpy(raw, &number, sizeof number);
    out.append(raw, sizeof number);
  };
  require<ValueError>(arrays.arrays().size() < 65535, "npz: ", arrays.arrays().size(), " arrays are too many");
  for (const NamedArray& array : arrays.arrays()) {
    const std::string name = array.name + std::string(detail::npy_ending), data = npy_from_named_array(array);
    require<ValueError>(name.size() < 65536, "npz: the name of an array is too long");
    require<ValueError>(bytes.size() + data.size() + contents.size() < 0xFFFF0000u,
                        "npz: the arrays need more than 4 GiB; use safetensors");
    const auto size = static_cast<std::uint32_t>(data.size()),
               offset = static_cast<std::uint32_t>(bytes.size());
    const auto head = [&](std::string& out) {  // what both lists say
      put(out, std::uint16_t{20});             // version 2.0
      put(out, std::uint16_t{1u << 11});       // the name is UTF-8
      put(out, std::uint16_t{0});              // stored
      put(out, std::uint16_t{0});              // midnight
      put(out, std::uint16_t{33});             // of 1 January 1980
      put(out, crc32(data));
      put(out, size);
      put(out, size);
      put(out, static_cast<std::uint16_t>(name.size()));
      put(out, std::uint16_t{0});  // no extra fields
    };
    put(bytes, detail::zip_local);
    head(bytes);
    bytes += name;
    bytes += data;
    put(contents, detail::zip_central);
    put(contents, std::uint16_t{20});
    head(contents);
    put(contents, std::uint16_t{0});  // no comment
    put(contents, std::uint16_t{0});  // part 0
    put(contents, std::uint16_t{0});
    put(contents, std::uint32_t{0});
    put(contents, offset);
    contents += name;
  }
  const auto count = static_cast<std::uint16_t>(arrays.arrays().size());
  const auto first = static_cast<std::uint32_t>(bytes.size()),
             size = static_cast<std::uint32_t>(contents.size());
  bytes += contents;
  put(bytes, detail::zip_end);
  put(bytes, std::uint32_t{0});
  put(bytes, count);
  put(bytes, count);
  put(bytes, size);
  put(bytes, first);
  put(bytes, std::uint16_t{0});
  return bytes;
}

/// Writes them to a file, completely or not at all. \throws IoError, ValueError as npz_bytes.
inline void write_npz(const std::filesystem::path& path, const NamedArrays& arrays) {
  write_file(path, {npz_bytes(arrays)});
}

}  // namespace rnnscope
