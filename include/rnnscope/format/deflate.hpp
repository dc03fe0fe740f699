// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Unpacks deflate streams, the compression of zip archives, by zlib.
///
/// The CMake target rnnscope::rnnscope links zlib and defines RNNSCOPE_HAS_ZLIB where zlib is installed.
#pragma once

#include <limits>
#include <string>
#include <string_view>

#include "rnnscope/core/error.hpp"

#if defined(RNNSCOPE_HAS_ZLIB)
#include <zlib.h>
#endif

namespace rnnscope::detail {

/// Unpacks a raw deflate stream that is known to hold `size` bytes; memory never grows beyond that, whatever
/// the stream says. `source` goes into messages. \throws FormatError if it is damaged or holds another number
/// of bytes, or if the program was built without zlib.
[[nodiscard]] inline std::string unpack_deflate(std::string_view bytes, std::size_t size,
                                                std::string_view source) {
#if defined(RNNSCOPE_HAS_ZLIB)
  constexpr std::size_t most = std::numeric_limits<uInt>::max();
  require<FormatError>(bytes.size() <= most && size < most, source, ": more than 4 GiB are not supported");
  std::string out(size + 1, '\0');  // a byte more, to see whether the stream goes on
  z_stream stream{};
  // The interface of zlib takes pointers to bytes that it does not change.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  constexpr int raw = -15;  // no header around the stream
  require<FormatError>(inflateInit2_(&stream, raw, ZLIB_VERSION, static_cast<int>(sizeof stream)) == Z_OK,
                       source, ": zlib ", zlibVersion(), " cannot be used");
  const int result = ::inflate(&stream, Z_FINISH);
  const std::string reason = stream.msg != nullptr ? stream.msg : "it ends too early";
  const std::size_t unpacked = stream.total_out, unread = stream.avail_in;
  ::inflateEnd(&stream);
  require<FormatError>(unpacked <= size, source,
                       ": the compressed data is damaged: it holds more than the archive says");
  require<FormatError>(result == Z_STREAM_END, source, ": the compressed data is damaged: ", reason);
  require<FormatError>(unpacked == size, source, ": the compressed data is damaged: it holds ", unpacked,
                       " bytes, expected ", size);
  require<FormatError>(unread == 0, source, ": the compressed data is damaged: ", unread,
                       " bytes follow its end");
  out.resize(size);
  return out;
#else
  static_cast<void>(bytes);
  static_cast<void>(size);
  throw FormatError(message(source,
                            ": it is compressed, and this program was built without zlib (define "
                            "RNNSCOPE_HAS_ZLIB and link zlib, or store it without compression)"));
#endif
}

}  // namespace rnnscope::detail
