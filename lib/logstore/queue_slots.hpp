// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "logstore/consume_queue.hpp"

namespace tenon::logstore {

/// A queue's name with its hash, so that it is hashed outside the append lock. Borrows the topic.
struct QueueKey {
  QueueKey(std::string_view topic_name, std::int32_t id) noexcept
      : topic(topic_name), queue_id(id), hash(hash_of(topic_name, static_cast<std::uint32_t>(id))) {}

  std::string_view topic;
  std::int32_t queue_id;
  std::size_t hash;

 private:
  /// The lowest bits are those of the queue's number: four neighbours lie side by side in QueueSlots.
  static std::size_t hash_of(std::string_view topic, std::uint32_t id) noexcept {
    const std::size_t mixed = (std::hash<std::string_view>{}(topic) + (id >> 2)) * 0x9E3779B97F4A7C15;
    return (mixed ^ (mixed >> 32)) << 2 | (id & 3);
  }
};

/// Where the queues are, by name: open hash tables, because with tens of thousands of queues an append pays for each
/// cache line that it has to wait for. Many tables, because one of them grows at a time, and appends wait for that: one
/// alone took milliseconds with tens of thousands of queues. Owns no queue.
/// Threads: as QueueTable, but expect() from any without a lock.
class QueueSlots {
 public:
  ConsumeQueue* find(const QueueKey& key) const noexcept {
    const Slots* const slots = table_of(key.hash).current.load(std::memory_order_relaxed);
    if (slots == nullptr) return nullptr;
    for (std::size_t at = key.hash;; ++at) {
      const Slot& slot = slots->at(at);
      ConsumeQueue* const queue = slot.queue.load(std::memory_order_relaxed);
      if (queue == nullptr) return nullptr;
      if (slot.hash.load(std::memory_order_relaxed) == key.hash && queue->queue_id() == key.queue_id &&
          queue->topic() == key.topic)
        return queue;
    }
  }

  /// So many queues that what an append needs of them is not in the cache.
  bool are_many() const noexcept { return used_.load(std::memory_order_relaxed) > kMany; }
  /// The queue will be appended to: it may come to the cache meanwhile. A hint: at worst what it brings is of no use,
  /// and nothing is read of a queue, which may be gone.
  void expect(const QueueKey& key) const noexcept {
    const Slots* const slots = table_of(key.hash).current.load(std::memory_order_acquire);
    if (slots != nullptr) ConsumeQueue::prefetch(slots->at(key.hash).queue.load(std::memory_order_relaxed));
  }

  /// Which is not yet there.
  void insert(ConsumeQueue& queue);
  /// Which is there.
  void erase(const ConsumeQueue& queue) noexcept;

 private:
  static constexpr std::size_t kMany = 1024;  ///< Of 200 bytes each.
  static constexpr int kTablesLog = 6;
  struct Slot {
    std::atomic<std::size_t> hash{0};
    std::atomic<ConsumeQueue*> queue{nullptr};  ///< nullptr: free.
  };
  /// A power of two of them, at least half of them free.
  struct Slots {
    explicit Slots(std::size_t count) : slots(count), mask(count - 1) {}
    const Slot& at(std::size_t place) const noexcept { return slots[place & mask]; }
    void put(std::size_t hash, ConsumeQueue* queue) noexcept;
    void erase(std::size_t hash, const ConsumeQueue* queue) noexcept;
    std::vector<Slot> slots;
    std::size_t mask;
  };

  struct Table {
    void insert(std::size_t hash, ConsumeQueue& queue);
    std::atomic<const Slots*> current{nullptr};
    std::size_t used = 0;
    /// The last is in use. expect() may still look at the ones before, which are no larger than it all together.
    std::vector<std::unique_ptr<Slots>> all;
  };
  /// By the highest bits: the lowest are for the place in it.
  const Table& table_of(std::size_t hash) const noexcept { return tables_[hash >> (64 - kTablesLog)]; }

  std::array<Table, 1 << kTablesLog> tables_;
  std::atomic<std::size_t> used_{0};
};

}  // namespace tenon::logstore
