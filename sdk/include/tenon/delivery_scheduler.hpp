// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/capability.hpp"
#include "tenon/error.hpp"
#include "tenon/message.hpp"
#include "tenon/topics.hpp"

namespace tenon {

/// A message that waits for its time.
struct ScheduledDelivery {
  AppendReceipt append;  ///< Where it waits, not where it will be delivered.
  std::string handle;    ///< For cancel(). Empty when the message was due already and was delivered at once.
};

/// How far the delivery of arbitrary times is. The members are those of RocketMQ's TimerCheckpoint.
struct TimerProgress {
  std::int64_t last_read_time_ms = 0;  ///< Everything due before is delivered.
  std::int64_t last_log_flush_position = 0;
  std::int64_t last_queue_offset = 0;  ///< Next message of rmq_sys_wheel_timer to be noted.
  std::int64_t master_queue_offset = 0;
  DataVersion version;
};
/// How far the delay levels are: the queue offset of the next message to deliver, of level 1, 2, ...
struct DelayLevelProgress {
  std::vector<std::int64_t> next_queue_offsets;
  DataVersion version;
};
struct PendingDeliveries {
  std::string topic;  ///< Where they go.
  std::int64_t count = 0;
};

/// Delivers messages at a time. Offered by the delay plug-in; what it takes survives a crash and is delivered at least
/// once, never before its time.
///
/// Threads: any. schedule() and cancel() append to the store; they do not wait for the disk.
class TENON_EXPORT DeliveryScheduler : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.delivery-scheduler", 1};

  /// Delivers `message` to its topic and queue at `deliver_at_ms` (wall clock, ms since the epoch), at once if that is
  /// not in the future. Gets a UNIQ_KEY if it has none. Errors: invalid_parameter (beyond the furthest time),
  /// not_supported (arbitrary times are switched off), message_illegal, service_not_available.
  virtual Result<ScheduledDelivery> schedule(const Message& message, std::int64_t deliver_at_ms) = 0;
  /// Takes a message back, by the handle that schedule() gave or that a producer got with its receipt. Returns the
  /// unique key of the message. After a success it is not delivered, unless it had been delivered before: like
  /// RocketMQ, the broker does not check that. `topic` is the topic that the handle must be for; empty: any. Errors:
  /// illegal_operation (no handle of this broker and topic, or its time is over), no_permission (recall is switched
  /// off), not_supported (arbitrary times are switched off), topic_not_exist, service_not_available.
  virtual Result<std::string> cancel(std::string_view handle, std::string_view topic) = 0;

  virtual TimerProgress timer_progress() const = 0;
  virtual DelayLevelProgress level_progress() const = 0;
  /// Everything of arbitrary times that is due before this moment (ms since the epoch, at most now) is delivered, but
  /// for what was scheduled a moment ago. Later than timer_progress() where nothing is due for a while. The default
  /// knows no more than that.
  virtual std::int64_t delivered_until_ms() const { return timer_progress().last_read_time_ms; }
  /// Messages of arbitrary times that wait, by topic.
  virtual std::vector<PendingDeliveries> pending() const = 0;
};

}  // namespace tenon
