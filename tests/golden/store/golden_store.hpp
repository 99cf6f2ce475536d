// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "fastjson/value.hpp"
#include "logstore/log_store.hpp"
#include "logstore/testing/store_on_disk.hpp"

namespace tenon::golden {

/// A store directory written by the Java broker, unpacked and opened, with what that broker served from it.
/// Source: ../shared/golden/store/README.md.
class GoldenStore {
 public:
  using Engine = logstore::testing::Engine;
  GoldenStore(const std::string& archive, Engine engine);
  logstore::LogStore& store() { return *store_; }
  const fastjson::Value& expected() const { return expected_; }
  /// Closes cleanly and opens again.
  void reopen();

 private:
  Engine engine_;
  logstore::testing::TemporaryDirectory directory_;
  fastjson::Value expected_;
  std::unique_ptr<logstore::LogStore> store_;
};

}  // namespace tenon::golden
