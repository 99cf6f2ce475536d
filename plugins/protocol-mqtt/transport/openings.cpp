// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/openings.hpp"

#include <algorithm>
#include <utility>

#include "protocol-mqtt/transport/connection.hpp"

namespace tenon::protocol_mqtt {
namespace {

/// Handshake and CONNECT take a few round trips.
constexpr std::int64_t kHonestMs = 1'000;

}  // namespace

void Openings::begin(Connection& connection, std::int64_t now_ms) {
  connection.opening = ++last_;
  waiting_.emplace(last_, Opening{&connection, now_ms});
}

void Openings::end(Connection& connection) noexcept {
  if (connection.opening != 0) waiting_.erase(std::exchange(connection.opening, 0));
}

void Openings::excuse(const Connection& connection, std::int64_t ms) noexcept {
  const auto found = waiting_.find(connection.opening);
  if (found != waiting_.end()) found->second.since_ms += ms;
}

Connection* Openings::overdue(std::int64_t now_ms) const noexcept {
  const auto is_late = [now_ms](const auto& entry) {
    const Opening& opening = entry.second;
    return now_ms - opening.since_ms >= kHonestMs && !opening.connection->waits_for_us();
  };
  const auto late = std::ranges::find_if(waiting_, is_late);
  return late == waiting_.end() ? nullptr : late->second.connection;
}

}  // namespace tenon::protocol_mqtt
