// SPDX-License-Identifier: Apache-2.0
// Appends to topics with batch queues: a record may hold many messages, and says so in its properties.
#include <algorithm>
#include <mutex>
#include <system_error>

#include "logstore/log_store.hpp"
#include "record/property_crc.hpp"
#include "record/record_encoder.hpp"
#include "tenon/properties.hpp"

namespace tenon::logstore {
namespace {

/// Source: RocketMQ HookUtils.checkInnerBatch; store-format.md 6.1.
Result<std::int16_t> messages_in(const Message& message) {
  const PropertiesView properties(message.properties);
  const auto count = inner_count(properties);
  if (!is_flagged(message)) {
    if (!properties.find(property::inner_num)) return std::int16_t{1};
    return Error(Errc::message_illegal, text("a message with ", property::inner_num, " that is no inner batch"));
  }
  if (count) return *count;
  return Error(Errc::message_illegal,
               text("an inner batch whose ", property::inner_num, " is not in 1..", kInnerBatchMax));
}

}  // namespace

Status LogStore::keep_batches(std::string_view topic) {
  if (!can_be_a_directory(topic)) return Error(Errc::invalid_parameter, text("'", topic, "' cannot be a topic"));
  {
    const std::lock_guard lock(append_lock_);
    if (batch_queues_.keep(topic)) return {};
  }
  if (Status made = batch_queues_.make_directory(topic); !made) return made;
  {
    const std::lock_guard lock(append_lock_);
    if (batch_queues_.keep(topic)) return {};
    std::erase_if(spill_wanted_, [&](const auto& queue) { return queue->topic() == topic; });
    if (Status adopted = batch_queues_.adopt(topic, queues_, log_); !adopted) {
      // Queues of both kinds may have lost files; the next start finishes it.
      stop_writing(adopted.error());
      return adopted;
    }
  }
  // Gone when the topic was being deleted.
  return file_system_.exists(layout_.batch_consume_queue / std::string(topic)) ? Status{}
                                                                               : batch_queues_.make_directory(topic);
}

/// After its queues were deleted, unless others have come, or it was made again. Its directory says that it is one of
/// these topics, so whoever makes it one again while that is removed gets it again.
Status LogStore::forget_empty_batch_topic(std::string_view topic) {
  {
    const std::lock_guard lock(append_lock_);
    batch_queues_.take_deleted(topic);
    if (batch_queues_.has_topic(topic)) return {};
  }
  if (Status removed = file_system_.remove_empty_directory(layout_.batch_consume_queue / std::string(topic)); !removed)
    return removed;
  {
    const std::lock_guard lock(append_lock_);
    if (!batch_queues_.has_topic(topic)) return {};
  }
  return batch_queues_.make_directory(topic);
}

/// All records of one queue, all or none.
Result<AppendReceipt> LogStore::append_to_batch_queue(std::span<const Message> messages,
                                                      std::span<PhysicalOffset> record_offsets) {
  std::vector<BatchUnit> units;
  units.reserve(messages.size());
  for (const Message& message : messages) {
    if (message.topic != messages[0].topic || message.queue_id != messages[0].queue_id)
      return Error(Errc::message_illegal, "a batch for several queues");
    if (!is_counted(message)) return Error(Errc::message_illegal, "a transactional message for a batch queue");
    const auto count = messages_in(message);
    if (!count) return count.error();
    BatchUnit& unit = units.emplace_back();
    unit.count = *count;
    unit.tags_code = tags_code_of(PropertiesView(message.properties));
  }
  const std::int64_t now = options_.now_ms();
  Result<Appended> appended = [&] {
    const std::lock_guard lock(append_lock_);
    return append_units(messages, units, now);
  }();
  if (!appended) return appended.error();
  for (std::size_t index = 0; index < record_offsets.size(); ++index)
    record_offsets[index] = units[index].physical_offset;
  finish(*appended);
  if (gathering_ != id_) tell_watcher();
  const BatchQueuePtr queue = batch_queues_.find(messages[0].topic, messages[0].queue_id);
  if (queue && queue->unspilled() > static_cast<std::size_t>(kUnspilledMax)) spill_batch_queues();
  return appended->receipt;
}

/// Append lock held. A record says at which offset it lies, so it can be encoded under the lock only.
Result<LogStore::Appended> LogStore::append_units(std::span<const Message> messages, std::span<BatchUnit> units,
                                                  std::int64_t now) {
  if (!writes_.granted()) return writes_.error();
  const BatchQueuePtr queue = batch_queues_.for_append(messages[0].topic, messages[0].queue_id);
  if (!queue) return Error(Errc::service_not_available, text("topic ", messages[0].topic, " was deleted meanwhile"));
  std::vector<std::byte> bytes;
  const std::int64_t base = queue->max();
  if (Status encoded = encode_units(messages, units, base, bytes); !encoded) return encoded.error();
  const Result<PhysicalOffset> start = log_.place(static_cast<std::int64_t>(bytes.size()));
  if (!start) return start.error();
  const std::int64_t time = store_time(now);
  std::byte* at = bytes.data();
  for (std::size_t index = 0; index < units.size(); ++index) {
    BatchUnit& unit = units[index];
    unit.physical_offset = *start + (at - bytes.data());
    unit.store_timestamp_ms = time;
    record::patch(at, {{unit.base}, unit.physical_offset, time}, messages[index].born_host.is_v6());
    if (options_.property_crc) record::write_property_crc({at, static_cast<std::size_t>(unit.size_bytes)});
    at += unit.size_bytes;
  }
  const auto handing = gathering_ == id_ ? CommitLog::Handing::may_gather : CommitLog::Handing::at_once;
  if (Status written = log_.write(*start, bytes, handing); !written) return written.error();
  last_timestamp_ms_ = time;
  Appended appended{{{base}, *start, *start + static_cast<std::int64_t>(bytes.size()), time}, false, nullptr};
  log_.publish(appended.receipt.physical_end);
  for (const BatchUnit& unit : units) queue->push(unit);
  appended.wants_background_work = log_.wants_background_work(appended.receipt.physical_end);
  return appended;
}

Status LogStore::encode_units(std::span<const Message> messages, std::span<BatchUnit> units, std::int64_t base,
                              std::vector<std::byte>& bytes) const {
  for (std::size_t index = 0; index < units.size(); ++index) {
    BatchUnit& unit = units[index];
    Message with = messages[index];
    std::string properties(with.properties);
    if (is_flagged(with)) set_property(properties, property::inner_base, std::to_string(base));
    properties = checkable(properties);
    with.properties = properties;
    if (Status sizes = record::check_sizes(with, options_.limits); !sizes) return sizes;
    const std::size_t at = bytes.size();
    bytes.resize(at + record::encoded_size(with));
    unit.size_bytes = static_cast<std::int32_t>(record::encode(with, bytes.data() + at));
    unit.base = base;
    base = unit.end();
  }
  return {};
}

/// Units stay in memory until there is space again, so nothing is lost; but no new ones may come meanwhile.
void LogStore::spill_batch_queues() {
  if (!batch_queues_.any()) return;
  const Status spilled = batch_queues_.spill();
  if (spilled) return writes_.allow(Refusal::batch_queue_disk_full);
  if (spilled.error().code() != std::errc::no_space_on_device) return stop_writing(spilled.error());
  writes_.refuse(Refusal::batch_queue_disk_full, text("the disk is full: ", spilled.error().message()));
}

Status LogStore::checkpoint_batch_queues() {
  spill_batch_queues();
  for (const BatchQueuePtr& queue : batch_queues_.all()) {
    if (queue->unspilled() > 0 && !writes_.granted()) return writes_.error();
  }
  if (Status synced = batch_queues_.sync(); !synced) return stop_after(synced);
  return {};
}

}  // namespace tenon::logstore
