// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "logstore/batch_queue.hpp"
#include "logstore/commit_log.hpp"
#include "logstore/queue_table.hpp"

namespace tenon::logstore {

using BatchQueuePtr = std::shared_ptr<BatchQueue>;

/// The topics with batch queues, and those queues. A topic is one of them as long as it has a directory in
/// `batchconsumequeue`, so nothing else has to be asked in a recovery; it has none in `consumequeue` then, over which a
/// Java broker would not start.
/// Threads: the table changes only under the append lock and its own, so whoever holds either may look. any() is one
/// relaxed load.
class BatchQueueTable {
 public:
  explicit BatchQueueTable(const QueueStorage& storage) : storage_(storage) {}

  /// Opens the queues on disk, each as BatchQueue::load() does.
  Status load(PhysicalOffset trusted_below);
  bool any() const noexcept { return any_.load(std::memory_order_relaxed); }
  bool has_topic(std::string_view topic) const;
  /// The directory that says so, before adopt(). Waits for the disk. Error: io.
  Status make_directory(std::string_view topic) const;
  /// Append lock held, or nothing else runs. The topic is one of them from now on. What it has in queues of the other
  /// kind is moved, those lose their files: that waits for the disk. Error: io.
  Status adopt(std::string_view topic, QueueTable& simple, const CommitLog& log);
  /// Append lock held, or nothing else runs. For topics that were being adopted when the process ended.
  Status finish_adoptions(QueueTable& simple, const CommitLog& log);

  BatchQueuePtr find(std::string_view topic, std::int32_t queue_id) const;
  /// Append lock held. nullptr for a topic that is not among them.
  BatchQueuePtr for_append(std::string_view topic, std::int32_t queue_id);
  std::vector<BatchQueuePtr> all() const;
  std::vector<BatchQueuePtr> of_topic(std::string_view topic) const;

  /// Append lock held, or nothing else runs. All queues lose the units of records from `from` on.
  Status cut_from(PhysicalOffset from);
  /// Append lock held. Forgets those of the topic that have no files any more; the topic stays.
  void take_removed(std::string_view topic);
  /// Append lock held. The topic is being deleted; keep() takes that back, as long as it is one of these topics.
  void expect_deletion(std::string_view topic) {
    if (topics_.contains(topic)) deleted_.emplace(topic);
  }
  /// Append lock held. False: it is none of these topics.
  bool keep(std::string_view topic);
  /// Append lock held. Forgets the topic, if it is still being deleted and has no queues; its directory is still there.
  void take_deleted(std::string_view topic);
  /// Nothing else runs. The topics stay. Error: io; as QueueTable::remove_all().
  Status remove_all_files();
  /// The newest unit of all queues with its queue; nullptr when there is none.
  BatchQueuePtr newest(BatchUnit& unit) const;
  Status spill() const;
  Status sync() const;

 private:
  using Queues = std::map<std::int32_t, BatchQueuePtr>;

  Status move_entries(ConsumeQueue& from, BatchQueue& to, const CommitLog& log) const;
  BatchQueuePtr insert(std::string_view topic, std::int32_t queue_id);

  const QueueStorage& storage_;
  std::atomic<bool> any_{false};
  mutable std::shared_mutex mutex_;
  std::map<std::string, Queues, std::less<>> topics_;
  std::set<std::string, std::less<>> deleted_;  ///< Append lock.
};

}  // namespace tenon::logstore
