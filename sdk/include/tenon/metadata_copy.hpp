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

/// Up to where topics know a log: the topic of each message before `end` is among them, or was deleted after it.
/// `epoch` is that of the byte before `end` (see Replication; 0 without one): where the log was cut back and has grown
/// again, it has other messages before `end`, of another epoch.
struct CoveredLog {
  PhysicalOffset end;
  std::int64_t epoch = 0;

  friend bool operator==(const CoveredLog&, const CoveredLog&) = default;
};

/// Takes over the tables of another broker, as a slave does with those of its master. Offered by the kernel. A table
/// changes in one step, so that readers never see half of it; nothing happens when the version is the one taken last.
/// What was taken is on disk when the call returns: a slave may say that it has it. Built-in topics and groups of this
/// broker stay. Threads: any. Errors: illegal_operation on a master; io.
class TENON_EXPORT MetadataCopy : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.metadata-copy", 4};

  /// Topics that are not in `topics` are forgotten, with their queues. `covered`: the log of this broker as it was
  /// before the other one was asked; kept with the topics. Queues that begin behind its end stay: they are of a topic
  /// that was deleted when the other one answered, and has been made again since.
  virtual Status take_topics(std::vector<TopicConfig> topics, const DataVersion& version,
                             const CoveredLog& covered) = 0;
  /// What this broker's topics cover. It is kept in one file with them, so that a crash leaves what belongs together;
  /// nothing is known where that file is RocketMQ's.
  virtual std::optional<CoveredLog> covered_log() const = 0;
  /// From now on `log_end` says what this broker's topics cover, until take_topics() takes others: on a master that has
  /// the topics of all messages its log, on a slave whose topics are still the master's the log as it was before it
  /// asked. It is asked before each time that they are written, and every few seconds; from any thread, must not block.
  /// Empty: nobody is asked any more, nor is any call under way on return; the last answer stays.
  virtual void set_log_end(std::function<CoveredLog()> log_end) = 0;
  virtual Status take_groups(std::vector<SubscriptionGroupConfig> groups, const DataVersion& version) = 0;
  /// Merges: an offset of the master replaces this broker's own; those that the master does not have stay.
  virtual Status take_offsets(std::vector<GroupOffsets> offsets) = 0;
};

}  // namespace tenon
