// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "tenon/capability.hpp"
#include "tenon/consumer_offsets.hpp"
#include "tenon/groups.hpp"
#include "tenon/offsets.hpp"
#include "tenon/topics.hpp"

namespace tenon {

/// Takes over the tables of another broker, as a slave does with those of its master. Offered by the kernel. A table
/// changes in one step, so that readers never see half of it; nothing happens when the version is the one taken last.
/// What was taken is on disk when the call returns: a slave may say that it has it. Built-in topics and groups of this
/// broker stay. Threads: any. Errors: illegal_operation on a master; io.
class TENON_EXPORT MetadataCopy : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.metadata-copy", 3};

  /// Topics that are not in `topics` are forgotten, with their queues. `log_end`: where the log of this broker ended
  /// before the other one was asked. Queues that begin behind it stay: they are of a topic that was deleted when the
  /// other one answered, and has been made again since.
  virtual Status take_topics(std::vector<TopicConfig> topics, const DataVersion& version, PhysicalOffset log_end) = 0;
  virtual Status take_groups(std::vector<SubscriptionGroupConfig> groups, const DataVersion& version) = 0;
  /// Merges: an offset of the master replaces this broker's own; those that the master does not have stay.
  virtual Status take_offsets(std::vector<GroupOffsets> offsets) = 0;
};

}  // namespace tenon
