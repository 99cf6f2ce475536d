// SPDX-License-Identifier: Apache-2.0
#include "logstore/record_dispatch.hpp"

namespace tenon::logstore {

Status dispatch_record(QueueTable& queues, const TagsCodeTable& tags_codes, const record::RecordView& view,
                       std::vector<std::shared_ptr<ConsumeQueue>>& full) {
  const std::int32_t transaction = view.sys_flag() & sys_flag::transaction_mask;
  if (transaction == sys_flag::transaction_prepared || transaction == sys_flag::transaction_rollback) return {};
  if (view.queue_id() < 0 || view.queue_offset().value < 0 || view.topic().empty()) return {};
  const QueueKey key(view.topic(), view.queue_id());
  ConsumeQueue* queue = queues.find_for_append(key);
  if (queue == nullptr) queue = &queues.insert(key);
  const TagsCodeRule* rule = tags_codes.find(view.topic());
  const std::int64_t tags_code =
      rule == nullptr ? tags_code_of(view.properties()) : rule->tags_code(view.properties(), view.store_timestamp_ms());
  const IndexEntry entry{view.physical_offset(), view.total_size(), tags_code};
  if (view.queue_offset().value != queue->max()) return queue->restore(view.queue_offset().value, entry);
  if (queue->push(entry)) full.push_back(queue->shared_from_this());
  return {};
}

}  // namespace tenon::logstore
