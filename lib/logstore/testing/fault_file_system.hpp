// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cerrno>
#include <functional>
#include <string>

#include "logstore/file_system.hpp"

namespace tenon::logstore::testing {

/// What becomes of a call.
enum class Fault {
  none,
  fail,       ///< An error. A write may have written a part of its bytes.
  drop,       ///< Success, but nothing is written, zeroed or forced: a device that lies. Names and lengths stay true.
  drop_half,  ///< Likewise, but the first half of a write is done.
};

/// The real file system with a fault in changing calls (write, allocate, set size, create, link, rename, sync): from
/// the n-th one on, or in the n-th one only, until heal(). Loop n upward until nothing fails any more to visit each
/// place. Threads: any.
class FaultFileSystem : public FileSystem {
 public:
  static constexpr std::int64_t kNever = INT64_MAX;

  /// Called before each write to a file. Set it before anything runs.
  std::function<void()> before_write;
  /// Called before each removal of a file. Set it before anything runs.
  std::function<void()> before_remove;

  /// Counting begins anew; the call with this number (from 0) is the first to fail.
  void fail_from(std::int64_t call, int error_number = ENOSPC) {
    error_number_ = error_number;
    fault_ = Fault::fail;
    once_ = false;
    countdown_ = call;
  }
  /// Only the call with this number meets the fault.
  void fault_once(std::int64_t call, Fault fault, int error_number = EIO) {
    error_number_ = error_number;
    fault_ = fault;
    once_ = true;
    countdown_ = call;
  }
  /// Only fdatasync fails, always.
  void fail_syncs(bool fail) { syncs_fail_ = fail; }
  /// Only fdatasync of files with `part` in their path fails.
  void fail_syncs_below(const char* part) { failing_part_ = part; }
  /// The operating system could not write back a page, and has told another process: who opened a FileSystemSync before
  /// is told, too, who opens one now is not.
  void lose_writeback() { ++lost_writebacks_; }
  int lost_writebacks() const { return lost_writebacks_; }
  /// Only link fails, always.
  void fail_links(bool fail) { links_fail_ = fail; }
  /// `directory` lies on a file system of its own: no file gets a name on both sides. Before anything runs.
  void mount(std::filesystem::path directory) { mounted_ = std::move(directory); }
  /// Files cannot be read, nor opened, from the n-th such call on.
  void fail_reads_from(std::int64_t call, int error_number) {
    error_number_ = error_number;
    failed_ = false;
    reads_left_ = call;
  }
  void heal() {
    countdown_ = reads_left_ = kNever;
    syncs_fail_ = links_fail_ = false;
    failing_part_ = nullptr;
  }
  /// True once a call met the fault, since fail_reads_from() if that was called.
  bool failed() const { return failed_; }
  void report_space(DiskSpace space) {
    capacity_ = space.capacity;
    available_ = space.available;
  }

  Result<std::unique_ptr<File>> open(const std::filesystem::path& path, OpenMode mode) override;
  Result<std::unique_ptr<File>> create(const std::filesystem::path& path, const Fill& fill) override;
  Status link(const std::filesystem::path& from, const std::filesystem::path& to) override;
  Status rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    return next_fault() == Fault::fail ? error("rename", from) : real_.rename(from, to);
  }
  Status remove(const std::filesystem::path& path) override {
    if (before_remove) before_remove();
    return real_.remove(path);
  }
  Status remove_tree(const std::filesystem::path& path) override { return real_.remove_tree(path); }
  Status create_directories(const std::filesystem::path& path) override { return real_.create_directories(path); }
  bool exists(const std::filesystem::path& path) const override { return real_.exists(path); }
  Result<std::vector<DirectoryEntry>> list(const std::filesystem::path& path) const override {
    return real_.list(path);
  }
  Status sync_directory(const std::filesystem::path& path) override { return real_.sync_directory(path); }
  Result<std::unique_ptr<FileSystemSync>> open_sync(const std::filesystem::path& path) override;
  Result<DiskSpace> space(const std::filesystem::path& path) const override;
  Result<std::unique_ptr<FileLock>> lock(const std::filesystem::path& path) override { return real_.lock(path); }

  /// Called by the files, once per changing call.
  Fault next_fault();
  Fault next_sync_fault(const std::filesystem::path& path);
  bool next_read_fails();
  Error error(std::string_view call, const std::filesystem::path& path) const;

 private:
  FileSystem& real_ = posix_file_system();
  std::atomic<std::int64_t> countdown_{kNever}, reads_left_{kNever};
  std::atomic<int> error_number_{ENOSPC}, lost_writebacks_{0};
  std::atomic<Fault> fault_{Fault::fail};
  std::atomic<bool> once_{false};
  std::atomic<bool> failed_{false}, syncs_fail_{false}, links_fail_{false};
  std::atomic<const char*> failing_part_{nullptr};
  std::atomic<std::int64_t> capacity_{0}, available_{0};
  std::filesystem::path mounted_;
};

}  // namespace tenon::logstore::testing
