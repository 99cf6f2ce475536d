// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/engine/session.hpp"

#include <algorithm>

namespace tenon::protocol_mqtt {

InboundId* Session::find_inbound(std::uint16_t packet_id) noexcept {
  const auto found = std::ranges::find(inbound, packet_id, &InboundId::packet_id);
  return found == inbound.end() ? nullptr : &*found;
}

void Session::forget_inbound(std::uint16_t packet_id) noexcept {
  std::erase_if(inbound, [packet_id](const InboundId& id) { return id.packet_id == packet_id; });
}

}  // namespace tenon::protocol_mqtt
