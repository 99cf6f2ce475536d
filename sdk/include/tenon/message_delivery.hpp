// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "tenon/capability.hpp"
#include "tenon/error.hpp"
#include "tenon/message.hpp"

namespace tenon {

struct DeliveryOptions {
  /// Interceptors with an order() above this see the message first, as they see a producer's; they may send it to
  /// another topic. Empty: none does. A committed transaction names the order of its own interceptor here, so that a
  /// delay it carries begins with the commit.
  std::optional<int> interceptors_after;
};

/// Stores a message that the broker has accepted before, in the queue it names: a due delayed message, a committed
/// transaction, a record of a plug-in in its own topic. Offered by the kernel.
///
/// What differs from Publishing: no check of the client's (permissions, queue counts, the topic's existence), no
/// properties of the broker added, no wait for commit gates, no group's limit of retries, no limit of size but that of
/// the store's records: it was accepted when the limits were others. What is the same: statistics, waiting pulls are
/// woken, SystemTopic::appended() is called.
///
/// Everything in the message is stored as it is given; only a store_host without a port becomes this broker's. A topic
/// that does not exist is created if it is a retry, a dead-letter or a system topic, with the queue counts that it has
/// in RocketMQ; any other keeps its message without coming into being, as RocketMQ does with a topic that was deleted
/// meanwhile.
///
/// deliver() works from the kernel's load() until the store drains, thus also in drain() of plug-ins that require it;
/// who must deliver nothing new then stops by itself.
/// Threads: any but one that serves sockets in a loop: it appends to the store, and wakes consumers. Synchronous: when
/// it returns, the message can be read. Whether it is on the disk is told by StoreStatus::flushed_physical_offset and
/// by is_safe(). Errors: message_illegal (give up), not_supported (with interceptors_after: it carries a delay and no
/// loaded plug-in delays; keep it until one is), what an interceptor refuses with (give up), service_not_available (no
/// store, disk full, store drained: try again later), busy and io (try again later).
class TENON_EXPORT MessageDelivery : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.message-delivery", 1};

  virtual Result<AppendReceipt> deliver(const Message& message, const DeliveryOptions& options) = 0;
  /// True when all commit gates let `end` pass: what was delivered before it survives what the configuration promises
  /// (flush, replicas). Never waits.
  virtual bool is_safe(PhysicalOffset end) const noexcept = 0;
};

}  // namespace tenon
