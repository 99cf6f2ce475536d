// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <boost/circular_buffer.hpp>
#include <cstddef>
#include <utility>

#include "protocol-mqtt/engine/message.hpp"

namespace tenon::protocol_mqtt {

/// One message for one session: where it lies, not what it says. The payload stays in the log until it is sent, so a
/// session that sleeps costs this much per message.
struct Delivery {
  PhysicalOffset place{-1};
  /// Set for a retained message, which the log may have forgotten. It is not sent any more once another has replaced
  /// it: the subscriber has got that one.
  std::weak_ptr<const OwnedMessage> retained;
  std::uint32_t group = 0;  ///< ShareGroup::id() of the shared subscription it came by; 0: none.
  std::uint32_t ids = 0;    ///< Subscription identifiers: see Outbound::identifiers().
  std::uint8_t qos = 0;
  bool retain = false;
};

/// Memory of all messages that wait, of sessions and of groups together, with what their queues hold in reserve. The
/// policy of all queues: what does not fit is dropped, what waits stays.
class WaitingMemory {
 public:
  explicit WaitingMemory(std::size_t bytes_max) : places_max_(bytes_max / sizeof(Delivery)) {}
  bool full() const noexcept { return places_ >= places_max_; }
  std::size_t count() const noexcept { return count_; }
  std::size_t bytes() const noexcept { return places_ * sizeof(Delivery); }

 private:
  friend class WaitingQueue;
  std::size_t places_left() const noexcept { return full() ? 0 : places_max_ - places_; }

  const std::size_t places_max_;
  std::size_t places_ = 0;  ///< Of all queues, taken or not.
  std::size_t count_ = 0;   ///< Those that are taken.
};

/// Messages that wait, in their order; an empty one holds no memory. Ownership: `memory` outlives it. Threads: one.
class WaitingQueue {
 public:
  explicit WaitingQueue(WaitingMemory& memory) : memory_(memory) {}
  WaitingQueue(const WaitingQueue&) = delete;
  WaitingQueue& operator=(const WaitingQueue&) = delete;
  ~WaitingQueue() { clear(); }

  bool empty() const noexcept { return ring_.empty(); }
  /// False when one more would be beyond what all queues may hold.
  bool has_place() const noexcept { return !ring_.full() || !memory_.full(); }
  std::size_t size() const noexcept { return ring_.size(); }
  const Delivery& front() const { return ring_.front(); }
  const Delivery& operator[](std::size_t index) const { return ring_[index]; }
  auto begin() { return ring_.begin(); }
  auto end() { return ring_.end(); }

  void push_back(Delivery delivery) {
    make_room();
    ring_.push_back(std::move(delivery));
  }
  /// Back to where it was taken from.
  void push_front(Delivery delivery) {
    make_room();
    ring_.push_front(std::move(delivery));
  }
  void clear() noexcept {
    memory_.count_ -= ring_.size();
    memory_.places_ -= ring_.capacity();
    ring_.set_capacity(0);
  }
  Delivery pop_front() {
    Delivery first = std::move(ring_.front());
    ring_.pop_front();
    --memory_.count_;
    if (ring_.empty()) clear();
    return first;
  }

 private:
  /// Doubles, as far as there is memory; one place is always found, for what was taken and comes back.
  void make_room() {
    constexpr std::size_t kFirst = 4;
    if (ring_.full()) {
      const std::size_t wanted = std::max(kFirst, ring_.size());
      const std::size_t more = std::max<std::size_t>(1, std::min(wanted, memory_.places_left()));
      ring_.set_capacity(ring_.size() + more);
      memory_.places_ += more;
    }
    ++memory_.count_;
  }

  WaitingMemory& memory_;
  boost::circular_buffer<Delivery> ring_;
};

}  // namespace tenon::protocol_mqtt
