// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "client/message.hpp"

namespace tenon::client {

/// Which queue the next message goes to: round robin, and on a retry not the broker that just failed (unless there is
/// no other). `turn` counts up per send and attempt. nullptr for no queues. Source: broker-semantics.md 3.10.
const MessageQueue* choose_queue(const std::vector<MessageQueue>& queues, std::uint32_t turn,
                                 std::string_view avoid_broker);

/// Codes of an answer to a send after which another broker is tried: 17, 14, 1, 2, 16, 204, 205, 1500.
bool is_retried(std::int32_t response_code) noexcept;

}  // namespace tenon::client
