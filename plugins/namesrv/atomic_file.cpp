// SPDX-License-Identifier: Apache-2.0
#include "namesrv/atomic_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

namespace tenon::namesrv {
namespace {

namespace fs = std::filesystem;

Error io_error(std::string_view what, const fs::path& path) {
  return {Errc::io, text(what, ' ', path.native(), ": ", std::strerror(errno))};
}

/// Closes a descriptor at the end of a scope.
class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

Status write_and_sync(const fs::path& path, std::string_view content) {
  const Descriptor file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (file.get() < 0) return io_error("open", path);
  while (!content.empty()) {
    const ssize_t written = ::write(file.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return io_error("write", path);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.get()) != 0) return io_error("fsync", path);
  return {};
}

Status sync_directory(const fs::path& path) {
  const Descriptor directory(path, O_RDONLY | O_DIRECTORY);
  if (directory.get() < 0 || ::fsync(directory.get()) != 0) return io_error("fsync", path);
  return {};
}

fs::path beside(const fs::path& file, const char* ending) { return fs::path(file.native() + ending); }

}  // namespace

Status replace_file(const fs::path& file, std::string_view content) {
  const fs::path fresh = beside(file, ".tmp");
  if (Status written = write_and_sync(fresh, content); !written) return written;
  const fs::path backup = beside(file, ".bak");
  if (::unlink(backup.c_str()) != 0 && errno != ENOENT) return io_error("remove", backup);
  // A second name instead of a move: the file itself never disappears, not even for a moment.
  if (::link(file.c_str(), backup.c_str()) != 0 && errno != ENOENT) return io_error("keep a backup of", file);
  if (::rename(fresh.c_str(), file.c_str()) != 0) return io_error("rename to", file);
  return sync_directory(file.parent_path());
}

Result<std::string> read_file_or_backup(const fs::path& file) {
  for (const fs::path& candidate : {file, beside(file, ".bak")}) {
    std::error_code failure;
    if (!fs::exists(candidate, failure)) continue;
    std::ifstream in(candidate, std::ios::binary);
    std::string content{std::istreambuf_iterator<char>(in), {}};
    if (!in) return io_error("read", candidate);
    if (!content.empty()) return content;
  }
  return std::string();
}

}  // namespace tenon::namesrv
