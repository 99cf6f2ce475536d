// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "logstore/store_capabilities.hpp"
#include "logstore/testing/temporary_directory.hpp"

namespace tenon::logstore::testing {

/// The engines that share the files, as their plug-ins set them up.
enum class Engine { mmap, mmap_sync, sendfile, sendfile_sync };
void choose(Engine engine, StoreOptions& options);

/// A store with small files on a directory of its own that can be closed and opened again, also by another engine.
class StoreOnDisk {
 public:
  explicit StoreOnDisk(std::int64_t log_file_size = 1 << 20) : log_file_size_(log_file_size) {}

  /// Closes what is open. Fails the test, and returns nullptr, when the store cannot be opened.
  StoreCapabilities* open(Engine engine);
  void close() { store_.reset(); }
  const std::filesystem::path& path() const noexcept { return directory_.path(); }

 private:
  std::int64_t log_file_size_;
  TemporaryDirectory directory_;
  std::unique_ptr<StoreCapabilities> store_;
};

}  // namespace tenon::logstore::testing
