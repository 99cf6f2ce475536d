// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "tenon/capability.hpp"
#include "tenon/consumer_offsets.hpp"
#include "tenon/groups.hpp"
#include "tenon/offsets.hpp"
#include "tenon/topics.hpp"

namespace tenon {

/// The part of a log that a table of topics covers: the topic of each message before `end` is in the table, or was
/// deleted after that message. `epoch` is the epoch of the byte before `end` (see Replication; 0 without one): a log
/// that was cut back and has grown again has other messages before `end`, of another epoch.
struct CoveredLog {
  PhysicalOffset end;
  std::int64_t epoch = 0;

  friend bool operator==(const CoveredLog&, const CoveredLog&) = default;
};

/// Replaces tables of this broker by those of another one, as a slave does with those of its master. Offered by the
/// kernel. A table changes in one step, so readers never see half of it; nothing happens if the version is the one that
/// was taken last. A table is on disk when the call returns, so a slave may then report that it has it. Built-in topics
/// and groups of this broker stay. Threads: any; waits for the disk. Errors: illegal_operation on a master; io.
class TENON_EXPORT MetadataCopy : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.metadata-copy", 4};

  /// Topics that are not in `topics` are deleted, with their queues. `covered` is the log of this broker as it was
  /// before the other one was asked; it is kept with the topics. Queues that begin behind its end stay: they belong to
  /// a topic that the other broker had deleted when it answered, and that has been made again since.
  virtual Status take_topics(std::vector<TopicConfig> topics, const DataVersion& version,
                             const CoveredLog& covered) = 0;
  /// What this broker's topics cover. Kept in one file with them, so that both survive a crash together. Empty if that
  /// file was written by RocketMQ.
  virtual std::optional<CoveredLog> covered_log() const = 0;
  /// From now on `log_end` tells what this broker's topics cover, until take_topics() takes others: on a master that
  /// has the topics of all messages, its whole log; on a slave whose topics are still those of the master, the log as
  /// it was before the slave asked. It is called before each write of the topics and every few seconds, from any
  /// thread, and must not block. Empty: it is not called any more, no call is under way on return, and its last answer
  /// stays.
  virtual void set_log_end(std::function<CoveredLog()> log_end) = 0;
  virtual Status take_groups(std::vector<SubscriptionGroupConfig> groups, const DataVersion& version) = 0;
  /// Merges: an offset of the master replaces this broker's own; offsets that the master does not have stay.
  virtual Status take_offsets(std::vector<GroupOffsets> offsets) = 0;
};

}  // namespace tenon
