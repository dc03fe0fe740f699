// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Unpacks deflate streams, the compression of zip archives.
///
/// Source: P. Deutsch, "DEFLATE Compressed Data Format Specification", RFC 1951, 1996.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rnnscope/core/error.hpp"

namespace rnnscope {

namespace detail {

[[noreturn]] inline void damaged_deflate(std::string_view source, std::string_view reason) {
  throw FormatError(message(source, ": the compressed data is damaged: ", reason));
}

/// Bits of a byte string, the lowest of each byte first.
class DeflateBits {
 public:
  DeflateBits(std::string_view bytes, std::string_view source) : bytes_(bytes), source_(source) {}

  /// The next `count` <= 16 bits, zeros behind the end.
  [[nodiscard]] std::uint32_t peek(int count) {
    while (held_ < count) {
      const std::uint64_t byte = next_ < bytes_.size() ? static_cast<std::uint8_t>(bytes_[next_]) : 0;
      buffer_ |= byte << held_;
      held_ += 8;
      ++next_;
    }
    return static_cast<std::uint32_t>(buffer_ & ((std::uint64_t{1} << count) - 1));
  }
  void drop(int count) {
    buffer_ >>= count;
    held_ -= count;
    const std::size_t read = next_ - static_cast<std::size_t>(held_ / 8);
    if (read > bytes_.size()) damaged_deflate(source_, "it ends too early");
  }
  [[nodiscard]] std::uint32_t take(int count) {
    const std::uint32_t bits = peek(count);
    drop(count);
    return bits;
  }
  /// Whole bytes from the next border of bytes on.
  [[nodiscard]] std::string_view take_bytes(std::size_t count) {
    drop(held_ % 8);
    const std::size_t first = next_ - static_cast<std::size_t>(held_ / 8);
    if (first > bytes_.size() || count > bytes_.size() - first) damaged_deflate(source_, "it ends too early");
    next_ = first + count;
    buffer_ = 0;
    held_ = 0;
    return bytes_.substr(first, count);
  }
  /// Bytes that no bit was taken from.
  [[nodiscard]] std::size_t unread() const {
    return bytes_.size() - std::min(bytes_.size(), next_ - static_cast<std::size_t>(held_ / 8));
  }
  [[nodiscard]] std::string_view source() const { return source_; }

 private:
  std::string_view bytes_, source_;
  std::size_t next_ = 0;
  std::uint64_t buffer_ = 0;
  int held_ = 0;
};

/// A prefix code as a table over the next `width` bits.
class DeflateCode {
 public:
  /// `lengths[s]` bits for symbol s; 0: it does not occur.
  DeflateCode(std::span<const std::uint8_t> lengths, std::string_view source) {
    std::array<std::uint32_t, 16> count{}, next{};
    for (const std::uint8_t length : lengths) ++count[length];
    count[0] = 0;
    width_ = 15;
    while (width_ > 1 && count[static_cast<std::size_t>(width_)] == 0) --width_;
    std::uint32_t code = 0;
    for (std::size_t bits = 1; bits < 16; ++bits) {
      next[bits] = code = (code + count[bits - 1]) << 1;
      if (code + count[bits] > (1u << bits)) damaged_deflate(source, "a code has too many words");
    }
    entries_.assign(std::size_t{1} << width_, 0);
    for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
      const std::uint32_t length = lengths[symbol];
      if (length == 0) continue;
      std::uint32_t word = next[length]++, reversed = 0;
      for (std::uint32_t bit = 0; bit < length; ++bit, word >>= 1) reversed = (reversed << 1) | (word & 1u);
      const auto entry = static_cast<std::uint16_t>(symbol << 4 | length);
      for (std::size_t k = reversed; k < entries_.size(); k += std::size_t{1} << length) entries_[k] = entry;
    }
  }

  [[nodiscard]] std::uint32_t symbol(DeflateBits& bits) const {
    const std::uint32_t entry = entries_[bits.peek(width_)];
    if (entry == 0) damaged_deflate(bits.source(), "a word is in no code");
    bits.drop(static_cast<int>(entry & 15u));
    return entry >> 4;
  }

 private:
  int width_ = 15;
  std::vector<std::uint16_t> entries_;  // symbol << 4 | length
};

/// The codes of literals and lengths, and of distances.
struct DeflateCodes {
  DeflateCode literals, distances;

  [[nodiscard]] static const DeflateCodes& fixed() {
    static const DeflateCodes codes = [] {
      std::array<std::uint8_t, 288> lengths;
      for (std::size_t s = 0; s < 288; ++s) {
        lengths[s] = static_cast<std::uint8_t>(s < 144 ? 8 : s < 256 ? 9 : s < 280 ? 7 : 8);
      }
      std::array<std::uint8_t, 30> fives;
      fives.fill(5);
      return DeflateCodes{DeflateCode(lengths, "deflate"), DeflateCode(fives, "deflate")};
    }();
    return codes;
  }

  [[nodiscard]] static DeflateCodes read(DeflateBits& bits) {
    constexpr std::array<std::size_t, 19> order{16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                11, 4,  12, 3, 13, 2, 14, 1, 15};
    const std::size_t words = bits.take(5) + 257, all_words = words + bits.take(5) + 1,
                      count = bits.take(4) + 4;
    std::array<std::uint8_t, 19> outer{};
    for (std::size_t k = 0; k < count; ++k) outer[order[k]] = static_cast<std::uint8_t>(bits.take(3));
    const DeflateCode code(outer, bits.source());
    std::vector<std::uint8_t> lengths;
    while (lengths.size() < all_words) {
      const std::uint32_t symbol = code.symbol(bits);
      if (symbol < 16) {
        lengths.push_back(static_cast<std::uint8_t>(symbol));
        continue;
      }
      if (symbol == 16 && lengths.empty()) damaged_deflate(bits.source(), "nothing is there to repeat");
      const std::uint8_t repeated = symbol == 16 ? lengths.back() : std::uint8_t{0};
      const std::size_t times = symbol == 16   ? 3 + bits.take(2)
                                : symbol == 17 ? 3 + bits.take(3)
                                               : 11 + bits.take(7);
      lengths.insert(lengths.end(), times, repeated);
    }
    if (lengths.size() > all_words) damaged_deflate(bits.source(), "a code has too many words");
    const std::span<const std::uint8_t> all(lengths);
    return {DeflateCode(all.first(words), bits.source()), DeflateCode(all.subspan(words), bits.source())};
  }
};

/// Literals and copies until the end of the block; `out` never grows beyond `size`.
inline void inflate_block(DeflateBits& bits, const DeflateCodes& codes, std::size_t size, std::string& out) {
  for (;;) {
    const std::uint32_t symbol = codes.literals.symbol(bits);
    if (symbol == 256) return;
    std::size_t length = 1;
    if (symbol > 256) {
      if (symbol > 285) damaged_deflate(bits.source(), "a length is out of range");
      // Lengths 3..10 alone, then groups of four that double in width; 285 is 258.
      const std::uint32_t k = symbol - 257, extra = k < 8 || k == 28 ? 0 : k / 4 - 1;
      length = k == 28 ? 258 : k < 8 ? k + 3 : ((4 + k % 4) << extra) + 3 + bits.take(static_cast<int>(extra));
    }
    if (length > size - out.size()) damaged_deflate(bits.source(), "it holds more than the archive says");
    if (symbol < 256) {
      out.push_back(static_cast<char>(symbol));
      continue;
    }
    const std::uint32_t d = codes.distances.symbol(bits);
    if (d > 29) damaged_deflate(bits.source(), "a distance is out of range");
    const std::uint32_t extra = d < 4 ? 0 : d / 2 - 1;
    const std::size_t distance =
        d < 4 ? d + 1 : ((2 + d % 2) << extra) + 1 + bits.take(static_cast<int>(extra));
    if (distance > out.size()) damaged_deflate(bits.source(), "a distance reaches before the beginning");
    for (std::size_t from = out.size() - distance, k = 0; k < length; ++k) out.push_back(out[from + k]);
  }
}

}  // namespace detail

/// Unpacks a raw deflate stream that is known to hold `size` bytes; memory never grows beyond that, whatever
/// the stream says. `source` goes into messages. \throws FormatError if it is damaged or holds another number
/// of bytes.
[[nodiscard]] inline std::string inflate(std::string_view bytes, std::size_t size,
                                         std::string_view source = "deflate") {
  detail::DeflateBits bits(bytes, source);
  std::string out;
  for (bool last = false; !last;) {
    last = bits.take(1) == 1;
    const std::uint32_t kind = bits.take(2);
    if (kind == 3) detail::damaged_deflate(source, "a block is of no known kind");
    if (kind == 0) {
      const std::string_view head = bits.take_bytes(4);
      const auto byte = [&](std::size_t k) { return std::size_t{static_cast<std::uint8_t>(head[k])}; };
      const std::size_t count = byte(0) | byte(1) << 8;
      if ((count ^ 0xFFFFu) != (byte(2) | byte(3) << 8)) detail::damaged_deflate(source, "a length is wrong");
      if (count > size - out.size()) detail::damaged_deflate(source, "it holds more than the archive says");
      out += bits.take_bytes(count);
    } else if (kind == 1) {
      detail::inflate_block(bits, detail::DeflateCodes::fixed(), size, out);
    } else {
      detail::inflate_block(bits, detail::DeflateCodes::read(bits), size, out);
    }
  }
  if (out.size() != size)
    detail::damaged_deflate(source, message("it holds ", out.size(), " bytes, expected ", size));
  if (bits.unread() > 0) detail::damaged_deflate(source, message(bits.unread(), " bytes follow its end"));
  return out;
}

}  // namespace rnnscope
