// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// What public entry points throw. Every message says what was wrong, what was expected and what was
/// found. Kernels do not throw; they assert.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace rnnscope {

/// Base of everything rnnscope throws on purpose.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Sizes that do not fit together.
class ShapeError : public Error {
 public:
  using Error::Error;
};

/// A parameter or value outside its range (NaN included).
class ValueError : public Error {
 public:
  using Error::Error;
};

/// Bytes or lines that are not what their format demands.
class FormatError : public Error {
 public:
  using Error::Error;
};

/// The operating system refused to open, read or write a file.
class IoError : public Error {
 public:
  using Error::Error;
};

/// A progress callback asked for the work to stop.
class Cancelled : public Error {
 public:
  using Error::Error;
};

/// Joins its arguments into one message: `message("needs ", 3, " columns")`.
template <class... Parts>
[[nodiscard]] std::string message(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

/// `3 x 4`, for messages about shapes.
template <class Rows, class Cols>
[[nodiscard]] std::string shape_text(Rows rows, Cols cols) {
  return message(rows, " x ", cols);
}

/// Throws `E` with the joined message unless `condition` holds.
template <class E, class... Parts>
void require(bool condition, const Parts&... parts) {
  if (!condition) [[unlikely]]
    throw E(message(parts...));
}

/// Throws ShapeError unless `m` has the expected shape.
template <class M>
void require_shape(const M& m, long long rows, long long cols, std::string_view what) {
  if (m.rows() == rows && m.cols() == cols) return;  // the message costs memory
  throw ShapeError(
      message(what, ": expected shape ", shape_text(rows, cols), ", found ", shape_text(m.rows(), m.cols())));
}

}  // namespace rnnscope
