// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "logstore/log_store.hpp"
#include "logstore/testing/fault_file_system.hpp"
#include "logstore/testing/temporary_directory.hpp"

namespace tenon::logstore::testing {

/// A store with small files in a directory of its own, over a file system that can be made to fail.
class TestStore {
 public:
  TestStore();

  TemporaryDirectory directory;
  FaultFileSystem files;
  StoreOptions options;  ///< Change before open().
  std::vector<std::string> faults;

  Status open();
  void close() { store.reset(); }
  LogStore& operator*() { return *store; }
  LogStore* operator->() { return store.get(); }

  Result<AppendReceipt> append(std::string_view topic, std::int32_t queue_id, std::string_view body,
                               std::string_view properties = {});
  /// Body of the message at a queue offset; "<status>" if there is none.
  std::string body_at(std::string_view topic, std::int32_t queue_id, std::int64_t offset);

  std::unique_ptr<LogStore> store;
};

}  // namespace tenon::logstore::testing
