// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "routing/topic_entry.hpp"

namespace tenon::kernel {

/// Who waits until a new topic is on disk and announced (docs/adr/0003).
/// Threads: any. What waits is called without a lock.
class UnsettledTopics {
 public:
  using Done = std::function<void()>;

  /// Calls `done` as soon as the entry has settled; inline if it has.
  void when_settled(const TopicEntryPtr& entry, Done done);
  /// The entry has settled: calls all that waited for it, in the order in which they came.
  void settled(const TopicEntryPtr& entry);

 private:
  std::mutex mutex_;  ///< Leaf.
  std::vector<std::pair<TopicEntryPtr, Done>> waiting_;
};

}  // namespace tenon::kernel
