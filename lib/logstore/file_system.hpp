// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tenon/error.hpp"

/// What the store asks of the operating system. Tests put a FileSystem of their own in between, to let the n-th call
/// fail. Errors: io, with the call, the file and the reason. Threads: all members from any thread, unless said.
namespace tenon::logstore {

/// A shared mapping of a whole file. Reads and writes through it and through the descriptor see each other.
class Mapping {
 public:
  Mapping(std::byte* data, std::size_t size) noexcept : data_(data), size_(size) {}
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  std::byte* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  std::span<const std::byte> bytes() const noexcept { return {data_, size_}; }
  /// Makes the pages of a range present and writable, so that the append meets no page fault there. Best effort.
  void populate(std::size_t offset, std::size_t length) const noexcept;
  /// How many bytes from `offset` on, at most `length`, can be read without waiting for the disk. All of them when the
  /// operating system does not tell.
  std::size_t resident(std::size_t offset, std::size_t length) const noexcept;
  /// Brings the pages of a range to memory, waiting for the disk. Best effort.
  void fetch(std::size_t offset, std::size_t length) const noexcept;
  /// Lets the operating system read a range from the disk meanwhile. Best effort.
  void will_need(std::size_t offset, std::size_t length) const noexcept;
  /// From now on the operating system reads no more of a range than what is touched or asked for. Otherwise it guesses,
  /// and whoever touches a page may have to begin the reading of megabytes. Best effort.
  void read_as_told(std::size_t offset, std::size_t length) const noexcept;

 private:
  void advise(std::size_t offset, std::size_t length, int advice) const noexcept;

  std::byte* data_;
  std::size_t size_;
};

class File {
 public:
  virtual ~File() = default;
  /// Writes all of `bytes`.
  virtual Status write_at(std::int64_t offset, std::span<const std::byte> bytes) = 0;
  /// Writes all of `first` and, right behind it, all of `second`, by one system call where there is one for it.
  virtual Status write_pair_at(std::int64_t offset, std::span<const std::byte> first,
                               std::span<const std::byte> second);
  /// Reads until `out` is full or the file ends; returns how much was read.
  virtual Result<std::size_t> read_at(std::int64_t offset, std::span<std::byte> out) const = 0;
  /// Whether a range can be read without waiting for the disk; where it is longer than a page, whether its ends can.
  /// True when nobody can tell.
  virtual bool is_at_hand(std::int64_t offset, std::int64_t length) const;
  /// From now on the operating system reads no more of this file by itself than what is asked for. Otherwise whoever
  /// finds a page at hand that an earlier read has brought, or only asks, may have to begin the reading of megabytes.
  /// Best effort.
  virtual void read_as_told() const;
  /// Lets the operating system read a range from the disk meanwhile. Best effort.
  virtual void will_need(std::int64_t offset, std::int64_t length) const;
  /// False: from `offset` on it reads as zeros only. True when nobody can tell.
  virtual bool may_have_data_from(std::int64_t offset) const;
  virtual Result<std::int64_t> size() const = 0;
  /// Sets the length; new bytes are zero and take no space yet.
  virtual Status set_size(std::int64_t size) = 0;
  /// Takes disk space for a range, so that later writes to it cannot fail for lack of space. Grows the file if needed.
  virtual Status allocate(std::int64_t offset, std::int64_t length) = 0;
  /// Makes a range read as zeros, keeping its disk space.
  virtual Status zero(std::int64_t offset, std::int64_t length) = 0;
  /// Makes what follows `offset` read as zeros and gives its disk space back; the length stays, at every moment.
  virtual Status punch(std::int64_t offset) = 0;
  /// Begins to write dirty pages of a range; does not wait for them and promises nothing.
  virtual void start_writeback(std::int64_t offset, std::int64_t length) = 0;
  /// fdatasync: returns when all data written so far, mapped or not, is on disk. A failure is final.
  virtual Status sync() = 0;
  virtual Result<std::unique_ptr<Mapping>> map(std::size_t size) = 0;
  virtual int descriptor() const noexcept = 0;
};

struct DirectoryEntry {
  std::string name;
  bool is_directory = false;
  std::int64_t size = 0;
};
/// What a directory has in it, where that is one file and nothing else: opened for reading.
struct OnlyFile {
  std::string name;
  std::int64_t size = 0;
  std::unique_ptr<File> file;
};
struct DiskSpace {
  std::int64_t capacity = 0;
  std::int64_t available = 0;  ///< To this user.
  double used_ratio() const noexcept {
    return capacity > 0 ? 1.0 - static_cast<double>(available) / static_cast<double>(capacity) : 0;
  }
};
/// Held as long as the object lives.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

/// Forces whole file systems: one call instead of thousands. Tells, once, of each page since open_sync() that could not
/// be written, also if the operating system wrote it by itself and another process was told: so it is opened before the
/// first write that it is to vouch for. Linux before 5.8 tells only what fails during the call.
class FileSystemSync {
 public:
  virtual ~FileSystemSync() = default;
  /// syncfs: returns when everything written to the file system is on disk. A failure is final.
  virtual Status sync() = 0;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  /// Opens for reading and writing. `create`: makes an empty file if there is none, so only for files that may be
  /// empty. Not there:
  /// std::errc::no_such_file_or_directory.
  enum class OpenMode { existing, create };
  virtual Result<std::unique_ptr<File>> open(const std::filesystem::path& path, OpenMode mode) = 0;
  /// Gives a new file its length and first bytes.
  using Fill = std::function<Status(File&)>;
  /// Makes a file that gets its name only after `fill`: whoever is killed meanwhile leaves none of that name, and none
  /// beside it. One that has the name already is replaced in the same instant; who has it open keeps it.
  virtual Result<std::unique_ptr<File>> create(const std::filesystem::path& path, const Fill& fill) = 0;
  /// Gives a file a second name, `to`, in a directory that is there.
  virtual Status link(const std::filesystem::path& from, const std::filesystem::path& to) = 0;
  /// Gives a file, or a directory with all that is in it, another name in the same instant, in a directory that is
  /// there. What has the name already is replaced: a file, an empty directory. To another file system:
  /// std::errc::cross_device_link.
  virtual Status rename(const std::filesystem::path& from, const std::filesystem::path& to);
  virtual Status remove(const std::filesystem::path& path) = 0;       ///< Not there is success.
  virtual Status remove_tree(const std::filesystem::path& path) = 0;  ///< Not there is success.
  virtual Status create_directories(const std::filesystem::path& path) = 0;
  virtual bool exists(const std::filesystem::path& path) const = 0;
  /// Sorted by name; empty if the directory is not there.
  virtual Result<std::vector<DirectoryEntry>> list(const std::filesystem::path& path) const = 0;
  /// A look into one of tens of thousands of directories, with as little as it takes. Nothing where list() has to tell:
  /// there is no such directory, or no file, or more, or it cannot be read.
  virtual std::optional<OnlyFile> open_only_file(const std::string& directory);
  /// rmdir: not there, or not empty, is success.
  virtual Status remove_empty_directory(const std::filesystem::path& path);
  virtual Status sync_directory(const std::filesystem::path& path) = 0;
  /// Of the file system that holds the directory `path`. Keeps a descriptor open.
  virtual Result<std::unique_ptr<FileSystemSync>> open_sync(const std::filesystem::path& path) = 0;
  virtual Result<DiskSpace> space(const std::filesystem::path& path) const = 0;
  /// The record lock that RocketMQ takes on `lock` (byte 0, length 1). Error: busy if another process, or another store
  /// of this process, holds it.
  virtual Result<std::unique_ptr<FileLock>> lock(const std::filesystem::path& path) = 0;
};

/// The real one. Constant, shared.
FileSystem& posix_file_system();

}  // namespace tenon::logstore
