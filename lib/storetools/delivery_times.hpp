// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string_view>

#include "record/record_view.hpp"
#include "storetools/input_file.hpp"
#include "tenon/filter.hpp"
#include "tenon/system_topic.hpp"

namespace tenon::storetools {

/// Where messages wait for their delay level. The tags code of their entries is the time of delivery.
inline constexpr std::string_view kScheduleTopic = "SCHEDULE_TOPIC_XXXX";

/// The delay level of a record of that topic; 0: none, so that the tags code is the usual one.
std::int32_t delay_level_of(const PropertiesView& properties) noexcept;

/// Gives those entries when they are made again without the configuration of the broker, which has the table of levels:
/// the table is learned from the entries that were there. A level of which there was none has RocketMQ's default; one
/// whose delay was changed meanwhile, that of its newest entry. Source: ../shared/reference/store-format.md 3.1.
/// Threads: immutable after the last learn().
class DeliveryTimes final : public TagsCodeRule {
 public:
  /// `entry` is that of the record.
  void learn(const record::RecordView& record, const IndexEntry& entry);
  std::int64_t tags_code(const PropertiesView& properties, std::int64_t store_timestamp_ms) const noexcept override;

 private:
  std::map<std::int32_t, std::int64_t> delays_ms_;  ///< By level.
};

/// The entries of that topic's queues, of which records are asked for in the order of the log. Threads: one.
class ScheduleEntries {
 public:
  /// `consume_queues`: the directory of all topics. `file_bytes`: of a file there.
  ScheduleEntries(const std::filesystem::path& consume_queues, std::int64_t file_bytes)
      : directory_(consume_queues / kScheduleTopic), file_bytes_(file_bytes) {}
  /// Empty where there is none, or it cannot be read.
  std::optional<IndexEntry> of(const record::RecordView& record);

 private:
  std::filesystem::path directory_;
  std::int64_t file_bytes_;
  std::map<std::int32_t, InputFile> open_;  ///< The one that was asked for last, by queue.
};

}  // namespace tenon::storetools
