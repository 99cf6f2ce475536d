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
/// Unlike Publishing, it makes none of the checks for clients (permissions, queue counts, the topic's existence, limits
/// of retries and of size, except that of the store's records), because the message was accepted before, maybe under
/// other limits. It adds no properties and does not wait for commit gates. As with Publishing, the message is counted,
/// waiting pulls are woken, and SystemTopic::appended() is called.
///
/// Everything in the message is stored as it is given; only a store_host without a port becomes this broker's. A topic
/// that does not exist is created if it is a retry, a dead-letter or a system topic, with the queue counts that it has
/// in RocketMQ. A message for any other such topic is stored without creating the topic, as RocketMQ does with one that
/// was deleted meanwhile.
///
/// deliver() works from the kernel's start until the store drains, so also in drain() of plug-ins that require it. A
/// plug-in that must deliver nothing new while draining stops by itself.
/// Threads: any; do not call it in a loop on a thread that serves sockets, because it appends to the store and wakes
/// consumers. When it returns, the message can be read. StoreStatus::flushed_physical_offset and is_safe() tell whether
/// it is on the disk. Errors: message_illegal (give up), not_supported (with interceptors_after: it carries a delay and
/// no loaded plug-in delays; keep it until one is), what an interceptor refuses with (give up), service_not_available
/// (no store, disk full, store drained: try again later), busy and io (try again later).
class TENON_EXPORT MessageDelivery : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.message-delivery", 1};

  virtual Result<AppendReceipt> deliver(const Message& message, const DeliveryOptions& options) = 0;
  /// True when all commit gates let `end` pass: what was delivered before it survives what the configuration promises
  /// (flush, replicas). Never waits.
  virtual bool is_safe(PhysicalOffset end) const noexcept = 0;
};

}  // namespace tenon
