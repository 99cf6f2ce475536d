// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "routing/counters.hpp"
#include "tenon/system_topic.hpp"
#include "tenon/topics.hpp"

namespace tenon::kernel {

/// A topic as the publish and pull paths see it: one look-up gives all they need.
/// Immutable but for the counters and `settled`; a changed configuration makes a new entry with the same counters.
struct TopicEntry {
  std::shared_ptr<const TopicConfig> config;
  std::shared_ptr<TrafficCounters> puts;
  SystemTopic* owner = nullptr;  ///< Told of every append.
  bool sendable = true;
  bool batches = false;  ///< queue.type=BatchCQ: a batch is stored as one record.
  /// The group of a retry topic (`%RETRY%group`), empty for any other.
  std::string retry_group;
  /// False until a fresh topic is on disk and announced to the name servers; what creates it is answered then.
  std::atomic<bool> settled{true};
};
using TopicEntryPtr = std::shared_ptr<TopicEntry>;

}  // namespace tenon::kernel
