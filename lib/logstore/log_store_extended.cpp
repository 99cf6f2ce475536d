// SPDX-License-Identifier: Apache-2.0
// Appends that need more than a record and its queue entry, each only where a key or the directory asks for it: the CRC
// over the whole record, light queues, batch queues.
#include <algorithm>
#include <mutex>

#include "logstore/light_queues.hpp"
#include "logstore/log_store.hpp"
#include "record/property_crc.hpp"
#include "record/record_encoder.hpp"
#include "tenon/properties.hpp"

namespace tenon::logstore {
namespace {

Error not_a_batch_topic(std::string_view topic) {
  return {Errc::message_illegal, text("an inner batch for topic ", topic, ", which has no batch queues")};
}

}  // namespace

/// What a Java broker has left in the directory, and what the keys ask for.
Status LogStore::look_for_extensions(const QueueTrust& trust) {
  if (Status loaded = batch_queues_.load(trust.below); !loaded) return loaded;
  if (Status adopted = batch_queues_.finish_adoptions(queues_, log_); !adopted) return adopted;
  const bool looks_for_light_queues = options_.light_queues || queues_.light_queues() > 0;
  extended_appends_ = options_.property_crc || looks_for_light_queues;
  dispatch_.look_for_light_queues(looks_for_light_queues);
  dispatch_.describe(options_.consume_queue_extension, bit_maps_, options_.now_ms);
  return load_queue_extensions();
}

Status LogStore::load_queue_extensions() {
  return file_system_.exists(layout_.consume_queue_extension) ? queues_.load_extensions() : Status{};
}

/// Outside the append lock, so that a filter which is added meanwhile is younger than the store time, and asks no map
/// that was made without it.
std::vector<std::byte> LogStore::add_bit_maps(std::string_view topic, std::span<EncodedRecord> records) const {
  const std::size_t size = bit_maps_->size_bytes();
  std::vector<std::byte> maps(size * records.size());
  for (std::size_t at = 0; at < records.size(); ++at) {
    const auto view = record::RecordView::decode({records[at].bytes, static_cast<std::size_t>(records[at].size)});
    const std::span<std::byte> map = std::span(maps).subspan(at * size, size);
    if (!view || !bit_maps_->calculate(topic, view->properties(), map)) continue;
    records[at].bit_map = map;
  }
  return maps;
}

/// With room for a CRC, or at least without one that a client has made up or copied: with property_crc set some day, a
/// recovery would take the record for damaged, and end the log there.
std::string LogStore::checkable(std::string_view properties) const {
  if (options_.property_crc) return record::with_room_for_property_crc(properties);
  return record::ends_with_property_crc(properties) ? record::without_property_crc(properties)
                                                    : std::string(properties);
}

Result<AppendReceipt> LogStore::append_extended(const Message& message) {
  if (batch_queues_.has_topic(message.topic)) return append_to_batch_queue({&message, 1}, {});
  if (is_flagged(message)) return not_a_batch_topic(message.topic);
  if (options_.light_queues && is_counted(message)) {
    const auto names = light_queues_of(message);
    if (!names) return names.error();
    if (!names->empty()) return append_to_light_queues(message, *names);
  }
  // Offsets in light queues that nobody has given it: a recovery would believe them.
  const bool is_made_up = extended_appends_ && PropertiesView(message.properties).find(kMultiQueueOffset).has_value();
  if (!is_made_up && !options_.property_crc && !record::ends_with_property_crc(message.properties))
    return append_message(message);
  std::string properties(message.properties);
  if (is_made_up) remove_property(properties, kMultiQueueOffset);
  properties = checkable(properties);
  Message with = message;
  with.properties = properties;
  return append_message(with);
}

Result<AppendReceipt> LogStore::append_batch_extended(std::span<const Message> messages,
                                                      std::span<PhysicalOffset> record_offsets) {
  if (!messages.empty() && batch_queues_.has_topic(messages[0].topic)) {
    if (record_offsets.size() != messages.size())
      return Error(Errc::internal, "append_batch: one offset per message is wanted");
    return append_to_batch_queue(messages, record_offsets);
  }
  const auto flagged = std::ranges::find_if(messages, is_flagged);
  if (flagged != messages.end()) return not_a_batch_topic(flagged->topic);
  std::vector<std::string> properties;
  std::vector<Message> with(messages.begin(), messages.end());
  properties.reserve(with.size());
  for (Message& message : with) {
    std::string& own = properties.emplace_back(message.properties);
    // A batch is in no light queue; what a client has copied or made up would put it there in a recovery.
    if (PropertiesView(own).find(kMultiQueueOffset)) remove_property(own, kMultiQueueOffset);
    own = checkable(own);
    message.properties = own;
  }
  return append_messages(with, record_offsets);
}

/// The record says at which offsets it lies in the light queues, so it can be encoded under the lock only.
Result<AppendReceipt> LogStore::append_to_light_queues(const Message& message,
                                                       std::span<const std::string_view> names) {
  if (Status sizes = record::check_sizes(message, options_.limits); !sizes) return sizes.error();
  const std::int64_t now = options_.now_ms();
  Result<Appended> appended = [&]() -> Result<Appended> {
    const std::lock_guard lock(append_lock_);
    if (Status room = room_for_light_queues(names); !room) return room.error();
    std::vector<std::int64_t> offsets;
    const std::string properties = properties_with_offsets(message, names, offsets);
    Message with = message;
    with.properties = properties;
    if (Status sizes = record::check_sizes(with, options_.limits); !sizes) return sizes.error();
    std::vector<std::byte> bytes(record::encoded_size(with));
    if (bytes.size() > options_.limits.body_bytes_max)
      return Error(Errc::message_illegal, text("a record of ", bytes.size(), " bytes for light queues"));
    record::encode(with, bytes.data());
    EncodedRecord encoded = encoded_of(with, bytes.data(), bytes.size());
    auto made = append_locked(QueueKey(with.topic, with.queue_id), {&encoded, 1}, true, now, handing_of_thread(), {});
    if (!made) return made;
    const IndexEntry entry{made->receipt.physical_offset, static_cast<std::int32_t>(encoded.size), encoded.tags_code};
    for (std::size_t at = 0; at < names.size(); ++at)
      put_light_entry(QueueKey(names[at], 0), offsets[at], entry, *made);
    return made;
  }();
  if (!appended) return appended.error();
  finish(*appended);
  if (gathering_ != id_) tell_watcher();
  return appended->receipt;
}

/// Append lock held.
Status LogStore::room_for_light_queues(std::span<const std::string_view> names) {
  const std::size_t there = queues_.light_queues();
  if (there + names.size() <= options_.light_queues_max) return {};
  const auto fresh = std::ranges::count_if(
      names, [this](std::string_view name) { return queues_.find_for_append(QueueKey(name, 0)) == nullptr; });
  if (there + static_cast<std::size_t>(fresh) <= options_.light_queues_max) return {};
  return Error(Errc::internal,
               text("[LMQ_CONSUME_QUEUE_NUM_EXCEEDED] there are ", there, " light queues already (light_queues_max)"));
}

std::string LogStore::properties_with_offsets(const Message& message, std::span<const std::string_view> names,
                                              std::vector<std::int64_t>& offsets) {
  std::string list;
  for (const std::string_view name : names) {
    const ConsumeQueue* const queue = queues_.find_for_append(QueueKey(name, 0));
    offsets.push_back(queue == nullptr ? 0 : queue->max());
    if (!list.empty()) list.push_back(',');
    list += std::to_string(offsets.back());
  }
  std::string properties(message.properties);
  set_property(properties, kMultiQueueOffset, list);
  return checkable(properties);
}

/// A queue that a message names twice gets one entry. `key`: light_queues_of() has looked at the name.
void LogStore::put_light_entry(const QueueKey& key, std::int64_t offset, const IndexEntry& entry, Appended& appended) {
  ConsumeQueue* queue = queues_.find_for_append(key);
  if (queue == nullptr) queue = &queues_.insert(key);
  if (queue->max() == offset && queue->push(entry)) spill_wanted_.push_back(queue->shared_from_this());
  if (queue->unspilled() > kUnspilledMax) [[unlikely]]
    appended.far_ahead = queue->shared_from_this();
}

}  // namespace tenon::logstore
