// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "tenon/error.hpp"

namespace tenon::kernel {

/// The directory of everything this process stores, held for it alone.
///
/// The lock is an open-file-description lock on `tenon.lock` inside (a file of our own: the store takes RocketMQ's
/// `lock` besides), so it ends with the process, however that ends. The file holds the owner's pid for the message that
/// another process gives. Threads: one.
class DataDirectory {
 public:
  static constexpr const char* kLockFile = "tenon.lock";

  /// Creates the directory if need be and takes the lock. Errors: io (the text names directory and reason),
  /// service_not_available (held by another process).
  static Result<DataDirectory> open(const std::filesystem::path& directory);

  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&&) = delete;
  ~DataDirectory();

  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  DataDirectory(std::filesystem::path path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  std::filesystem::path path_;
  int descriptor_;
};

}  // namespace tenon::kernel
