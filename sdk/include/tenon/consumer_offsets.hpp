// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/capability.hpp"
#include "tenon/error.hpp"
#include "tenon/offsets.hpp"

namespace tenon {

/// The offsets of one group in one topic, by queue.
struct GroupOffsets {
  std::string group, topic;
  std::map<std::int32_t, QueueOffset> offsets;
};

/// How far each group has consumed each queue. Offered by the kernel; persisted every few seconds and at stop.
/// Threads: any; a commit is visible to every later call of any connection.
class TENON_EXPORT ConsumerOffsets : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.consumer-offsets", 2};
  using ByQueue = std::map<std::int32_t, QueueOffset>;

  /// Stores an offset, also backwards. Ignored (success) while a reset of the queue waits for its next pull.
  /// A queue the group has an offset of already is always taken. Errors for others: invalid_parameter (names, a queue
  /// that the topic does not have), topic_not_exist, busy (broker.consumer_offsets_max).
  virtual Status commit(std::string_view group, std::string_view topic, std::int32_t queue_id, QueueOffset offset) = 0;
  virtual std::optional<QueueOffset> find(std::string_view group, std::string_view topic,
                                          std::int32_t queue_id) const = 0;
  /// Where the group goes on (QUERY_CONSUMER_OFFSET): a pending reset, else its offset, else 0 for a young queue, that
  /// is one whose message 0 still lies in memory, if `zero_for_young_queue`; else query_not_found with RocketMQ's text.
  virtual Result<QueueOffset> starting_offset(std::string_view group, std::string_view topic, std::int32_t queue_id,
                                              bool zero_for_young_queue) const = 0;
  /// Sets the offset and makes the next pull of the queue answer it as a reset (RocketMQ 5's server-side reset).
  /// Errors: those of commit().
  virtual Status reset(std::string_view group, std::string_view topic, std::int32_t queue_id, QueueOffset offset) = 0;

  /// Empty if the group has no offset in the topic.
  virtual ByQueue of_topic(std::string_view group, std::string_view topic) const = 0;
  /// Topics in which the group has an offset, and groups that have one in the topic.
  virtual std::vector<std::string> topics_of(std::string_view group) const = 0;
  virtual std::vector<std::string> groups_of(std::string_view topic) const = 0;
  /// A copy of everything, in no order: for slaves and tools.
  virtual std::vector<GroupOffsets> all() const = 0;
  /// Forget all offsets of a group, or in a topic; on disk some seconds later.
  virtual void remove_group(std::string_view group) = 0;
  virtual void remove_topic(std::string_view topic) = 0;
};

}  // namespace tenon
