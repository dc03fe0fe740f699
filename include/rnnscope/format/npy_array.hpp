// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Arrays with names from and to `.npy` bytes, in all types that NumPy and safetensors share.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/format/named_arrays.hpp"
#include "rnnscope/format/npy_header.hpp"

namespace rnnscope {

namespace detail {

/// NumPy's names of our types; there is none for BF16.
inline constexpr std::array<std::pair<Dtype, std::string_view>, 12> npy_names{{{Dtype::F64, "<f8"},
                                                                               {Dtype::F32, "<f4"},
                                                                               {Dtype::F16, "<f2"},
                                                                               {Dtype::I64, "<i8"},
                                                                               {Dtype::I32, "<i4"},
                                                                               {Dtype::I16, "<i2"},
                                                                               {Dtype::I8, "|i1"},
                                                                               {Dtype::U64, "<u8"},
                                                                               {Dtype::U32, "<u4"},
                                                                               {Dtype::U16, "<u2"},
                                                                               {Dtype::U8, "|u1"},
                                                                               {Dtype::Bool, "|b1"}}};

/// The bytes of an array in Fortran order, put in row-major order.
[[nodiscard]] inline std::vector<std::byte> row_major_bytes(std::string_view data,
                                                            const std::vector<Index>& shape, std::size_t item) {
  std::vector<std::byte> result(data.size());
  std::vector<Index> place(shape.size(), 0);
  for (std::size_t to = 0; to < data.size(); to += item) {
    Index from = 0;
    for (std::size_t axis = shape.size(); axis-- > 0;) from = from * shape[axis] + place[axis];
    std::memcpy(result.data() + to, data.data() + static_cast<std::size_t>(from) * item, item);
    for (std::size_t axis = shape.size(); axis-- > 0 && ++place[axis] == shape[axis];) place[axis] = 0;
  }
  return result;
}

}  // namespace detail

/// The array in `.npy` bytes, whatever its type, row-major. \throws FormatError on what no Dtype stands for.
[[nodiscard]] inline NamedArray named_array_from_npy(std::string name, std::string_view bytes,
                                                     std::string_view source = "npy") {
  const NpyHeader header = npy_header(bytes, source);
  NamedArray array{std::move(name), Dtype::F32, header.shape, {}};
  bool known = false;
  for (const auto& [dtype, numpy_name] : detail::npy_names) {
    if (numpy_name != header.dtype) continue;
    array.dtype = dtype;
    known = true;
  }
  require<FormatError>(known, source, ": dtype '", header.dtype,
                       "' is not supported; convert it with astype(), to '<f4' for instance");
  const std::string_view data = bytes.substr(static_cast<std::size_t>(header.data_offset));
  if (header.fortran_order) {
    array.bytes =
        detail::row_major_bytes(data, header.shape, static_cast<std::size_t>(dtype_info(array.dtype).size));
  } else {
    array.bytes.resize(data.size());
    if (!data.empty()) std::memcpy(array.bytes.data(), data.data(), data.size());
  }
  return array;
}

/// The array as `.npy` bytes. \throws ValueError for BF16, which NumPy does not have.
[[nodiscard]] inline std::string npy_from_named_array(const NamedArray& array) {
  std::string_view descr;
  for (const auto& [dtype, name] : detail::npy_names) {
    if (dtype == array.dtype) descr = name;
  }
  require<ValueError>(!descr.empty(), "npy: array '", array.name,
                      "' is BF16, which NumPy does not have; store ", "it as F32");
  std::string shape;
  for (const Index size : array.shape) shape += std::to_string(size) + (array.shape.size() == 1 ? "," : ", ");
  if (array.shape.size() > 1) shape.resize(shape.size() - 2);
  std::string header = message("{'descr': '", descr, "', 'fortran_order': False, 'shape': (", shape, "), }");
  header.append(63 - (10 + header.size()) % 64, ' ');  // the numbers begin at a multiple of 64
  header += '\n';
  require<ValueError>(header.size() < 65536, "npy: array '", array.name, "' has too many dimensions");
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() % 256);
  bytes += static_cast<char>(header.size() / 256);
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(array.bytes.data()), array.bytes.size());
  return bytes;
}

}  // namespace rnnscope
