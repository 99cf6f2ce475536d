// SPDX-License-Identifier: Apache-2.0
#include "state_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tenon::delay {
namespace {

Error system_error(std::string_view call, const std::filesystem::path& path) {
  const int reason = errno;
  return {Errc::io, text(call, " ", path.native(), ": ", std::strerror(reason))};
}

std::filesystem::path with_suffix(const std::filesystem::path& path, std::string_view suffix) {
  std::filesystem::path result = path;
  result += suffix;
  return result;
}

Status sync_directory(const std::filesystem::path& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return system_error("open", directory);
  const int failed = ::fsync(descriptor);
  ::close(descriptor);
  return failed == 0 ? Status{} : Status(system_error("fsync", directory));
}

}  // namespace

Error PositionedFile::failed(std::string_view call) const { return system_error(call, path_); }

Result<std::shared_ptr<PositionedFile>> PositionedFile::open(const std::filesystem::path& path, std::int64_t length) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (error) return Error(Errc::io, text("create directory ", path.parent_path().native(), ": ", error.message()));
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return system_error("open", path);
  struct stat found {};
  if (::fstat(descriptor, &found) != 0) {
    const Error why = system_error("fstat", path);
    ::close(descriptor);
    return why;
  }
  if (length == 0) length = found.st_size;
  std::shared_ptr<PositionedFile> file(new PositionedFile(path, descriptor, length));
  if (found.st_size != length && ::ftruncate(descriptor, length) != 0) return file->failed("ftruncate");
  return file;
}

PositionedFile::~PositionedFile() { ::close(descriptor_); }

Status PositionedFile::read(std::int64_t position, std::span<std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t count = ::pread(descriptor_, bytes.data(), bytes.size(), position);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("pread");
    if (count == 0) {
      std::ranges::fill(bytes, std::byte{});
      return {};
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    position += count;
  }
  return {};
}

Status PositionedFile::write(std::int64_t position, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(descriptor_, bytes.data(), bytes.size(), position);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("pwrite");
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    position += count;
  }
  return {};
}

Status PositionedFile::sync() { return ::fdatasync(descriptor_) == 0 ? Status{} : Status(failed("fdatasync")); }

Status replace_text_file(const std::filesystem::path& path, std::string_view content) {
  const std::filesystem::path fresh = with_suffix(path, ".tmp");
  ::unlink(fresh.c_str());  // What a crash left; its absence is no error.
  {
    const auto file = PositionedFile::open(fresh, 0);
    if (!file) return file.error();
    if (Status written = (*file)->write(0, std::as_bytes(std::span(content))); !written) return written;
    if (Status synced = (*file)->sync(); !synced) return synced;
  }
  if (::rename(path.c_str(), with_suffix(path, ".bak").c_str()) != 0 && errno != ENOENT) {
    return system_error("rename", path);
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0) return system_error("rename", fresh);
  return sync_directory(path.parent_path());
}

Result<std::string> read_text_file(const std::filesystem::path& path) {
  for (const std::filesystem::path& candidate : {path, with_suffix(path, ".bak")}) {
    std::error_code error;
    const std::uintmax_t length = std::filesystem::file_size(candidate, error);
    if (error || length == 0) continue;
    const auto file = PositionedFile::open(candidate, 0);
    if (!file) return file.error();
    std::string content(static_cast<std::size_t>((*file)->length()), '\0');
    if (Status read = (*file)->read(0, std::as_writable_bytes(std::span(content))); !read) return read.error();
    if (content.find_first_not_of(" \t\r\n") != std::string::npos) return content;
  }
  return std::string();
}

}  // namespace tenon::delay
