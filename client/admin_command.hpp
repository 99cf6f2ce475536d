// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "client/client_instance.hpp"
#include "fastjson/value.hpp"

namespace tenon::client {

/// Asks a Tenon broker for something by name ("ha.status"): request TENON_ADMIN_COMMAND, JSON both ways. Waits.
/// Errors: those of RemotingClient, the broker's refusal; not_supported from a broker that is no Tenon.
Result<fastjson::Value> admin_command(ClientInstance& client, const std::string& address, std::string_view name,
                                      std::string_view arguments);

}  // namespace tenon::client
