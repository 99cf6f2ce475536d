// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>

#include "routing/clock.hpp"
#include "routing/name_map.hpp"
#include "tenon/queue_locks.hpp"

namespace tenon::kernel {

/// Source: RocketMQ RebalanceLockManager; broker-semantics.md 5.4. Threads: any; one short lock.
class QueueLockTable final : public QueueLocks {
 public:
  static constexpr std::int64_t kLifeMs = 60'000;

  /// Requests name groups and queues freely, so their number must end somewhere.
  struct Limits {
    std::size_t locks_max = 500'000;  ///< Of all groups together.
    /// How many queues a topic has (the larger of read and write), < 0 if there is no such topic. Called without the
    /// lock of this table. Empty: not checked.
    std::function<std::int32_t(std::string_view topic)> queues_of;
    std::function<void()> count_refusal;
  };

  explicit QueueLockTable(WallClock now) : now_(std::move(now)) {}
  void set_limits(Limits limits) { limits_ = std::move(limits); }

  std::vector<MessageQueue> lock(std::string_view group, std::string_view client_id,
                                 const std::vector<MessageQueue>& queues) override;
  void unlock(std::string_view group, std::string_view client_id, const std::vector<MessageQueue>& queues) override;
  bool is_any_locked(std::string_view group) const override;

  /// Forgets what has expired. Called by a timer.
  void remove_expired();

 private:
  struct Holder {
    std::string client_id;
    std::int64_t renewed_ms = 0;
  };
  using Group = std::map<MessageQueue, Holder>;
  bool is_expired(const Holder& holder, std::int64_t now_ms) const { return now_ms - holder.renewed_ms > kLifeMs; }

  bool is_lockable(const MessageQueue& queue) const;

  const WallClock now_;
  Limits limits_;
  mutable std::mutex mutex_;
  NameMap<Group> groups_;
  std::size_t count_ = 0;  ///< Locks of all groups.
};

}  // namespace tenon::kernel
