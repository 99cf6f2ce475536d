// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "tenon/capability.hpp"
#include "tenon/offsets.hpp"

namespace tenon {

/// Is called when a queue has got a message, however the message came: from a producer of any protocol, by a committed
/// transaction, as a due delayed message, as a retry. For plug-ins that hand messages on as they come (to MQTT
/// subscribers, to a stream of changes); they read them from the store, in the order of the queue. Offered by plug-ins
/// under their instance names; gathered by the kernel.
///
/// Costs one virtual call per message while listens() is false, and nothing at all when nobody offers it.
/// Threads: listens() and appended() on the appending thread (any that serves sockets or delivers), several at once;
/// none may block or publish: note the queue, post the work.
class TENON_EXPORT AppendListener : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.append-listener", 1};

  /// False while nobody is interested: appended() and readable() are not called then.
  virtual bool listens() const noexcept = 0;
  /// The message at `offset` of the queue is stored, and can be read unless ReadableEnd holds it back. Calls for one
  /// queue may come in another order than its offsets, so read from where you are to the end of the queue.
  virtual void appended(std::string_view topic, std::int32_t queue_id, QueueOffset offset) noexcept = 0;
  /// Messages that ReadableEnd held back when appended() was called can be read now, up to `offset`. Called on the
  /// thread that moved the readable end.
  virtual void readable(std::string_view topic, std::int32_t queue_id, QueueOffset offset) noexcept;
};

}  // namespace tenon
