// SPDX-License-Identifier: Apache-2.0
#include "positioned_file.hpp"

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

std::int64_t PositionedFile::next_data(std::int64_t position) const noexcept {
  const off_t found = ::lseek(descriptor_, position, SEEK_DATA);
  if (found < 0) return errno == ENXIO ? length_ : position;
  return found;
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

}  // namespace tenon::delay
