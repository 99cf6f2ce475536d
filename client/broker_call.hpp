// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "client/client_instance.hpp"

namespace tenon::client {

/// What admin tools ask of one broker: sends the request and waits for the answer. Errors: those of RemotingClient and,
/// for an answer other than success, the refusal; both say what was `doing` and at which address.
Result<Reply> call_broker(ClientInstance& client, const std::string& address, Request request, std::string_view doing);
/// The same for a change, which may wait for slaves there, for 3 s by default (slave_timeout). With the default
/// time-out it is waited for as long as mqadmin does, 5 s: what the broker says then is better than nothing.
Result<Reply> change_at_broker(ClientInstance& client, const std::string& address, Request request,
                               std::string_view doing);

}  // namespace tenon::client
