// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "fastjson/value.hpp"
#include "tenon/client_registry.hpp"
#include "tenon/error.hpp"

namespace tenon::protocol_native {

/// HeartbeatData: who the client is, which groups it is in. Missing sets are empty; enumerations come as names (Java,
/// Go) or ordinals (C++). Client.language, version and channel are left to the caller. Error: message_illegal. Source:
/// ../shared/reference/remoting-protocol.md 3.6.
Result<Heartbeat> parse_heartbeat(std::string_view body);

/// SubscriptionData, as heartbeats and check requests carry it.
Subscription subscription_of(const fastjson::Value& data);

}  // namespace tenon::protocol_native
