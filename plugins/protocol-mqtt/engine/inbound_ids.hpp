// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace tenon::protocol_mqtt {

/// A QoS 2 message of the client whose PUBREL has not come.
struct InboundId {
  std::uint16_t packet_id = 0;
  bool stored = false;       ///< False while the log has not confirmed it: no PUBREC yet.
  bool in_log = false;       ///< The log has it: whatever happens, it must not be stored again.
  bool held_back = false;    ///< The log had it at the start, but not safe yet: confirmed when it can be read.
  bool asked_again = false;  ///< The client has come back and sent it once more before it was confirmed.
};

/// The QoS 2 identifiers of one client that are in use, in their order. Threads: one.
class InboundIds {
 public:
  /// nullptr when it is free. Good until the next add() or forget().
  InboundId* find(std::uint16_t packet_id) noexcept {
    const auto at = place(packet_id);
    return at == ids_.end() || at->packet_id != packet_id ? nullptr : &*at;
  }
  InboundId& add(InboundId id) { return *ids_.insert(place(id.packet_id), id); }
  /// False when it was free.
  bool forget(std::uint16_t packet_id) noexcept {
    return std::erase_if(ids_, [packet_id](const InboundId& id) { return id.packet_id == packet_id; }) > 0;
  }
  /// Forgets what the log does not have; false when there is no such.
  bool forget_unstored() noexcept {
    return std::erase_if(ids_, [](const InboundId& id) { return !id.stored && !id.in_log; }) > 0;
  }

  bool empty() const noexcept { return ids_.empty(); }
  std::size_t size() const noexcept { return ids_.size(); }
  auto begin() noexcept { return ids_.begin(); }
  auto end() noexcept { return ids_.end(); }
  auto begin() const noexcept { return ids_.begin(); }
  auto end() const noexcept { return ids_.end(); }

 private:
  std::vector<InboundId>::iterator place(std::uint16_t packet_id) noexcept {
    return std::ranges::lower_bound(ids_, packet_id, {}, &InboundId::packet_id);
  }

  std::vector<InboundId> ids_;
};

}  // namespace tenon::protocol_mqtt
