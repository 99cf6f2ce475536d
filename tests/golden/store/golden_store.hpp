// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
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
  using Adjust = std::function<void(logstore::StoreOptions&)>;
  GoldenStore(const std::string& archive, Engine engine, Adjust adjust = {});
  logstore::LogStore& store() const { return *store_; }
  std::filesystem::path path() const { return directory_.path() / "store"; }
  const fastjson::Value& expected() const { return expected_; }
  /// Closes cleanly and opens again.
  void reopen();
  /// Closes, and opens again as after a crash, with no checkpoint: the whole log is read.
  void recover();

 private:
  Engine engine_;
  Adjust adjust_;
  logstore::testing::TemporaryDirectory directory_;
  fastjson::Value expected_;
  std::unique_ptr<logstore::LogStore> store_;
};

}  // namespace tenon::golden
