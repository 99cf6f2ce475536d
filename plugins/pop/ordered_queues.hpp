// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/error.hpp"
#include "tenon/offsets.hpp"

namespace tenon::pop {

/// A queue of a topic as one group pops it in order.
struct OrderedQueue {
  std::string topic;
  std::string group;
  std::int32_t queue_id = 0;

  auto operator<=>(const OrderedQueue&) const = default;
};

/// What each queue that is popped in order has given out last. It gives out nothing more while a message of that is
/// neither acknowledged nor visible again. Source: broker-semantics.md 10.8; the text is that of consumerOrderInfo.json
/// (store-format.md 9). Threads: one at a time.
class OrderedQueues {
 public:
  struct Given {
    std::string attempt_id;
    std::int64_t pop_time_ms = 0;
    std::int64_t invisible_ms = 0;
    std::vector<QueueOffset> offsets;
  };
  enum class Verdict {
    advanced,  ///< The group goes on at `offset`.
    stale,     ///< Of an earlier request, or done before: nothing changes.
    unknown,   ///< Not among what was given out.
  };
  struct Acknowledged {
    Verdict verdict = Verdict::stale;
    QueueOffset offset;
  };

  /// A request that repeats the one before (the same attempt) is let in.
  bool is_blocked(const OrderedQueue& queue, std::string_view attempt_id, std::int64_t now_ms) const;
  /// Returns how often each message was given out before.
  std::vector<std::int32_t> give(const OrderedQueue& queue, Given given);
  Acknowledged acknowledge(const OrderedQueue& queue, QueueOffset offset, std::int64_t pop_time_ms);
  /// False: as Verdict::stale or unknown, nothing changes.
  bool change_visible_time(const OrderedQueue& queue, QueueOffset offset, std::int64_t pop_time_ms,
                           std::int64_t visible_ms);
  void forget(const OrderedQueue& queue) { changed_ = queues_.erase(queue) > 0 || changed_; }
  /// Forgets queues of which nothing was given out for a day, and those that `is_gone` says are no more.
  void clean(std::int64_t now_ms, const std::function<bool(const OrderedQueue&)>& is_gone);

  /// Queues that were blocked and are no more since `since_ms`: somebody may wait for them.
  std::vector<OrderedQueue> freed(std::int64_t since_ms, std::int64_t now_ms) const;

  std::string encode() const;
  /// Error: message_illegal.
  Status decode(std::string_view json);
  /// Whether encode() says something else than when this was called last.
  bool take_changed() noexcept { return std::exchange(changed_, false); }

 private:
  struct State {
    Given given;
    std::map<std::int64_t, std::int64_t> visible_ms;    ///< By offset, where it was changed.
    std::map<std::int64_t, std::int32_t> given_before;  ///< By offset, how often; only of those that were.
    std::uint64_t acknowledged = 0;                     ///< Bit i: offsets[i].

    bool is_done(std::size_t index) const noexcept { return (acknowledged >> index & 1) != 0; }
    std::int64_t visible_at(std::size_t index) const;
    /// When the last of what is not acknowledged becomes visible; 0 if all is.
    std::int64_t free_at() const;
    /// Of this offset; -1 if it is not among them.
    int index_of(QueueOffset offset) const;
  };

  std::map<OrderedQueue, State> queues_;
  bool changed_ = false;
};

}  // namespace tenon::pop
