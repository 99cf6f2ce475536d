// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "ha/ha_engine.hpp"
#include "logstore/store_capabilities.hpp"
#include "logstore/testing/test_store.hpp"

namespace tenon::ha::testing {

/// Waits until something comes true that other threads work on.
template <class Condition>
[[nodiscard]] bool eventually(Condition condition, std::chrono::seconds patience = std::chrono::seconds(30)) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

/// A clock that all brokers share and that never shows the same time twice.
inline std::int64_t next_ms() {
  static std::atomic<std::int64_t> now{0};
  return ++now;
}

/// A broker's store and its replication, on a free port.
class Side {
 public:
  explicit Side(std::int64_t id, HaSettings wanted = {}) : id_(id), settings(std::move(wanted)) { start(); }
  ~Side() { stop(); }

  void start() {
    store = std::make_unique<logstore::StoreCapabilities>(disk_.options);
    EXPECT_TRUE(store->log_store().open().has_value());
    engine = std::make_unique<HaEngine>(settings);
    HaParts parts{.log = store.get(),
                  .readable_end = store.get(),
                  .flush_gate = disk_.options.flush == logstore::FlushMode::sync ? store.get() : nullptr,
                  .logger = &logger_,
                  .senders = senders_.context().get_executor(),
                  .asks_classic_masters = asks_classic_masters,
                  .epoch_file = disk_.directory.path() / "replicationEpochs",
                  .divergence_file = disk_.directory.path() / "lastDivergence",
                  .now_ms = next_ms,
                  .report_lagging =
                      [this](std::string_view reason) {
                        const std::scoped_lock lock(mutex_);
                        reasons_.emplace_back(reason);
                      },
                  .report_held_back =
                      [this](std::string_view reason) {
                        const std::scoped_lock lock(mutex_);
                        held_back_.emplace_back(reason);
                      },
                  .report_fault = [](std::string_view reason) { ADD_FAILURE() << reason; }};
    engine->open(std::move(parts), {cluster, "broker-a", id_}, "127.0.0.1:0");
  }
  void stop() {
    if (engine) engine->stop();
    for (int turn = 0; turn < 2; ++turn) senders_.run([] {});  // what the closing posted, as the kernel does
    engine.reset();
    if (store) store->log_store().close();
    store.reset();
  }
  void restart() {
    stop();
    start();
  }
  // Only before a restart.
  void answer_from_files() {
    disk_.options.read = logstore::ReadMode::file;
    disk_.options.file_run_min = 1'000;
  }
  void use_large_files() { disk_.options.commit_log_file_size = 8 << 20; }
  void flush_synchronously() { disk_.options.flush = logstore::FlushMode::sync; }

  std::string address() const { return engine->ha_address().to_string(); }
  void lead() { ASSERT_TRUE(engine->become_master(0).has_value()); }
  void follow(const Side& master) { ASSERT_TRUE(engine->become_slave(master.address()).has_value()); }

  PhysicalOffset append(std::string_view body) {
    Message message;
    message.topic = "T";
    message.body = std::as_bytes(std::span(body));
    const auto receipt = store->append(message);
    EXPECT_TRUE(receipt.has_value());
    return receipt->physical_end;
  }
  void append_many(int count) {
    for (int number = 0; number < count; ++number) append("message " + std::to_string(number));
  }
  bool has_all_of(const Side& master) const { return store->log_max() == master.store->log_max(); }
  /// Why it did not follow, in turn; empty: it did again.
  std::vector<std::string> reasons() const {
    const std::scoped_lock lock(mutex_);
    return reasons_;
  }
  /// Why consumers did not get what is stored, in turn; empty: they did again.
  std::vector<std::string> held_back() const {
    const std::scoped_lock lock(mutex_);
    return held_back_;
  }
  std::int64_t messages() const { return store->bounds("T", 0).max.value; }

 private:
  logstore::testing::TestStore disk_;
  const Logger logger_{"ha-test"};
  HaThread senders_{[](std::string_view reason) { ADD_FAILURE() << reason; }};
  const std::int64_t id_;
  mutable std::mutex mutex_;
  std::vector<std::string> reasons_, held_back_;

 public:
  HaSettings settings;
  std::string cluster = "c";
  bool asks_classic_masters = false;  ///< From the next start on.
  std::unique_ptr<logstore::StoreCapabilities> store;
  std::unique_ptr<HaEngine> engine;
};

}  // namespace tenon::ha::testing
