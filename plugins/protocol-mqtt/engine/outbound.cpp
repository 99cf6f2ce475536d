// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/engine/outbound.hpp"

#include <algorithm>
#include <utility>

namespace tenon::protocol_mqtt {

Inflight* Outbound::find(std::uint16_t packet_id) noexcept {
  const auto found = std::ranges::find(inflight_, packet_id, &Inflight::packet_id);
  return found == inflight_.end() ? nullptr : &*found;
}

void Outbound::erase(std::uint16_t packet_id) noexcept {
  const auto found = std::ranges::find(inflight_, packet_id, &Inflight::packet_id);
  if (found != inflight_.end()) inflight_.erase(found);
}

Inflight& Outbound::put_inflight(Delivery delivery, std::uint16_t packet_id) {
  constexpr std::size_t kFirst = 4;
  if (inflight_.full()) inflight_.set_capacity(inflight_.empty() ? kFirst : 2 * inflight_.size());
  inflight_.push_back({});
  Inflight& inflight = inflight_.back();
  inflight.delivery = std::move(delivery);
  inflight.packet_id = packet_id;
  return inflight;
}

Inflight& Outbound::begin(Delivery delivery) {
  const std::uint16_t id = next_packet_id();
  return put_inflight(std::move(delivery), id);
}

/// Looks at the window only when the run of identifiers that were free at the last look is used up. Terminates: the
/// window is far smaller than the space of identifiers.
std::uint16_t Outbound::next_packet_id() noexcept {
  while (free_ids_ == 0) {
    const auto next = static_cast<std::uint16_t>(last_packet_id_ % 0xFFFF + 1);
    std::uint16_t run = 0xFFFF;
    for (const Inflight& inflight : inflight_) {
      const int ahead = inflight.packet_id - next;
      run = std::min(run, static_cast<std::uint16_t>(ahead < 0 ? ahead + 0xFFFF : ahead));
    }
    free_ids_ = run;
    if (run == 0) last_packet_id_ = next;
  }
  --free_ids_;
  last_packet_id_ = static_cast<std::uint16_t>(last_packet_id_ % 0xFFFF + 1);
  return last_packet_id_;
}

Delivery Outbound::take_waiting() {
  ++waiting_first;
  return waiting.pop_front();
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
  for (Inflight& one : inflight_) keep(one.delivery);
  identifier_sets_ = std::move(kept);
  sets_before_cleaning_ = std::max<std::size_t>(32, 2 * identifier_sets_.size());
}

std::span<const std::uint32_t> Outbound::identifiers(std::uint32_t index) const noexcept {
  if (index == 0) return {};
  return identifier_sets_[index - 1];
}

}  // namespace tenon::protocol_mqtt
