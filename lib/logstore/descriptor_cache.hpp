// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

#include "logstore/file_system.hpp"

namespace tenon::logstore {

/// Open consume-queue files, the least recently used one closed first: queues need no descriptor of their own. Of these
/// files the operating system reads what it is told to; whoever reads on and on asks for what comes.
/// Threads: any. A file in use stays open although the cache has dropped it; who is the last to hold it closes it, not
/// under the lock of the cache, or others would wait for the kernel.
class DescriptorCache {
 public:
  DescriptorCache(FileSystem& file_system, std::size_t capacity) : file_system_(file_system), capacity_(capacity) {}

  Result<std::shared_ptr<File>> open(const std::string& path);
  /// Makes the file, see FileSystem::create(). What was held under that path is forgotten: a reader may have brought in
  /// a file that was being deleted, and what is written there is lost.
  Status create(const std::string& path, const FileSystem::Fill& fill);
  /// Forgets a file that is about to be deleted.
  void forget(const std::string& path);
  /// Forgets all files whose path starts so.
  void forget_below(const std::string& prefix);

 private:
  std::shared_ptr<File> insert(const std::string& path, const std::shared_ptr<File>& file);

  struct Entry {
    std::string path;
    std::shared_ptr<File> file;
  };
  using Order = std::list<Entry>;

  FileSystem& file_system_;
  std::size_t capacity_;
  std::mutex mutex_;
  Order order_;  ///< Front: most recently used.
  std::unordered_map<std::string, Order::iterator> by_path_;
};

}  // namespace tenon::logstore
