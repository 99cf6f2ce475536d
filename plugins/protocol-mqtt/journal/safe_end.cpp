// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/journal/safe_end.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace tenon::protocol_mqtt {

bool SafeEnd::is_safe(PhysicalOffset end) const noexcept {
  return std::ranges::all_of(gates_, [end](const CommitGate* gate) { return gate->is_safe(end); });
}

void SafeEnd::wait_for(PhysicalOffset end, std::chrono::milliseconds time, CommitGate::Passed over) const {
  auto wait = std::make_shared<Wait>();
  wait->gates = gates_;
  wait->end = end;
  wait->deadline = std::chrono::steady_clock::now() + time;
  wait->over = std::move(over);
  go_on(wait, 0);
}

/// One gate after the other: what the first lets pass late is often safe for the next by then.
void SafeEnd::go_on(const std::shared_ptr<Wait>& wait, std::size_t gate) {
  while (gate < wait->gates.size() && wait->gates[gate]->is_safe(wait->end)) ++gate;
  if (gate == wait->gates.size()) return wait->over({});
  wait->gates[gate]->wait_for(wait->end, wait->deadline, [wait, gate](Status passed) {
    passed ? go_on(wait, gate + 1) : wait->over(std::move(passed));
  });
}

}  // namespace tenon::protocol_mqtt
