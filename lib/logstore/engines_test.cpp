// SPDX-License-Identifier: Apache-2.0
// What both engines, with either flush, owe to those who use them: the suites of the capabilities.
#include <array>
#include <filesystem>

#include "logstore/testing/store_on_disk.hpp"
#include "logstore/testing/test_store.hpp"
#include "tenon/testing/batch_queues_contract.hpp"
#include "tenon/testing/commit_gate_contract.hpp"
#include "tenon/testing/forwarding_message_store.hpp"
#include "tenon/testing/log_tap_contract.hpp"
#include "tenon/testing/message_store_contract.hpp"
#include "tenon/testing/readable_end_contract.hpp"

namespace tenon::testing {
namespace {

using logstore::testing::Engine;
using logstore::testing::StoreOnDisk;

template <class Case, class Open>
Case engine_case(const char* name, Engine engine, Open open) {
  return {name, [engine, open] { return open(engine); }};
}
template <class Case, class Open>
auto all_engines(Open open) {
  return ::testing::Values(engine_case<Case>("mmap", Engine::mmap, open),
                           engine_case<Case>("mmap_sync", Engine::mmap_sync, open),
                           engine_case<Case>("sendfile", Engine::sendfile, open),
                           engine_case<Case>("sendfile_sync", Engine::sendfile_sync, open));
}

OpenStore open_store(Engine engine) {
  auto on_disk = std::make_shared<StoreOnDisk>();
  MessageStore* store = on_disk->open(engine);
  return {store, on_disk, [on_disk = on_disk.get(), engine] { return on_disk->open(engine); }};
}
INSTANTIATE_TEST_SUITE_P(Engines, MessageStoreContract, all_engines<StoreCase>(open_store), store_case_name);

OpenBatches open_batches(Engine engine) {
  auto on_disk = std::make_shared<StoreOnDisk>();
  auto* store = on_disk->open(engine);
  return {store, store, store, on_disk, [on_disk = on_disk.get(), engine](OpenBatches& open) {
            auto* again = on_disk->open(engine);
            open.store = again;
            open.batches = again;
            open.end = again;
          }};
}
INSTANTIATE_TEST_SUITE_P(Engines, BatchQueuesContract, all_engines<BatchQueuesCase>(open_batches),
                         batch_queues_case_name);

OpenLog open_log(Engine engine) {
  auto on_disk = std::make_shared<StoreOnDisk>(32 << 10);
  auto* store = on_disk->open(engine);
  return {store, store, on_disk, [on_disk = on_disk.get(), engine](OpenLog& log) {
            auto* again = on_disk->open(engine);
            log.store = again;
            log.tap = again;
          }};
}
INSTANTIATE_TEST_SUITE_P(Engines, LogTapContract, all_engines<LogTapCase>(open_log), log_tap_case_name);

OpenReadable open_readable(Engine engine) {
  auto on_disk = std::make_shared<StoreOnDisk>();
  auto* store = on_disk->open(engine);
  return {store, store, on_disk, [on_disk = on_disk.get(), engine](OpenReadable& readable) {
            auto* again = on_disk->open(engine);
            readable.store = again;
            readable.end = again;
          }};
}
INSTANTIATE_TEST_SUITE_P(Engines, ReadableEndContract, all_engines<ReadableEndCase>(open_readable),
                         readable_end_case_name);

TEST(ReadableEnd, ACutOfTheLogMovesItThere) {
  StoreOnDisk on_disk;
  auto* store = on_disk.open(Engine::mmap);
  std::vector<AppendReceipt> receipts;
  receipts.reserve(10);
  Message message;
  message.topic = "T";
  for (int count = 0; count < 10; ++count) receipts.push_back(store->append(message).value());
  ASSERT_TRUE(store->set_readable_end(receipts[7].physical_end).has_value());
  ASSERT_TRUE(store->truncate_log(receipts[4].physical_offset).has_value());
  EXPECT_EQ(store->readable_end(), receipts[4].physical_offset);
  for (int count = 0; count < 5; ++count) ASSERT_TRUE(store->append(message).has_value());
  EXPECT_EQ(store->bounds("T", 0).max, QueueOffset{4}) << "what was written anew was not confirmed";
  EXPECT_EQ(store->whole_log().bounds("T", 0).max, QueueOffset{9});
}

TEST(ReadableEnd, WhatCannotBeLookedAtIsHeldBack) {
  logstore::testing::TestStore store;
  ASSERT_TRUE(store.open().has_value());
  const auto first = store.append("T", 0, "confirmed");
  ASSERT_TRUE(store.append("T", 0, "not yet").has_value());
  ASSERT_TRUE(store.append("T", 0, "nor this").has_value());
  store.close();
  ASSERT_TRUE(store.open().has_value());
  ASSERT_TRUE(store->set_readable_end(first->physical_end).has_value());
  std::filesystem::resize_file(store.directory.path() / "consumequeue/T/0/00000000000000000000", 0);
  EXPECT_LE(store->bounds("T", 0, logstore::Reach::readable).max, QueueOffset{1});
}

OpenGate open_gate(Engine engine) {
  auto on_disk = std::make_shared<StoreOnDisk>();
  logstore::StoreCapabilities* const store = on_disk->open(engine);
  return {store, on_disk, [store] {
            Message message;
            message.topic = "T";
            message.body = std::as_bytes(std::span<const char>("hello", 5));
            return store->append(message).value().physical_end;
          }};
}
INSTANTIATE_TEST_SUITE_P(Engines, CommitGateContract,
                         ::testing::Values(engine_case<CommitGateCase>("mmap", Engine::mmap_sync, open_gate),
                                           engine_case<CommitGateCase>("sendfile", Engine::sendfile_sync, open_gate)));

/// A store whose caller gathers all its appends: what it may not notice.
class GatheringStore final : public tenon::testing::ForwardingMessageStore {
 public:
  explicit GatheringStore(logstore::StoreCapabilities* store) : ForwardingMessageStore(*store), store_(store) {}

  Result<AppendReceipt> append(const Message& message) override {
    store_->gather();
    return store_->append(message);
  }
  Result<AppendReceipt> append_batch(std::span<const Message> messages,
                                     std::span<PhysicalOffset> record_offsets) override {
    store_->gather();
    return store_->append_batch(messages, record_offsets);
  }

 private:
  logstore::StoreCapabilities* store_;
};

OpenStore open_gathering_store() {
  struct Kept {
    StoreOnDisk on_disk;
    std::unique_ptr<GatheringStore> store;
    MessageStore* open() {
      store = std::make_unique<GatheringStore>(on_disk.open(Engine::sendfile));
      return store.get();
    }
  };
  auto kept = std::make_shared<Kept>();
  MessageStore* store = kept->open();
  return {store, kept, [kept = kept.get()] { return kept->open(); }};
}

INSTANTIATE_TEST_SUITE_P(SendfileGathering, MessageStoreContract,
                         ::testing::Values(StoreCase{"async", open_gathering_store}), store_case_name);

Message message_of(std::string_view body) {
  Message made;
  made.topic = "T";
  made.body = std::as_bytes(std::span(body));
  return made;
}

TEST(SendfileStore, LongRunsAreFilesAndShortOnesMemory) {
  StoreOnDisk on_disk;
  auto* store = on_disk.open(Engine::sendfile);
  const std::string body(20'000, 'x');
  for (int count = 0; count < 4; ++count) ASSERT_TRUE(store->append(message_of(body)).has_value());
  const ReadResult run = store->read({.topic = "T", .queue_id = 0, .offset = {0}, .max_messages = 4});
  ASSERT_EQ(run.records.size(), 1U);
  ASSERT_TRUE(std::holds_alternative<FileSlice>(run.records[0]));
  EXPECT_EQ(std::get<FileSlice>(run.records[0]).length, run.total_bytes);
  const ReadResult one = store->read({.topic = "T", .queue_id = 0, .offset = {2}, .max_messages = 1});
  ASSERT_EQ(one.records.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<MemorySlice>(one.records[0]));
  EXPECT_EQ(run.bytes_behind, 0);
  EXPECT_EQ(one.bytes_behind, one.total_bytes) << "one more of this size";
}

TEST(SendfileStore, EnginesTakeTurnsOnTheSameFiles) {
  StoreOnDisk on_disk;
  constexpr std::array kTurns = {Engine::mmap,     Engine::sendfile,      Engine::mmap_sync,
                                 Engine::sendfile, Engine::sendfile_sync, Engine::mmap};
  std::int64_t written = 0;
  for (const Engine engine : kTurns) {
    auto* store = on_disk.open(engine);
    ASSERT_NE(store, nullptr);
    ASSERT_EQ(store->bounds("T", 0).max.value, written);
    for (std::int64_t at = 0; at < written; ++at) {
      const ReadResult result = store->read({.topic = "T", .queue_id = 0, .offset = {at}, .max_messages = 1});
      ASSERT_EQ(result.status, ReadStatus::found) << at;
    }
    store->gather();
    for (int count = 0; count < 250; ++count, ++written) {  // two and a half files of the queue
      ASSERT_TRUE(store->append(message_of(std::string(1500, 'a'))).has_value());
    }
    ASSERT_TRUE(store->write_out().has_value());
  }
}

}  // namespace
}  // namespace tenon::testing
