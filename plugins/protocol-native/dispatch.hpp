// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "protocol-native/server_state.hpp"
#include "remoting/command.hpp"
#include "remoting/send_fields.hpp"

namespace tenon::protocol_native {

class Connection;

/// Finds the handler of a request and runs it; whatever it throws becomes an answer.
/// `send`: the fields of a send if they are decoded already.
void dispatch(const remoting::Command& command, const std::shared_ptr<Connection>& connection, ServerState& server,
              const remoting::SendFields* send = nullptr);

}  // namespace tenon::protocol_native
