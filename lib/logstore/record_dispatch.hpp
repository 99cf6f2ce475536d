// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "logstore/batch_queue_table.hpp"
#include "logstore/commit_log.hpp"
#include "logstore/queue_table.hpp"
#include "logstore/tags_code_table.hpp"
#include "record/record_view.hpp"
#include "tenon/filter_bit_maps.hpp"

namespace tenon::logstore {

/// Whether the record says of itself that it lies there in the queue.
bool lies_in(const record::RecordView& record, const ConsumeQueue& queue, std::int64_t at);
/// Whether the unit is what the record would get in the queue.
bool is_its_unit(const record::RecordView& record, const BatchQueue& queue, const BatchUnit& unit);

/// Gives records of the log their queue entries, where the log is not written by append(): in recovery, and for bytes
/// of another log. Threads: append lock held, or nothing else runs.
class RecordDispatch {
 public:
  RecordDispatch(QueueTable& queues, BatchQueueTable& batch_queues, const TagsCodeTable& tags_codes,
                 const CommitLog& log)
      : queues_(queues), batch_queues_(batch_queues), tags_codes_(tags_codes), log_(log) {}

  BatchQueueTable& batch_queues() const noexcept { return batch_queues_; }
  /// Whether records may have entries in light queues. Without, nobody looks.
  void look_for_light_queues(bool look) noexcept { look_for_light_queues_ = look; }
  /// Whether queues have extensions that are written. Bit maps are made of the filters that there are now: one that is
  /// younger than its message does not ask the map, so it may be in it; `maps` may be nullptr.
  void describe(bool describe, const FilterBitMaps* maps, std::function<std::int64_t()> now_ms) {
    describe_ = describe;
    bit_maps_ = maps;
    now_ms_ = std::move(now_ms);
  }

  /// One entry at the record's own queue offset, and those in light queues; none for half messages, rollbacks and
  /// records whose topic, queue or offset cannot be, or is that of another record that is there: another broker, or
  /// damage, has the last word on them. `full` gets queues of which blocks wait to be spilled.
  Status dispatch(const record::RecordView& record, std::vector<std::shared_ptr<ConsumeQueue>>& full) const;
  /// Whether there is no entry before the one that dispatch() would make in the record's own queue.
  bool leaves_a_gap(const record::RecordView& record) const;
  /// Whether the entry at queue offset `at` points to a record that says of itself that it lies there.
  bool is_record_of(const IndexEntry& entry, const ConsumeQueue& queue, std::int64_t at) const;

 private:
  Status put(const QueueKey& key, std::int64_t at, const IndexEntry& entry,
             std::vector<std::shared_ptr<ConsumeQueue>>& full) const;

  Status put_unit(const record::RecordView& record) const;
  bool is_unit_of_its_record(const BatchQueue& queue, std::int64_t offset, PhysicalOffset other) const;
  static bool has_entry(const record::RecordView& record);
  std::vector<std::byte> bit_map_of(const record::RecordView& record) const;
  Status restore(ConsumeQueue& queue, std::int64_t at, const IndexEntry& entry) const;

  QueueTable& queues_;
  BatchQueueTable& batch_queues_;
  const TagsCodeTable& tags_codes_;
  const CommitLog& log_;
  bool look_for_light_queues_ = false, describe_ = false;
  const FilterBitMaps* bit_maps_ = nullptr;
  std::function<std::int64_t()> now_ms_;
};

}  // namespace tenon::logstore
