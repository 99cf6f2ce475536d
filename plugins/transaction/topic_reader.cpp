// SPDX-License-Identifier: Apache-2.0
#include "topic_reader.hpp"

#include <variant>

#include "names.hpp"
#include "record/record_view.hpp"

namespace tenon::transaction {
namespace {

StoredMessage stored_message_of(const record::RecordView& record, std::shared_ptr<const void> pin) {
  StoredMessage stored;
  stored.message = record.message();
  stored.queue_offset = record.queue_offset();
  stored.physical_offset = record.physical_offset();
  stored.store_timestamp_ms = record.store_timestamp_ms();
  stored.pin = std::move(pin);
  return stored;
}

}  // namespace

std::optional<StoredMessage> TopicReader::read(QueueOffset offset, QueueOffset end) {
  while (offset < end) {
    if (offset >= next_ && next_.value >= 0) {
      if (auto found = next_of_run(offset)) {
        if (found->queue_offset >= end) return std::nullopt;
        return found;
      }
    }
    if (!fetch(offset)) return std::nullopt;
    if (run_.status == ReadStatus::found) {
      if (auto found = next_of_run(offset)) return found->queue_offset < end ? std::move(found) : std::nullopt;
    }
    // Nothing readable there: on behind it.
    offset = std::max(run_.next_queue_offset, offset + 1);
  }
  return std::nullopt;
}

bool TopicReader::fetch(QueueOffset offset) {
  ReadRequest request;
  request.topic = topic_;
  request.queue_id = kQueue;
  request.offset = offset;
  request.max_messages = run_max_;
  request.form = ReadForm::in_memory;
  run_ = store_.read(request);
  slice_ = position_ = 0;
  next_ = offset;
  switch (run_.status) {
    case ReadStatus::no_message_in_queue:
    case ReadStatus::offset_overflow_one:
    case ReadStatus::offset_overflow_badly:
      return false;
    case ReadStatus::offset_too_small:
      run_.next_queue_offset = std::max(run_.min_queue_offset, run_.next_queue_offset);
      return true;
    default:
      return true;
  }
}

std::optional<StoredMessage> TopicReader::next_of_run(QueueOffset offset) {
  for (; slice_ < run_.records.size(); ++slice_, position_ = 0) {
    const auto* slice = std::get_if<MemorySlice>(&run_.records[slice_]);
    while (slice != nullptr && position_ < slice->bytes.size()) {
      const auto record = record::RecordView::decode(slice->bytes.subspan(position_));
      if (!record) break;  // the rest of this slice cannot be told apart
      position_ += static_cast<std::size_t>(record->total_size());
      next_ = record->queue_offset() + 1;
      if (record->queue_offset() >= offset) return stored_message_of(*record, run_.pin);
    }
  }
  return std::nullopt;
}

bool lies_in_queue(const MessageStore& store, std::string_view topic, const StoredMessage& stored) {
  if (stored.message.topic != topic || stored.message.queue_id != kQueue) return false;
  const QueueBounds bounds = store.bounds(topic, kQueue);
  if (stored.queue_offset < bounds.min || stored.queue_offset >= bounds.max) return false;
  TopicReader reader(store, topic, 1);
  const auto held = reader.read(stored.queue_offset, stored.queue_offset + 1);
  return held && held->physical_offset == stored.physical_offset;
}

}  // namespace tenon::transaction
