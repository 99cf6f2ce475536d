// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "client/client_instance.hpp"

namespace tenon::client {

/// What admin tools ask of one broker: sends the request and waits for the answer. Errors: those of RemotingClient and,
/// for an answer other than success, the refusal; both say what was `doing` and at which address.
Result<Reply> call_broker(ClientInstance& client, const std::string& address, Request request, std::string_view doing);

}  // namespace tenon::client
