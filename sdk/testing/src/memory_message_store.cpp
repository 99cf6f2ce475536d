// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/memory_message_store.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "record/record_encoder.hpp"
#include "record/record_view.hpp"
#include "record/stored_message.hpp"
#include "tenon/testing/forwarding_message_store.hpp"

namespace tenon::testing {
namespace {

std::int64_t wall_clock_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

Error not_found(std::string_view what, std::int64_t where) {
  return {Errc::query_not_found, text("no ", what, " ", where)};
}

bool has_key(const PropertiesView& properties, std::string_view key) {
  if (properties.find(property::unique_key) == key) return true;
  std::string_view keys = properties.find(property::keys).value_or("");
  while (!keys.empty()) {
    const std::size_t space = keys.find(' ');
    if (keys.substr(0, space) == key) return true;
    keys = space == std::string_view::npos ? std::string_view{} : keys.substr(space + 1);
  }
  return false;
}

}  // namespace

/// The same store to who sees everything.
class MemoryMessageStore::WholeLog final : public ForwardingMessageStore {
 public:
  explicit WholeLog(MemoryMessageStore& store) : ForwardingMessageStore(store), store_(store) {}

  ReadResult read(const ReadRequest& request) const override { return store_.read_to(request, kUnbounded); }
  Result<KeyQueryResult> query_by_key(const KeyQuery& query) const override {
    return store_.query_to(query, kUnbounded);
  }
  QueueBounds bounds(std::string_view topic, std::int32_t queue_id) const override {
    return store_.bounds_to(topic, queue_id, kUnbounded);
  }
  Result<std::int64_t> store_time_at(std::string_view topic, std::int32_t queue_id, QueueOffset offset) const override {
    return store_.store_time_to(topic, queue_id, offset, kUnbounded);
  }
  QueueOffset offset_at_time(std::string_view topic, std::int32_t queue_id, std::int64_t timestamp_ms,
                             TimeBoundary boundary) const override {
    return store_.offset_at_time_to(topic, queue_id, timestamp_ms, boundary, kUnbounded);
  }

 private:
  MemoryMessageStore& store_;
};

MemoryMessageStore::MemoryMessageStore() : MemoryMessageStore(wall_clock_ms) {}
MemoryMessageStore::MemoryMessageStore(Clock now_ms)
    : now_ms_(std::move(now_ms)), whole_log_(std::make_unique<WholeLog>(*this)) {}
MemoryMessageStore::~MemoryMessageStore() = default;

MessageStore& MemoryMessageStore::whole_log() noexcept { return *whole_log_; }

Status MemoryMessageStore::set_readable_end(PhysicalOffset end) {
  readable_end_ = end.value;
  if (moved_) moved_(end);
  return {};
}

MemoryMessageStore::Shown MemoryMessageStore::shown(std::string_view topic, std::int32_t queue_id,
                                                    PhysicalOffset end) const {
  Shown shown{find(topic, queue_id)};
  if (shown.queue == nullptr) return shown;
  const auto& records = shown.queue->records;
  const auto hidden = std::ranges::partition_point(records, [end](const RecordPtr& stored) {
    return stored->physical_offset + static_cast<std::int64_t>(stored->bytes.size()) <= end.value;
  });
  shown.max = std::max<std::int64_t>(hidden - records.begin(), shown.queue->min);
  return shown;
}

ReadResult MemoryMessageStore::read(const ReadRequest& request) const { return read_to(request, readable_end()); }
Result<KeyQueryResult> MemoryMessageStore::query_by_key(const KeyQuery& query) const {
  return query_to(query, readable_end());
}
QueueBounds MemoryMessageStore::bounds(std::string_view topic, std::int32_t queue_id) const {
  return bounds_to(topic, queue_id, readable_end());
}
Result<std::int64_t> MemoryMessageStore::store_time_at(std::string_view topic, std::int32_t queue_id,
                                                       QueueOffset offset) const {
  return store_time_to(topic, queue_id, offset, readable_end());
}
QueueOffset MemoryMessageStore::offset_at_time(std::string_view topic, std::int32_t queue_id, std::int64_t timestamp_ms,
                                               TimeBoundary boundary) const {
  return offset_at_time_to(topic, queue_id, timestamp_ms, boundary, readable_end());
}

Status MemoryMessageStore::keep_batches(std::string_view topic) {
  const std::lock_guard lock(mutex_);
  batch_topics_.emplace(topic);
  return {};
}

/// How many queue offsets the message takes; mutex_ held.
Result<std::int64_t> MemoryMessageStore::messages_in(const Message& message) const {
  const bool flagged = (message.sys_flag & sys_flag::inner_batch) != 0, batches = batch_topics_.contains(message.topic);
  const auto said = PropertiesView(message.properties).find(property::inner_num);
  if (!flagged && !(batches && said)) return 1;
  std::int64_t count = 0;
  if (said) (void)std::from_chars(said->data(), said->data() + said->size(), count);
  if (flagged && batches && count >= 1 && count <= kInnerBatchMax) return count;
  return Error(Errc::message_illegal, "no inner batch, or none for this topic");
}

MemoryMessageStore::RecordPtr MemoryMessageStore::append_locked(const Message& sent, std::int64_t now_ms) {
  Queue& queue = queues_[{std::string(sent.topic), sent.queue_id}];
  auto stored = std::make_shared<Record>();
  stored->base = queue.max();
  stored->count = messages_in(sent).value();
  Message message = sent;
  std::string properties(sent.properties);
  if ((sent.sys_flag & sys_flag::inner_batch) != 0)
    set_property(properties, property::inner_base, std::to_string(stored->base));
  message.properties = properties;
  stored->bytes.resize(record::encoded_size(message));
  record::encode(message, stored->bytes.data());
  record::patch(stored->bytes.data(), {{queue.max()}, {end_}, now_ms}, message.born_host.is_v6());
  stored->physical_offset = end_;
  stored->store_timestamp_ms = now_ms;
  stored->tags_code = tags_code_of(PropertiesView(message.properties));
  end_ += static_cast<std::int64_t>(stored->bytes.size());
  queue.records.insert(queue.records.end(), static_cast<std::size_t>(stored->count), stored);
  log_.emplace(stored->physical_offset, stored);
  return stored;
}

Result<AppendReceipt> MemoryMessageStore::append_all(std::span<const Message> messages,
                                                     std::span<PhysicalOffset> record_offsets) {
  if (messages.empty()) return Error(Errc::message_illegal, "an empty batch");
  for (const Message& message : messages) {
    if (message.topic != messages[0].topic || message.queue_id != messages[0].queue_id) {
      return Error(Errc::message_illegal, "a batch for several queues");
    }
    if (Status sizes = record::check_sizes(message, {}); !sizes) return sizes.error();
  }
  const std::lock_guard lock(mutex_);
  if (!refusal_.empty()) return Error(Errc::service_not_available, refusal_);
  for (const Message& message : messages) {
    if (const auto count = messages_in(message); !count) return count.error();
  }
  const std::int64_t now = now_ms_();
  AppendReceipt receipt;
  for (std::size_t index = 0; index < messages.size(); ++index) {
    const RecordPtr stored = append_locked(messages[index], now);
    if (!record_offsets.empty()) record_offsets[index] = {stored->physical_offset};
    if (index > 0) continue;
    receipt.physical_offset = {stored->physical_offset};
    receipt.queue_offset = {stored->base};
  }
  receipt.physical_end = {end_};
  receipt.store_timestamp_ms = now;
  return receipt;
}

Result<AppendReceipt> MemoryMessageStore::append(const Message& message) { return append_all({&message, 1}, {}); }

Result<AppendReceipt> MemoryMessageStore::append_batch(std::span<const Message> messages,
                                                       std::span<PhysicalOffset> record_offsets) {
  return append_all(messages, record_offsets);
}

const MemoryMessageStore::Queue* MemoryMessageStore::find(std::string_view topic, std::int32_t queue_id) const {
  const auto found = queues_.find({std::string(topic), queue_id});
  return found == queues_.end() ? nullptr : &found->second;
}

/// Of an inner batch a filter on tags sees nothing; the client looks.
bool MemoryMessageStore::matches(const CompiledFilter& filter, const Record& stored) {
  const auto view = record::RecordView::decode(stored.bytes);
  if (filter.needs_properties() && !filter.match_properties(view->properties())) return false;
  if (!filter.needs_properties() && (view->sys_flag() & sys_flag::inner_batch) != 0) return true;
  return filter.match_index({view->physical_offset(), view->total_size(), stored.tags_code});
}

void MemoryMessageStore::collect(const Shown& shown, const ReadRequest& request, ReadResult& result) const {
  auto pins = std::make_shared<std::vector<RecordPtr>>();
  std::int64_t offset = request.offset.value;
  const std::int64_t limit = std::max<std::int64_t>(request.max_messages, 1);
  for (const Record* last = nullptr; offset < shown.max && result.message_count < limit; offset = last->end()) {
    const RecordPtr& stored = shown.queue->records[static_cast<std::size_t>(offset)];
    const auto size = static_cast<std::int64_t>(stored->bytes.size());
    if (result.message_count > 0 &&
        (result.total_bytes + size > request.max_bytes || result.message_count + stored->count > limit))
      break;
    last = stored.get();
    result.bytes_behind = end_ - stored->physical_offset - size;
    if (request.filter != nullptr && !matches(*request.filter, *stored)) continue;
    pins->push_back(stored);
    result.records.emplace_back(MemorySlice{stored->bytes});
    result.total_bytes += size;
    result.message_count += static_cast<std::int32_t>(stored->count);
  }
  result.next_queue_offset = {offset};
  result.pin = std::move(pins);
  result.status = result.message_count > 0 ? ReadStatus::found : ReadStatus::no_matched_message;
}

ReadResult MemoryMessageStore::read_to(const ReadRequest& request, PhysicalOffset end) const {
  ReadResult result;
  if (cold_ && request.wait == ReadWait::never) {
    result.status = ReadStatus::not_in_memory;
    return result;
  }
  const std::lock_guard lock(mutex_);
  const Shown shown = this->shown(request.topic, request.queue_id, end);
  const Queue* const queue = shown.queue;
  if (queue == nullptr) return result;
  result.min_queue_offset = {queue->min};
  result.max_queue_offset = {shown.max};
  if (request.offset.value < queue->min) {
    result.status = ReadStatus::offset_too_small;
    result.next_queue_offset = {queue->min};
  } else if (request.offset.value >= shown.max && request.offset.value <= queue->max()) {
    result.status = ReadStatus::offset_overflow_one;
    result.next_queue_offset = request.offset;
  } else if (request.offset.value > queue->max()) {
    result.status = ReadStatus::offset_overflow_badly;
    result.next_queue_offset = {shown.max};
  } else {
    collect(shown, request, result);
  }
  return result;
}

Result<StoredRecord> MemoryMessageStore::record_at(PhysicalOffset offset) const {
  const std::lock_guard lock(mutex_);
  const auto behind = log_.upper_bound(offset.value);
  if (behind == log_.begin()) return not_found("record starts at", offset.value);
  const auto& [begin, stored] = *std::prev(behind);
  const auto inside = static_cast<std::size_t>(offset.value - begin);
  if (inside >= stored->bytes.size()) return not_found("record starts at", offset.value);
  // A store on a disk cannot tell a record from one that a producer wrote into its body, and neither does this one.
  const auto view = record::RecordView::decode(std::span<const std::byte>(stored->bytes).subspan(inside));
  if (!view || view->physical_offset() != offset) return not_found("record starts at", offset.value);
  return StoredRecord{view->bytes(), stored};
}

Result<StoredMessage> MemoryMessageStore::message_at(PhysicalOffset offset) const {
  return record::decoded(record_at(offset));
}

Result<KeyQueryResult> MemoryMessageStore::query_to(const KeyQuery& query, PhysicalOffset end) const {
  KeyQueryResult result;
  const std::lock_guard lock(mutex_);
  for (auto at = log_.rbegin(); at != log_.rend(); ++at) {
    const RecordPtr& stored = at->second;
    const auto view = record::RecordView::decode(stored->bytes);
    if (static_cast<std::int32_t>(result.records.size()) >= query.max_messages) break;
    if (stored->store_timestamp_ms < query.begin_timestamp_ms || stored->store_timestamp_ms > query.end_timestamp_ms)
      continue;
    if (at->first + static_cast<std::int64_t>(stored->bytes.size()) > end.value) continue;
    if (view->topic() == query.topic && has_key(view->properties(), query.key))
      result.records.push_back({stored->bytes, stored});
  }
  std::reverse(result.records.begin(), result.records.end());
  if (!log_.empty()) {
    result.index_last_update_timestamp_ms = log_.rbegin()->second->store_timestamp_ms;
    result.index_last_update_physical_offset = {log_.rbegin()->first};
  }
  return result;
}

QueueBounds MemoryMessageStore::bounds_to(std::string_view topic, std::int32_t queue_id, PhysicalOffset end) const {
  const std::lock_guard lock(mutex_);
  const Shown shown = this->shown(topic, queue_id, end);
  return shown.queue == nullptr ? QueueBounds{} : QueueBounds{{shown.queue->min}, {shown.max}};
}

Result<std::int64_t> MemoryMessageStore::store_time_to(std::string_view topic, std::int32_t queue_id,
                                                       QueueOffset offset, PhysicalOffset end) const {
  const std::lock_guard lock(mutex_);
  const Shown shown = this->shown(topic, queue_id, end);
  const Queue* const queue = shown.queue;
  if (queue == nullptr || offset.value < queue->min || offset.value >= shown.max) {
    return not_found("message at queue offset", offset.value);
  }
  return queue->records[static_cast<std::size_t>(offset.value)]->store_timestamp_ms;
}

QueueOffset MemoryMessageStore::offset_at_time_to(std::string_view topic, std::int32_t queue_id,
                                                  std::int64_t timestamp_ms, TimeBoundary boundary,
                                                  PhysicalOffset end) const {
  const std::lock_guard lock(mutex_);
  const Shown shown = this->shown(topic, queue_id, end);
  const Queue* const queue = shown.queue;
  if (queue == nullptr || queue->min == shown.max) return {queue == nullptr ? 0 : queue->min};
  const auto first = queue->records.begin() + queue->min, last = queue->records.begin() + shown.max;
  if (boundary == TimeBoundary::lower) {
    const auto at = std::lower_bound(first, last, timestamp_ms, [](const RecordPtr& stored, std::int64_t ts) {
      return stored->store_timestamp_ms < ts;
    });
    if (at == last && batch_topics_.contains(topic)) return {std::max((*std::prev(at))->base, queue->min)};
    return {at - queue->records.begin()};
  }
  const auto at = std::upper_bound(first, last, timestamp_ms, [](std::int64_t ts, const RecordPtr& stored) {
    return ts < stored->store_timestamp_ms;
  });
  return {at == first ? queue->min : std::max((*std::prev(at))->base, queue->min)};
}

Status MemoryMessageStore::delete_topic(std::string_view topic, PhysicalOffset below) {
  const std::lock_guard lock(mutex_);
  std::erase_if(queues_, [&](const auto& entry) {
    const Queue& queue = entry.second;
    const auto first = static_cast<std::size_t>(queue.min);
    return entry.first.first == topic &&
           (queue.min == queue.max() || queue.records[first]->physical_offset < below.value);
  });
  if (std::ranges::any_of(queues_, [&](const auto& entry) { return entry.first.first == topic; })) return {};
  if (const auto batches = batch_topics_.find(topic); batches != batch_topics_.end()) batch_topics_.erase(batches);
  return {};
}

StoreStatus MemoryMessageStore::status() const {
  const std::lock_guard lock(mutex_);
  StoreStatus status;
  status.max_physical_offset = {end_};
  status.flushed_physical_offset = flushed_.value_or(PhysicalOffset{end_});
  if (!log_.empty()) status.earliest_store_timestamp_ms = log_.begin()->second->store_timestamp_ms;
  status.refuses_writes_because = refusal_;
  return status;
}

void MemoryMessageStore::refuse_writes(std::string reason) {
  const std::lock_guard lock(mutex_);
  refusal_ = std::move(reason);
}

void MemoryMessageStore::flush_up_to(std::optional<PhysicalOffset> flushed) {
  const std::lock_guard lock(mutex_);
  flushed_ = flushed;
}

void MemoryMessageStore::forget_before(std::string_view topic, std::int32_t queue_id, QueueOffset min) {
  const std::lock_guard lock(mutex_);
  Queue& queue = queues_[{std::string(topic), queue_id}];
  queue.min = std::clamp(min.value, queue.min, queue.max());
}

}  // namespace tenon::testing
