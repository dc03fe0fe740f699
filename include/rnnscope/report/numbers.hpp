// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Numbers as text, the same on every machine and in every locale.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

/// The fewest digits that read back as the same float or double: `0.1`, `100000`, `1e-07`, `nan`, `inf`.
/// Negative zero is `0`.
template <std::floating_point Float>
[[nodiscard]] std::string shortest(Float value) {
  std::array<char, 64> buffer{};
  char* const end = buffer.data() + buffer.size();
  const Float size = value < 0 ? -value : value;
  if (size == 0) return "0";
  const bool plain = size >= Float(1e-5) && size < Float(1e15);
  return {buffer.data(), plain ? std::to_chars(buffer.data(), end, value, std::chars_format::fixed).ptr
                               : std::to_chars(buffer.data(), end, value).ptr};
}

/// `value` rounded to that many significant digits, without trailing zeros: `0.25`, `100000`, `1e-07`.
/// \throws ValueError unless digits is in [1, 17].
[[nodiscard]] inline std::string significant(double value, int digits) {
  require<ValueError>(digits >= 1 && digits <= 17, "significant: digits must be in [1, 17], found ", digits);
  std::array<char, 32> buffer{};
  char* const end = buffer.data() + buffer.size();
  return {buffer.data(), std::to_chars(buffer.data(), end, value, std::chars_format::general, digits).ptr};
}

/// `value` with that many digits after the point; never `-0.00`.
/// \throws ValueError unless decimals is in [0, 20].
[[nodiscard]] inline std::string fixed(double value, int decimals) {
  require<ValueError>(decimals >= 0 && decimals <= 20, "fixed: decimals must be in [0, 20], found ", decimals);
  std::array<char, 344> buffer{};  // the largest double has 309 digits before the point
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, decimals)
          .ptr;
  std::string text(buffer.data(), end);
  if (text.starts_with('-') && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
  return text;
}

/// A share of one as `94.1%`.
[[nodiscard]] inline std::string percent(double share, int decimals = 1) {
  return fixed(100.0 * share, decimals) + "%";
}

/// `3,201,616`.
[[nodiscard]] inline std::string with_thousands(Index value) {
  std::string text = std::to_string(value);
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  for (std::size_t at = text.size(); at > first + 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

/// The typographic form of a number's text: a true minus sign (U+2212) in place of a leading hyphen.
[[nodiscard]] inline std::string with_minus_sign(std::string text) {
  if (text.starts_with('-')) text.replace(0, 1, "\u2212");
  return text;
}

/// True if the text is a number as JSON writes them: `-12.5e3`, but not `+1`, `.5`, `01`, `1.` or `nan`.
[[nodiscard]] inline bool is_json_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const auto digits = [&] {
    const std::size_t start = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - start;
  };
  const bool leading_zero = at < text.size() && text[at] == '0';
  const std::size_t whole = digits();
  if (whole == 0 || (leading_zero && whole > 1)) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (digits() == 0) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits() == 0) return false;
  }
  return at == text.size();
}

}  // namespace rnnscope
