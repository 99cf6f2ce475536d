// SPDX-License-Identifier: Apache-2.0
#include "storetools/delivery_times.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "logstore/options.hpp"
#include "logstore/queue_entry.hpp"
#include "storetools/reading_file_system.hpp"

namespace tenon::storetools {
namespace {

/// RocketMQ's messageDelayLevel, in seconds.
constexpr std::array<std::int64_t, 18> kDefaultDelays = {1,   5,   10,  30,  60,  120,  180,  240,  300,
                                                         360, 420, 480, 540, 600, 1200, 1800, 3600, 7200};

constexpr std::int64_t kDelayMaxMs = 10LL * 366 * 24 * 3600 * 1000;

}  // namespace

bool is_delay(std::int64_t delay_ms) noexcept {
  return delay_ms >= 0 && delay_ms <= kDelayMaxMs && delay_ms % 1000 == 0;
}

std::int32_t delay_level_of(const PropertiesView& properties) noexcept {
  const std::string_view value = properties.find(property::delay).value_or("");
  std::int32_t level = 0;
  std::from_chars(value.data(), value.data() + value.size(), level);
  return std::max(level, 0);
}

void DeliveryTimes::learn(const record::RecordView& record, const IndexEntry& entry) {
  const std::int64_t stored_ms = record.store_timestamp_ms();
  const bool is_its_own = entry.physical_offset == record.physical_offset() && entry.size_bytes == record.total_size();
  if (!is_its_own || entry.tags_code < stored_ms || stored_ms < 0 || !is_delay(entry.tags_code - stored_ms)) return;
  const std::int64_t delay_ms = entry.tags_code - stored_ms;
  Level& level = levels_[delay_level_of(record.properties())];
  ++level.records[delay_ms];
  if (level.runs.empty() || level.runs.back().delay_ms != delay_ms || level.runs.back().last_ms > stored_ms)
    level.runs.push_back({stored_ms, stored_ms, delay_ms});
  level.runs.back().last_ms = stored_ms;
}

std::int64_t DeliveryTimes::delay_of(const Level& level, std::int64_t store_timestamp_ms) noexcept {
  for (const Run& run : level.runs) {
    if (run.first_ms <= store_timestamp_ms && store_timestamp_ms <= run.last_ms) return run.delay_ms;
  }
  return std::ranges::max_element(level.records, {}, [](const auto& delay) { return delay.second; })->first;
}

std::int64_t DeliveryTimes::tags_code(const PropertiesView& properties,
                                      std::int64_t store_timestamp_ms) const noexcept {
  const std::int32_t level = delay_level_of(properties);
  if (level == 0) return tags_code_of(properties);
  const auto learned = levels_.find(level);
  if (learned != levels_.end()) return store_timestamp_ms + delay_of(learned->second, store_timestamp_ms);
  const auto at = std::min(static_cast<std::size_t>(level), kDefaultDelays.size()) - 1;
  return store_timestamp_ms + kDefaultDelays[at] * 1000;
}

ScheduleEntries::ScheduleEntries(const logstore::StoreLayout& layout, std::int64_t file_bytes)
    : directory_(layout.consume_queue / kScheduleTopic),
      extensions_(layout.consume_queue_extension / kScheduleTopic),
      file_bytes_(file_bytes),
      descriptors_(reading_file_system(), kQueueDescriptorsMax),
      storage_{options_, reading_file_system(), descriptors_} {}

const logstore::QueueExtension& ScheduleEntries::extension_of(std::int32_t queue_id) {
  const auto [found, is_new] =
      units_.try_emplace(queue_id, storage_, (extensions_ / std::to_string(queue_id)).string());
  if (is_new) (void)found->second.load();  // one that cannot be read has no unit
  return found->second;
}

std::optional<IndexEntry> ScheduleEntries::of(const record::RecordView& record) {
  if (file_bytes_ <= 0 || record.queue_offset().value > logstore::kQueueOffsetMax) return std::nullopt;
  const std::int64_t at = record.queue_offset().value * logstore::kQueueEntrySize;
  const auto path = directory_ / std::to_string(record.queue_id()) / logstore::offset_file_name(at - at % file_bytes_);
  InputFile& file = open_[record.queue_id()];
  if (file.path() != path) {
    auto opened = InputFile::open(path, file_bytes_);
    if (!opened) return std::nullopt;
    file = std::move(*opened);
  }
  IndexEntry entry = logstore::decode_entry(file.bytes().data() + at % file_bytes_);
  if (!logstore::is_extension_address(entry.tags_code)) return entry;
  logstore::QueueExtension::Unit unit;
  if (!extension_of(record.queue_id()).read(entry.tags_code, unit, ReadWait::allowed)) return std::nullopt;
  entry.tags_code = unit.tags_code;
  return entry;
}

}  // namespace tenon::storetools
