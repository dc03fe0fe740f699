// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The checksum of zip archives, which checkpoints use too.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace rnnscope {

namespace detail {

/// Table k advances the remainder of a byte by k more zero bytes.
[[nodiscard]] constexpr std::array<std::array<std::uint32_t, 256>, 8> crc32_tables() {
  std::array<std::array<std::uint32_t, 256>, 8> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ ((rest & 1u) != 0 ? 0xEDB88320u : 0u);
    tables[0][byte] = rest;
  }
  for (std::size_t k = 1; k < 8; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8) ^ tables[0][before & 0xFFu];
    }
  }
  return tables;
}

}  // namespace detail

/// CRC-32 of `bytes` (polynomial 0x04C11DB7, reflected: that of zip, gzip and PNG); with `before`, of what had
/// that checksum followed by `bytes`. Eight bytes a step.
[[nodiscard]] inline std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0) {
  static constexpr auto tables = detail::crc32_tables();
  std::uint32_t rest = ~before;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::array<std::uint8_t, 8> b;
    std::memcpy(b.data(), at, 8);
    for (std::size_t k = 0; k < 4; ++k) b[k] = static_cast<std::uint8_t>(b[k] ^ (rest >> (8 * k)));
    rest = 0;
    for (std::size_t k = 0; k < 8; ++k) rest ^= tables[7 - k][b[k]];
  }
  for (; left > 0; ++at, --left) {
    rest = (rest >> 8) ^ tables[0][(rest ^ static_cast<std::uint8_t>(*at)) & 0xFFu];
  }
  return ~rest;
}

}  // namespace rnnscope
