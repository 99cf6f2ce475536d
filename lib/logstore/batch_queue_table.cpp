// SPDX-License-Identifier: Apache-2.0
#include "logstore/batch_queue_table.hpp"

#include <mutex>

namespace tenon::logstore {
namespace {

/// Files of a queue go oldest first, and only when all of it has been moved and is on disk: then what is left of it
/// must not take the place of what was moved.
bool is_moved(const ConsumeQueue& from, const BatchQueue& to) {
  return to.begin() < to.end() && (from.min() == from.max() || to.min() < from.min());
}

}  // namespace

Status BatchQueueTable::load(PhysicalOffset trusted_below) {
  const auto directories = list_queues(storage_.file_system, StoreLayout(storage_.options).batch_consume_queue);
  if (!directories) return directories.error();
  for (const auto& [topic, queue_ids] : *directories) {
    {
      const std::unique_lock lock(mutex_);
      topics_.try_emplace(topic);
      any_ = true;
    }
    for (const std::int32_t id : queue_ids) {
      if (Status loaded = insert(topic, id)->load(trusted_below); !loaded) return loaded;
    }
  }
  return {};
}

bool BatchQueueTable::has_topic(std::string_view topic) const {
  if (!any()) return false;
  const std::shared_lock lock(mutex_);
  return topics_.contains(topic);
}

BatchQueuePtr BatchQueueTable::insert(std::string_view topic, std::int32_t queue_id) {
  auto queue = std::make_shared<BatchQueue>(storage_, std::string(topic), queue_id);
  const std::unique_lock lock(mutex_);
  return topics_.find(topic)->second.insert_or_assign(queue_id, std::move(queue)).first->second;
}

Status BatchQueueTable::make_directory(std::string_view topic) const {
  const std::filesystem::path root = StoreLayout(storage_.options).batch_consume_queue;
  if (Status made = storage_.file_system.create_directories(root / std::string(topic)); !made) return made;
  if (Status synced = storage_.file_system.sync_directory(root.parent_path()); !synced) return synced;
  return storage_.file_system.sync_directory(root);
}

Status BatchQueueTable::adopt(std::string_view topic, QueueTable& simple, const CommitLog& log) {
  const auto moved = simple.of_topic(topic);
  Queues made;
  for (const auto& queue : moved) {
    const BatchQueuePtr before = find(topic, queue->queue_id());
    if (before && is_moved(*queue, *before)) continue;
    if (Status removed = before ? before->remove_files() : Status{}; !removed) return removed;
    const auto to = std::make_shared<BatchQueue>(storage_, std::string(topic), queue->queue_id());
    if (Status entries = move_entries(*queue, *to, log); !entries) return entries;
    made.emplace(queue->queue_id(), to);
  }
  for (const auto& queue : moved) {
    if (Status removed = queue->remove_files(); !removed) return removed;
  }
  simple.take_topic(topic);
  {
    const std::unique_lock lock(mutex_);
    Queues& queues = topics_.try_emplace(std::string(topic)).first->second;
    for (auto& [id, queue] : made) queues.insert_or_assign(id, std::move(queue));
    any_ = true;
  }
  return storage_.file_system.remove_empty_directory(StoreLayout(storage_.options).consume_queue / std::string(topic));
}

/// They are on disk when this returns. What the log does not have (any more) is left out.
Status BatchQueueTable::move_entries(ConsumeQueue& from, BatchQueue& to, const CommitLog& log) const {
  const SegmentListPtr segments = log.segments();
  for (std::int64_t at = from.min(); at < from.max(); ++at) {
    const auto entry = from.look_up(at);
    if (!entry) return entry.error();
    if (!is_valid(*entry) || is_filler(*entry)) continue;
    const Segment* const segment = segments->find(entry->physical_offset);
    if (segment == nullptr) continue;
    const auto record = record::RecordView::decode(segment->bytes_from(entry->physical_offset));
    if (!record || record->physical_offset() != entry->physical_offset) continue;
    BatchUnit unit = unit_of(*record);
    unit.base = at;
    to.push(unit);
  }
  if (Status spilled = to.spill(); !spilled) return spilled;
  return to.sync();
}

/// A topic that has queues of the other kind still was not moved wholly, and has got nothing since.
Status BatchQueueTable::finish_adoptions(QueueTable& simple, const CommitLog& log) {
  std::vector<std::string> topics;
  for (const auto& [topic, queues] : topics_) topics.push_back(topic);
  for (const std::string& topic : topics) {
    if (simple.of_topic(topic).empty()) continue;
    if (Status adopted = adopt(topic, simple, log); !adopted) return adopted;
  }
  return {};
}

BatchQueuePtr BatchQueueTable::find(std::string_view topic, std::int32_t queue_id) const {
  if (!any()) return nullptr;
  const std::shared_lock lock(mutex_);
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return nullptr;
  const auto queue = found->second.find(queue_id);
  return queue == found->second.end() ? nullptr : queue->second;
}

BatchQueuePtr BatchQueueTable::for_append(std::string_view topic, std::int32_t queue_id) {
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return nullptr;
  const auto queue = found->second.find(queue_id);
  return queue != found->second.end() ? queue->second : insert(topic, queue_id);
}

std::vector<BatchQueuePtr> BatchQueueTable::all() const {
  std::vector<BatchQueuePtr> all;
  if (!any()) return all;
  const std::shared_lock lock(mutex_);
  for (const auto& [topic, queues] : topics_) {
    for (const auto& [id, queue] : queues) all.push_back(queue);
  }
  return all;
}

std::vector<BatchQueuePtr> BatchQueueTable::of_topic(std::string_view topic) const {
  std::vector<BatchQueuePtr> all;
  const std::shared_lock lock(mutex_);
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return all;
  for (const auto& [id, queue] : found->second) all.push_back(queue);
  return all;
}

Status BatchQueueTable::cut_from(PhysicalOffset from) {
  for (const BatchQueuePtr& queue : all()) {
    if (Status cut = queue->cut_from(from); !cut) return cut;
  }
  return {};
}

void BatchQueueTable::take_removed(std::string_view topic) {
  const std::unique_lock lock(mutex_);
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return;
  std::erase_if(found->second, [](const auto& queue) { return queue.second->has_no_files(); });
}

bool BatchQueueTable::keep(std::string_view topic) {
  if (const auto deleted = deleted_.find(topic); deleted != deleted_.end()) deleted_.erase(deleted);
  return topics_.contains(topic);
}

void BatchQueueTable::take_deleted(std::string_view topic) {
  const auto deleted = deleted_.find(topic);
  if (deleted == deleted_.end()) return;
  deleted_.erase(deleted);
  const std::unique_lock lock(mutex_);
  const auto found = topics_.find(topic);
  if (found != topics_.end() && found->second.empty()) topics_.erase(found);
}

Status BatchQueueTable::remove_all_files() {
  for (auto& [topic, queues] : topics_) {
    for (const auto& [id, queue] : queues) {
      if (Status removed = queue->remove_files(); !removed) return removed;
    }
    queues.clear();
  }
  return {};
}

BatchQueuePtr BatchQueueTable::newest(BatchUnit& unit) const {
  BatchQueuePtr newest;
  for (const BatchQueuePtr& queue : all()) {
    const auto last = queue->begin() < queue->end() ? queue->unit(queue->end() - 1) : std::nullopt;
    if (!last || (newest && last->physical_offset < unit.physical_offset)) continue;
    newest = queue;
    unit = *last;
  }
  return newest;
}

Status BatchQueueTable::spill() const {
  for (const BatchQueuePtr& queue : all()) {
    if (queue->unspilled() == 0) continue;
    if (Status spilled = queue->spill(); !spilled) return spilled;
  }
  return {};
}

Status BatchQueueTable::sync() const {
  for (const BatchQueuePtr& queue : all()) {
    if (Status synced = queue->sync(); !synced) return synced;
  }
  return {};
}

}  // namespace tenon::logstore
