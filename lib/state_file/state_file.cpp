// SPDX-License-Identifier: Apache-2.0
#include "state_file/state_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tenon::state_file {
namespace {

namespace fs = std::filesystem;

Error failed(std::string_view call, const fs::path& path) {
  const int reason = errno;
  return {Errc::io, text(call, " ", path.native(), ": ", std::strerror(reason))};
}

fs::path with_suffix(const fs::path& path, std::string_view suffix) {
  fs::path result = path;
  result += suffix;
  return result;
}

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags) : number_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const noexcept { return number_; }
  bool is_open() const noexcept { return number_ >= 0; }

 private:
  const int number_;
};

Status write_durably(const fs::path& path, std::string_view content) {
  const Descriptor file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.is_open()) return failed("open", path);
  while (!content.empty()) {
    const ssize_t written = ::write(file.number(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed("write", path);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.number()) != 0) return failed("fsync", path);
  return {};
}

/// A second name for what the file holds, which becomes the backup's once the file is replaced: until then the backup
/// that is there stays, because the file may be absent or damaged. False where the file system knows no links.
Result<bool> link_old(const fs::path& file, const fs::path& old) {
  const fs::path backup = backup_of(file);
  std::error_code ignored;
  if (fs::is_directory(backup, ignored)) return Error(Errc::io, text(backup.native(), " is a directory"));
  if (::unlink(old.c_str()) != 0 && errno != ENOENT) return failed("unlink", old);
  if (::link(file.c_str(), old.c_str()) == 0 || errno == ENOENT) return true;
  if (::rename(file.c_str(), backup.c_str()) != 0 && errno != ENOENT) return failed("rename", file);
  return false;
}

/// Best effort, because reading goes on with the other copy.
void keep_damaged(const fs::path& path, const Logger& log) {
  const fs::path kept = with_suffix(path, ".damaged");
  std::error_code error;
  fs::copy_file(path, kept, fs::copy_options::overwrite_existing, error);
  if (error) {
    log.error("cannot keep a copy of ", path.native(), " as ", kept.native(), ": ", error.message());
  } else {
    log.error("kept a copy of ", path.native(), " as ", kept.native());
  }
}

}  // namespace

fs::path backup_of(const fs::path& file) { return with_suffix(file, ".bak"); }

Status sync_directory(const fs::path& directory) {
  const Descriptor opened(directory, O_RDONLY | O_DIRECTORY);
  if (!opened.is_open()) return failed("open", directory);
  if (::fsync(opened.number()) != 0) return failed("fsync", directory);
  return {};
}

Status replace(const fs::path& file, std::string_view content) {
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  if (error) return Error(Errc::io, text("create directory ", file.parent_path().native(), ": ", error.message()));
  const fs::path fresh = with_suffix(file, ".tmp");
  if (Status written = write_durably(fresh, content); !written) return written;
  const fs::path old = with_suffix(backup_of(file), ".tmp");
  const Result<bool> linked = link_old(file, old);
  if (!linked) return linked.error();
  if (::rename(fresh.c_str(), file.c_str()) != 0) return failed("rename", fresh);
  if (*linked && ::rename(old.c_str(), backup_of(file).c_str()) != 0 && errno != ENOENT) return failed("rename", old);
  return sync_directory(file.parent_path());
}

Result<std::optional<std::string>> read_whole(const fs::path& path) {
  const Descriptor file(path, O_RDONLY);
  if (!file.is_open()) {
    if (errno == ENOENT) return std::optional<std::string>{};
    return failed("open", path);
  }
  std::string content;
  char block[16 * 1024];
  while (true) {
    const ssize_t count = ::read(file.number(), block, sizeof block);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("read", path);
    if (count == 0) return std::optional<std::string>{std::move(content)};
    content.append(block, static_cast<std::size_t>(count));
  }
}

bool is_blank(std::string_view content) noexcept {
  return content.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

Result<std::string> read_or_backup(const fs::path& file) {
  for (const fs::path& candidate : {file, backup_of(file)}) {
    Result<std::optional<std::string>> content = read_whole(candidate);
    if (!content) return content.error();
    if (*content && !is_blank(**content)) return std::move(**content);
  }
  return std::string();
}

Result<bool> read_decodable(const fs::path& file, const Decode& decode, const Logger& log) {
  std::string complaint;
  for (const fs::path& candidate : {file, backup_of(file)}) {
    const Result<std::optional<std::string>> content = read_whole(candidate);
    if (!content) return content.error();
    if (!*content || is_blank(**content)) continue;
    const Status decoded = decode(**content);
    if (decoded) {
      if (!complaint.empty()) log.error("using ", candidate.native(), " instead of ", file.native());
      return true;
    }
    const std::string refused = text("cannot decode ", candidate.native(), ": ", decoded.error().message());
    log.error(refused);
    keep_damaged(candidate, log);
    if (complaint.empty()) complaint = refused;
  }
  if (!complaint.empty()) return Error(Errc::corrupt, complaint);
  return false;
}

}  // namespace tenon::state_file
