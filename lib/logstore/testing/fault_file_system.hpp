// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cerrno>
#include <string>

#include "logstore/file_system.hpp"

namespace tenon::logstore::testing {

/// The real file system with a fault: from the n-th changing call on (write, allocate, set size, create, sync), every
/// such call fails with the chosen error, until heal(). Loop n upward until nothing fails any more to visit each place.
/// Threads: any.
class FaultFileSystem final : public FileSystem {
 public:
  static constexpr std::int64_t kNever = INT64_MAX;

  /// Counting begins anew; the call with this number (from 0) is the first to fail.
  void fail_from(std::int64_t call, int error_number = ENOSPC) {
    error_number_ = error_number;
    countdown_ = call;
  }
  /// Only fdatasync fails, always.
  void fail_syncs(bool fail) { syncs_fail_ = fail; }
  /// Only fdatasync of files with `part` in their path fails.
  void fail_syncs_below(const char* part) { failing_part_ = part; }
  void heal() {
    countdown_ = kNever;
    syncs_fail_ = false;
    failing_part_ = nullptr;
  }
  /// True once a call was made to fail.
  bool failed() const { return failed_; }
  void report_space(DiskSpace space) {
    capacity_ = space.capacity;
    available_ = space.available;
  }

  Result<std::unique_ptr<File>> open(const std::filesystem::path& path, OpenMode mode) override;
  Status remove(const std::filesystem::path& path) override { return real_.remove(path); }
  Status remove_tree(const std::filesystem::path& path) override { return real_.remove_tree(path); }
  Status create_directories(const std::filesystem::path& path) override { return real_.create_directories(path); }
  bool exists(const std::filesystem::path& path) const override { return real_.exists(path); }
  Result<std::vector<DirectoryEntry>> list(const std::filesystem::path& path) const override {
    return real_.list(path);
  }
  Status sync_directory(const std::filesystem::path& path) override { return real_.sync_directory(path); }
  Status sync_all(const std::filesystem::path& path) override {
    const Status fault = sync_change(path);
    return fault ? real_.sync_all(path) : fault;
  }
  Result<DiskSpace> space(const std::filesystem::path& path) const override;
  Result<std::unique_ptr<FileLock>> lock(const std::filesystem::path& path) override { return real_.lock(path); }

  /// Called by the files: success, or the fault.
  Status change(std::string_view call, const std::filesystem::path& path);
  Status sync_change(const std::filesystem::path& path);

 private:
  FileSystem& real_ = posix_file_system();
  std::atomic<std::int64_t> countdown_{kNever};
  std::atomic<int> error_number_{ENOSPC};
  std::atomic<bool> failed_{false}, syncs_fail_{false};
  std::atomic<const char*> failing_part_{nullptr};
  std::atomic<std::int64_t> capacity_{0}, available_{0};
};

}  // namespace tenon::logstore::testing
