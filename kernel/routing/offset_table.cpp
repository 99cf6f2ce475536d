// SPDX-License-Identifier: Apache-2.0
#include "routing/offset_table.hpp"

#include <random>
#include <set>

#include "routing/data_version.hpp"
#include "routing/group_name.hpp"
#include "routing/light_queues.hpp"
#include "routing/offsets_json.hpp"

namespace tenon::kernel {
namespace {

constexpr std::int64_t kCommitsPerVersion = 500;

const ConsumerOffsets::ByQueue& queues_in(const ConsumerOffsets::ByQueue& queues) { return queues; }
template <class Consumed>
const ConsumerOffsets::ByQueue& queues_in(const Consumed& consumed) {
  return consumed.queues;
}

template <class Table>
std::optional<QueueOffset> value_in(const Table& table, const GroupTopicView& key, std::int32_t queue_id) {
  const auto pair = table.find(key);
  if (pair == table.end()) return std::nullopt;
  const auto& queues = queues_in(pair->second);
  const auto queue = queues.find(queue_id);
  if (queue == queues.end()) return std::nullopt;
  return queue->second;
}

/// About what it takes on the wire.
std::size_t bytes_of(const GroupOffsets& one) {
  constexpr std::size_t kAround = 8, kNumbers = 24;
  return one.group.size() + one.topic.size() + kAround + one.offsets.size() * kNumbers;
}

/// Readers may be those of a slave that kept its place while this process was another one.
std::int64_t new_origin() {
  std::random_device random;
  return static_cast<std::int64_t>(std::uint64_t{random()} << 31 | random() >> 1);
}

}  // namespace

OffsetTable::OffsetTable(WallClock now, Logger log) : now_(std::move(now)), log_(log), origin_(new_origin()) {
  version_.timestamp_ms = now_();
}

OffsetTable::~OffsetTable() {
  if (file_) file_->close();
}

Status OffsetTable::load(const std::filesystem::path& directory, boost::asio::any_io_executor disk) {
  const auto take = [this](std::string_view content) -> Status {
    Result<OffsetsFile> decoded = decode_offsets(content);
    if (!decoded) return decoded.error();
    const std::scoped_lock lock(mutex_);
    for (GroupOffsets& entry : decoded->entries) {
      count_ += static_cast<std::int64_t>(entry.offsets.size());
      Consumed& consumed = at({entry.group, entry.topic});
      consumed.queues = std::move(entry.offsets);
      touch(consumed);
    }
    version_ = decoded->version;
    return {};
  };
  const std::filesystem::path usual = directory / "consumerOffset.json";
  Result<BackgroundFile::Opened> opened = BackgroundFile::open(
      limits_.light_queues ? directory / "lmqConsumerOffset.json" : usual, std::move(disk), take,
      [this] { return encode(); }, log_);
  if (!opened) return opened.error();
  file_ = std::move(opened->file);
  if (!limits_.light_queues || opened->existed) return {};
  const Result<bool> before = ConfigFile(usual).read(take, log_);
  return before ? Status{} : Status(before.error());
}

void OffsetTable::persist_if_changed() {
  if (!file_ || !dirty_.exchange(false)) return;
  file_->write([this](const Status& status) {
    if (!status) dirty_.store(true);
  });
}

void OffsetTable::stop() noexcept {
  if (file_) file_->finish();
}

std::string OffsetTable::encode() const {
  OffsetsFile file;
  {
    const std::scoped_lock lock(mutex_);
    file.version = version_;
  }
  file.entries = all();  // at least what that version stands for
  return limits_.light_queues ? encode_light_offsets(file) : encode_offsets(file);
}

void OffsetTable::changed() { dirty_.store(true, std::memory_order_relaxed); }

Status OffsetTable::admit(std::string_view group, std::string_view topic, std::int32_t queue_id) const {
  const bool light = limits_.light_queues && is_light(topic);
  if (Status named = validate_topic_name(topic); !named && !light) return named;
  if (group.empty() || group.size() > kGroupNameMax) {
    return Error(Errc::invalid_parameter, text("a group name of ", group.size(), " bytes, allowed are 1..255"));
  }
  if (queue_id < 0) return Error(Errc::invalid_parameter, text("queueId[", queue_id, "] is illegal"));
  if (!limits_.queues_of) return {};
  const std::int32_t queues = limits_.queues_of(topic);
  if (queues < 0) return Error(Errc::topic_not_exist, text("Topic ", topic, " not exist!"));
  if (queue_id < queues) return {};
  return Error(Errc::invalid_parameter,
               text("queueId[", queue_id, "] is illegal, topic[", topic, "] has ", queues, " queues"));
}

Status OffsetTable::store(std::string_view group, std::string_view topic, std::int32_t queue_id, QueueOffset offset) {
  const GroupTopicView key{group, topic};
  const auto found = offsets_.find(key);
  const bool is_new = found == offsets_.end() || !found->second.queues.contains(queue_id);
  if (is_new && count_ >= limits_.entries_max) {
    return Error(Errc::busy, text("there are ", count_, " consumer offsets already (broker.consumer_offsets_max)"));
  }
  Consumed& consumed = found != offsets_.end() ? found->second : at(key);
  consumed.queues[queue_id] = offset;
  if (is_new) ++count_;
  touch(consumed);
  if (++commits_ % kCommitsPerVersion == 0) advance(version_, now_());
  changed();
  return {};
}

OffsetTable::Consumed& OffsetTable::at(const GroupTopicView& key) {
  auto found = offsets_.find(key);
  if (found == offsets_.end()) {
    found = offsets_.try_emplace(GroupTopic(key)).first;
    found->second.key = &found->first;
  }
  return found->second;
}

void OffsetTable::touch(Consumed& consumed) {
  consumed.unlink();
  consumed.changed_at = ++changes_;
  by_change_.push_back(consumed);  // nothing has changed later
}

OffsetChanges OffsetTable::changes_since(std::int64_t origin, std::int64_t position, std::size_t bytes_max) const {
  OffsetChanges changes;
  changes.origin = origin_;
  const std::int64_t seen = origin == origin_ ? position : 0;
  std::size_t bytes = 0;
  const std::scoped_lock lock(mutex_);
  for (auto next = by_change_.upper_bound(seen); next != by_change_.end(); ++next) {
    changes.complete = bytes < bytes_max;
    if (!changes.complete) break;
    changes.offsets.push_back({next->key->group, next->key->topic, next->queues});
    changes.position = next->changed_at;
    bytes += bytes_of(changes.offsets.back());
  }
  if (changes.complete) changes.position = changes_;
  return changes;
}

Status OffsetTable::refused(Error error) const {
  if (limits_.count_refusal) limits_.count_refusal();
  return error;
}

bool OffsetTable::knows(std::string_view group, std::string_view topic, std::int32_t queue_id) const {
  const std::scoped_lock lock(mutex_);
  return value_in(offsets_, {group, topic}, queue_id).has_value();
}

Status OffsetTable::commit(std::string_view group, std::string_view topic, std::int32_t queue_id, QueueOffset offset) {
  if (offset.value < 0) return Error(Errc::invalid_parameter, text("offset ", offset, " is illegal"));
  if (!knows(group, topic, queue_id)) {
    // Without the lock: whoever knows the topics has one of its own.
    if (Status admitted = admit(group, topic, queue_id); !admitted) return refused(admitted.error());
  }
  Status stored;
  {
    const std::scoped_lock lock(mutex_);
    if (resets_pending_.load(std::memory_order_relaxed) > 0 && value_in(resets_, {group, topic}, queue_id)) return {};
    stored = store(group, topic, queue_id, offset);
  }
  return stored ? stored : refused(stored.error());
}

Status OffsetTable::take(const std::vector<GroupOffsets>& offsets) {
  const std::scoped_lock lock(mutex_);
  for (const GroupOffsets& one : offsets) {
    for (const auto& [queue_id, offset] : one.offsets) {
      const bool fits = queue_id >= 0 && offset.value >= 0 && !one.group.empty() && one.group.size() <= kGroupNameMax;
      if (!fits || value_in(offsets_, {one.group, one.topic}, queue_id) == offset) continue;
      if (Status stored = store(one.group, one.topic, queue_id, offset); !stored) return refused(stored.error());
    }
  }
  return {};
}

std::optional<QueueOffset> OffsetTable::find(std::string_view group, std::string_view topic,
                                             std::int32_t queue_id) const {
  const std::scoped_lock lock(mutex_);
  return value_in(offsets_, {group, topic}, queue_id);
}

Result<QueueOffset> OffsetTable::starting_offset(std::string_view group, std::string_view topic, std::int32_t queue_id,
                                                 bool zero_for_young_queue) const {
  {
    const std::scoped_lock lock(mutex_);
    if (const auto waiting = value_in(resets_, {group, topic}, queue_id)) return *waiting;
    if (const auto known = value_in(offsets_, {group, topic}, queue_id); known && known->value >= 0) return *known;
  }
  if (!zero_for_young_queue) {
    return Error(Errc::query_not_found, "Not found, do not set to zero, maybe this group boot first");
  }
  if (is_young_ && is_young_(topic, queue_id)) return QueueOffset{0};
  return Error(Errc::query_not_found, "Not found, V3_0_6_SNAPSHOT maybe this group consumer boot first");
}

Status OffsetTable::reset(std::string_view group, std::string_view topic, std::int32_t queue_id, QueueOffset offset) {
  if (!knows(group, topic, queue_id)) {
    if (Status admitted = admit(group, topic, queue_id); !admitted) return refused(admitted.error());
  }
  Status stored;
  {
    const std::scoped_lock lock(mutex_);
    stored = store(group, topic, queue_id, offset);
    if (stored && resets_[GroupTopic({group, topic})].insert_or_assign(queue_id, offset).second) {
      resets_pending_.fetch_add(1);
    }
  }
  return stored ? stored : refused(stored.error());
}

std::optional<QueueOffset> OffsetTable::take_reset(std::string_view group, std::string_view topic,
                                                   std::int32_t queue_id) {
  if (resets_pending_.load(std::memory_order_acquire) == 0) return std::nullopt;
  const std::scoped_lock lock(mutex_);
  const auto pair = resets_.find(GroupTopicView{group, topic});
  if (pair == resets_.end()) return std::nullopt;
  const auto queue = pair->second.find(queue_id);
  if (queue == pair->second.end()) return std::nullopt;
  const QueueOffset offset = queue->second;
  pair->second.erase(queue);
  if (pair->second.empty()) resets_.erase(pair);
  resets_pending_.fetch_sub(1);
  return offset;
}

ConsumerOffsets::ByQueue OffsetTable::of_topic(std::string_view group, std::string_view topic) const {
  const std::scoped_lock lock(mutex_);
  const auto found = offsets_.find(GroupTopicView{group, topic});
  return found == offsets_.end() ? ByQueue{} : found->second.queues;
}

std::vector<std::string> OffsetTable::topics_of(std::string_view group) const {
  std::set<std::string> topics;
  const std::scoped_lock lock(mutex_);
  for (const auto& [key, offsets] : offsets_) {
    if (key.group == group) topics.insert(key.topic);
  }
  return {topics.begin(), topics.end()};
}

std::vector<std::string> OffsetTable::groups_of(std::string_view topic) const {
  std::set<std::string> groups;
  const std::scoped_lock lock(mutex_);
  for (const auto& [key, offsets] : offsets_) {
    if (key.topic == topic) groups.insert(key.group);
  }
  return {groups.begin(), groups.end()};
}

std::vector<GroupOffsets> OffsetTable::all() const {
  std::vector<GroupOffsets> all;
  const std::scoped_lock lock(mutex_);
  all.reserve(offsets_.size());
  for (const auto& [key, consumed] : offsets_) all.push_back({key.group, key.topic, consumed.queues});
  return all;
}

template <class Matches>
void OffsetTable::remove_matching(Matches matches) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(offsets_, [&](const auto& entry) { return matches(entry.first); });
  count_ = 0;
  for (const auto& [key, consumed] : offsets_) count_ += static_cast<std::int64_t>(consumed.queues.size());
  std::int64_t left = 0;
  std::erase_if(resets_, [&](const auto& entry) { return matches(entry.first); });
  for (const auto& [key, queues] : resets_) left += static_cast<std::int64_t>(queues.size());
  resets_pending_.store(left);
  advance(version_, now_());
  changed();
}

void OffsetTable::remove_group(std::string_view group) {
  remove_matching([&](const GroupTopic& key) { return key.group == group; });
}

void OffsetTable::remove_topic(std::string_view topic) {
  remove_matching([&](const GroupTopic& key) { return key.topic == topic; });
}

}  // namespace tenon::kernel
