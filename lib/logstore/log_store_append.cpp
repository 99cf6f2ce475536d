// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <mutex>

#include "logstore/light_queues.hpp"
#include "logstore/log_store.hpp"
#include "record/property_crc.hpp"
#include "record/record_encoder.hpp"
#include "record/record_view.hpp"
#include "tenon/properties.hpp"

namespace tenon::logstore {
namespace {

/// Room for encoded records: on the stack for the usual sizes, a batch of some dozens of them among these, so that an
/// append allocates nothing.
class RecordBuffer {
 public:
  explicit RecordBuffer(std::size_t size) {
    if (size > sizeof small_) large_ = std::make_unique_for_overwrite<std::byte[]>(size);
  }
  std::byte* data() noexcept { return large_ ? large_.get() : small_; }

 private:
  std::byte small_[32 * 1024];
  std::unique_ptr<std::byte[]> large_;
};

std::int64_t tags_code(const Message& message) noexcept {
  return message.indexed ? message.indexed->tags_code() : tags_code_of(PropertiesView(message.properties));
}

/// The messages of a batch usually borrow one and the same topic.
bool same_queue(const Message& message, const Message& other) noexcept {
  const std::string_view topic = message.topic, of_other = other.topic;
  const bool same_text = topic.data() == of_other.data() && topic.size() == of_other.size();
  return message.queue_id == other.queue_id && (same_text || topic == of_other);
}

}  // namespace

std::int64_t LogStore::ruled_tags_code(const EncodedRecord& encoded, std::int64_t store_timestamp_ms) {
  const auto view = record::RecordView::decode({encoded.bytes, static_cast<std::size_t>(encoded.size)});
  return view ? encoded.rule->tags_code(view->properties(), store_timestamp_ms) : encoded.tags_code;
}

/// Half messages and rollbacks get no queue offset and no index entry. Source: store-format.md 2.8.
bool LogStore::is_counted(const Message& message) noexcept {
  const std::int32_t type = message.sys_flag & sys_flag::transaction_mask;
  return type != sys_flag::transaction_prepared && type != sys_flag::transaction_rollback;
}

LogStore::EncodedRecord LogStore::encoded_of(const Message& message, std::byte* bytes, std::size_t size) const {
  return {&message,
          bytes,
          static_cast<std::int64_t>(size),
          tags_code(message),
          message.born_host.is_v6(),
          tags_codes_.find(message.topic)};
}

Result<AppendReceipt> LogStore::append(const Message& message) {
  const bool extended = needs_more(message) || record::ends_with_property_crc(message.properties);
  return extended ? append_extended(message) : append_message(message);
}

Result<AppendReceipt> LogStore::append_message(const Message& message) {
  if (Status sizes = record::check_sizes(message, options_.limits); !sizes) return sizes.error();
  const QueueKey key(message.topic, message.queue_id);
  queues_.expect(key);
  const std::size_t size = record::encoded_size(message);
  RecordBuffer buffer(size);
  record::encode(message, buffer.data());
  EncodedRecord encoded = encoded_of(message, buffer.data(), size);
  return append_encoded(key, {&encoded, 1}, is_counted(message), {});
}

Result<AppendReceipt> LogStore::append_batch(std::span<const Message> messages,
                                             std::span<PhysicalOffset> record_offsets) {
  const bool extended = std::ranges::any_of(messages, [this](const Message& message) {
    return needs_more(message) || record::ends_with_property_crc(message.properties);
  });
  return extended ? append_batch_extended(messages, record_offsets) : append_messages(messages, record_offsets);
}

Result<AppendReceipt> LogStore::append_messages(std::span<const Message> messages,
                                                std::span<PhysicalOffset> record_offsets) {
  if (messages.empty()) return Error(Errc::message_illegal, "an empty batch");
  if (record_offsets.size() != messages.size())
    return Error(Errc::internal, "append_batch: one offset per message is wanted");
  std::size_t total = 0;
  for (const Message& message : messages) {
    if (!same_queue(message, messages[0])) return Error(Errc::message_illegal, "a batch for several queues");
    if (!is_counted(message)) return Error(Errc::message_illegal, "a batch with a transactional message");
    if (Status sizes = record::check_sizes(message, options_.limits); !sizes) return sizes.error();
    total += record::encoded_size(message);
  }
  RecordBuffer buffer(total);
  std::vector<EncodedRecord> encoded;
  encoded.reserve(messages.size());
  const TagsCodeRule* const rule = tags_codes_.find(messages[0].topic);
  std::byte* at = buffer.data();
  for (const Message& message : messages) {
    const std::size_t size = record::encode(message, at);
    encoded.push_back(
        {&message, at, static_cast<std::int64_t>(size), tags_code(message), message.born_host.is_v6(), rule});
    at += size;
  }
  return append_encoded(QueueKey(messages[0].topic, messages[0].queue_id), encoded, true, record_offsets);
}

/// For KeyIndex::hand_over(): all records are of one topic. Good until the next append of this thread.
std::span<const IndexFile::Key> LogStore::keys_of(std::span<const EncodedRecord> records) const {
  if (!options_.index_enabled) return {};
  thread_local RecordKeys of_thread;
  return collect_keys(records, of_thread);
}

/// Apart, because what is of the thread costs a call each time it is named.
[[gnu::noinline]] std::span<const IndexFile::Key> LogStore::collect_keys(std::span<const EncodedRecord> records,
                                                                         RecordKeys& found) const {
  found.keys().clear();
  found.set_topic(records[0].message->topic);
  IndexedProperties walked;
  for (PhysicalOffset at; const EncodedRecord& record : records) {
    const Message& message = *record.message;
    if (!message.indexed) walked = indexed_properties_of(PropertiesView(message.properties));
    const IndexedProperties& properties = message.indexed ? *message.indexed : walked;
    found.collect({message.sys_flag, properties, at}, options_.index_tags);
    if (found.keys().size() > KeyStretch::kKeysMax) break;  // more than can be handed over
    at += record.size;
  }
  return found.keys();
}

Result<AppendReceipt> LogStore::append_encoded(const QueueKey& key, std::span<EncodedRecord> records, bool counted,
                                               std::span<PhysicalOffset> record_offsets) {
  const std::int64_t now = options_.now_ms();
  std::vector<std::byte> bit_maps;
  if (bit_maps_ != nullptr && counted) [[unlikely]]
    bit_maps = add_bit_maps(key.topic, records);
  const std::span<const IndexFile::Key> keys = keys_of(records);
  const CommitLog::Handing handing = handing_of_thread();
  Result<Appended> appended = [&] {
    const std::lock_guard lock(append_lock_);
    Result<Appended> made = append_locked(key, records, counted, now, handing, record_offsets);
    if (made && options_.index_enabled) index_.hand_over(made->receipt, keys);
    return made;
  }();
  if (!appended) return appended.error();
  finish(*appended);
  if (handing == CommitLog::Handing::at_once) tell_watcher();
  return appended->receipt;
}

Result<LogStore::Appended> LogStore::append_locked(const QueueKey& key, std::span<EncodedRecord> records, bool counted,
                                                   std::int64_t now, CommitLog::Handing handing,
                                                   std::span<PhysicalOffset> record_offsets) {
  if (!writes_.granted()) [[unlikely]]
    return writes_.error();
  std::int64_t total = 0;
  for (const EncodedRecord& encoded : records) total += encoded.size;
  ConsumeQueue* queue = queues_.find_for_append(key);
  if (queue == nullptr && !can_be_a_directory(key.topic)) [[unlikely]]
    return Error(Errc::message_illegal, text("'", key.topic, "' cannot be a topic"));
  if (queue == nullptr && batch_queues_.has_topic(key.topic)) [[unlikely]]
    return Error(Errc::service_not_available, text("topic ", key.topic, " has got batch queues meanwhile"));
  if (queue == nullptr && is_light_queue(key.topic)) [[unlikely]] {
    if (Status room = room_for_light_queues({&key.topic, 1}); !room) return room.error();
  }
  const Result<PhysicalOffset> start = log_.place(total);
  if (!start) [[unlikely]]
    return start.error();

  std::int64_t first = 0;
  if (counted && queue != nullptr) {
    first = queue->max();
    queue->expect_push();
  }
  record::AppendFields fields{{first}, *start, store_time(now)};
  for (EncodedRecord& encoded : records) {
    record::patch(encoded.bytes, fields, encoded.born_host_v6);
    if (encoded.rule != nullptr) [[unlikely]]
      encoded.tags_code = ruled_tags_code(encoded, fields.store_timestamp_ms);
    if (options_.property_crc) [[unlikely]]
      record::write_property_crc({encoded.bytes, static_cast<std::size_t>(encoded.size)});
    if (counted) ++fields.queue_offset;
    fields.physical_offset += encoded.size;
  }
  const Status written = log_.write(*start, {records[0].bytes, static_cast<std::size_t>(total)}, handing);
  if (!written) [[unlikely]]
    return written.error();
  last_timestamp_ms_ = fields.store_timestamp_ms;

  Appended appended{{{first}, *start, fields.physical_offset, fields.store_timestamp_ms}, false, nullptr};
  log_.publish(appended.receipt.physical_end);
  if (counted) {
    if (queue == nullptr) [[unlikely]]
      queue = &queues_.insert(key);
    IndexExtension description{fields.store_timestamp_ms, {}};
    const IndexExtension* const described = options_.consume_queue_extension ? &description : nullptr;
    PhysicalOffset at = *start;
    for (std::size_t index = 0; index < records.size(); ++index) {
      if (!record_offsets.empty()) record_offsets[index] = at;
      // A store time that is not the one before the map was made may be later than the birth of a filter since.
      if (fields.store_timestamp_ms == now) description.bit_map = records[index].bit_map;
      if (queue->push({at, static_cast<std::int32_t>(records[index].size), records[index].tags_code, described}))
          [[unlikely]] {
        spill_wanted_.push_back(queue->shared_from_this());
      }
      at += records[index].size;
    }
    if (queue->unspilled() > kUnspilledMax) [[unlikely]]
      appended.far_ahead = queue->shared_from_this();
  }
  appended.wants_background_work = log_.wants_background_work(appended.receipt.physical_end);
  return appended;
}

thread_local std::uint64_t LogStore::gathering_ = 0;

CommitLog::Handing LogStore::handing_of_thread() const noexcept {
  return gathering_ == id_ ? CommitLog::Handing::may_gather : CommitLog::Handing::at_once;
}

Status LogStore::write_out() {
  if (gathering_ != id_) return {};
  gathering_ = 0;
  if (log_.written() != log_.max()) {
    Status written = [this] {
      const std::lock_guard lock(append_lock_);
      return log_.write_out();
    }();
    if (!written) {
      stop_writing(written.error());
      return written;
    }
  }
  tell_watcher();
  if (options_.flush == FlushMode::sync && !gate_.empty()) settle_waiters();
  return {};
}

/// Once an end, whichever threads got the log there.
void LogStore::tell_watcher() noexcept {
  LogWatcher* const watcher = watcher_.load(std::memory_order_acquire);
  if (watcher == nullptr) return;
  const std::int64_t end = log_.written().value;
  if (watcher_knows_.exchange(end) != end) watcher->log_grew();
}

void LogStore::follow_up(const Appended& appended) {
  if (appended.wants_background_work) {
    ahead_.wake();
    worker_.wake();
  }
  if (appended.far_ahead) {
    if (Status spilled = appended.far_ahead->spill(ConsumeQueue::Spill::full_blocks); !spilled)
      (void)on_queue_error(spilled.error(), appended.far_ahead);
  }
}

}  // namespace tenon::logstore
