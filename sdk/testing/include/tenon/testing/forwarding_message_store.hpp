// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "tenon/message_store.hpp"

namespace tenon::testing {

/// A store that passes everything on to another: for tests, which override what is to be otherwise.
/// Borrows the other one. Threads: as the other one.
class ForwardingMessageStore : public MessageStore {
 public:
  explicit ForwardingMessageStore(MessageStore& store) noexcept : store_(store) {}

  Result<AppendReceipt> append(const Message& message) override { return store_.append(message); }
  Result<AppendReceipt> append_batch(std::span<const Message> messages,
                                     std::span<PhysicalOffset> record_offsets) override {
    return store_.append_batch(messages, record_offsets);
  }
  ReadResult read(const ReadRequest& request) const override { return store_.read(request); }
  Result<StoredRecord> record_at(PhysicalOffset offset) const override { return store_.record_at(offset); }
  Result<StoredMessage> message_at(PhysicalOffset offset) const override { return store_.message_at(offset); }
  Result<KeyQueryResult> query_by_key(const KeyQuery& query) const override { return store_.query_by_key(query); }
  QueueBounds bounds(std::string_view topic, std::int32_t queue_id) const override {
    return store_.bounds(topic, queue_id);
  }
  Result<std::int64_t> store_time_at(std::string_view topic, std::int32_t queue_id, QueueOffset offset) const override {
    return store_.store_time_at(topic, queue_id, offset);
  }
  QueueOffset offset_at_time(std::string_view topic, std::int32_t queue_id, std::int64_t timestamp_ms,
                             TimeBoundary boundary) const override {
    return store_.offset_at_time(topic, queue_id, timestamp_ms, boundary);
  }
  Status delete_topic(std::string_view topic, PhysicalOffset below) override {
    return store_.delete_topic(topic, below);
  }
  StoreStatus status() const override { return store_.status(); }

 private:
  MessageStore& store_;
};

}  // namespace tenon::testing
