// SPDX-License-Identifier: Apache-2.0
#include "storetools/delivery_times.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "logstore/options.hpp"
#include "logstore/queue_entry.hpp"

namespace tenon::storetools {
namespace {

/// RocketMQ's messageDelayLevel, in seconds.
constexpr std::array<std::int64_t, 18> kDefaultDelays = {1,   5,   10,  30,  60,  120,  180,  240,  300,
                                                         360, 420, 480, 540, 600, 1200, 1800, 3600, 7200};

}  // namespace

std::int32_t delay_level_of(const PropertiesView& properties) noexcept {
  const std::string_view value = properties.find(property::delay).value_or("");
  std::int32_t level = 0;
  std::from_chars(value.data(), value.data() + value.size(), level);
  return std::max(level, 0);
}

void DeliveryTimes::learn(const record::RecordView& record, const IndexEntry& entry) {
  const std::int64_t delay_ms = entry.tags_code - record.store_timestamp_ms();
  const bool is_its_own = entry.physical_offset == record.physical_offset() && entry.size_bytes == record.total_size();
  if (is_its_own && delay_ms >= 0) delays_ms_[delay_level_of(record.properties())] = delay_ms;
}

std::int64_t DeliveryTimes::tags_code(const PropertiesView& properties,
                                      std::int64_t store_timestamp_ms) const noexcept {
  const std::int32_t level = delay_level_of(properties);
  if (level == 0) return tags_code_of(properties);
  const auto learned = delays_ms_.find(level);
  if (learned != delays_ms_.end()) return store_timestamp_ms + learned->second;
  const auto at = std::min(static_cast<std::size_t>(level), kDefaultDelays.size()) - 1;
  return store_timestamp_ms + kDefaultDelays[at] * 1000;
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
  return logstore::decode_entry(file.bytes().data() + at % file_bytes_);
}

}  // namespace tenon::storetools
