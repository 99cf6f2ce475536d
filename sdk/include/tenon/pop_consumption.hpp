// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/capability.hpp"
#include "tenon/client_channel.hpp"
#include "tenon/error.hpp"
#include "tenon/export.hpp"
#include "tenon/message_store.hpp"
#include "tenon/offsets.hpp"

namespace tenon {

/// Where a group begins that has no offset in the queue yet. Retry topics always begin at the oldest.
enum class PopBegin { oldest, newest };

/// A consumer's wish for messages of a topic, whatever queue they lie in.
struct PopRequest {
  static constexpr std::int32_t kAnyQueue = -1;

  std::string group;
  std::string topic;
  std::int32_t queue_id = kAnyQueue;
  std::int32_t max_messages = 32;  ///< At most 32.
  /// How long what is given out belongs to this consumer; what it has not acknowledged by then is given out again.
  std::chrono::milliseconds invisible_time{60'000};
  /// When the consumer asked, by its own clock (ms since the epoch; 0: now), and how long it waits for messages.
  std::int64_t born_time_ms = 0;
  std::chrono::milliseconds poll_time{0};
  PopBegin begin = PopBegin::newest;
  /// One after the other: a queue gives nothing out while something of it is neither acknowledged nor visible again.
  bool ordered = false;
  std::string attempt_id;  ///< With `ordered`: a request that repeats one gets the same messages again.
  std::string expression = "*";
  std::string expression_type = "TAG";
  std::shared_ptr<ClientChannel> client;  ///< Who waits: nothing is given to one that has gone. nullptr: always there.
};

/// Which topic messages were taken from. The values are those of RocketMQ's receipts.
enum class PopSource : std::int32_t {
  topic = 0,
  retry_topic = 1,     ///< %RETRY%<group>_<topic>
  retry_topic_v2 = 2,  ///< %RETRY%<group>+<topic>
};

/// What one queue gave.
struct PoppedQueue {
  PopSource source = PopSource::topic;
  std::int32_t queue_id = 0;
  QueueOffset start_offset;            ///< Of its check point; part of the receipts.
  std::vector<QueueOffset> offsets;    ///< Of the messages, in the order of the records.
  std::vector<std::int32_t> attempts;  ///< With `ordered`: how often each was given out before. Else empty.
};

enum class PopStatus {
  found,
  polling_timeout,  ///< Nothing came while the consumer waited, or its time was over when it asked.
  polling_full,     ///< Nothing is there, and too many wait already.
};

struct PopOutcome {
  PopStatus status = PopStatus::polling_timeout;
  std::int64_t pop_time_ms = 0;
  std::chrono::milliseconds invisible_time{0};
  std::int32_t revive_queue_id = 0;
  std::int64_t rest = 0;  ///< Messages that are left in the queues that were looked at.
  std::vector<PoppedQueue> queues;
  /// The records, queue by queue as above, not more than 4 MiB unless it is one: MemorySlices of whole records. Those
  /// of a retry topic carry the topic that they came from and their receipt (POP_CK).
  std::vector<Slice> records;
  std::vector<std::shared_ptr<const void>> pins;  ///< Keep the slices alive.
};

/// A message that was given out. `topic` is the one that it lies in, thus maybe a retry topic.
struct PoppedMessage {
  std::string_view group;
  std::string_view topic;
  std::int32_t queue_id = 0;
  QueueOffset offset;
  std::string_view receipt;  ///< RocketMQ's text (POP_CK), as the consumer has it.
};

/// Messages of one check point that a consumer acknowledges together (RocketMQ's BATCH_ACK_MESSAGE).
struct PoppedBatch {
  std::string group;
  std::string topic;  ///< That of the consumer; the source tells whether they lie in a retry topic.
  PopSource source = PopSource::topic;
  std::int32_t queue_id = 0;
  std::int32_t revive_queue_id = 0;
  QueueOffset start_offset;
  std::int64_t pop_time_ms = 0;
  std::chrono::milliseconds invisible_time{0};
  std::vector<QueueOffset> offsets;
};

/// What has become of a receipt whose invisible time was changed.
struct ChangedInvisibleTime {
  std::int64_t pop_time_ms = 0;
  std::chrono::milliseconds invisible_time{0};
  std::int32_t revive_queue_id = 0;
};

/// How a group's consumers get the messages of a topic.
enum class MessageRequestMode { pull, pop };
struct RequestMode {
  std::string topic;
  std::string group;
  MessageRequestMode mode = MessageRequestMode::pull;
  std::int32_t pop_share_queue_num = 0;  ///< How many other consumers' queues each one asks; <= 0: everybody asks all.
};

/// POP consumption: the broker hands out messages instead of queues, keeps who has which until when, and gives out
/// again what was not acknowledged. Offered by the pop plug-in.
///
/// Threads: any; nothing blocks but set_request_mode(), which writes a file. Callbacks run on a thread of the plug-in,
/// or inline, and must not block.
/// Errors of all: topic_not_exist, no_permission, invalid_parameter, service_not_available.
class TENON_EXPORT PopConsumption : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.pop-consumption", 1};
  using Popped = std::function<void(Result<PopOutcome>)>;
  using Changed = std::function<void(Result<ChangedInvisibleTime>)>;
  using Done = std::function<void(Status)>;

  /// Gives messages out, or waits for some. Errors besides: subscription_group_not_exist, subscription_parse_failed.
  virtual void pop(PopRequest request, Popped popped) = 0;
  /// Whether pop() would find something, without giving it out; waits for it as pop() does.
  virtual void await_messages(PopRequest request, std::function<void(Result<PopStatus>)> found) = 0;
  /// What pop() would give out next, without giving it out.
  virtual void peek(PopRequest request, Popped peeked) = 0;
  /// Requests that wait for messages of this group, topic and queue.
  virtual std::int32_t waiting(std::string_view group, std::string_view topic, std::int32_t queue_id) const = 0;

  /// Errors besides: message_illegal (no such queue, or out of order), query_not_found (no such offset).
  virtual void acknowledge(const PoppedMessage& message, Done done) = 0;
  /// Offsets that the queue does not have are passed by.
  virtual Status acknowledge_batch(const PoppedBatch& batch) = 0;
  /// The message is given out again after `invisible_time` from now. The old receipt is void.
  virtual void change_invisible_time(const PoppedMessage& message, std::chrono::milliseconds invisible_time,
                                     Changed changed) = 0;

  /// Pull where nothing was set.
  virtual RequestMode request_mode(std::string_view topic, std::string_view group) const = 0;
  virtual std::vector<RequestMode> request_modes() const = 0;
  /// Errors besides: subscription_group_not_exist, io.
  virtual Status set_request_mode(const RequestMode& mode) = 0;
};

}  // namespace tenon
