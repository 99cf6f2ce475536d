// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/openings.hpp"

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

Connection* Openings::overdue(std::int64_t now_ms) const noexcept {
  if (waiting_.empty()) return nullptr;
  const Opening& oldest = waiting_.begin()->second;
  return now_ms - oldest.since_ms >= kHonestMs ? oldest.connection : nullptr;
}

}  // namespace tenon::protocol_mqtt
