// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "protocol-mqtt/engine/message.hpp"
#include "tenon/offsets.hpp"

namespace tenon::protocol_mqtt {

class ShareGroup;

/// One message for one session: where it lies, not what it says. The payload stays in the log until it is sent, so a
/// session that sleeps costs this much per message.
struct Delivery {
  PhysicalOffset place{-1};
  OwnedMessagePtr owned;              ///< Set for a retained message, which the log may have forgotten.
  std::shared_ptr<ShareGroup> group;  ///< The shared subscription it came by, if one.
  std::uint32_t ids = 0;              ///< Subscription identifiers: see Outbound::identifiers().
  std::uint8_t qos = 0;
  bool retain = false;
};

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
  std::deque<Delivery> waiting;
  /// Number of waiting.front() in the sequence of everything that ever waited here.
  std::uint64_t waiting_first = 0;
  /// Up to which number the journal knows them.
  std::uint64_t noted = 0;
  std::deque<Inflight> inflight;
  /// Some of `inflight` have not gone out again on the connection of now: nothing new may overtake them.
  bool resending = false;

  bool idle() const noexcept { return waiting.empty() && inflight.empty(); }
  /// A packet identifier that is not in use.
  std::uint16_t next_packet_id() noexcept;
  Inflight* find(std::uint16_t packet_id) noexcept;
  void erase(std::uint16_t packet_id) noexcept;
  Delivery take_waiting();

  /// Sets of subscription identifiers, so that a waiting message needs four bytes for its set. An index is good until
  /// the next call of index_of(), unless a message of `waiting` or `inflight` carries it by then.
  std::uint32_t index_of(std::span<const std::uint32_t> identifiers);
  std::span<const std::uint32_t> identifiers(std::uint32_t index) const noexcept;
  std::size_t identifier_set_count() const noexcept { return identifier_sets_.size(); }
  void set_last_packet_id(std::uint16_t id) noexcept { last_packet_id_ = id; }
  std::uint16_t last_packet_id() const noexcept { return last_packet_id_; }

 private:
  void forget_unused_sets();

  std::uint16_t last_packet_id_ = 0;
  std::vector<std::vector<std::uint32_t>> identifier_sets_;
  std::size_t sets_before_cleaning_ = 32;
};

}  // namespace tenon::protocol_mqtt
