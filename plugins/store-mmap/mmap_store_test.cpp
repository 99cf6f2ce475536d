// SPDX-License-Identifier: Apache-2.0
#include "mmap_store.hpp"

#include "logstore/testing/temporary_directory.hpp"
#include "tenon/testing/message_store_contract.hpp"

namespace tenon::testing {
namespace {

using logstore::testing::TemporaryDirectory;

logstore::StoreOptions small_options(const std::filesystem::path& directory) {
  logstore::StoreOptions options;
  options.directory = directory;
  options.commit_log_file_size = 1 << 20;
  options.consume_queue_file_entries = 100;
  options.index_slots = 100;
  options.index_entries = 400;
  options.retention.disk_warning_ratio = options.retention.disk_clean_forcibly_ratio =
      1;  // the disk of the test machine may be full
  return options;
}

/// A store on a directory of its own that can be closed and opened again.
struct StoreOnDisk {
  TemporaryDirectory directory;
  logstore::FlushMode flush;
  std::unique_ptr<store_mmap::MmapStore> store;

  MessageStore* open() {
    store.reset();
    logstore::StoreOptions options = small_options(directory.path());
    options.flush = flush;
    if (flush == logstore::FlushMode::sync) options.write = logstore::WriteMode::pwrite;
    store = std::make_unique<store_mmap::MmapStore>(std::move(options));
    const Status opened = store->log_store().open();
    EXPECT_TRUE(opened.has_value()) << opened.error().message();
    return store.get();
  }
};

OpenStore open_mmap_store(logstore::FlushMode flush) {
  auto on_disk = std::make_shared<StoreOnDisk>();
  on_disk->flush = flush;
  MessageStore* store = on_disk->open();
  return {store, on_disk, [on_disk] { return on_disk->open(); }};
}

INSTANTIATE_TEST_SUITE_P(
    Mmap, MessageStoreContract,
    ::testing::Values(StoreCase{"async", [] { return open_mmap_store(logstore::FlushMode::async); }},
                      StoreCase{"sync", [] { return open_mmap_store(logstore::FlushMode::sync); }}),
    store_case_name);

}  // namespace
}  // namespace tenon::testing
