// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string_view>

#include "routing/name_map.hpp"
#include "tenon/message.hpp"
#include "tenon/readable_end.hpp"

namespace tenon::kernel {

/// Appends that consumers may not read yet, because a failover could take them away. Notes the queues that they are in,
/// and tells of each when the readable end has passed its appends; if there are more than kQueuesMax, tells of all
/// queues at once. Costs one atomic read per append while nothing is bounded. Threads: any, but for wire().
class HeldAppends {
 public:
  /// This queue can be read further than before. Called on the thread that moves the end, without a lock.
  using Tell = std::function<void(std::string_view topic, std::int32_t queue_id)>;

  static constexpr std::size_t kQueuesMax = 10'000;

  /// To be called once, before anything is appended. `tell_of_all` says that any queue may be readable further than
  /// before. It is called like `tell`, so it must be short.
  void wire(ReadableEnd& end, Tell tell, std::function<void()> tell_of_all);
  /// The appends below `end` were never told of, because they came before this start, or from a master that this broker
  /// followed. Tells of all queues now, and at each move of the readable end until it has reached `end`.
  void inherit(PhysicalOffset end);
  /// True when consumers may not read this append yet, so that nothing must be told of it now.
  bool hold(std::string_view topic, std::int32_t queue_id, const AppendReceipt& receipt) {
    return bounded_.load(std::memory_order_relaxed) && hold_back(topic, queue_id, receipt);
  }

 private:
  /// The appends of one queue that are held back.
  struct Stretch {
    PhysicalOffset begin, end;
  };
  bool hold_back(std::string_view topic, std::int32_t queue_id, const AppendReceipt& receipt);
  /// The queue is not listed; the lock is held.
  void hold_unlisted(const AppendReceipt& receipt) noexcept;
  void moved(PhysicalOffset end);

  ReadableEnd* end_ = nullptr;
  Tell tell_;
  std::function<void()> tell_of_all_;
  std::atomic<bool> bounded_{false};
  std::mutex mutex_;
  QueueMap<Stretch> queues_;
  Stretch unlisted_;  ///< What is held back of queues that are not listed.
};

}  // namespace tenon::kernel
