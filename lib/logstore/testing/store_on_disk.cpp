// SPDX-License-Identifier: Apache-2.0
#include "logstore/testing/store_on_disk.hpp"

#include <gtest/gtest.h>

namespace tenon::logstore::testing {

void choose(Engine engine, StoreOptions& options) {
  const bool sync = engine == Engine::mmap_sync || engine == Engine::sendfile_sync;
  const bool sendfile = engine == Engine::sendfile || engine == Engine::sendfile_sync;
  if (sync) options.flush = FlushMode::sync;
  if (sendfile) options.read = ReadMode::file;
}

StoreCapabilities* StoreOnDisk::open(Engine engine) {
  store_.reset();
  StoreOptions options;
  options.directory = directory_.path();
  options.commit_log_file_size = log_file_size_;
  options.consume_queue_file_entries = 100;
  options.index_slots = 100;
  options.index_entries = 400;
  // The disk of the test machine may be full.
  options.retention.disk_warning_ratio = options.retention.disk_clean_forcibly_ratio = 1;
  choose(engine, options);
  store_ = std::make_unique<StoreCapabilities>(std::move(options));
  const Status opened = store_->log_store().open();
  EXPECT_TRUE(opened.has_value()) << opened.error().message();
  return opened ? store_.get() : nullptr;
}

}  // namespace tenon::logstore::testing
