// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "logstore/queue_slots.hpp"

namespace tenon::logstore {

/// Whether a topic can be the name of a directory, as the files of its queues need it.
bool can_be_a_directory(std::string_view topic) noexcept;

/// A topic's directory in one of queues, with the queues that have one in it.
struct TopicDirectory {
  std::string topic;
  std::vector<std::int32_t> queue_ids;
};
/// `root`: `consumequeue` or `batchconsumequeue`. What else lies there is left out. Error: io.
Result<std::vector<TopicDirectory>> list_queues(FileSystem& file_system, const std::filesystem::path& root);

/// All queues by name.
/// Threads: the table changes only under the append lock and its own; so whoever holds either may look. expect() needs
/// none.
class QueueTable {
 public:
  explicit QueueTable(const QueueStorage& storage) : storage_(storage) {}

  /// Opens the queues on disk, on several threads: there may be tens of thousands, each with two directories to look up
  /// and a file to open. `progress` is called with parts of a hundred, from any of them. Error: corrupt, io.
  Status load(const QueueTrust& trust, const std::function<void(int)>& progress);
  /// Nothing else runs. All queues once more, with another trust.
  Status load_again(const QueueTrust& trust);
  /// After load(): what is beside the queues in `consumequeue_ext`.
  Status load_extensions();
  /// From any thread: find_for_append() will soon be asked for it.
  void expect(const QueueKey& key) const noexcept { slots_.expect(key); }
  /// From any thread: whether that is of any use.
  bool is_large() const noexcept { return slots_.are_many(); }
  /// Append lock held.
  ConsumeQueue* find_for_append(const QueueKey& key) noexcept { return slots_.find(key); }
  /// Append lock held. The queue starts empty.
  ConsumeQueue& insert(const QueueKey& key);
  /// Append lock held, or nothing else runs. All queues lose the entries of records from `from` on.
  Status cut_from(PhysicalOffset from);
  /// Append lock held. Takes those of the topic out that have no files any more, in one walk over all queues.
  void take_removed(std::string_view topic);
  /// Append lock held. Takes the topic's queues out; their files are still there.
  void take_topic(std::string_view topic);
  /// Nothing else runs. All queues lose their files, and the table the queues. Error: io; then it has them all, some
  /// without files, and the store must not open.
  Status remove_all();

  /// How many there are of topics `%LMQ%...`.
  std::size_t light_queues() const noexcept { return light_queues_.load(std::memory_order_relaxed); }
  std::vector<std::shared_ptr<ConsumeQueue>> of_topic(std::string_view topic) const;
  std::shared_ptr<ConsumeQueue> find(const QueueKey& key) const;
  std::vector<std::shared_ptr<ConsumeQueue>> all() const;

 private:
  TopicName name_of(std::string_view topic) const;
  void add(std::shared_ptr<ConsumeQueue> queue);
  template <class IsIt>
  void take_if(const IsIt& is_it);

  /// A walk over all of them would wait for memory at each queue if it asked it for its topic.
  struct Named {
    const std::string* topic;  ///< One for all queues of a topic.
    std::shared_ptr<ConsumeQueue> queue;
  };

  const QueueStorage& storage_;
  mutable std::shared_mutex mutex_;
  // Nothing of this moves all it has when one more comes: appends would wait for it.
  std::deque<Named> queues_;
  QueueSlots slots_;                              ///< Of the same queues.
  std::map<std::string_view, TopicName> topics_;  ///< That have queues.
  std::atomic<std::size_t> light_queues_{0};
};

}  // namespace tenon::logstore
