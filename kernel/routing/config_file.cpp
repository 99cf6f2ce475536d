// SPDX-License-Identifier: Apache-2.0
#include "routing/config_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

namespace tenon::kernel {
namespace {

Error failed(std::string_view call, const std::filesystem::path& path) {
  const int reason = errno;
  return {Errc::io, text(call, " ", path.native(), ": ", std::strerror(reason))};
}

class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags) : number_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const noexcept { return number_; }
  bool is_open() const noexcept { return number_ >= 0; }

 private:
  int number_;
};

Status write_all(int descriptor, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed("write", path);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status write_durably(const std::filesystem::path& path, std::string_view content) {
  const Descriptor file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.is_open()) return failed("open", path);
  if (Status status = write_all(file.number(), content, path); !status) return status;
  if (::fsync(file.number()) != 0) return failed("fsync", path);
  return {};
}

Status flush_directory(const std::filesystem::path& directory) {
  const Descriptor opened(directory, O_RDONLY | O_DIRECTORY);
  if (!opened.is_open()) return failed("open", directory);
  if (::fsync(opened.number()) != 0) return failed("fsync", directory);
  return {};
}

/// Empty when there is no such file.
Result<std::optional<std::string>> read_whole(const std::filesystem::path& path) {
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

std::filesystem::path with_suffix(const std::filesystem::path& path, std::string_view suffix) {
  std::filesystem::path result = path;
  result += suffix;
  return result;
}

bool is_blank(std::string_view content) { return content.find_first_not_of(" \t\r\n") == std::string_view::npos; }

/// Keeps what could not be read under another name; best effort, because reading goes on with the other copy.
void keep_damaged(const std::filesystem::path& path, const Logger& log) {
  const std::filesystem::path kept = with_suffix(path, ".damaged");
  std::error_code error;
  std::filesystem::copy_file(path, kept, std::filesystem::copy_options::overwrite_existing, error);
  if (error) {
    log.error("cannot keep a copy of ", path.native(), " as ", kept.native(), ": ", error.message());
  } else {
    log.error("kept a copy of ", path.native(), " as ", kept.native());
  }
}

}  // namespace

Status ConfigFile::write(std::string_view content) const {
  std::error_code error;
  std::filesystem::create_directories(path_.parent_path(), error);
  if (error) return Error(Errc::io, text("create directory ", path_.parent_path().native(), ": ", error.message()));
  const std::filesystem::path fresh = with_suffix(path_, ".tmp");
  if (Status status = write_durably(fresh, content); !status) return status;
  if (::rename(path_.c_str(), with_suffix(path_, ".bak").c_str()) != 0 && errno != ENOENT)
    return failed("rename", path_);
  if (::rename(fresh.c_str(), path_.c_str()) != 0) return failed("rename", fresh);
  return flush_directory(path_.parent_path());
}

Result<bool> ConfigFile::read(const Decode& decode, const Logger& log) const {
  std::string complaint;
  for (const std::filesystem::path& candidate : {path_, with_suffix(path_, ".bak")}) {
    Result<std::optional<std::string>> content = read_whole(candidate);
    if (!content) return content.error();
    if (!*content || is_blank(**content)) continue;
    const Status decoded = decode(**content);
    if (decoded) {
      if (!complaint.empty()) log.error("using ", candidate.native(), " instead of ", path_.native());
      return true;
    }
    log.error("cannot decode ", candidate.native(), ": ", decoded.error().message());
    keep_damaged(candidate, log);
    if (complaint.empty()) complaint = text("cannot decode ", candidate.native(), ": ", decoded.error().message());
  }
  if (!complaint.empty()) return Error(Errc::corrupt, complaint);
  return false;
}

}  // namespace tenon::kernel
