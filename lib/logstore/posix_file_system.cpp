// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "logstore/posix_file.hpp"

namespace tenon::logstore {
namespace {

namespace fs = std::filesystem;

/// Of who meets a directory that is just being removed, which may be so again and again: a tenth of a second.
constexpr int kAttempts = 10'000;

class PosixFileLock final : public FileLock {
 public:
  explicit PosixFileLock(int descriptor) : descriptor_(descriptor) {}
  ~PosixFileLock() override { close(descriptor_); }

 private:
  int descriptor_;
};

int open_directory(const fs::path& path) { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }

class PosixFileSystemSync final : public FileSystemSync {
 public:
  PosixFileSystemSync(int descriptor, fs::path path) : descriptor_(descriptor), path_(std::move(path)) {}
  ~PosixFileSystemSync() override { close(descriptor_); }
  Status sync() override {
    if (syncfs(descriptor_) != 0) return system_error("syncfs", path_, errno);
    return {};
  }

 private:
  int descriptor_;
  fs::path path_;
};

/// By the calls of the kernel alone: a start lists a directory for each of tens of thousands of queues. Returns the
/// errno of what failed.
int read_entries(int directory, std::vector<DirectoryEntry>& entries) {
  alignas(dirent64) char buffer[16'384];
  for (;;) {
    const ssize_t got = getdents64(directory, buffer, sizeof buffer);
    if (got <= 0) return got < 0 ? errno : 0;
    for (ssize_t at = 0; at < got;) {
      const auto* const found = reinterpret_cast<const dirent64*>(buffer + at);
      at += found->d_reclen;
      const std::string_view name = found->d_name;
      if (name == "." || name == "..") continue;
      struct stat info {};
      if (found->d_type != DT_DIR && fstatat(directory, found->d_name, &info, 0) != 0) {
        if (errno == ENOENT) continue;  // removed meanwhile
        return errno;
      }
      const bool is_directory = found->d_type == DT_DIR || S_ISDIR(info.st_mode);
      entries.push_back({std::string(name), is_directory, is_directory ? 0 : static_cast<std::int64_t>(info.st_size)});
    }
  }
}

/// The name of the one file in it, if there is nothing else.
std::optional<std::string> only_name(int directory) {
  alignas(dirent64) char buffer[2048];
  std::optional<std::string> only;
  for (;;) {
    const ssize_t got = getdents64(directory, buffer, sizeof buffer);
    if (got <= 0) return got == 0 ? only : std::nullopt;
    for (ssize_t at = 0; at < got;) {
      const auto* const found = reinterpret_cast<const dirent64*>(buffer + at);
      at += found->d_reclen;
      const std::string_view name = found->d_name;
      if (name == "." || name == "..") continue;
      if (only || found->d_type != DT_REG) return std::nullopt;
      only = name;
    }
  }
}

class PosixFileSystem final : public FileSystem {
 public:
  std::optional<OnlyFile> open_only_file(const std::string& directory) override {
    const int opened = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0) return std::nullopt;
    auto name = only_name(opened);
    const int descriptor = name ? openat(opened, name->c_str(), O_RDONLY | O_CLOEXEC) : -1;
    close(opened);
    if (descriptor < 0) return std::nullopt;
    auto file = std::make_unique<PosixFile>(descriptor, directory + "/" + *name);
    const auto size = file->size();
    if (!size) return std::nullopt;
    return OnlyFile{std::move(*name), *size, std::move(file)};
  }

  Result<std::unique_ptr<File>> open(const fs::path& path, OpenMode mode) override {
    const int flags = O_RDWR | O_CLOEXEC | (mode == OpenMode::create ? O_CREAT : 0);
    const int descriptor = ::open(path.c_str(), flags, 0644);
    if (descriptor < 0) return system_error("open", path, errno);
    return std::make_unique<PosixFile>(descriptor, path);
  }

  Result<std::unique_ptr<File>> create(const fs::path& path, const Fill& fill) override {
    if (exists(path)) return create_under_another_name(path, fill);
    const int descriptor = ::open(path.parent_path().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);
    if (descriptor < 0) return create_under_another_name(path, fill);
    auto file = std::make_unique<PosixFile>(descriptor, path, PosixFile::Name::made_lately);
    if (Status filled = fill(*file); !filled) return filled.error();
    const std::string nameless = "/proc/self/fd/" + std::to_string(descriptor);
    if (linkat(AT_FDCWD, nameless.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) != 0)
      return create_under_another_name(path, fill);
    return std::unique_ptr<File>(std::move(file));
  }

  Status link(const fs::path& from, const fs::path& to) override {
    if (::link(from.c_str(), to.c_str()) != 0) return system_error("link", to, errno);
    return {};
  }

  Status remove(const fs::path& path) override {
    if (unlink(path.c_str()) != 0 && errno != ENOENT) return system_error("unlink", path, errno);
    return {};
  }

  Status remove_tree(const fs::path& path) override {
    std::error_code code;
    fs::remove_all(path, code);
    if (code) return Error(code, text("remove ", path.string(), ": ", code.message()));
    return {};
  }

  Status create_directories(const fs::path& path) override {
    // A directory of its path that was found, or made, may be removed while it is empty: see remove_empty_directory().
    std::error_code code;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      fs::create_directories(path, code);
      if (code != std::errc::no_such_file_or_directory && code != std::errc::file_exists) break;
    }
    if (code) return Error(code, text("mkdir ", path.string(), ": ", code.message()));
    return {};
  }

  bool exists(const fs::path& path) const override {
    std::error_code code;
    return fs::exists(path, code);
  }

  Result<std::vector<DirectoryEntry>> list(const fs::path& path) const override {
    std::vector<DirectoryEntry> entries;
    const int directory = open_directory(path);
    if (directory < 0 && errno == ENOENT) return entries;
    if (directory < 0) return system_error("list", path, errno);
    const int reason = read_entries(directory, entries);
    close(directory);
    if (reason != 0) return system_error("list", path, reason);
    std::sort(entries.begin(), entries.end(),
              [](const auto& left, const auto& right) { return left.name < right.name; });
    return entries;
  }

  Status sync_directory(const fs::path& path) override {
    const int descriptor = open_directory(path);
    if (descriptor < 0) return system_error("open", path, errno);
    const int failed = fsync(descriptor);
    const int reason = errno;
    close(descriptor);
    if (failed != 0) return system_error("fsync", path, reason);
    return {};
  }

  Result<std::unique_ptr<FileSystemSync>> open_sync(const fs::path& path) override {
    const int descriptor = open_directory(path);
    if (descriptor < 0) return system_error("open", path, errno);
    return std::make_unique<PosixFileSystemSync>(descriptor, path);
  }

  Result<DiskSpace> space(const fs::path& path) const override {
    struct statvfs info {};
    if (statvfs(path.c_str(), &info) != 0) return system_error("statvfs", path, errno);
    // As df and Java's getUsableSpace do: what is reserved for root counts neither as used nor as usable.
    const auto unit = static_cast<std::int64_t>(info.f_frsize);
    const auto used = static_cast<std::int64_t>(info.f_blocks - info.f_bfree) * unit;
    const auto available = static_cast<std::int64_t>(info.f_bavail) * unit;
    return DiskSpace{used + available, available};
  }

  Result<std::unique_ptr<FileLock>> lock(const fs::path& path) override {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0) return system_error("open", path, errno);
    auto held = std::make_unique<PosixFileLock>(descriptor);
    // Owned by the open file, not the process: conflicts with Java's POSIX lock, and with a second store in this
    // process, and is not lost when some other descriptor of the file is closed.
    struct flock range {};
    range.l_type = F_WRLCK;
    range.l_whence = SEEK_SET;
    range.l_start = 0;
    range.l_len = 1;
    if (fcntl(descriptor, F_OFD_SETLK, &range) != 0) {
      if (errno != EAGAIN && errno != EACCES) return system_error("lock", path, errno);
      return Error(Errc::busy, text("lock ", path.string(), ": another process uses this store"));
    }
    if (pwrite(descriptor, "lock", 4, 0) != 4) return system_error("pwrite", path, errno);
    return std::unique_ptr<FileLock>(std::move(held));
  }
};

}  // namespace

namespace {

Result<std::unique_ptr<File>> create_as(const fs::path& other, const fs::path& path, const FileSystem::Fill& fill) {
  const int descriptor = ::open(other.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) return system_error("open", other, errno);
  auto file = std::make_unique<PosixFile>(descriptor, path, PosixFile::Name::made_lately);
  Status made = fill(*file);
  if (made && rename(other.c_str(), path.c_str()) != 0) made = system_error("rename", path, errno);
  if (made) return std::unique_ptr<File>(std::move(file));
  unlink(other.c_str());
  return made.error();
}

/// False for a mount point and for a link to another file system. True does not mean that files can be renamed from one
/// to the other: the directory may be a mount of the same file system.
bool is_on_the_file_system_of_its_parent(const fs::path& directory) {
  struct stat own {};
  struct stat parents {};
  return stat(directory.c_str(), &own) == 0 && stat(directory.parent_path().c_str(), &parents) == 0 &&
         own.st_dev == parents.st_dev;
}

}  // namespace

Result<std::unique_ptr<File>> create_under_another_name(const fs::path& path, const FileSystem::Fill& fill) {
  const fs::path directory = path.parent_path();
  if (is_on_the_file_system_of_its_parent(directory)) {
    const std::string name = directory.filename().string() + "-" + path.filename().string();
    auto made = create_as(directory.parent_path() / name, path, fill);
    if (made || made.error().code() != std::errc::cross_device_link) return made;
  }
  const fs::path inside = directory / "unfinished";
  if (Status there = posix_file_system().create_directories(inside); !there) return there.error();
  auto made = create_as(inside / path.filename(), path, fill);
  (void)posix_file_system().remove_empty_directory(inside);  // full if another file is being made
  return made;
}

std::optional<OnlyFile> FileSystem::open_only_file(const std::string& directory) {
  const auto entries = list(directory);
  if (!entries || entries->size() != 1 || entries->front().is_directory) return std::nullopt;
  auto file = open(directory + "/" + entries->front().name, OpenMode::existing);
  if (!file) return std::nullopt;
  return OnlyFile{entries->front().name, entries->front().size, std::move(*file)};
}

Status FileSystem::rename(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return system_error("rename", from, errno);
  return {};
}

Status FileSystem::remove_empty_directory(const fs::path& path) {
  if (rmdir(path.c_str()) == 0 || errno == ENOENT || errno == ENOTEMPTY || errno == EEXIST) return {};
  return system_error("rmdir", path, errno);
}

FileSystem& posix_file_system() {
  static PosixFileSystem instance;
  return instance;
}

}  // namespace tenon::logstore
