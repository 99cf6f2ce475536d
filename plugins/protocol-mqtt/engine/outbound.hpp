// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/circular_buffer.hpp>
#include <cstdint>
#include <span>
#include <vector>

#include "protocol-mqtt/engine/waiting_queue.hpp"

namespace tenon::protocol_mqtt {

/// A QoS 1 or 2 message that the client has not confirmed.
struct Inflight {
  Delivery delivery;
  std::uint16_t packet_id = 0;
  bool received = false;     ///< PUBREC has come: what is repeated is PUBREL, never the message.
  bool on_wire = false;      ///< Sent on the connection of now.
  bool sent_before = false;  ///< Sent on some connection: DUP when it is sent again.
};

/// What is on its way to one session: messages that wait, and the window of those under way. Order is that of
/// dispatch. Source: MQTT 5.0 sections 4.3, 4.4, 4.6, 4.9. Threads: the engine's.
class Outbound {
 public:
  explicit Outbound(WaitingMemory& memory) : waiting(memory) {}

  WaitingQueue waiting;
  /// Number of waiting.front() in the sequence of everything that ever waited here.
  std::uint64_t waiting_first = 0;
  /// Up to which number the journal knows them.
  std::uint64_t noted = 0;
  /// Some of inflight() have not gone out again on the connection of now: nothing new may overtake them.
  bool resending = false;

  bool idle() const noexcept { return waiting.empty() && inflight_.empty(); }
  Delivery take_waiting();

  auto& inflight() noexcept { return inflight_; }
  const auto& inflight() const noexcept { return inflight_; }
  /// Puts a message into the window under an identifier that is not in use. The reference is good until the next call.
  Inflight& begin(Delivery delivery);
  /// For restoring: one that was under way, in its order.
  Inflight& put_inflight(Delivery delivery, std::uint16_t packet_id);
  Inflight* find(std::uint16_t packet_id) noexcept;
  void erase(std::uint16_t packet_id) noexcept;

  /// Sets of subscription identifiers, so that a waiting message needs four bytes for its set. An index is good until
  /// the next call of index_of(), unless a message that waits or is under way carries it by then.
  std::uint32_t index_of(std::span<const std::uint32_t> identifiers);
  std::span<const std::uint32_t> identifiers(std::uint32_t index) const noexcept;
  std::size_t identifier_set_count() const noexcept { return identifier_sets_.size(); }
  void set_last_packet_id(std::uint16_t id) noexcept { last_packet_id_ = id; }
  std::uint16_t last_packet_id() const noexcept { return last_packet_id_; }

 private:
  std::uint16_t next_packet_id() noexcept;
  void forget_unused_sets();

  boost::circular_buffer<Inflight> inflight_;
  std::uint16_t last_packet_id_ = 0;
  std::uint16_t free_ids_ = 0;  ///< So many identifiers behind the last one are known to be free.
  std::vector<std::vector<std::uint32_t>> identifier_sets_;
  std::size_t sets_before_cleaning_ = 32;
};

}  // namespace tenon::protocol_mqtt
