// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/engine/outbound.hpp"

#include <algorithm>
#include <utility>

namespace tenon::protocol_mqtt {

Inflight* Outbound::find(std::uint16_t packet_id) noexcept {
  const auto found = std::ranges::find(inflight, packet_id, &Inflight::packet_id);
  return found == inflight.end() ? nullptr : &*found;
}

void Outbound::erase(std::uint16_t packet_id) noexcept {
  const auto found = std::ranges::find(inflight, packet_id, &Inflight::packet_id);
  if (found != inflight.end()) inflight.erase(found);
}

// Terminates: the window is far smaller than the space of identifiers.
std::uint16_t Outbound::next_packet_id() noexcept {
  do {
    last_packet_id_ = last_packet_id_ == 0xFFFF ? std::uint16_t{1} : static_cast<std::uint16_t>(last_packet_id_ + 1);
  } while (find(last_packet_id_) != nullptr);
  return last_packet_id_;
}

Delivery Outbound::take_waiting() {
  Delivery first = std::move(waiting.front());
  waiting.pop_front();
  ++waiting_first;
  return first;
}

std::uint32_t Outbound::index_of(std::span<const std::uint32_t> identifiers) {
  if (identifiers.empty()) return 0;
  const auto same = [identifiers](const auto& set) { return std::ranges::equal(set, identifiers); };
  auto found = std::ranges::find_if(identifier_sets_, same);
  if (found == identifier_sets_.end()) {
    found = identifier_sets_.emplace(identifier_sets_.end(), identifiers.begin(), identifiers.end());
  }
  return static_cast<std::uint32_t>(found - identifier_sets_.begin()) + 1;
}

std::span<const std::uint32_t> Outbound::identifiers(std::uint32_t index) const noexcept {
  if (index == 0) return {};
  return identifier_sets_[index - 1];
}

}  // namespace tenon::protocol_mqtt
