// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string_view>
#include <vector>

#include "check_point.hpp"
#include "kept_offsets.hpp"
#include "parts.hpp"
#include "record/record_view.hpp"

namespace tenon::pop {

/// Gives messages that were not acknowledged in time to their group's retry topic: reads one queue of the revive topic,
/// where check points and acknowledgements come when they are due. Source: broker-semantics.md 10.9.
///
/// Check points in memory are those of the last few seconds before their time.
///
/// The consumer offset of CID_RMQ_SYS_REVIVE_GROUP is that of the last record up to which everything is done, as with
/// RocketMQ; it holds only once the records that were read and the messages that were given to retry topics are there
/// to stay. What is done twice after a crash makes a message come twice. Threads: one at a time; may wait for the disk.
class Reviver {
 public:
  /// A message of the group waits in a retry topic of this topic.
  using Revived = std::function<void(std::string_view group, std::string_view topic)>;

  Reviver(const Parts& parts, KeptOffsets& offsets, std::int32_t queue_id, Revived revived)
      : parts_(parts), offsets_(offsets), queue_id_(queue_id), revived_(std::move(revived)) {}

  /// Reads what has come and revives what is due. True if there is more to read.
  bool step();
  bool is_idle() const noexcept { return pending_.empty(); }

 private:
  struct Pending {
    CheckPoint check_point;
    std::vector<bool> done;  ///< By the index of distances.
  };

  bool read_new();
  void take(const record::RecordView& record);
  void acknowledge(const Acknowledgement& acknowledgement);
  void revive_due(std::int64_t horizon_ms);
  /// False: some are left, to be tried again.
  bool revive(Pending& pending);
  bool revive_message(const CheckPoint& check_point, QueueOffset offset);
  /// The retry topic, made if it is not there; empty: not yet, or not any more.
  std::string retry_topic_for(const CheckPoint& check_point);
  void note_progress();

  const Parts& parts_;
  KeptOffsets& offsets_;
  const std::int32_t queue_id_;
  const Revived revived_;
  QueueOffset next_{-1};                         ///< To be read; -1: not known yet.
  std::int64_t due_ms_ = 0;                      ///< Of the records that were read, the latest time they were for.
  std::map<std::int64_t, Pending> pending_;      ///< By the offset of the check point's record.
  std::map<CheckPointId, std::int64_t> offset_;  ///< Of the check point's record.
  PhysicalOffset vouched_by_{0};                 ///< The end of what was read, and of what was given to retry topics.
  QueueOffset noted_{-1};
};

}  // namespace tenon::pop
