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
    if (identifier_sets_.size() >= sets_before_cleaning_) forget_unused_sets();
    found = identifier_sets_.emplace(identifier_sets_.end(), identifiers.begin(), identifiers.end());
  }
  return static_cast<std::uint32_t>(found - identifier_sets_.begin()) + 1;
}

/// A client may subscribe with ever new identifiers: only sets that a message still carries are kept.
void Outbound::forget_unused_sets() {
  std::vector<std::vector<std::uint32_t>> kept;
  std::vector<std::uint32_t> moved(identifier_sets_.size() + 1, 0);
  const auto keep = [&](Delivery& delivery) {
    if (delivery.ids == 0) return;
    std::uint32_t& index = moved[delivery.ids];
    if (index == 0) {
      kept.push_back(std::move(identifier_sets_[delivery.ids - 1]));
      index = static_cast<std::uint32_t>(kept.size());
    }
    delivery.ids = index;
  };
  for (Delivery& delivery : waiting) keep(delivery);
  for (Inflight& one : inflight) keep(one.delivery);
  identifier_sets_ = std::move(kept);
  sets_before_cleaning_ = std::max<std::size_t>(32, 2 * identifier_sets_.size());
}

std::span<const std::uint32_t> Outbound::identifiers(std::uint32_t index) const noexcept {
  if (index == 0) return {};
  return identifier_sets_[index - 1];
}

}  // namespace tenon::protocol_mqtt
