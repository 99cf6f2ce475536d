// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tenon/batch_queues.hpp"
#include "tenon/message_store.hpp"
#include "tenon/readable_end.hpp"

namespace tenon::testing {

/// A message store that keeps everything in memory: for tests of what stands on a store, and the simplest
/// implementation that passes MessageStoreContract. Records have the bytes a commit log would hold.
/// Threads: any; one mutex. Nothing is ever deleted but by delete_topic() and forget_before().
class MemoryMessageStore final : public MessageStore, public ReadableEnd, public BatchQueues {
 public:
  using Clock = std::function<std::int64_t()>;

  MemoryMessageStore();  ///< With the wall clock.
  explicit MemoryMessageStore(Clock now_ms);
  ~MemoryMessageStore() override;

  Result<AppendReceipt> append(const Message& message) override;
  Result<AppendReceipt> append_batch(std::span<const Message> messages,
                                     std::span<PhysicalOffset> record_offsets) override;
  ReadResult read(const ReadRequest& request) const override;
  /// Pretend that everything stored lies on a slow disk: reads that may not wait say so.
  void pretend_to_be_cold(bool cold) noexcept { cold_ = cold; }
  Result<StoredRecord> record_at(PhysicalOffset offset) const override;
  Result<StoredMessage> message_at(PhysicalOffset offset) const override;
  Result<KeyQueryResult> query_by_key(const KeyQuery& query) const override;
  QueueBounds bounds(std::string_view topic, std::int32_t queue_id) const override;
  Result<std::int64_t> store_time_at(std::string_view topic, std::int32_t queue_id, QueueOffset offset) const override;
  QueueOffset offset_at_time(std::string_view topic, std::int32_t queue_id, std::int64_t timestamp_ms,
                             TimeBoundary boundary) const override;
  Status delete_topic(std::string_view topic, PhysicalOffset below) override;
  StoreStatus status() const override;

  PhysicalOffset readable_end() const noexcept override { return {readable_end_.load()}; }
  Status set_readable_end(PhysicalOffset end) override;
  void on_moved(std::function<void(PhysicalOffset end)> moved) override { moved_ = std::move(moved); }
  MessageStore& whole_log() noexcept override;

  Status keep_batches(std::string_view topic) override;

  /// From now on appends fail with service_not_available and this text; empty allows them again.
  void refuse_writes(std::string reason);
  /// Say that only what lies below is on the disk; empty: everything is.
  void flush_up_to(std::optional<PhysicalOffset> flushed);
  /// What retention does to one queue: offsets below `min` are gone.
  void forget_before(std::string_view topic, std::int32_t queue_id, QueueOffset min);

 private:
  struct Record {
    std::vector<std::byte> bytes;
    std::int64_t physical_offset = 0;
    std::int64_t store_timestamp_ms = 0;
    std::int64_t tags_code = 0;
    std::int64_t base = 0, count = 1;  ///< The queue offsets that it takes.
    std::int64_t end() const { return base + count; }
  };
  using RecordPtr = std::shared_ptr<const Record>;
  struct Queue {
    std::vector<RecordPtr> records;  ///< Index = queue offset; a batch stands at each of its own.
    std::int64_t min = 0;
    std::int64_t max() const { return static_cast<std::int64_t>(records.size()); }
  };
  using QueueKey = std::pair<std::string, std::int32_t>;

  class WholeLog;
  /// The queue as it is shown to who sees records that end at or below `end`.
  struct Shown {
    const Queue* queue = nullptr;
    std::int64_t max = 0;
  };
  Shown shown(std::string_view topic, std::int32_t queue_id, PhysicalOffset end) const;
  ReadResult read_to(const ReadRequest& request, PhysicalOffset end) const;
  Result<KeyQueryResult> query_to(const KeyQuery& query, PhysicalOffset end) const;
  QueueBounds bounds_to(std::string_view topic, std::int32_t queue_id, PhysicalOffset end) const;
  Result<std::int64_t> store_time_to(std::string_view topic, std::int32_t queue_id, QueueOffset offset,
                                     PhysicalOffset end) const;
  QueueOffset offset_at_time_to(std::string_view topic, std::int32_t queue_id, std::int64_t timestamp_ms,
                                TimeBoundary boundary, PhysicalOffset end) const;

  Result<std::int64_t> messages_in(const Message& message) const;
  RecordPtr append_locked(const Message& message, std::int64_t now_ms);
  Result<AppendReceipt> append_all(std::span<const Message> messages, std::span<PhysicalOffset> record_offsets);
  const Queue* find(std::string_view topic, std::int32_t queue_id) const;
  std::atomic<bool> cold_{false};
  static bool matches(const CompiledFilter& filter, const Record& stored);
  void collect(const Shown& shown, const ReadRequest& request, ReadResult& result) const;

  Clock now_ms_;
  mutable std::mutex mutex_;
  std::map<QueueKey, Queue> queues_;
  std::set<std::string, std::less<>> batch_topics_;
  std::map<std::int64_t, RecordPtr> log_;
  std::int64_t end_ = 0;
  std::string refusal_;
  std::optional<PhysicalOffset> flushed_;
  std::atomic<std::int64_t> readable_end_{kUnbounded.value};
  std::function<void(PhysicalOffset end)> moved_;
  std::unique_ptr<WholeLog> whole_log_;
};

}  // namespace tenon::testing
