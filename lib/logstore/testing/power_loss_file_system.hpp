// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <vector>

#include "logstore/file_system.hpp"

namespace tenon::logstore::testing {

/// The real file system, with a memory of what a sudden power loss would leave. leave_what_survives() makes a directory
/// that a machine could come back with:
///
/// - What sync() covered is there. Of what was written since, mapped or not, each 512-byte sector is there or not, as
/// the
///   dice fall, so writes are dropped, torn and reordered.
/// - Names and lengths are a journal, as on ext4 and XFS: creations, removals, renamings and changes of length survive
/// up
///   to some point in their order; a sync of anything forces all that came before it.
///
/// One directory tree, `root`; it may hold files already, which count as synced. Threads: any.
class PowerLossFileSystem final : public FileSystem {
 public:
  explicit PowerLossFileSystem(std::filesystem::path root);

  /// From the next call on every sync fails, as on a machine that is going down: nothing becomes safe any more.
  void cut_power();
  /// The power goes at the changing call with this number, from 0: loop it upward to visit each place.
  void cut_power_at(std::int64_t call) { calls_left_ = call; }
  bool has_power() const {
    const std::lock_guard lock(mutex_);
    return power_;
  }
  /// Writes to the empty directory `target` what may be found after the power came back. Call after cut_power().
  void leave_what_survives(const std::filesystem::path& target, std::mt19937_64& dice) const;
  /// Only the process died: writes to the empty directory `target` all that it had written, synced or not, for the next
  /// one, whose machine may yet lose power. Call after cut_power().
  std::unique_ptr<PowerLossFileSystem> after_kill(const std::filesystem::path& target) const;

  Result<std::unique_ptr<File>> open(const std::filesystem::path& path, OpenMode mode) override;
  Result<std::unique_ptr<File>> create(const std::filesystem::path& path, const Fill& fill) override;
  Status link(const std::filesystem::path& from, const std::filesystem::path& to) override;
  Status rename(const std::filesystem::path& from, const std::filesystem::path& to) override;
  Status remove(const std::filesystem::path& path) override;
  Status remove_tree(const std::filesystem::path& path) override;
  Status create_directories(const std::filesystem::path& path) override { return real_.create_directories(path); }
  bool exists(const std::filesystem::path& path) const override { return real_.exists(path); }
  Result<std::vector<DirectoryEntry>> list(const std::filesystem::path& path) const override {
    return real_.list(path);
  }
  Status sync_directory(const std::filesystem::path& path) override;
  Result<std::unique_ptr<FileSystemSync>> open_sync(const std::filesystem::path& path) override;
  Result<DiskSpace> space(const std::filesystem::path& path) const override { return real_.space(path); }
  Result<std::unique_ptr<FileLock>> lock(const std::filesystem::path& path) override { return real_.lock(path); }

  // For the files.
  using Bytes = std::vector<char>;
  Status sync_file(int inode, const std::filesystem::path& path, const File& file);
  void changed_size(int inode, std::int64_t size);
  /// Before each changing call.
  void count_call();
  // For open_sync().
  Status sync_all(const std::filesystem::path& path);

 private:
  struct Change {
    enum class Kind { create, remove, resize, rename } kind;
    std::filesystem::path path;
    int inode;
    std::int64_t size = 0;
    std::filesystem::path renamed = {};
  };
  struct Surviving {
    int inode;
    std::int64_t size;
  };
  struct Nothing {};
  PowerLossFileSystem(std::filesystem::path root, Nothing) : root_(std::move(root)) {}
  std::map<std::filesystem::path, Surviving> files_after(std::size_t changes) const;
  Status refuse_without_power(std::string_view call, const std::filesystem::path& path) const;
  Status forget(const std::filesystem::path& path);
  void add_name(const std::filesystem::path& path, int inode);

  FileSystem& real_ = posix_file_system();
  std::filesystem::path root_;
  std::atomic<std::int64_t> calls_left_{INT64_MAX};
  mutable std::mutex mutex_;
  bool power_ = true;
  int inodes_ = 0;
  std::map<std::filesystem::path, int> names_;  ///< As they are now.
  std::map<int, Bytes> synced_;                 ///< Content at the last sync.
  std::map<int, Bytes> removed_;                ///< Content when it was removed.
  std::map<int, Bytes> at_power_loss_;
  std::vector<Change> changes_;
  std::size_t forced_ = 0;  ///< So many changes survive in any case.
};

}  // namespace tenon::logstore::testing
