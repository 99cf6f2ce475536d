// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "tenon/capability.hpp"
#include "tenon/offsets.hpp"

namespace tenon {

/// Is told that a queue got a message, whatever way the message came: a producer of any protocol, a committed
/// transaction, a due delayed message, a retry. For who hands messages on as they come (MQTT subscribers, a stream of
/// changes) and reads them from the store itself, in the order of the queue. Offered by plug-ins under their instance
/// names; gathered by the kernel.
///
/// Costs one virtual call per message while listens() is false, and nothing at all when nobody offers it.
/// Threads: listens() and appended() on the appending thread (any that serves sockets or delivers), several at once;
/// none may block or publish: note the queue, post the work.
class TENON_EXPORT AppendListener : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.append-listener", 1};

  virtual bool listens() const noexcept = 0;
  /// The message at `offset` of the queue is stored, and can be read unless ReadableEnd holds it back. Calls for one
  /// queue may come in another order than its offsets, so read from where you are to the end of the queue.
  virtual void appended(std::string_view topic, std::int32_t queue_id, QueueOffset offset) noexcept = 0;
  /// What was held back when appended() was called can be read now, as far as `offset`; on the thread that says so.
  virtual void readable(std::string_view topic, std::int32_t queue_id, QueueOffset offset) noexcept;
};

}  // namespace tenon
