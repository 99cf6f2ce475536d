// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "logstore/log_store.hpp"
#include "tenon/append_gathering.hpp"
#include "tenon/append_hints.hpp"
#include "tenon/batch_queues.hpp"
#include "tenon/commit_gate.hpp"
#include "tenon/filter_bit_maps.hpp"
#include "tenon/log_tap.hpp"
#include "tenon/message_store.hpp"
#include "tenon/readable_end.hpp"
#include "tenon/system_topic.hpp"

namespace tenon::logstore {

/// A LogStore as a MessageStore that shows as much as `reach` says. Threads: as MessageStore says. Borrows the store.
class StoreView : public MessageStore {
 public:
  StoreView(LogStore& log_store, Reach reach) : store_(log_store), reach_(reach) {}

  Result<AppendReceipt> append(const Message& message) override { return store_.append(message); }
  Result<AppendReceipt> append_batch(std::span<const Message> messages,
                                     std::span<PhysicalOffset> record_offsets) override {
    return store_.append_batch(messages, record_offsets);
  }
  ReadResult read(const ReadRequest& request) const override { return store_.read(request, reach_); }
  Result<StoredRecord> record_at(PhysicalOffset offset) const override { return store_.record_at(offset); }
  Result<StoredMessage> message_at(PhysicalOffset offset) const override { return store_.message_at(offset); }
  Result<KeyQueryResult> query_by_key(const KeyQuery& query) const override {
    return store_.query_by_key(query, reach_);
  }
  QueueBounds bounds(std::string_view topic, std::int32_t queue_id) const override {
    return store_.bounds(topic, queue_id, reach_);
  }
  Result<std::int64_t> store_time_at(std::string_view topic, std::int32_t queue_id, QueueOffset offset) const override {
    return store_.store_time_at(topic, queue_id, offset, reach_);
  }
  QueueOffset offset_at_time(std::string_view topic, std::int32_t queue_id, std::int64_t timestamp_ms,
                             TimeBoundary boundary) const override {
    return store_.offset_at_time(topic, queue_id, timestamp_ms, boundary, reach_);
  }
  Status delete_topic(std::string_view topic, PhysicalOffset below) override {
    return store_.delete_topic(topic, below);
  }
  StoreStatus status() const override { return store_.status(); }

 private:
  LogStore& store_;
  const Reach reach_;
};

/// First of the bases of StoreCapabilities, so that the store is there before its views.
struct LogStoreHolder {
  explicit LogStoreHolder(StoreOptions options) : log_store_(std::move(options)) {}
  LogStore log_store_;
};

/// A LogStore as the capabilities that a store plug-in offers. Threads: as each capability says.
class StoreCapabilities final : private LogStoreHolder,
                                public StoreView,
                                public ReadableEnd,
                                public CommitGate,
                                public AppendGathering,
                                public AppendHints,
                                public BatchQueues,
                                public LogTap,
                                public TagsCodeRules,
                                public FilterBitMapKeeper {
 public:
  explicit StoreCapabilities(StoreOptions options)
      : LogStoreHolder(std::move(options)), StoreView(log_store_, Reach::readable) {}

  LogStore& log_store() noexcept { return log_store_; }

  PhysicalOffset readable_end() const noexcept override { return log_store_.readable_end(); }
  Status set_readable_end(PhysicalOffset end) override { return log_store_.set_readable_end(end); }
  void on_moved(std::function<void(PhysicalOffset end)> moved) override {
    log_store_.on_readable_moved(std::move(moved));
  }
  MessageStore& whole_log() noexcept override { return whole_log_; }

  bool is_safe(PhysicalOffset end) const noexcept override { return log_store_.is_safe(end); }
  void wait_for(PhysicalOffset end, std::chrono::steady_clock::time_point deadline, Passed passed) override {
    log_store_.wait_for(end, deadline, std::move(passed));
  }

  PhysicalOffset log_min() const override { return log_store_.log_min(); }
  PhysicalOffset log_max() const override { return log_store_.log_max(); }
  std::int64_t log_file_size() const override { return log_store_.log_file_size(); }
  Result<LogStretch> read_log(PhysicalOffset from, std::int64_t bytes_max, ReadForm form) const override {
    return log_store_.read_log(from, bytes_max, form);
  }
  void watch(LogWatcher* watcher) override { log_store_.watch(watcher); }
  Status append_log(PhysicalOffset at, std::span<const std::byte> bytes) override {
    return log_store_.append_log(at, bytes);
  }
  PhysicalOffset log_received() const override { return log_store_.log_received(); }
  Result<std::string> truncate_log(PhysicalOffset end) override { return log_store_.truncate_log(end); }
  PhysicalOffset confirm_offset() const override { return log_store_.confirm_offset(); }
  void set_confirm_offset(PhysicalOffset offset) override { log_store_.set_confirm_offset(offset); }

  void gather() noexcept override { log_store_.gather(); }
  Status write_out() override { return log_store_.write_out(); }

  void expect(std::string_view topic, std::int32_t queue_id) const noexcept override {
    log_store_.expect_append(topic, queue_id);
  }

  Status keep_batches(std::string_view topic) override { return log_store_.keep_batches(topic); }

  void set_rule(std::string_view topic, const TagsCodeRule& rule) override {
    log_store_.set_tags_code_rule(topic, rule);
  }
  void set_filter_bit_maps(const FilterBitMaps& maps) override { log_store_.set_filter_bit_maps(maps); }

 private:
  StoreView whole_log_{log_store_, Reach::whole};
};

}  // namespace tenon::logstore
