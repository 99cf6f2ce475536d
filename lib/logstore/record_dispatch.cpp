// SPDX-License-Identifier: Apache-2.0
#include "logstore/record_dispatch.hpp"

#include <algorithm>

#include "logstore/light_queues.hpp"

namespace tenon::logstore {

bool lies_in(const record::RecordView& record, const ConsumeQueue& queue, std::int64_t at) {
  if (record.topic() == queue.topic())
    return record.queue_offset().value == at && record.queue_id() == queue.queue_id();
  return is_light_queue(queue.topic()) && std::ranges::any_of(light_entries_of(record), [&](const LightEntry& entry) {
           return entry.name == queue.topic() && entry.offset == at;
         });
}

Status RecordDispatch::put(const QueueKey& key, std::int64_t at, const IndexEntry& entry,
                           std::vector<std::shared_ptr<ConsumeQueue>>& full) const {
  if (at < 0 || at > kQueueOffsetMax) return {};
  ConsumeQueue* queue = queues_.find_for_append(key);
  if (queue != nullptr && queue->is_given_up() && queue->remove_files()) {
    // Its topic is being deleted and has been made again: this entry is one of the new queue.
    queues_.take_removed(key.topic);
    queue = nullptr;
  }
  if (queue == nullptr) {
    if (!can_be_a_directory(key.topic)) return {};
    queue = &queues_.insert(key);
  }
  if (at != queue->max()) return restore(*queue, at, entry);
  if (queue->push(entry)) full.push_back(queue->shared_from_this());
  return {};
}

/// No CRC is over the queue offset of a record. Offset 0 is believed: so begins a topic that was deleted and made
/// again.
Status RecordDispatch::restore(ConsumeQueue& queue, std::int64_t at, const IndexEntry& entry) const {
  const auto there = at > 0 && at < queue.max() ? queue.entry(at) : std::nullopt;
  if (there && there->physical_offset != entry.physical_offset && is_record_of(*there, queue, at)) return {};
  return queue.restore(at, entry);
}

bool RecordDispatch::is_record_of(const IndexEntry& entry, const ConsumeQueue& queue, std::int64_t at) const {
  const SegmentListPtr segments = log_.segments();
  const Segment* const segment = segments->find(entry.physical_offset);
  if (segment == nullptr || !is_valid(entry) || is_filler(entry)) return false;
  const auto record = record::RecordView::decode(segment->bytes_from(entry.physical_offset));
  return record && record->physical_offset() == entry.physical_offset && record->total_size() == entry.size_bytes &&
         lies_in(*record, queue, at);
}

bool is_its_unit(const record::RecordView& record, const BatchQueue& queue, const BatchUnit& unit) {
  const BatchUnit wanted = unit_of(record);
  return record.topic() == queue.topic() && record.queue_id() == queue.queue_id() &&
         wanted.physical_offset == unit.physical_offset && wanted.size_bytes == unit.size_bytes &&
         wanted.base == unit.base && wanted.count == unit.count;
}

/// As restore() does for other queues: no CRC is over the queue offset of a record, and 0 is believed.
bool RecordDispatch::is_unit_of_its_record(const BatchQueue& queue, std::int64_t offset, PhysicalOffset other) const {
  const auto position = queue.find(offset);
  const auto unit = position ? queue.unit(*position) : std::nullopt;
  if (!unit || unit->physical_offset == other || unit->base > offset) return false;
  const SegmentListPtr segments = log_.segments();
  const Segment* const segment = segments->find(unit->physical_offset);
  if (segment == nullptr) return false;
  const auto record = record::RecordView::decode(segment->bytes_from(unit->physical_offset));
  return record && is_its_unit(*record, queue, *unit);
}

Status RecordDispatch::put_unit(const record::RecordView& record) const {
  constexpr std::size_t kUnspilledMax = 4096;
  const BatchUnit unit = unit_of(record);
  if (unit.base < 0 || unit.base > kQueueOffsetMax) return {};
  BatchQueuePtr found = batch_queues_.for_append(record.topic(), record.queue_id());
  if (found->is_given_up() && found->remove_files()) {
    // As put() does with other queues.
    batch_queues_.take_removed(record.topic());
    found = batch_queues_.for_append(record.topic(), record.queue_id());
  }
  BatchQueue& queue = *found;
  if (unit.base == queue.max()) {
    queue.push(unit);
  } else if (unit.base > 0 && unit.base < queue.max() &&
             is_unit_of_its_record(queue, unit.base, unit.physical_offset)) {
    return {};
  } else if (Status restored = queue.restore(unit); !restored) {
    return restored;
  }
  return queue.unspilled() > kUnspilledMax ? queue.spill() : Status{};
}

bool RecordDispatch::has_entry(const record::RecordView& record) {
  const std::int32_t transaction = record.sys_flag() & sys_flag::transaction_mask;
  return transaction != sys_flag::transaction_prepared && transaction != sys_flag::transaction_rollback &&
         record.queue_id() >= 0;
}

bool RecordDispatch::leaves_a_gap(const record::RecordView& record) const {
  if (!has_entry(record)) return false;
  if (const BatchQueuePtr batches = batch_queues_.find(record.topic(), record.queue_id()))
    return record.queue_offset().value > batches->max();
  const ConsumeQueue* const queue = queues_.find_for_append(QueueKey(record.topic(), record.queue_id()));
  return record.queue_offset().value > (queue == nullptr ? 0 : queue->max());
}

/// None for a message of the future, as the clock of another broker may have it: filters that are added until then
/// would ask a map that was made without them.
std::vector<std::byte> RecordDispatch::bit_map_of(const record::RecordView& record) const {
  if (!describe_ || bit_maps_ == nullptr || record.store_timestamp_ms() > now_ms_()) return {};
  std::vector<std::byte> map(bit_maps_->size_bytes());
  return bit_maps_->calculate(record.topic(), record.properties(), map) ? map : std::vector<std::byte>();
}

Status RecordDispatch::dispatch(const record::RecordView& record,
                                std::vector<std::shared_ptr<ConsumeQueue>>& full) const {
  if (!has_entry(record)) return {};
  if (is_inner_batch(record) && !batch_queues_.has_topic(record.topic()) && can_be_a_directory(record.topic())) {
    // The log of another broker is faster than its table of topics, or a Java broker was killed before it made one.
    if (Status made = batch_queues_.make_directory(record.topic()); !made) return made;
    if (Status adopted = batch_queues_.adopt(record.topic(), queues_, log_); !adopted) return adopted;
  }
  if (batch_queues_.has_topic(record.topic())) return put_unit(record);
  const TagsCodeRule* rule = tags_codes_.find(record.topic());
  const std::int64_t tags_code = rule == nullptr ? tags_code_of(record.properties())
                                                 : rule->tags_code(record.properties(), record.store_timestamp_ms());
  const std::vector<std::byte> bit_map = bit_map_of(record);
  const IndexExtension description{record.store_timestamp_ms(), bit_map};
  IndexEntry entry{record.physical_offset(), record.total_size(), tags_code, describe_ ? &description : nullptr};
  if (Status done = put(QueueKey(record.topic(), record.queue_id()), record.queue_offset().value, entry, full); !done)
    return done;
  if (!look_for_light_queues_) return {};
  entry.extension = nullptr;
  for (const LightEntry& light : light_entries_of(record)) {
    if (Status done = put(QueueKey(light.name, 0), light.offset, entry, full); !done) return done;
  }
  return {};
}

}  // namespace tenon::logstore
