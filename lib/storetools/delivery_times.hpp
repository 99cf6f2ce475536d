// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "logstore/queue_extension.hpp"
#include "record/record_view.hpp"
#include "storetools/input_file.hpp"
#include "tenon/filter.hpp"
#include "tenon/system_topic.hpp"

namespace tenon::storetools {

/// Where messages wait for their delay level. The tags code of their entries is the time of delivery.
inline constexpr std::string_view kScheduleTopic = "SCHEDULE_TOPIC_XXXX";

/// The delay level of a record of that topic; 0: none, so that the tags code is the usual one.
std::int32_t delay_level_of(const PropertiesView& properties) noexcept;

/// Whether a level may have that delay: whole seconds, which one bit that has rotted in a time never leaves, and no
/// more than ten years.
bool is_delay(std::int64_t delay_ms) noexcept;

/// Gives those entries when they are made again without the configuration of the broker, which has the table of levels:
/// a record whose entry was there keeps its time. One whose entry is lost has the delay that its level had when it was
/// stored, as entries of then tell; else the level's most frequent one; else RocketMQ's default.
/// Source: ../shared/reference/store-format.md 3.1. Threads: immutable after the last learn().
class DeliveryTimes final : public TagsCodeRule {
 public:
  /// In the order of the log. `entry` is that of the record, with the time of delivery as its code; one that cannot be
  /// right is passed over.
  void learn(const record::RecordView& record, const IndexEntry& entry);
  std::int64_t tags_code(const PropertiesView& properties, std::int64_t store_timestamp_ms) const noexcept override;

 private:
  /// Records of a level that follow one another and have one delay: one a change of the table, not one a record.
  struct Run {
    std::int64_t first_ms = 0, last_ms = 0;  ///< Store times.
    std::int64_t delay_ms = 0;
  };
  struct Level {
    std::vector<Run> runs;                         ///< In the order of the log.
    std::map<std::int64_t, std::int64_t> records;  ///< How many, by delay.
  };
  static std::int64_t delay_of(const Level& level, std::int64_t store_timestamp_ms) noexcept;

  std::map<std::int32_t, Level> levels_;
};

/// The entries of that topic's queues, of which records are asked for in the order of the log. Threads: one.
class ScheduleEntries {
 public:
  /// `file_bytes`: of a file of a consume queue.
  ScheduleEntries(const logstore::StoreLayout& layout, std::int64_t file_bytes);
  /// Empty where there is none, or it cannot be read. Where the queue has an extension, the code is that of the unit.
  std::optional<IndexEntry> of(const record::RecordView& record);

 private:
  const logstore::QueueExtension& extension_of(std::int32_t queue_id);

  std::filesystem::path directory_, extensions_;
  std::int64_t file_bytes_;
  const logstore::StoreOptions options_;  ///< Its sizes mean nothing: nothing is written.
  logstore::DescriptorCache descriptors_;
  const logstore::QueueStorage storage_;
  std::map<std::int32_t, logstore::QueueExtension> units_;  ///< By queue.
  std::map<std::int32_t, InputFile> open_;                  ///< The one that was asked for last, by queue.
};

}  // namespace tenon::storetools
