// SPDX-License-Identifier: Apache-2.0
#include "logstore/record_dispatch.hpp"

#include "logstore/light_queues.hpp"

namespace tenon::logstore {

Status RecordDispatch::put(const QueueKey& key, std::int64_t at, const IndexEntry& entry,
                           std::vector<std::shared_ptr<ConsumeQueue>>& full) const {
  if (at < 0 || at > kQueueOffsetMax) return {};
  ConsumeQueue* queue = queues_.find_for_append(key);
  if (queue == nullptr) {
    if (!can_be_a_directory(key.topic)) return {};
    queue = &queues_.insert(key);
  }
  if (at != queue->max()) return queue->restore(at, entry);
  if (queue->push(entry)) full.push_back(queue->shared_from_this());
  return {};
}

Status RecordDispatch::dispatch(const record::RecordView& record,
                                std::vector<std::shared_ptr<ConsumeQueue>>& full) const {
  const std::int32_t transaction = record.sys_flag() & sys_flag::transaction_mask;
  if (transaction == sys_flag::transaction_prepared || transaction == sys_flag::transaction_rollback) return {};
  if (record.queue_id() < 0) return {};
  if (is_left_alone(record.topic())) return {};
  const TagsCodeRule* rule = tags_codes_.find(record.topic());
  const std::int64_t tags_code = rule == nullptr ? tags_code_of(record.properties())
                                                 : rule->tags_code(record.properties(), record.store_timestamp_ms());
  const IndexEntry entry{record.physical_offset(), record.total_size(), tags_code};
  if (Status done = put(QueueKey(record.topic(), record.queue_id()), record.queue_offset().value, entry, full); !done)
    return done;
  if (!look_for_light_queues_) return {};
  for (const LightEntry& light : light_entries_of(record)) {
    if (Status done = put(QueueKey(light.name, 0), light.offset, entry, full); !done) return done;
  }
  return {};
}

}  // namespace tenon::logstore
