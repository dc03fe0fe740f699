// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Whole files in and out. A file is written completely or not at all.
#pragma once

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#if defined(_WIN32)
#include <io.h>
#include <process.h>
#else
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#endif

#include "rnnscope/core/error.hpp"

namespace rnnscope {

namespace detail {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using FileHandle = std::unique_ptr<std::FILE, CloseFile>;

[[nodiscard]] inline FileHandle open_file(const std::filesystem::path& path, const char* mode) {
  return FileHandle(std::fopen(path.string().c_str(), mode));
}

[[noreturn]] inline void throw_io_error(std::string_view what, const std::filesystem::path& path, int code) {
  throw IoError(message(what, " '", path.string(), "': ", std::generic_category().message(code)));
}

/// A name in the same folder that no other thread or process uses.
[[nodiscard]] inline std::filesystem::path temporary_name(const std::filesystem::path& path) {
  static std::atomic<unsigned> count{0};
#if defined(_WIN32)
  const auto process = _getpid();
#else
  const auto process = getpid();
#endif
  return path.string() + message(".", process, ".", count++, ".tmp");
}

/// Hands everything written so far to the disk. False if the system refuses.
[[nodiscard]] inline bool flush_to_disk(std::FILE* file) {
  if (std::fflush(file) != 0) return false;
#if defined(_WIN32)
  return _commit(_fileno(file)) == 0;
#else
  return fsync(fileno(file)) == 0;
#endif
}

/// Hands the list of names in a folder to the disk, so that a rename outlives a power cut. Some file systems
/// cannot; the file is in its place even so.
inline void flush_folder_to_disk([[maybe_unused]] const std::filesystem::path& folder) {
#if !defined(_WIN32)
  const int descriptor = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  static_cast<void>(fsync(descriptor));
  static_cast<void>(close(descriptor));
#endif
}

/// Whether `name` is a temporary_name of `file` whose process is gone.
[[nodiscard]] inline bool is_left_behind([[maybe_unused]] std::string_view name,
                                         [[maybe_unused]] const std::string& file) {
#if defined(_WIN32)
  return false;
#else
  if (!name.starts_with(file + ".") || !name.ends_with(".tmp")) return false;
  name.remove_prefix(file.size() + 1);
  name.remove_suffix(4);
  pid_t process = 0;
  unsigned count = 0;
  const char* const last = name.data() + name.size();
  const auto [dot, error] = std::from_chars(name.data(), last, process);
  if (error != std::errc{} || process <= 0 || dot == last || *dot != '.') return false;
  const auto [end, count_error] = std::from_chars(dot + 1, last, count);
  return count_error == std::errc{} && end == last && kill(process, 0) != 0 && errno == ESRCH;
#endif
}

}  // namespace detail

/// All bytes of a file. \throws IoError with the path and the system's reason.
[[nodiscard]] inline std::string read_file(const std::filesystem::path& path) {
  std::error_code ignored;
  require<IoError>(!std::filesystem::is_directory(path, ignored), "cannot read '", path.string(),
                   "': it is a folder, expected a file");
  const detail::FileHandle file = detail::open_file(path, "rb");
  if (!file) detail::throw_io_error("cannot open", path, errno);
  std::string bytes;
  const std::uintmax_t size = std::filesystem::file_size(path, ignored);
  if (!ignored) bytes.reserve(static_cast<std::size_t>(size));
  char block[1 << 16];
  for (std::size_t got; (got = std::fread(block, 1, sizeof block, file.get())) > 0;) bytes.append(block, got);
  if (std::ferror(file.get()) != 0) detail::throw_io_error("cannot read", path, errno);
  return bytes;
}

/// Removes what `write_file` left beside `path` in processes that were killed while they wrote. Files of living
/// processes stay; several machines that write into one folder do not know of each other's.
inline void remove_left_behind(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  std::error_code ignored;
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (detail::is_left_behind(entry.path().filename().string(), path.filename().string()))
      found.push_back(entry.path());
  }
  for (const auto& file : found) std::filesystem::remove(file, ignored);
}

/// Writes `pieces` one after another to a temporary file in the same folder, hands it to the disk, renames it
/// to `path`, and hands the folder to the disk: readers see the old file or the complete new one, also after a
/// crash.
/// \throws IoError with the path and the system's reason; the temporary file is then removed.
inline void write_file(const std::filesystem::path& path, std::initializer_list<std::string_view> pieces) {
  const std::filesystem::path temporary = detail::temporary_name(path);
  detail::FileHandle file = detail::open_file(temporary, "wb");
  if (!file) detail::throw_io_error("cannot create a file beside", path, errno);
  bool good = true;
  for (const std::string_view piece : pieces) {
    good = good && std::fwrite(piece.data(), 1, piece.size(), file.get()) == piece.size();
  }
  good = good && detail::flush_to_disk(file.get());
  int code = good ? 0 : errno;
  if (std::fclose(file.release()) != 0 && good) code = errno;
  std::error_code rename_error;
  if (code == 0) std::filesystem::rename(temporary, path, rename_error);
  if (rename_error) code = rename_error.value();
  if (code != 0) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    detail::throw_io_error("cannot write", path, code);
  }
  detail::flush_folder_to_disk(path.parent_path());
}

}  // namespace rnnscope
