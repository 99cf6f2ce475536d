// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <boost/asio/strand.hpp>
#include <memory>
#include <mutex>

#include "alarm.hpp"
#include "delay_levels.hpp"
#include "delivery_parts.hpp"
#include "queue_scan.hpp"

namespace tenon::delay {

/// Delivers the messages of one delay level, in the order in which they came, each at its time.
/// Source: ScheduleMessageService.DeliverDelayedMessageTimerTask; store-format.md 11.6.
///
/// All work runs on a strand of the disk executor, at most kTurnMax messages in one go; while the first message is not
/// due, one alarm stands; while the queue is empty, nothing does. Waiting messages take no memory.
/// Threads: start(), appended(), stop() and the observers from any.
class LevelQueue : public std::enable_shared_from_this<LevelQueue> {
 public:
  /// Told after each turn that delivered something, on the strand.
  using Progressed = std::function<void()>;

  LevelQueue(const DeliveryParts& parts, const DelayLevels& levels, std::int32_t level, Progressed progressed);

  /// Goes on at `next_offset`, moved into what the queue still holds.
  void start(std::int64_t next_offset);
  /// A message came; costs one atomic exchange when work is under way or an alarm stands.
  void appended();
  /// No delivery begins after this; waits for one under way.
  void stop();

  /// The next message to deliver, and the end of the newest delivered record. The two belong together.
  struct Progress {
    std::int64_t next_offset = 0;
    PhysicalOffset delivered_end;
  };
  Progress progress() const;

 private:
  static constexpr std::size_t kTurnMax = 256;
  enum class Outcome { delivered, refused };

  void post_turn();
  void turn();
  void deliver_due();
  std::int64_t due_ms(const IndexEntry& entry);
  Outcome deliver(const IndexEntry& entry);
  Outcome give_up(const Error& why);
  void advance(std::int64_t next_offset, PhysicalOffset delivered_end);
  void rest();

  DeliveryParts parts_;
  const DelayLevels& levels_;
  const std::int32_t level_;
  const Progressed progressed_;
  boost::asio::strand<boost::asio::any_io_executor> strand_;
  std::shared_ptr<Alarm> alarm_;
  std::atomic<bool> busy_{false};  ///< Work is posted, under way, or an alarm stands.

  std::mutex turning_;  ///< Held for a whole turn, so that stop() waits for it. Outside of mutex_.
  bool stopped_ = false;
  mutable std::mutex mutex_;
  Progress progress_;

  // The strand's own.
  std::int64_t next_ = 0;
  /// Messages before capped_end_ whose time lies too far ahead go at capped_due_ms_ instead.
  std::int64_t capped_end_ = 0;
  std::int64_t capped_due_ms_ = 0;
  RetryPause pause_;
};

}  // namespace tenon::delay
